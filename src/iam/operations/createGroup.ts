import type { CreateGroupRequest, CreateGroupResponse } from "@aws-sdk/client-iam";
import { authorize } from "../authorize.ts";
import { nameKey, putEntity, uniqueId } from "../entities.ts";
import type { GroupRecord } from "../entity.ts";
import { entityAlreadyExists } from "../errors.ts";
import { shownGroup } from "../group.ts";
import { newResource } from "../named.ts";
import type { IamOperation } from "../operation.ts";
import { requirePath } from "../path.ts";
import { requireQuota } from "../quota.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateGroup.html */
export const createGroup: IamOperation<CreateGroupRequest, CreateGroupResponse> = {
  name: "CreateGroup",
  async run(call, input) {
    const { account } = call.principal;
    const name = input.GroupName as string;
    const path = requirePath(input.Path);
    authorize(call, "CreateGroup", newResource(call, "group", path, name));
    const group: GroupRecord = {
      kind: "group",
      id: uniqueId("group"),
      account,
      name,
      path,
      createdAt: call.iam.clock(),
      policies: {},
      attached: [],
    };
    await call.iam.store.transaction(async (transaction) => {
      if (await transaction.entityNamed(account, "group", nameKey("group", name))) {
        throw entityAlreadyExists(`Group with name ${name} already exists.`);
      }
      requireQuota("GroupsPerAccount", await transaction.countEntities(account, "group"));
      await putEntity(transaction, group);
    });
    return { Group: shownGroup(group) };
  },
};
