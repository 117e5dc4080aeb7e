import type { UpdateAliasRequest } from "@aws-sdk/client-kms";
import {
  authorizeAlias,
  authorizeTarget,
  requireAlias,
  requireAliasName,
  requireKeyStill,
  requireRoomForAlias,
  requireSameType,
  requireTarget,
} from "../alias.ts";
import type { Operation } from "../operation.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateAlias.html */
export const updateAlias: Operation<UpdateAliasRequest, void> = {
  name: "UpdateAlias",
  async run(call, input) {
    const name = requireAliasName(input.AliasName as string);
    authorizeAlias(call, name, "UpdateAlias");
    const former = await authorizeTarget(call, name, "UpdateAlias");
    const { record } = await requireTarget(call, input.TargetKeyId as string, "UpdateAlias");
    requireSameType(former.record, record);
    const now = call.kms.clock();
    await call.kms.store.transaction(async (transaction) => {
      await requireKeyStill(transaction, record, "UpdateAlias");
      const alias = await requireAlias(transaction, call, name);
      if (alias.keyId !== record.id) await requireRoomForAlias(transaction, record);
      await transaction.putAlias({ ...alias, keyId: record.id, updatedAt: now });
    });
  },
};
