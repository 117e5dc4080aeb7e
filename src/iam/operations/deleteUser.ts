import type { DeleteUserRequest } from "@aws-sdk/client-iam";
import type { Transaction } from "../../store/store.ts";
import { link } from "../entities.ts";
import type { UserRecord } from "../entity.ts";
import { authorizedEntity, currentEntity } from "../named.ts";
import type { IamOperation } from "../operation.ts";
import { requireGone, requireNoPolicies } from "../removal.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html */
export const deleteUser: IamOperation<DeleteUserRequest, void> = {
  name: "DeleteUser",
  async run(call, input) {
    const found = await authorizedEntity(call, "DeleteUser", "user", input.UserName as string);
    await call.iam.store.transaction(async (transaction) => {
      const user = await currentEntity(transaction, found);
      await requireBare(transaction, user);
      await transaction.deleteEntity(user);
    });
  },
};

/** What must be gone before a user goes, in the order in which AWS complains: reference/iam-sts.md §3.3. */
async function requireBare(transaction: Transaction, user: UserRecord): Promise<void> {
  requireNoPolicies(user);
  const accessKeys = await transaction.accessKeysOf(user.account, user.id);
  requireGone(accessKeys.length === 0, "delete access keys");
  requireGone(user.loginProfile === null, "delete login profile");
  requireGone(user.groups.length === 0, "remove users from group");
  requireGone((await transaction.countLinked(link.mfa(user.id))) === 0, "delete MFA device");
}
