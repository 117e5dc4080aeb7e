import type { DetachGroupPolicyRequest } from "@aws-sdk/client-iam";
import { detachPolicy } from "../attachment.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachGroupPolicy.html */
export const detachGroupPolicy: IamOperation<DetachGroupPolicyRequest, void> = {
  name: "DetachGroupPolicy",
  run: (call, input) =>
    detachPolicy(call, "DetachGroupPolicy", "group", input.GroupName as string, input.PolicyArn as string),
};
