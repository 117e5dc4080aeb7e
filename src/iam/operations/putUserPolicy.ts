import type { PutUserPolicyRequest } from "@aws-sdk/client-iam";
import { putInlinePolicy } from "../inlinePolicy.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPolicy.html */
export const putUserPolicy: IamOperation<PutUserPolicyRequest, void> = {
  name: "PutUserPolicy",
  run: (call, input) =>
    putInlinePolicy(call, "PutUserPolicy", "user", input.UserName as string, {
      policyName: input.PolicyName as string,
      document: input.PolicyDocument as string,
    }),
};
