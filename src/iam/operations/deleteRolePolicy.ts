import type { DeleteRolePolicyRequest } from "@aws-sdk/client-iam";
import { deleteInlinePolicy } from "../inlinePolicy.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePolicy.html */
export const deleteRolePolicy: IamOperation<DeleteRolePolicyRequest, void> = {
  name: "DeleteRolePolicy",
  run: (call, input) =>
    deleteInlinePolicy(call, "DeleteRolePolicy", "role", input.RoleName as string, input.PolicyName as string),
};
