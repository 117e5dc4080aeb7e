import type { GetKeyPolicyRequest, GetKeyPolicyResponse } from "@aws-sdk/client-kms";
import { shownKeyPolicy } from "../keyPolicyPrincipals.ts";
import { keyOperation } from "../operation.ts";
import { POLICY_NAME, requirePolicyName } from "../policyDocument.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html */
export const getKeyPolicy = keyOperation<GetKeyPolicyRequest, GetKeyPolicyResponse>({
  name: "GetKeyPolicy",
  async run(call, key, input) {
    requirePolicyName(input.PolicyName);
    return { Policy: await shownKeyPolicy(call.kms.identities, key.record.policy), PolicyName: POLICY_NAME };
  },
});
