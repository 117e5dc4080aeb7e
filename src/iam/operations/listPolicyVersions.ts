import type { ListPolicyVersionsRequest, ListPolicyVersionsResponse } from "@aws-sdk/client-iam";
import { authorizedPolicy, listedVersion, newestFirst, versionId } from "../managedPolicy.ts";
import type { IamOperation } from "../operation.ts";
import { pageOfList } from "../page.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyVersions.html */
export const listPolicyVersions: IamOperation<ListPolicyVersionsRequest, ListPolicyVersionsResponse> = {
  name: "ListPolicyVersions",
  async run(call, input) {
    const policy = await authorizedPolicy(call, "ListPolicyVersions", input.PolicyArn as string);
    const versions = newestFirst(policy.versions);
    const { items, ...end } = pageOfList("ListPolicyVersions", versions, input, ({ number }) => versionId(number));
    return { Versions: items.map((version) => listedVersion(policy, version)), ...end };
  },
};
