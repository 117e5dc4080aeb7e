import type { CreateAliasRequest } from "@aws-sdk/client-kms";
import { authorizeAlias, requireAliasName, requireKeyStill, requireRoomForAlias, requireTarget } from "../alias.ts";
import { aliasArn } from "../arn.ts";
import { AlreadyExistsException } from "../errors.ts";
import type { Operation } from "../operation.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html */
export const createAlias: Operation<CreateAliasRequest, void> = {
  name: "CreateAlias",
  async run(call, input) {
    const name = requireAliasName(input.AliasName as string);
    authorizeAlias(call, name, "CreateAlias");
    const { record } = await requireTarget(call, input.TargetKeyId as string, "CreateAlias");
    const { account, region, id } = record;
    const now = call.kms.clock();
    await call.kms.store.transaction(async (transaction) => {
      await requireKeyStill(transaction, record, "CreateAlias");
      if ((await transaction.alias(account, region, name)) !== undefined) {
        throw new AlreadyExistsException(
          `An alias with the name ${aliasArn({ account, region, name })} already exists`,
        );
      }
      await requireRoomForAlias(transaction, record);
      await transaction.putAlias({ account, region, name, keyId: id, createdAt: now, updatedAt: now });
    });
  },
};
