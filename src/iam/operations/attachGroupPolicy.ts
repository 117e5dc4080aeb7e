import type { AttachGroupPolicyRequest } from "@aws-sdk/client-iam";
import { attachPolicy } from "../attachment.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachGroupPolicy.html */
export const attachGroupPolicy: IamOperation<AttachGroupPolicyRequest, void> = {
  name: "AttachGroupPolicy",
  run: (call, input) =>
    attachPolicy(call, "AttachGroupPolicy", "group", input.GroupName as string, input.PolicyArn as string),
};
