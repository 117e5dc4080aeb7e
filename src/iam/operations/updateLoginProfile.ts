import type { UpdateLoginProfileRequest } from "@aws-sdk/client-iam";
import { replacePassword, requireLoginProfile } from "../loginProfile.ts";
import { authorizedEntity, changeEntity } from "../named.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateLoginProfile.html */
export const updateLoginProfile: IamOperation<UpdateLoginProfileRequest, void> = {
  name: "UpdateLoginProfile",
  async run(call, input) {
    const found = await authorizedEntity(call, "UpdateLoginProfile", "user", input.UserName as string);
    if (input.Password !== undefined) {
      return replacePassword(call, found, input.Password, input.PasswordResetRequired);
    }
    await changeEntity(call, found, (user) => {
      const profile = requireLoginProfile(user);
      const resetRequired = input.PasswordResetRequired ?? profile.resetRequired;
      return { ...user, loginProfile: { ...profile, resetRequired } };
    });
  },
};
