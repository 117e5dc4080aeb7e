import type { DetachUserPolicyRequest } from "@aws-sdk/client-iam";
import { detachPolicy } from "../attachment.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachUserPolicy.html */
export const detachUserPolicy: IamOperation<DetachUserPolicyRequest, void> = {
  name: "DetachUserPolicy",
  run: (call, input) =>
    detachPolicy(call, "DetachUserPolicy", "user", input.UserName as string, input.PolicyArn as string),
};
