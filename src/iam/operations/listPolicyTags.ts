import type { ListPolicyTagsRequest, ListPolicyTagsResponse } from "@aws-sdk/client-iam";
import { authorizedPolicy } from "../managedPolicy.ts";
import type { IamOperation } from "../operation.ts";
import { tagPage } from "../tag.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyTags.html */
export const listPolicyTags: IamOperation<ListPolicyTagsRequest, ListPolicyTagsResponse> = {
  name: "ListPolicyTags",
  async run(call, input) {
    const policy = await authorizedPolicy(call, "ListPolicyTags", input.PolicyArn as string);
    return tagPage("ListPolicyTags", policy, input);
  },
};
