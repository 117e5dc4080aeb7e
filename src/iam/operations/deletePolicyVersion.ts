import type { DeletePolicyVersionRequest } from "@aws-sdk/client-iam";
import { deleteConflict } from "../errors.ts";
import { authorizedPolicy, changePolicy, versionNotFound, versionOf } from "../managedPolicy.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicyVersion.html */
export const deletePolicyVersion: IamOperation<DeletePolicyVersionRequest, void> = {
  name: "DeletePolicyVersion",
  async run(call, input) {
    const id = input.VersionId as string;
    const absent = (arn: string) => versionNotFound(arn, id);
    const found = await authorizedPolicy(call, "DeletePolicyVersion", input.PolicyArn as string, { absent });
    await changePolicy(call, found, "delete policy versions for policies", (policy) => {
      const version = versionOf(policy, id);
      if (version.number === policy.defaultVersion) {
        throw deleteConflict("Cannot delete the default version of a policy.");
      }
      return { ...policy, versions: policy.versions.filter(({ number }) => number !== version.number) };
    });
  },
};
