import type { Wrapped } from "../hsm/hsm.ts";

/** What an account's IAM is made of, as the store keeps it. Each has an id that is never used again: AIDA…, AROA…, AGPA…, ANPA…. */
export type Entity = UserRecord | GroupRecord | RoleRecord | PolicyRecord | OidcProviderRecord | MfaDeviceRecord;
export type EntityKind = Entity["kind"];
/** The record of a kind: `EntityOf<"user">` is {@link UserRecord}. */
export type EntityOf<K extends EntityKind> = Extract<Entity, { kind: K }>;

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

interface EntityRecord {
  readonly id: string;
  readonly account: string;
  /** as its maker wrote it */
  readonly name: string;
  /** `/` or `/…/` */
  readonly path: string;
  /** milliseconds since the epoch */
  readonly createdAt: number;
}

/** Who can have policies: users, groups and roles. */
interface PolicyHolder {
  /** inline policies: documents by name */
  readonly policies: Readonly<Record<string, string>>;
  /** ARNs of managed policies, in the order in which they were attached */
  readonly attached: readonly string[];
}

export interface UserRecord extends EntityRecord, PolicyHolder {
  readonly kind: "user";
  readonly tags: readonly Tag[];
  /** ARN of the managed policy that is the permissions boundary */
  readonly boundary: string | null;
  /** ids of the groups it is in */
  readonly groups: readonly string[];
  readonly loginProfile: LoginProfile | null;
  readonly passwordLastUsedAt: number | null;
}

export interface LoginProfile {
  /** scrypt, as `src/iam/password.ts` writes it */
  readonly passwordHash: string;
  readonly resetRequired: boolean;
  readonly createdAt: number;
  readonly changedAt: number;
  /** hashes of former passwords, newest first, where the account's password policy forbids their reuse */
  readonly formerHashes: readonly string[];
}

export interface GroupRecord extends EntityRecord, PolicyHolder {
  readonly kind: "group";
}

export interface RoleRecord extends EntityRecord, PolicyHolder {
  readonly kind: "role";
  readonly tags: readonly Tag[];
  readonly boundary: string | null;
  readonly trust: TrustPolicy;
  readonly description: string | null;
  /** seconds */
  readonly maxSessionDuration: number;
}

export interface TrustPolicy {
  /** the document as its author wrote it */
  readonly document: string;
  /** unique ids of the users and roles that it names, by the ARN in the document: a new entity of an old name is another */
  readonly principals: Readonly<Record<string, string>>;
}

export interface PolicyRecord extends EntityRecord {
  readonly kind: "policy";
  readonly tags: readonly Tag[];
  readonly description: string | null;
  readonly updatedAt: number;
  /** number of the version in force: 1 is `v1` */
  readonly defaultVersion: number;
  /** highest number ever given */
  readonly lastVersion: number;
  /** oldest first */
  readonly versions: readonly PolicyVersion[];
}

export interface PolicyVersion {
  readonly number: number;
  readonly document: string;
  readonly createdAt: number;
}

/** `name` is the provider's URL without `https://`, `path` is `/`. */
export interface OidcProviderRecord extends EntityRecord {
  readonly kind: "oidcProvider";
  readonly clientIds: readonly string[];
  readonly thumbprints: readonly string[];
  readonly tags: readonly Tag[];
}

/** A virtual MFA device. Its serial number is its ARN: `arn:aws:iam::ACCOUNT:mfa` + path + name. */
export interface MfaDeviceRecord extends EntityRecord {
  readonly kind: "mfaDevice";
  /** sealed by the HSM */
  readonly seed: Wrapped;
  /** whose it is: a user's id, the account for its root; null while it is not assigned */
  readonly owner: string | null;
  readonly enabledAt: number | null;
  /** the counter of the last code that was accepted: each code is good once */
  readonly lastCounter: number;
  /** how many codes its clock is ahead of ours, as ResyncMFADevice found */
  readonly drift: number;
  readonly tags: readonly Tag[];
}

/** By what the store finds an entity again. */
export interface EntityIndex {
  /** unique in its account among its kind: see `entityIndex` */
  readonly name: string;
  /** what it refers to: see `link` */
  readonly links: readonly string[];
}
