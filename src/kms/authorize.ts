import type { ContextValue, RequestContext } from "../policy/context.ts";
import { denialReason } from "../policy/denial.ts";
import { compilePolicy, type Policy } from "../policy/document.ts";
import { type AccessRequest, type Decision, decide, type PolicySets } from "../policy/evaluate.ts";
import { Grade } from "../policy/principal.ts";
import { keyArn } from "./arn.ts";
import { type ConditionValues, callCondition, KeyRequestContext, NO_VALUES } from "./conditionValues.ts";
import { AccessDeniedException } from "./errors.ts";
import type { Grant } from "./grants.ts";
import type { KeyRecord } from "./key.ts";
import type { Key } from "./keys.ts";
import type { Call } from "./operation.ts";

/** Further facts of a request that decide about it. */
export interface Access {
  /** of operations that take one; grants may ask for it */
  readonly encryptionContext?: Record<string, string> | undefined;
  /** the grant that allows the request, where it is not simply one for this operation */
  readonly granted?: () => Grant | undefined | Promise<Grant | undefined>;
  /** as the request names the key, for messages about keys of others */
  readonly reference?: string | undefined;
  /** the request names no key: it is the one that the ciphertext names */
  readonly byCiphertext?: boolean;
}

/** What a grant can allow: GrantOperation of the model. */
const GRANTABLE: ReadonlySet<string> = new Set([
  "CreateGrant",
  "Decapsulate",
  "Decrypt",
  "DeriveSharedSecret",
  "DescribeKey",
  "Encapsulate",
  "Encrypt",
  "GenerateDataKey",
  "GenerateDataKeyPair",
  "GenerateDataKeyPairWithoutPlaintext",
  "GenerateDataKeyWithoutPlaintext",
  "GenerateMac",
  "GetPublicKey",
  "ReEncryptFrom",
  "ReEncryptTo",
  "RetireGrant",
  "Sign",
  "Verify",
  "VerifyMac",
]);

/** What works on a key of another account: reference/policy-language.md §5.2. */
const CROSS_ACCOUNT: ReadonlySet<string> = new Set([...GRANTABLE, "GetKeyRotationStatus", "ListGrants", "RevokeGrant"]);

export function isGrantable(operation: string): boolean {
  return GRANTABLE.has(operation);
}

/** Whether an operation can be called on a key of another account at all. */
export function worksAcrossAccounts(operation: string): boolean {
  return CROSS_ACCOUNT.has(operation);
}

/** To these a grant's constraints do not apply: reference/kms-operations.md §11. */
const UNCONSTRAINED: ReadonlySet<string> = new Set(["DescribeKey", "RetireGrant"]);

/**
 * May the caller call this operation on this key? The key's policy, the caller's own policies and grants decide. A
 * promise only where a grant, or the key's account, has to be looked up.
 * @param operation the action without its `kms:`
 * @throws AccessDeniedException, reference/kms-semantics.md §2.4
 */
export function authorize(
  call: Call,
  operation: string,
  key: Key,
  values: ConditionValues = NO_VALUES,
  access: Access = {},
): void | Promise<void> {
  call.touched.keys.push(key);
  const { account } = key.record;
  if (account === call.principal.account) return authorizeAt(call, operation, key, values, access);
  const open = call.kms.identities.accountIsOpen(account);
  const goOn = (isOpen: boolean) =>
    isOpen ? authorizeAt(call, operation, key, values, access) : refuseClosed(call, operation, key, values, access);
  return open instanceof Promise ? open.then(goOn) : goOn(open);
}

/** The keys of an account that is closed let nobody in, grants or not. What the caller's own policies deny is said first. */
function refuseClosed(call: Call, operation: string, key: Key, values: ConditionValues, access: Access): never {
  const decision = keyDecision(call, operation, key, NOTHING, values);
  throw denied(call, operation, key, access, decision.effect === "explicit deny" ? decision : NOT_BY_OWNER);
}

function authorizeAt(
  call: Call,
  operation: string,
  key: Key,
  values: ConditionValues,
  access: Access,
): void | Promise<void> {
  const decision = keyDecision(call, operation, key, key.policy, values);
  if (decision.effect === "allow") return;
  if (decision.effect === "implicit deny" && GRANTABLE.has(operation)) {
    const found = access.granted === undefined ? grantFor(call, operation, key, access) : access.granted();
    if (found instanceof Promise)
      return found.then((grant) => byGrant(call, operation, key, values, access, decision, grant));
    if (found !== undefined) return byGrant(call, operation, key, values, access, decision, found);
  }
  throw denied(call, operation, key, access, decision);
}

/** The grant that allows an operation, by the encryption context if it takes one. */
export function grantFor(call: Call, operation: string, key: Key, access: Pick<Access, "encryptionContext">) {
  return call.kms.grants.allows(key.record, call.principal.caller.names, {
    operation,
    encryptionContext: access.encryptionContext,
    constraintsApply: !UNCONSTRAINED.has(operation),
  });
}

function byGrant(
  call: Call,
  operation: string,
  key: Key,
  values: ConditionValues,
  access: Access,
  without: Denial,
  grant: Grant | undefined,
): void {
  if (grant === undefined) throw denied(call, operation, key, access, without);
  const decision = keyDecision(call, operation, key, key.policy, values, grant.grade);
  if (decision.effect !== "allow") throw denied(call, operation, key, access, decision);
}

/** The same for a key that is to be made by the request. @throws AccessDeniedException */
export function authorizeNewKey(call: Call, operation: string, record: KeyRecord, aliases: readonly string[]): void {
  const key = { arn: keyArn(record), record, aliases };
  const decision = keyDecision(call, operation, key, compilePolicy(record.policy, "resource"), NO_VALUES);
  if (decision.effect !== "allow") throw denied(call, operation, key, {}, decision);
}

