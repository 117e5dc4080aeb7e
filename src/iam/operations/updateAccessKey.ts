import type { UpdateAccessKeyRequest } from "@aws-sdk/client-iam";
import { invalidInput } from "../errors.ts";
import { authorizedUserOrRoot } from "../named.ts";
import type { IamOperation } from "../operation.ts";
import { ownAccessKey } from "../userAccessKey.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccessKey.html */
export const updateAccessKey: IamOperation<UpdateAccessKeyRequest, void> = {
  name: "UpdateAccessKey",
  async run(call, input) {
    const user = await authorizedUserOrRoot(call, "UpdateAccessKey", input.UserName);
    const status = input.Status;
    await call.iam.store.transaction(async (transaction) => {
      const key = await ownAccessKey(transaction, call, user, input.AccessKeyId as string);
      // The model lists `Expired` too, which is for AWS alone to set.
      if (status !== "Active" && status !== "Inactive") throw invalidInput(`Status ${status} cannot be set.`);
      await transaction.putAccessKey({ ...key, status });
    });
  },
};
