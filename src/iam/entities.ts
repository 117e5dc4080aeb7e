import { randomInt } from "node:crypto";
import type { Transaction } from "../store/store.ts";
import { BASE32 } from "./base32.ts";
import type { Entity, EntityIndex, EntityKind } from "./entity.ts";

/** How an entity is found from what it refers to. Each stands for the text under which the store keeps the reference. */
export const link = {
  /** who in an account has a managed policy attached; AWS's own policies serve all accounts */
  attached: (account: string, policyArn: string) => `attached ${account} ${policyArn}`,
  /** whose permissions boundary a managed policy is */
  boundary: (account: string, policyArn: string) => `boundary ${account} ${policyArn}`,
  /** who is in a group */
  member: (groupId: string) => `member ${groupId}`,
  /** which MFA devices a user (by its id) or an account's root (by the account) has */
  mfa: (owner: string) => `mfa ${owner}`,
} as const;

/**
 * The name under which an entity is unique among its kind. Users, groups, roles and policies differ by more than case
 * and path (IAM User Guide, "IAM and STS quotas"); providers and MFA devices do not.
 */
export function nameKey(kind: EntityKind, name: string, path = "/"): string {
  if (kind === "oidcProvider") return name;
  return kind === "mfaDevice" ? path + name : name.toLowerCase();
}

export function putEntity(transaction: Transaction, entity: Entity): Promise<void> {
  return transaction.putEntity(entity, entityIndex(entity));
}

function entityIndex(entity: Entity): EntityIndex {
  return { name: nameKey(entity.kind, entity.name, entity.path), links: links(entity) };
}

function links(entity: Entity): string[] {
  const found: string[] = [];
  const { account } = entity;
  if ("attached" in entity) found.push(...entity.attached.map((arn) => link.attached(account, arn)));
  if ("boundary" in entity && entity.boundary !== null) found.push(link.boundary(account, entity.boundary));
  if (entity.kind === "user") found.push(...entity.groups.map(link.member));
  if (entity.kind === "mfaDevice" && entity.owner !== null) found.push(link.mfa(entity.owner));
  return found;
}

const PREFIXES = { user: "AIDA", group: "AGPA", role: "AROA", policy: "ANPA", accessKey: "AKIA" };

/** A new unique id: four letters that say of what, and 17 of base 32; 16 for access keys. */
export function uniqueId(of: keyof typeof PREFIXES): string {
  let id = PREFIXES[of];
  const length = of === "accessKey" ? 20 : 21;
  while (id.length < length) id += BASE32[randomInt(32)];
  return id;
}
