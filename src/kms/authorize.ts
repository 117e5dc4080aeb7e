import { AccessDeniedException } from "./errors.ts";
import type { Key } from "./keys.ts";
import type { Call } from "./operation.ts";

/** What an AWS managed key's policy lets the account do directly; all else goes through the service it belongs to. */
const METADATA = /^(?:Describe|Get|List)/;

/**
 * May the caller call this operation on this key? Key policies, IAM policies and grants decide here one day. For now an
 * account's root may do everything with the account's own keys, save what AWS managed keys keep to their service, and
 * nobody else may do anything.
 * @throws AccessDeniedException, reference/kms-semantics.md §2.4
 */
export function authorize(call: Call, operation: string, key: Key): void {
  const { record } = key;
  if (record.account !== call.principal.account) throw denied(call, operation, key.arn);
  if (record.manager === "AWS" && !METADATA.test(operation)) throw denied(call, operation, key.arn);
}

export function denied(call: Call, operation: string, arn: string): AccessDeniedException {
  return new AccessDeniedException(
    `User: ${call.principal.arn} is not authorized to perform: kms:${operation} on resource: ${arn} because no resource-based policy allows the kms:${operation} action`,
  );
}

/** For a ciphertext whose key is foreign or not there: does not say which, nor name the key. */
export function deniedByCiphertext(call: Call, operation: string): AccessDeniedException {
  return new AccessDeniedException(
    `User: ${call.principal.arn} is not authorized to perform: kms:${operation} on the resource associated with this ciphertext because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`,
  );
}
