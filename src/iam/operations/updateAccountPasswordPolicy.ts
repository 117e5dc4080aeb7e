import type { UpdateAccountPasswordPolicyRequest } from "@aws-sdk/client-iam";
import type { PasswordPolicy } from "../accessKey.ts";
import { authorize } from "../authorize.ts";
import { changeAccount } from "../currentAccount.ts";
import type { IamOperation } from "../operation.ts";
import { MINIMUM_LENGTH_WHEN_ABSENT } from "../passwordPolicy.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html */
export const updateAccountPasswordPolicy: IamOperation<UpdateAccountPasswordPolicyRequest, void> = {
  name: "UpdateAccountPasswordPolicy",
  async run(call, input) {
    authorize(call, "UpdateAccountPasswordPolicy", { arn: "*" });
    // Nothing of the former policy stays: what is absent falls back to its default.
    const passwordPolicy: PasswordPolicy = {
      MinimumPasswordLength: input.MinimumPasswordLength ?? MINIMUM_LENGTH_WHEN_ABSENT,
      RequireSymbols: input.RequireSymbols ?? false,
      RequireNumbers: input.RequireNumbers ?? false,
      RequireUppercaseCharacters: input.RequireUppercaseCharacters ?? false,
      RequireLowercaseCharacters: input.RequireLowercaseCharacters ?? false,
      AllowUsersToChangePassword: input.AllowUsersToChangePassword ?? false,
      MaxPasswordAge: input.MaxPasswordAge ?? null,
      PasswordReusePrevention: input.PasswordReusePrevention ?? null,
      HardExpiry: input.HardExpiry ?? null,
    };
    await changeAccount(call, (account) => ({ ...account, passwordPolicy }));
  },
};
