import type { PutKeyPolicyRequest } from "@aws-sdk/client-kms";
import { parameterCondition } from "../conditionValues.ts";
import { resolveKeyPolicy } from "../keyPolicyPrincipals.ts";
import { requireNoLockout } from "../lockout.ts";
import { changeKey, keyOperation } from "../operation.ts";
import { requirePolicyName } from "../policyDocument.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html */
export const putKeyPolicy = keyOperation<PutKeyPolicyRequest, void>({
  name: "PutKeyPolicy",
  conditions: (input) => parameterCondition("kms:bypasspolicylockoutsafetycheck", input.BypassPolicyLockoutSafetyCheck),
  async run(call, key, input) {
    requirePolicyName(input.PolicyName);
    const parsed = await resolveKeyPolicy(call.kms, input.Policy as string, key.record.policy);
    if (!input.BypassPolicyLockoutSafetyCheck) requireNoLockout(call, key, parsed);
    await changeKey(call, key.record, "PutKeyPolicy", (record) => ({ ...record, policy: parsed.text }));
  },
});
