import type { PutRolePolicyRequest } from "@aws-sdk/client-iam";
import { putInlinePolicy } from "../inlinePolicy.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html */
export const putRolePolicy: IamOperation<PutRolePolicyRequest, void> = {
  name: "PutRolePolicy",
  run: (call, input) =>
    putInlinePolicy(call, "PutRolePolicy", "role", input.RoleName as string, {
      policyName: input.PolicyName as string,
      document: input.PolicyDocument as string,
    }),
};
