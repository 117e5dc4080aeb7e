import type { ListGroupsForUserRequest, ListGroupsForUserResponse } from "@aws-sdk/client-iam";
import type { GroupRecord } from "../entity.ts";
import { shownGroup } from "../group.ts";
import { authorizedEntity } from "../named.ts";
import type { IamOperation } from "../operation.ts";
import { pageOfList } from "../page.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroupsForUser.html */
export const listGroupsForUser: IamOperation<ListGroupsForUserRequest, ListGroupsForUserResponse> = {
  name: "ListGroupsForUser",
  async run(call, input) {
    const user = await authorizedEntity(call, "ListGroupsForUser", "user", input.UserName as string);
    const groups: GroupRecord[] = [];
    for (const id of user.groups) {
      const group = await call.iam.store.entity(id);
      if (group?.kind === "group") groups.push(group);
    }
    groups.sort((a, b) => (a.name < b.name ? -1 : 1));
    const { items, ...end } = pageOfList("ListGroupsForUser", groups, input, ({ id }) => id);
    return { Groups: items.map(shownGroup), ...end };
  },
};
