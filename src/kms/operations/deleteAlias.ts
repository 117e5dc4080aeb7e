import type { DeleteAliasRequest } from "@aws-sdk/client-kms";
import { authorizeAlias, authorizeTarget, requireAlias, requireAliasName } from "../alias.ts";
import type { Operation } from "../operation.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteAlias.html: the key stays as it is, in whatever state. */
export const deleteAlias: Operation<DeleteAliasRequest, void> = {
  name: "DeleteAlias",
  async run(call, input) {
    const name = requireAliasName(input.AliasName as string);
    authorizeAlias(call, name, "DeleteAlias");
    await authorizeTarget(call, name, "DeleteAlias");
    await call.kms.store.transaction(async (transaction) => {
      const alias = await requireAlias(transaction, call, name);
      await transaction.deleteAlias(alias.account, alias.region, alias.name);
    });
  },
};
