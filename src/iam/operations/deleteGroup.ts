import type { DeleteGroupRequest } from "@aws-sdk/client-iam";
import { link } from "../entities.ts";
import { authorizedEntity, currentEntity } from "../named.ts";
import type { IamOperation } from "../operation.ts";
import { requireGone, requireNoPolicies } from "../removal.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroup.html */
export const deleteGroup: IamOperation<DeleteGroupRequest, void> = {
  name: "DeleteGroup",
  async run(call, input) {
    const found = await authorizedEntity(call, "DeleteGroup", "group", input.GroupName as string);
    await call.iam.store.transaction(async (transaction) => {
      const group = await currentEntity(transaction, found);
      requireGone((await transaction.countLinked(link.member(group.id))) === 0, "remove users from group");
      requireNoPolicies(group);
      await transaction.deleteEntity(group);
    });
  },
};
