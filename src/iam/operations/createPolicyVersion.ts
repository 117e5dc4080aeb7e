import type { CreatePolicyVersionRequest, CreatePolicyVersionResponse } from "@aws-sdk/client-iam";
import type { PolicyVersion } from "../entity.ts";
import { authorizedPolicy, changePolicy, listedVersion, requireManagedDocument } from "../managedPolicy.ts";
import type { IamOperation } from "../operation.ts";
import { requireQuota, requireQuotaOfManagedPolicy } from "../quota.ts";

/** Numbers count up, and none is given twice. https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicyVersion.html */
export const createPolicyVersion: IamOperation<CreatePolicyVersionRequest, CreatePolicyVersionResponse> = {
  name: "CreatePolicyVersion",
  async run(call, input) {
    const document = input.PolicyDocument as string;
    const found = await authorizedPolicy(call, "CreatePolicyVersion", input.PolicyArn as string);
    const policy = await changePolicy(call, found, "update policies", (current) => {
      requireManagedDocument(document);
      requireQuotaOfManagedPolicy(document);
      requireQuota("VersionsPerPolicy", current.versions.length);
      const number = current.lastVersion + 1;
      const createdAt = call.iam.clock();
      return {
        ...current,
        versions: [...current.versions, { number, document, createdAt }],
        lastVersion: number,
        defaultVersion: input.SetAsDefault === true ? number : current.defaultVersion,
        updatedAt: createdAt,
      };
    });
    return { PolicyVersion: listedVersion(policy, policy.versions.at(-1) as PolicyVersion) };
  },
};
