import type { AttachRolePolicyRequest } from "@aws-sdk/client-iam";
import { attachPolicy } from "../attachment.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html */
export const attachRolePolicy: IamOperation<AttachRolePolicyRequest, void> = {
  name: "AttachRolePolicy",
  run: (call, input) =>
    attachPolicy(call, "AttachRolePolicy", "role", input.RoleName as string, input.PolicyArn as string),
};
