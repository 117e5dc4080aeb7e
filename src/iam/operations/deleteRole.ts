import type { DeleteRoleRequest } from "@aws-sdk/client-iam";
import { authorizedEntity, currentEntity } from "../named.ts";
import type { IamOperation } from "../operation.ts";
import { requireNoPolicies } from "../removal.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html */
export const deleteRole: IamOperation<DeleteRoleRequest, void> = {
  name: "DeleteRole",
  async run(call, input) {
    const found = await authorizedEntity(call, "DeleteRole", "role", input.RoleName as string);
    await call.iam.store.transaction(async (transaction) => {
      const role = await currentEntity(transaction, found);
      requireNoPolicies(role);
      await transaction.deleteEntity(role);
    });
  },
};
