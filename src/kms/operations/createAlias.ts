import type { CreateAliasRequest } from "@aws-sdk/client-kms";
import { requireAliasName, requireKeyStill, requireTarget } from "../alias.ts";
import { aliasArn } from "../arn.ts";
import { AlreadyExistsException, LimitExceededException } from "../errors.ts";
import type { Operation } from "../operation.ts";

/** Per KMS key: reference/kms-semantics.md §9.2. */
const ALIAS_LIMIT = 50;

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html */
export const createAlias: Operation<CreateAliasRequest, void> = {
  name: "CreateAlias",
  async run(call, input) {
    const name = requireAliasName(input.AliasName as string);
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
      const existing = await transaction.aliases(account, region, id, { after: undefined, limit: ALIAS_LIMIT });
      if (existing.length >= ALIAS_LIMIT) {
        throw new LimitExceededException(`The key already has ${ALIAS_LIMIT} aliases, the most that one can have.`);
      }
      await transaction.putAlias({ account, region, name, keyId: id, createdAt: now, updatedAt: now });
    });
  },
};
