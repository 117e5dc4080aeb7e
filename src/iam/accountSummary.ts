import type { Reader } from "../store/store.ts";
import { link, nameKey } from "./entities.ts";
import type { Entity, EntityKind, EntityOf } from "./entity.ts";
import { policySizes, quotas } from "./quota.ts";

/** How many records are read at a time. */
const READ = 200;

/** How much of everything there is, and may be, in an account: reference/iam-sts.md §3.9. */
export async function accountSummary(reader: Reader, account: string): Promise<Record<string, number>> {
  const count = (kind: EntityKind) => reader.countEntities(account, kind);
  const versions = await sum(reader, account, "policy", (policy) => policy.versions.length);
  const devicesInUse = await sum(reader, account, "mfaDevice", ({ owner }) => (owner === null ? 0 : 1));
  const rootKeys = await reader.accessKeysOf(account, null);
  const rootDevices = await reader.countLinked(link.mfa(account));
  return {
    AccessKeysPerUserQuota: quotas.AccessKeysPerUser,
    AccountAccessKeysPresent: Math.min(rootKeys.length, 1),
    AccountMFAEnabled: Math.min(rootDevices, 1),
    // Root has no password here: nobody signs in as it.
    AccountPasswordPresent: 0,
    AccountSigningCertificatesPresent: 0,
    AssumeRolePolicySizeQuota: policySizes.trust,
    AttachedPoliciesPerGroupQuota: quotas.PoliciesPerGroup,
    AttachedPoliciesPerRoleQuota: quotas.PoliciesPerRole,
    AttachedPoliciesPerUserQuota: quotas.PoliciesPerUser,
    GlobalEndpointTokenVersion: 1,
    GroupPolicySizeQuota: policySizes.inline.group,
    Groups: await count("group"),
    GroupsPerUserQuota: quotas.GroupsPerUser,
    GroupsQuota: quotas.GroupsPerAccount,
    InstanceProfiles: 0,
    InstanceProfilesQuota: 1000,
    MFADevices: await count("mfaDevice"),
    MFADevicesInUse: devicesInUse,
    Policies: await count("policy"),
    PoliciesQuota: quotas.PoliciesPerAccount,
    PolicySizeQuota: policySizes.managed,
    PolicyVersionsInUse: versions,
    PolicyVersionsInUseQuota: 10000,
    Providers: await count("oidcProvider"),
    RolePolicySizeQuota: policySizes.inline.role,
    Roles: await count("role"),
    RolesQuota: quotas.RolesPerAccount,
    ServerCertificates: 0,
    ServerCertificatesQuota: 20,
    SigningCertificatesPerUserQuota: 2,
    UserPolicySizeQuota: policySizes.inline.user,
    Users: await count("user"),
    UsersQuota: quotas.UsersPerAccount,
    VersionsPerPolicyQuota: quotas.VersionsPerPolicy,
  };
}

async function sum<K extends "policy" | "mfaDevice">(
  reader: Reader,
  account: string,
  kind: K,
  of: (entity: EntityOf<K>) => number,
): Promise<number> {
  let total = 0;
  let after: string | undefined;
  for (;;) {
    const entities = await reader.entities(account, kind, { after, limit: READ });
    for (const entity of entities) total += of(entity);
    const last = entities.at(-1) as Entity | undefined;
    if (last === undefined || entities.length < READ) return total;
    after = nameKey(kind, last.name, last.path);
  }
}
