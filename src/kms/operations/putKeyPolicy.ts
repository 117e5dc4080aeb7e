import type { PutKeyPolicyRequest } from "@aws-sdk/client-kms";
import { changeKey, keyOperation } from "../operation.ts";
import { parseKeyPolicy, requirePolicyName } from "../policyDocument.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html */
export const putKeyPolicy = keyOperation<PutKeyPolicyRequest, void>({
  name: "PutKeyPolicy",
  async run(call, key, input) {
    requirePolicyName(input.PolicyName);
    const policy = parseKeyPolicy(input.Policy as string);
    await changeKey(call, key.record, "PutKeyPolicy", (record) => ({ ...record, policy }));
  },
});
