import type { UntagRoleRequest } from "@aws-sdk/client-iam";
import { tagConditions } from "../authorize.ts";
import { authorizedEntity, changeEntity } from "../named.ts";
import type { IamOperation } from "../operation.ts";
import { withoutTags } from "../tag.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagRole.html */
export const untagRole: IamOperation<UntagRoleRequest, void> = {
  name: "UntagRole",
  async run(call, { RoleName, TagKeys = [] }) {
    const found = await authorizedEntity(
      call,
      "UntagRole",
      "role",
      RoleName as string,
      tagConditions(TagKeys.map((Key) => ({ Key }))),
    );
    await changeEntity(call, found, (role) => ({ ...role, tags: withoutTags("role", role.tags, TagKeys) }));
  },
};
