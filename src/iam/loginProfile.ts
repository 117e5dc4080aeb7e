import type { LoginProfile as ShownLoginProfile } from "@aws-sdk/client-iam";
import type { PasswordPolicy } from "./accessKey.ts";
import type { LoginProfile, UserRecord } from "./entity.ts";
import { noSuchEntity, QueryException } from "./errors.ts";
import { changeEntity } from "./named.ts";
import type { IamCall } from "./operation.ts";
import { hashPassword } from "./password.ts";
import { rememberedHashes, requireGoodPassword, requireUnusedPassword } from "./passwordPolicy.ts";

/** As CreateLoginProfile and GetLoginProfile show it. */
export function shownLoginProfile({ name }: UserRecord, { createdAt, resetRequired }: LoginProfile): ShownLoginProfile {
  return { UserName: name, CreateDate: new Date(createdAt), PasswordResetRequired: resetRequired };
}

/** A user's login profile. @throws NoSuchEntity */
export function requireLoginProfile({ name, loginProfile }: UserRecord): LoginProfile {
  if (loginProfile === null) throw noSuchEntity(`Login Profile for User ${name} cannot be found.`);
  return loginProfile;
}

export async function passwordPolicyOf(call: IamCall): Promise<PasswordPolicy | null> {
  return (await call.iam.store.account(call.principal.account))?.passwordPolicy ?? null;
}

/**
 * Gives a user who has a login profile another password.
 * @param profile as it was found; hashing takes its time, and nobody else's change in between is undone
 * @throws PasswordPolicyViolation; EntityTemporarilyUnmodifiable: somebody else has changed it meanwhile
 */
export async function replacePassword(
  call: IamCall,
  found: UserRecord,
  password: string,
  resetRequired: boolean | undefined,
): Promise<void> {
  const profile = requireLoginProfile(found);
  const policy = await passwordPolicyOf(call);
  requireGoodPassword(password, policy);
  await requireUnusedPassword(password, policy, profile);
  const passwordHash = await hashPassword(password);
  await changeEntity(call, found, (user) => {
    const current = requireLoginProfile(user);
    if (current.passwordHash !== profile.passwordHash) throw beingModified(user);
    const changed: LoginProfile = {
      passwordHash,
      resetRequired: resetRequired ?? current.resetRequired,
      createdAt: current.createdAt,
      changedAt: call.iam.clock(),
      formerHashes: rememberedHashes(policy, current),
    };
    return { ...user, loginProfile: changed };
  });
}

const beingModified = ({ name }: UserRecord) =>
  new QueryException(
    "EntityTemporarilyUnmodifiable",
    409,
    `Login Profile for User ${name} cannot be modified while login profile is being created.`,
  );
