import type { GetGroupRequest, GetGroupResponse } from "@aws-sdk/client-iam";
import { link } from "../entities.ts";
import type { Entity } from "../entity.ts";
import { shownGroup } from "../group.ts";
import { authorizedEntity } from "../named.ts";
import type { IamOperation } from "../operation.ts";
import { pageOfScan } from "../page.ts";
import { listedUser } from "../user.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetGroup.html */
export const getGroup: IamOperation<GetGroupRequest, GetGroupResponse> = {
  name: "GetGroup",
  async run(call, input) {
    const group = await authorizedEntity(call, "GetGroup", "group", input.GroupName as string);
    const { items, ...end } = await pageOfScan(
      "GetGroup",
      input,
      ({ id }: Entity) => id,
      () => true,
      (after, limit) => call.iam.store.entitiesLinked(link.member(group.id), { after, limit }),
    );
    const users = items.filter((entity) => entity.kind === "user");
    return { Group: shownGroup(group), Users: users.map(listedUser), ...end };
  },
};
