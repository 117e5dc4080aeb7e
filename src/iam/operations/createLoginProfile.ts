import type { CreateLoginProfileRequest, CreateLoginProfileResponse } from "@aws-sdk/client-iam";
import type { LoginProfile } from "../entity.ts";
import { entityAlreadyExists, validationError } from "../errors.ts";
import { passwordPolicyOf, shownLoginProfile } from "../loginProfile.ts";
import { authorizedUser, changeEntity } from "../named.ts";
import type { IamOperation } from "../operation.ts";
import { hashPassword } from "../password.ts";
import { requireGoodPassword } from "../passwordPolicy.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateLoginProfile.html */
export const createLoginProfile: IamOperation<CreateLoginProfileRequest, CreateLoginProfileResponse> = {
  name: "CreateLoginProfile",
  async run(call, input) {
    const found = await authorizedUser(call, "CreateLoginProfile", input.UserName);
    const exists = () => entityAlreadyExists(`Login Profile for user ${found.name} already exists.`);
    if (found.loginProfile !== null) throw exists();
    // The model leaves it optional for the root of a member account, whose password is reset elsewhere.
    if (input.Password === undefined) {
      throw validationError(
        "1 validation error detected: Value at 'password' failed to satisfy constraint: Member must not be null",
      );
    }
    requireGoodPassword(input.Password, await passwordPolicyOf(call));
    const now = call.iam.clock();
    const profile: LoginProfile = {
      passwordHash: await hashPassword(input.Password),
      resetRequired: input.PasswordResetRequired ?? false,
      createdAt: now,
      changedAt: now,
      formerHashes: [],
    };
    const user = await changeEntity(call, found, (current) => {
      if (current.loginProfile !== null) throw exists();
      return { ...current, loginProfile: profile };
    });
    return { LoginProfile: shownLoginProfile(user, profile) };
  },
};
