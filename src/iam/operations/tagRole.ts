import type { TagRoleRequest } from "@aws-sdk/client-iam";
import { tagConditions } from "../authorize.ts";
import { authorizedEntity, changeEntity } from "../named.ts";
import type { IamOperation } from "../operation.ts";
import { withTags } from "../tag.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagRole.html */
export const tagRole: IamOperation<TagRoleRequest, void> = {
  name: "TagRole",
  async run(call, { RoleName, Tags = [] }) {
    const found = await authorizedEntity(call, "TagRole", "role", RoleName as string, tagConditions(Tags));
    await changeEntity(call, found, (role) => ({ ...role, tags: withTags("role", role.tags, Tags) }));
  },
};
