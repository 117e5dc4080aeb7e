import type { Role } from "@aws-sdk/client-iam";
import { entityArn } from "./authorize.ts";
import { attachedBoundary } from "./boundary.ts";
import { encodedDocument } from "./encodedDocument.ts";
import type { RoleRecord } from "./entity.ts";
import type { Identities } from "./identities.ts";
import { sortedTags } from "./tag.ts";
import { shownTrust } from "./trust.ts";

/** One hour, in seconds, for roles that say nothing else. */
export const DEFAULT_SESSION_DURATION = 3600;

/** What all operations show of a role: reference/iam-sts.md §3.1. */
export async function basicRole(identities: Identities, role: RoleRecord) {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: entityArn(role),
    CreateDate: new Date(role.createdAt),
    AssumeRolePolicyDocument: encodedDocument(await shownTrust(identities, role.trust)),
  } satisfies Role;
}

/** As lists show a role: no tags, no boundary. */
export async function listedRole(identities: Identities, role: RoleRecord): Promise<Role> {
  const { description, maxSessionDuration } = role;
  return {
    ...(await basicRole(identities, role)),
    ...(description !== null && { Description: description }),
    MaxSessionDuration: maxSessionDuration,
  };
}

/** As GetRole shows it. When a role was last used is not kept: the structure is there, and empty. */
export async function wholeRole(identities: Identities, role: RoleRecord): Promise<Role> {
  const boundary = attachedBoundary(role.boundary);
  return {
    ...(await listedRole(identities, role)),
    ...(boundary !== undefined && { PermissionsBoundary: boundary }),
    ...(role.tags.length > 0 && { Tags: sortedTags(role.tags) }),
    RoleLastUsed: {},
  };
}

/** A description that was given and says something; IAM does not tell an empty one from none. */
export function statedDescription(description: string | undefined): string | null {
  return description === undefined || description === "" ? null : description;
}
