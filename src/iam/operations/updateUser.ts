import type { UpdateUserRequest } from "@aws-sdk/client-iam";
import { authorize } from "../authorize.ts";
import { nameKey } from "../entities.ts";
import { entityAlreadyExists } from "../errors.ts";
import { authorizedEntity, changeEntity, newResource } from "../named.ts";
import type { IamOperation } from "../operation.ts";
import { requirePath } from "../path.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateUser.html */
export const updateUser: IamOperation<UpdateUserRequest, void> = {
  name: "UpdateUser",
  async run(call, input) {
    const user = await authorizedEntity(call, "UpdateUser", "user", input.UserName as string);
    const name = input.NewUserName ?? user.name;
    const path = input.NewPath === undefined ? user.path : requirePath(input.NewPath);
    // Who renames needs the permission on both: IAM User Guide, "Renaming an IAM user".
    authorize(call, "UpdateUser", { ...newResource(call, "user", path, name), tags: user.tags });
    await changeEntity(call, user, async (current, transaction) => {
      const holder = await transaction.entityNamed(user.account, "user", nameKey("user", name));
      if (holder !== undefined && holder.id !== user.id) {
        throw entityAlreadyExists(`User with name ${name} already exists.`);
      }
      return { ...current, name, path };
    });
  },
};
