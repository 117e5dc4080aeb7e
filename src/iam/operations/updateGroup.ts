import type { UpdateGroupRequest } from "@aws-sdk/client-iam";
import { authorize } from "../authorize.ts";
import { nameKey } from "../entities.ts";
import { entityAlreadyExists } from "../errors.ts";
import { authorizedEntity, changeEntity, newResource } from "../named.ts";
import type { IamOperation } from "../operation.ts";
import { requirePath } from "../path.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateGroup.html */
export const updateGroup: IamOperation<UpdateGroupRequest, void> = {
  name: "UpdateGroup",
  async run(call, input) {
    const group = await authorizedEntity(call, "UpdateGroup", "group", input.GroupName as string);
    const name = input.NewGroupName ?? group.name;
    const path = input.NewPath === undefined ? group.path : requirePath(input.NewPath);
    // Who renames needs the permission on both: IAM User Guide, "Renaming an IAM user group".
    authorize(call, "UpdateGroup", newResource(call, "group", path, name));
    await changeEntity(call, group, async (current, transaction) => {
      const holder = await transaction.entityNamed(group.account, "group", nameKey("group", name));
      if (holder !== undefined && holder.id !== group.id) {
        throw entityAlreadyExists(`Group with name ${name} already exists.`);
      }
      return { ...current, name, path };
    });
  },
};
