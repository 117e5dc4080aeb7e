import type { ListRoleTagsRequest, ListRoleTagsResponse } from "@aws-sdk/client-iam";
import { authorizedEntity } from "../named.ts";
import type { IamOperation } from "../operation.ts";
import { tagPage } from "../tag.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoleTags.html */
export const listRoleTags: IamOperation<ListRoleTagsRequest, ListRoleTagsResponse> = {
  name: "ListRoleTags",
  async run(call, input) {
    const role = await authorizedEntity(call, "ListRoleTags", "role", input.RoleName as string);
    return tagPage("ListRoleTags", role, input);
  },
};