/** Whether the caller could still change the policy of a key whose policy this would be. */
export function allowsPolicyChange(call: Call, key: Pick<Key, "arn" | "record">, policy: Policy): boolean {
  return keyDecision(call, "PutKeyPolicy", { aliases: [], ...key }, policy, NO_VALUES).effect === "allow";
}

function keyDecision(
  call: Call,
  operation: string,
  key: Pick<Key, "arn" | "record" | "aliases">,
  policy: Policy,
  values: ConditionValues,
  granted: Grade = Grade.none,
): Decision {
  const { principal } = call;
  const foreign = key.record.account !== principal.account;
  if (foreign && !CROSS_ACCOUNT.has(operation)) return NOT_BY_OWNER;
  return onKey(decide, call, operation, key, policy, values, granted);
}

type Evaluate<Result> = (request: AccessRequest, sets: PolicySets) => Result;

/** What `evaluate` makes of a request about a key: `decide`, or `explain`. */
export function onKey<Result>(
  evaluate: Evaluate<Result>,
  call: Call,
  operation: string,
  key: Pick<Key, "arn" | "record" | "aliases">,
  policy: Policy,
  values: ConditionValues,
  granted: Grade = Grade.none,
): Result {
  const { principal } = call;
  const { identity, boundary, session } = principal.policies;
  const context = new KeyRequestContext(call, key, values, false);
  return evaluate(
    {
      caller: principal.caller,
      action: actionOf(operation),
      resource: key.arn,
      owner: key.record.account,
      context,
      // Without aliases both see the same.
      resourceContext: key.aliases.length === 0 ? context : new KeyRequestContext(call, key, values, true),
    },
    { resource: [policy], identity, boundary, session, resourceMustAllow: true, granted },
  );
}

/**
 * May the caller call an operation that is about no key? Its own policies alone decide.
 * @param resource an alias's ARN; `*` for none
 * @throws AccessDeniedException
 */
export function authorizeInAccount(
  call: Call,
  operation: string,
  values: ConditionValues = NO_VALUES,
  resource = "*",
  shown = ` on resource: ${resource}`,
): void {
  const decision = inAccount(decide, call, operation, values, resource, call.principal.account);
  if (decision.effect === "allow") return;
  throw refusal(call, operation, shown, denialReason(`kms:${operation}`, decision));
}

/** What `evaluate` makes of a request that is about no key, but for the account's IAM alone to decide. */
export function inAccount<Result>(
  evaluate: Evaluate<Result>,
  call: Call,
  operation: string,
  values: ConditionValues,
  resource: string,
  owner: string,
): Result {
  const { caller, policies } = call.principal;
  const context: RequestContext = {
    get: (name) => values(name) ?? accountCondition(name, owner) ?? callCondition(call, name),
  };
  return evaluate(
    { caller, action: actionOf(operation), resource, owner, context },
    { resource: [], ...policies, resourceMustAllow: owner !== call.principal.account },
  );
}

function accountCondition(name: string, owner: string): ContextValue | undefined {
  return name === "aws:resourceaccount" ? owner : undefined;
}

type Denial = Exclude<Decision, { effect: "allow" }>;

const NOTHING: Policy = { statements: [] };
const NOT_BY_OWNER: Denial = { effect: "implicit deny", source: "resource" };

function denied(
  call: Call,
  operation: string,
  key: Pick<Key, "arn" | "record">,
  access: Access,
  decision: Denial,
): AccessDeniedException {
  const foreign = key.record.account !== call.principal.account;
  if (foreign && decision.source === "resource") {
    // What the owner's side refuses is told in the words for a key that is not there.
    return access.byCiphertext || !access.reference?.startsWith("arn:")
      ? deniedByCiphertext(call, operation)
      : deniedByOwner(call, operation, access.reference);
  }
  const on = access.byCiphertext
    ? " on the resource associated with this ciphertext"
    : ` on resource: ${foreign ? (access.reference ?? key.arn) : key.arn}`;
  return refusal(call, operation, on, denialReason(`kms:${operation}`, decision));
}

/**
 * Why a key of another account that is not there is refused: in the words for one that is there and closed to the
 * caller. What the caller's own policies deny is said first, as it would be then.
 * @param reference the ARN that the request names
 */
export function deniedAbsent(call: Call, operation: string, reference: string, owner: string): AccessDeniedException {
  const decision = inAccount(decide, call, operation, NO_VALUES, reference, owner);
  return decision.effect === "explicit deny"
    ? refusal(call, operation, ` on resource: ${reference}`, denialReason(`kms:${operation}`, decision))
    : deniedByOwner(call, operation, reference);
}

function deniedByOwner(call: Call, operation: string, reference: string): AccessDeniedException {
  return refusal(call, operation, ` on resource: ${reference}`, denialReason(`kms:${operation}`, NOT_BY_OWNER));
}

/** For a ciphertext whose key is foreign or not there: does not say which, nor name the key. */
export function deniedByCiphertext(call: Call, operation: string): AccessDeniedException {
  return refusal(
    call,
    operation,
    " on the resource associated with this ciphertext",
    "because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access",
  );
}

function refusal(call: Call, operation: string, on: string, reason: string): AccessDeniedException {
  return new AccessDeniedException(
    `User: ${call.principal.arn} is not authorized to perform: kms:${operation}${on} ${reason}`,
  );
}

const actions = new Map<string, string>();

/** As policies match it: lower case, made once. */
function actionOf(operation: string): string {
  let action = actions.get(operation);
  if (action === undefined) {
    action = `kms:${operation.toLowerCase()}`;
    actions.set(operation, action);
  }
  return action;
}
