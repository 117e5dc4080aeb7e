import type { CreateAccessKeyRequest, CreateAccessKeyResponse } from "@aws-sdk/client-iam";
import type { AccessKeyRecord } from "../accessKey.ts";
import { uniqueId } from "../entities.ts";
import { authorizedUserOrRoot, currentEntity } from "../named.ts";
import type { IamOperation } from "../operation.ts";
import { requireQuota } from "../quota.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html */
export const createAccessKey: IamOperation<CreateAccessKeyRequest, CreateAccessKeyResponse> = {
  name: "CreateAccessKey",
  async run(call, input) {
    const { account } = call.principal;
    const user = await authorizedUserOrRoot(call, "CreateAccessKey", input.UserName);
    const id = uniqueId("accessKey");
    const { secret, wrapped } = call.iam.hsm.newAccessKeySecret(id);
    const key: AccessKeyRecord = {
      id,
      account,
      userId: user?.id ?? null,
      status: "Active",
      secret: wrapped,
      createdAt: call.iam.clock(),
      lastUsed: null,
    };
    await call.iam.store.transaction(async (transaction) => {
      if (user !== null) await currentEntity(transaction, user);
      const existing = await transaction.accessKeysOf(account, key.userId);
      requireQuota("AccessKeysPerUser", existing.length);
      await transaction.putAccessKey(key);
    });
    return {
      AccessKey: {
        UserName: user?.name,
        AccessKeyId: id,
        Status: key.status,
        SecretAccessKey: secret,
        CreateDate: new Date(key.createdAt),
      },
    };
  },
};
