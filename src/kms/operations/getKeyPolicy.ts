import type { GetKeyPolicyRequest, GetKeyPolicyResponse } from "@aws-sdk/client-kms";
import { keyOperation } from "../operation.ts";
import { POLICY_NAME, requirePolicyName } from "../policyDocument.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html */
export const getKeyPolicy = keyOperation<GetKeyPolicyRequest, GetKeyPolicyResponse>({
  name: "GetKeyPolicy",
  run(_call, key, input) {
    requirePolicyName(input.PolicyName);
    return { Policy: key.record.policy, PolicyName: POLICY_NAME };
  },
});
