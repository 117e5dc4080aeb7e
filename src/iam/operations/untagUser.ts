import type { UntagUserRequest } from "@aws-sdk/client-iam";
import { tagConditions } from "../authorize.ts";
import { authorizedEntity, changeEntity } from "../named.ts";
import type { IamOperation } from "../operation.ts";
import { withoutTags } from "../tag.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagUser.html */
export const untagUser: IamOperation<UntagUserRequest, void> = {
  name: "UntagUser",
  async run(call, { UserName, TagKeys = [] }) {
    const found = await authorizedEntity(
      call,
      "UntagUser",
      "user",
      UserName as string,
      tagConditions(TagKeys.map((Key) => ({ Key }))),
    );
    await changeEntity(call, found, (user) => ({ ...user, tags: withoutTags("user", user.tags, TagKeys) }));
  },
};
