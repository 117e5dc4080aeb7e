import type { DetachRolePolicyRequest } from "@aws-sdk/client-iam";
import { detachPolicy } from "../attachment.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachRolePolicy.html */
export const detachRolePolicy: IamOperation<DetachRolePolicyRequest, void> = {
  name: "DetachRolePolicy",
  run: (call, input) =>
    detachPolicy(call, "DetachRolePolicy", "role", input.RoleName as string, input.PolicyArn as string),
};
