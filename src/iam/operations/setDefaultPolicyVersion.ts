import type { SetDefaultPolicyVersionRequest } from "@aws-sdk/client-iam";
import { authorizedPolicy, changePolicy, versionNotFound, versionOf } from "../managedPolicy.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_SetDefaultPolicyVersion.html */
export const setDefaultPolicyVersion: IamOperation<SetDefaultPolicyVersionRequest, void> = {
  name: "SetDefaultPolicyVersion",
  async run(call, input) {
    const id = input.VersionId as string;
    const absent = (arn: string) => versionNotFound(arn, id);
    const found = await authorizedPolicy(call, "SetDefaultPolicyVersion", input.PolicyArn as string, { absent });
    await changePolicy(call, found, "update policies", (policy) => ({
      ...policy,
      defaultVersion: versionOf(policy, id).number,
      updatedAt: call.iam.clock(),
    }));
  },
};
