import type {
  AttachedPolicy,
  EntityType,
  GroupDetail,
  ManagedPolicyDetail,
  RoleDetail,
  UserDetail,
} from "@aws-sdk/client-iam";
import type { Reader } from "../store/store.ts";
import { attachedPolicy } from "./attachment.ts";
import { entityArn } from "./authorize.ts";
import { attachedBoundary } from "./boundary.ts";
import { nameKey } from "./entities.ts";
import type { Entity, GroupRecord, PolicyRecord, RoleRecord, UserRecord } from "./entity.ts";
import { shownGroup } from "./group.ts";
import type { Identities } from "./identities.ts";
import { inlinePolicyDetails } from "./inlinePolicy.ts";
import { basicPolicy, type CountedPolicy, countedPolicies, newestFirst, wholeVersion } from "./managedPolicy.ts";
import { basicRole } from "./role.ts";
import { sortedTags } from "./tag.ts";

/** What GetAccountAuthorizationDetails tells of. */
export type Detailed = UserRecord | GroupRecord | RoleRecord | CountedPolicy;

/** The parts in which they come, in this order, and what each reads. */
const PARTS = ["User", "Group", "Role", "LocalManagedPolicy", "AWSManagedPolicy"] as const satisfies EntityType[];
const ENTITIES = { User: "user", Group: "group", Role: "role" } as const;
type Part = (typeof PARTS)[number];

/**
 * The users, groups, roles and policies of an account one after the other, for `pageOfScan`: AWS's policies as far as
 * they are in use.
 * @param filter which of them; all when empty
 */
export function detailed(reader: Reader, account: string, filter: readonly EntityType[]) {
  const wanted = PARTS.filter((part) => filter.length === 0 || filter.includes(part));
  return {
    position: (item: Detailed) => `${PARTS.indexOf(partOf(item))} ${nameOf(item)}`,
    async read(after: string | undefined, limit: number): Promise<Detailed[]> {
      const [reached, name] = after === undefined ? [-1, undefined] : [Number(after[0]), after.slice(2)];
      const items: Detailed[] = [];
      for (const part of wanted) {
        const at = PARTS.indexOf(part);
        if (at < reached || items.length >= limit) continue;
        items.push(...(await readPart(reader, account, part, at === reached ? name : undefined, limit)));
      }
      return items.slice(0, limit);
    },
  };
}

async function readPart(
  reader: Reader,
  account: string,
  part: Part,
  after: string | undefined,
  limit: number,
): Promise<Detailed[]> {
  if (part === "LocalManagedPolicy") {
    const { read } = countedPolicies(reader, account, "Local");
    return read(after && `own ${after}`, limit);
  }
  if (part === "AWSManagedPolicy") {
    const { read } = countedPolicies(reader, account, "AWS");
    // All of them at once, since those that nobody uses are left out here: there must be none after the last.
    const all = await read(after && `aws ${after}`, Number.POSITIVE_INFINITY);
    return all.filter(({ use }) => use.attachments + use.boundaries > 0);
  }
  return reader.entities(account, ENTITIES[part], { after, limit });
}

function partOf(item: Detailed): Part {
  if ("policy" in item) return item.policy.account === "aws" ? "AWSManagedPolicy" : "LocalManagedPolicy";
  return item.kind === "user" ? "User" : item.kind === "group" ? "Group" : "Role";
}

function nameOf(item: Detailed): string {
  const { kind, name }: Entity = "policy" in item ? item.policy : item;
  return nameKey(kind, name);
}

/** Tags and managed policies are there though empty; inline policies are not: reference/iam-sts.md §3.9. */
export async function userDetail(reader: Reader, user: UserRecord): Promise<UserDetail> {
  const groups = await Promise.all(user.groups.map((id) => reader.entity(id)));
  const inline = inlinePolicyDetails(user);
  return {
    Path: user.path,
    UserName: user.name,
    UserId: user.id,
    Arn: entityArn(user),
    CreateDate: new Date(user.createdAt),
    ...(inline.length > 0 && { UserPolicyList: inline }),
    GroupList: groups.flatMap((group) => group?.name ?? []),
    AttachedManagedPolicies: attachedPolicies(user),
    ...boundaryDetail(user),
    Tags: sortedTags(user.tags),
  };
}

export function groupDetail(group: GroupRecord): GroupDetail {
  return {
    ...shownGroup(group),
    GroupPolicyList: inlinePolicyDetails(group),
    AttachedManagedPolicies: attachedPolicies(group),
  };
}

export async function roleDetail(identities: Identities, role: RoleRecord): Promise<RoleDetail> {
  return {
    ...(await basicRole(identities, role)),
    InstanceProfileList: [],
    RolePolicyList: inlinePolicyDetails(role),
    AttachedManagedPolicies: attachedPolicies(role),
    ...boundaryDetail(role),
    Tags: sortedTags(role.tags),
    RoleLastUsed: {},
  };
}

export function policyDetail({ policy, use }: CountedPolicy): ManagedPolicyDetail {
  return { ...basicPolicy(policy, use), PolicyVersionList: versions(policy) };
}

function versions(policy: PolicyRecord) {
  return newestFirst(policy.versions).map((version) => wholeVersion(policy, version));
}

function attachedPolicies({ attached }: UserRecord | GroupRecord | RoleRecord): AttachedPolicy[] {
  return attached.map(attachedPolicy);
}

function boundaryDetail({ boundary }: UserRecord | RoleRecord) {
  const attached = attachedBoundary(boundary);
  return attached !== undefined && { PermissionsBoundary: attached };
}
