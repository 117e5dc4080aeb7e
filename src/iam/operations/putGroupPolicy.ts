import type { PutGroupPolicyRequest } from "@aws-sdk/client-iam";
import { putInlinePolicy } from "../inlinePolicy.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutGroupPolicy.html */
export const putGroupPolicy: IamOperation<PutGroupPolicyRequest, void> = {
  name: "PutGroupPolicy",
  run: (call, input) =>
    putInlinePolicy(call, "PutGroupPolicy", "group", input.GroupName as string, {
      policyName: input.PolicyName as string,
      document: input.PolicyDocument as string,
    }),
};
