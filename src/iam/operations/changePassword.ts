import type { ChangePasswordRequest } from "@aws-sdk/client-iam";
import { compilePolicy } from "../../policy/document.ts";
import { Attempts } from "../attempts.ts";
import { accessDenied, QueryException } from "../errors.ts";
import { passwordPolicyOf, replacePassword, requireLoginProfile } from "../loginProfile.ts";
import { authorizedEntity } from "../named.ts";
import type { IamCall, IamOperation } from "../operation.ts";
import { isPassword } from "../password.ts";

/** What a password policy with AllowUsersToChangePassword lets everyone do. */
const OWN_PASSWORD = compilePolicy(
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ChangePassword","Resource":"*"}]}',
  "identity",
);

const attempts = new Attempts();

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ChangePassword.html */
export const changePassword: IamOperation<ChangePasswordRequest, void> = {
  name: "ChangePassword",
  async run(call, { OldPassword = "", NewPassword = "" }) {
    const { type, entity } = call.principal;
    if (type !== "user" || entity?.kind !== "user") {
      throw new QueryException("InvalidUserType", 400, "Only IAM Users can change their own password");
    }
    const user = await authorizedEntity(await allowingOwnPassword(call), "ChangePassword", "user", entity.name);
    const profile = requireLoginProfile(user);
    await requireOldPassword(call, user.id, OldPassword, profile.passwordHash);
    await replacePassword(call, user, NewPassword, false);
  },
};

async function allowingOwnPassword(call: IamCall): Promise<IamCall> {
  if (!(await passwordPolicyOf(call))?.AllowUsersToChangePassword) return call;
  const { policies } = call.principal;
  return {
    ...call,
    principal: { ...call.principal, policies: { ...policies, identity: [...policies.identity, OWN_PASSWORD] } },
  };
}

/** @throws AccessDenied: it is wrong, or has been wrong too often */
async function requireOldPassword(call: IamCall, userId: string, password: string, hash: string): Promise<void> {
  const now = call.iam.clock();
  if (attempts.locked(userId, now)) throw accessDenied("The old password was wrong too often. Try again later.");
  // Counted before it is known: hashing takes its time, and others must not come through meanwhile.
  attempts.wrong(userId, now);
  if (!(await isPassword(password, hash))) throw accessDenied("The old password is incorrect.");
  attempts.right(userId);
}
