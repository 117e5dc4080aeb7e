import type { CreateAccountAliasRequest } from "@aws-sdk/client-iam";
import { authorize } from "../authorize.ts";
import { changeAccount } from "../currentAccount.ts";
import { entityAlreadyExists, validationError } from "../errors.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccountAlias.html */
export const createAccountAlias: IamOperation<CreateAccountAliasRequest, void> = {
  name: "CreateAccountAlias",
  async run(call, input) {
    const alias = input.AccountAlias as string;
    authorize(call, "CreateAccountAlias", { arn: "*" });
    // It would be taken for an account: IAM User Guide, "Your AWS account ID and its alias".
    if (/^\d{12}$/.test(alias)) throw validationError("The account alias must not be a 12-digit number.");
    await changeAccount(call, async (account, transaction) => {
      const holder = await transaction.accountWithAlias(alias);
      if (holder !== undefined) throw entityAlreadyExists(`The account alias ${alias} already exists.`);
      return { ...account, alias };
    });
  },
};
