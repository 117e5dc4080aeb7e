import type { TagUserRequest } from "@aws-sdk/client-iam";
import { tagConditions } from "../authorize.ts";
import { authorizedEntity, changeEntity } from "../named.ts";
import type { IamOperation } from "../operation.ts";
import { withTags } from "../tag.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagUser.html */
export const tagUser: IamOperation<TagUserRequest, void> = {
  name: "TagUser",
  async run(call, { UserName, Tags = [] }) {
    const found = await authorizedEntity(call, "TagUser", "user", UserName as string, tagConditions(Tags));
    await changeEntity(call, found, (user) => ({ ...user, tags: withTags("user", user.tags, Tags) }));
  },
};
