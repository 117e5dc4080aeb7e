import type { DeleteUserPolicyRequest } from "@aws-sdk/client-iam";
import { deleteInlinePolicy } from "../inlinePolicy.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUserPolicy.html */
export const deleteUserPolicy: IamOperation<DeleteUserPolicyRequest, void> = {
  name: "DeleteUserPolicy",
  run: (call, input) =>
    deleteInlinePolicy(call, "DeleteUserPolicy", "user", input.UserName as string, input.PolicyName as string),
};
