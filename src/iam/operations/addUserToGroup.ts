import type { AddUserToGroupRequest } from "@aws-sdk/client-iam";
import { authorizedMembership } from "../membership.ts";
import { changeEntity, currentEntity } from "../named.ts";
import type { IamOperation } from "../operation.ts";
import { requireQuota } from "../quota.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddUserToGroup.html */
export const addUserToGroup: IamOperation<AddUserToGroupRequest, void> = {
  name: "AddUserToGroup",
  async run(call, input) {
    const found = await authorizedMembership(call, "AddUserToGroup", input);
    await changeEntity(call, found.user, async (user, transaction) => {
      const { id } = await currentEntity(transaction, found.group);
      if (user.groups.includes(id)) return user;
      requireQuota("GroupsPerUser", user.groups.length);
      return { ...user, groups: [...user.groups, id] };
    });
  },
};
