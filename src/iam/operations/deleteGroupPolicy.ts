import type { DeleteGroupPolicyRequest } from "@aws-sdk/client-iam";
import { deleteInlinePolicy } from "../inlinePolicy.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroupPolicy.html */
export const deleteGroupPolicy: IamOperation<DeleteGroupPolicyRequest, void> = {
  name: "DeleteGroupPolicy",
  run: (call, input) =>
    deleteInlinePolicy(call, "DeleteGroupPolicy", "group", input.GroupName as string, input.PolicyName as string),
};
