import type { ListUserTagsRequest, ListUserTagsResponse } from "@aws-sdk/client-iam";
import { authorizedEntity } from "../named.ts";
import type { IamOperation } from "../operation.ts";
import { tagPage } from "../tag.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUserTags.html */
export const listUserTags: IamOperation<ListUserTagsRequest, ListUserTagsResponse> = {
  name: "ListUserTags",
  async run(call, input) {
    const user = await authorizedEntity(call, "ListUserTags", "user", input.UserName as string);
    return tagPage("ListUserTags", user, input);
  },
};
