import type { Policy } from "../policy/document.ts";
import { decide } from "../policy/evaluate.ts";
import { type ConditionValues, keyRequestContext } from "./conditionValues.ts";
import { AccessDeniedException } from "./errors.ts";
import type { Key } from "./keys.ts";
import type { Call } from "./operation.ts";

const NO_VALUES: ConditionValues = () => undefined;

/**
 * May the caller call this operation on this key? The key's policy decides. IAM policies and grants have their say here
 * one day; for now an account's root is all there is, and no key is open to another account.
 * @throws AccessDeniedException, reference/kms-semantics.md §2.4
 */
export function authorize(call: Call, operation: string, key: Key, values: ConditionValues = NO_VALUES): void {
  if (key.record.account !== call.principal.account) throw denied(call, operation, key.arn);
  const decision = decisionOn(call, operation, key, key.policy, values);
  if (decision.effect === "allow") return;
  throw denied(call, operation, key.arn, decision.effect === "explicit deny");
}

/** Whether the caller could still change the policy of a key whose policy this would be. */
export function allowsPolicyChange(call: Call, key: Pick<Key, "arn" | "record">, policy: Policy): boolean {
  return decisionOn(call, "PutKeyPolicy", key, policy, NO_VALUES).effect === "allow";
}

function decisionOn(
  call: Call,
  operation: string,
  key: Pick<Key, "arn" | "record">,
  policy: Policy,
  values: ConditionValues,
) {
  return decide(
    {
      caller: call.principal.caller,
      action: `kms:${operation.toLowerCase()}`,
      resource: key.arn,
      owner: key.record.account,
      context: keyRequestContext(call, key, values),
    },
    { resource: [policy], identity: [], boundary: undefined, session: undefined, resourceMustAllow: true },
  );
}

export function denied(call: Call, operation: string, arn: string, explicitly = false): AccessDeniedException {
  const reason = explicitly
    ? "with an explicit deny in a resource-based policy"
    : `because no resource-based policy allows the kms:${operation} action`;
  return new AccessDeniedException(
    `User: ${call.principal.arn} is not authorized to perform: kms:${operation} on resource: ${arn} ${reason}`,
  );
}

/** For a ciphertext whose key is foreign or not there: does not say which, nor name the key. */
export function deniedByCiphertext(call: Call, operation: string): AccessDeniedException {
  return new AccessDeniedException(
    `User: ${call.principal.arn} is not authorized to perform: kms:${operation} on the resource associated with this ciphertext because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`,
  );
}
