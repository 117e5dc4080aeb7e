import { invalidInput, limitExceeded, quotaExceeded } from "./errors.ts";

/** How many there may be, by AWS's name for the quota: reference/iam-sts.md §2.5. */
export const quotas = {
  UsersPerAccount: 5000,
  GroupsPerAccount: 300,
  RolesPerAccount: 1000,
  PoliciesPerAccount: 1500,
  OpenIdConnectProvidersPerAccount: 100,
  AccessKeysPerUser: 2,
  GroupsPerUser: 10,
  PoliciesPerUser: 10,
  PoliciesPerRole: 10,
  PoliciesPerGroup: 10,
  VersionsPerPolicy: 5,
  MfaDevicesPerUser: 8,
  ClientIdsPerOpenIdConnectProvider: 100,
  ThumbprintsPerOpenIdConnectProvider: 5,
} as const;

/** In characters, without the white space between them. */
export const policySizes = {
  managed: 6144,
  /** the sum of one's inline policies */
  inline: { user: 2048, group: 5120, role: 10240 },
  trust: 2048,
} as const;

/** @param existing how many there are, before one more comes @throws LimitExceeded */
export function requireQuota(quota: keyof typeof quotas, existing: number): void {
  const limit = quotas[quota];
  if (existing < limit) return;
  if (quota === "VersionsPerPolicy") {
    throw limitExceeded(
      `A managed policy can have up to ${limit} versions. Before you create a new version, you must delete an existing version.`,
    );
  }
  throw quotaExceeded(quota, limit);
}

/** @param count how many a provider is to have @throws InvalidInput */
export function requireQuotaOfThumbprints(count: number): void {
  const limit = quotas.ThumbprintsPerOpenIdConnectProvider;
  if (count > limit) throw invalidInput(`Thumbprint list must contain fewer than ${limit} entries.`);
}

/** One version of a managed policy. @throws LimitExceeded */
export function requireQuotaOfManagedPolicy(document: string): void {
  if (policySize(document) > policySizes.managed) throw quotaExceeded("PolicySize", policySizes.managed);
}

/** All the inline policies that a user, group or role is to have, by name. @throws LimitExceeded */
export function requireQuotaOfInlinePolicies(
  holder: { kind: "user" | "group" | "role"; name: string },
  policies: Readonly<Record<string, string>>,
): void {
  const limit = policySizes.inline[holder.kind];
  const size = Object.values(policies).reduce((sum, document) => sum + policySize(document), 0);
  if (size <= limit) return;
  throw limitExceeded(`Maximum policy size of ${limit} bytes exceeded for ${holder.kind} ${holder.name}`);
}

/** A role's trust policy. @throws LimitExceeded */
export function requireQuotaOfTrustPolicy(document: string): void {
  if (policySize(document) > policySizes.trust) throw quotaExceeded("ACLSizePerRole", policySizes.trust);
}

/** A JSON document's length without the white space outside of its strings, which AWS does not count. */
export function policySize(document: string): number {
  return document.replace(/"(?:[^"\\]|\\.)*"|[ \t\r\n]+/g, (found) => (found[0] === '"' ? found : "")).length;
}
