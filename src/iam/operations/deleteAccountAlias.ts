import type { DeleteAccountAliasRequest } from "@aws-sdk/client-iam";
import { authorize } from "../authorize.ts";
import { changeAccount } from "../currentAccount.ts";
import { noSuchEntity } from "../errors.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccountAlias.html */
export const deleteAccountAlias: IamOperation<DeleteAccountAliasRequest, void> = {
  name: "DeleteAccountAlias",
  async run(call, { AccountAlias }) {
    authorize(call, "DeleteAccountAlias", { arn: "*" });
    await changeAccount(call, (account) => {
      if (account.alias === AccountAlias) return { ...account, alias: null };
      throw noSuchEntity(`The account alias with name ${AccountAlias} cannot be found.`);
    });
  },
};
