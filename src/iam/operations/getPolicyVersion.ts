import type { GetPolicyVersionRequest, GetPolicyVersionResponse } from "@aws-sdk/client-iam";
import { authorizedPolicy, versionNotFound, versionOf, wholeVersion } from "../managedPolicy.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html */
export const getPolicyVersion: IamOperation<GetPolicyVersionRequest, GetPolicyVersionResponse> = {
  name: "GetPolicyVersion",
  async run(call, input) {
    const id = input.VersionId as string;
    const absent = (arn: string) => versionNotFound(arn, id);
    const policy = await authorizedPolicy(call, "GetPolicyVersion", input.PolicyArn as string, { absent });
    return { PolicyVersion: wholeVersion(policy, versionOf(policy, id)) };
  },
};
