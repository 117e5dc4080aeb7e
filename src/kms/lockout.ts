import { allowsPolicyChange } from "./authorize.ts";
import { MalformedPolicyDocumentException } from "./errors.ts";
import type { Key } from "./keys.ts";
import type { Call } from "./operation.ts";
import type { ParsedKeyPolicy } from "./policyDocument.ts";

/**
 * The lockout safety check: whoever sets a policy must be able to change it again.
 * @throws MalformedPolicyDocumentException
 */
export function requireNoLockout(call: Call, key: Pick<Key, "arn" | "record">, parsed: ParsedKeyPolicy): void {
  if (allowsPolicyChange(call, key, parsed.policy)) return;
  throw new MalformedPolicyDocumentException(
    "The new key policy will not allow you to update the key policy in the future.",
  );
}
