import type { DeleteAccessKeyRequest } from "@aws-sdk/client-iam";
import { authorizedUserOrRoot } from "../named.ts";
import type { IamOperation } from "../operation.ts";
import { ownAccessKey } from "../userAccessKey.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccessKey.html */
export const deleteAccessKey: IamOperation<DeleteAccessKeyRequest, void> = {
  name: "DeleteAccessKey",
  async run(call, input) {
    const user = await authorizedUserOrRoot(call, "DeleteAccessKey", input.UserName);
    await call.iam.store.transaction(async (transaction) => {
      const key = await ownAccessKey(transaction, call, user, input.AccessKeyId as string);
      await transaction.deleteAccessKey(key.id);
    });
  },
};
