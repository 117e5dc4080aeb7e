import type { AttachUserPolicyRequest } from "@aws-sdk/client-iam";
import { attachPolicy } from "../attachment.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachUserPolicy.html */
export const attachUserPolicy: IamOperation<AttachUserPolicyRequest, void> = {
  name: "AttachUserPolicy",
  run: (call, input) =>
    attachPolicy(call, "AttachUserPolicy", "user", input.UserName as string, input.PolicyArn as string),
};
