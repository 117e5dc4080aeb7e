import { authorize } from "../authorize.ts";
import { changeAccount } from "../currentAccount.ts";
import { noSuchEntity } from "../errors.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccountPasswordPolicy.html */
export const deleteAccountPasswordPolicy: IamOperation<object, void> = {
  name: "DeleteAccountPasswordPolicy",
  async run(call) {
    authorize(call, "DeleteAccountPasswordPolicy", { arn: "*" });
    await changeAccount(call, (account) => {
      if (account.passwordPolicy !== null) return { ...account, passwordPolicy: null };
      throw noSuchEntity("The account policy with name PasswordPolicy cannot be found.");
    });
  },
};
