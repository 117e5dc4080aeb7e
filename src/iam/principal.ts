import type { Policy } from "../policy/document.ts";
import type { Caller } from "../policy/evaluate.ts";
import type { RoleRecord, Tag, UserRecord } from "./entity.ts";
import type { SessionClaims } from "./session.ts";

/** Who calls, with everything that decides what they may. A value of one moment: the next request may find another. */
export interface Principal {
  readonly type: "root" | "user" | "role" | "federated";
  readonly account: string;
  /** for messages and records: reference/policy-language.md §4.1, "Caller ARN" */
  readonly arn: string;
  /** `aws:PrincipalArn`: of a role's session the role's */
  readonly principalArn: string;
  /** `aws:userid`, and UserId of GetCallerIdentity */
  readonly userId: string;
  /** as the policies see it */
  readonly caller: Caller;
  /** the policies that limit it; the identity's are those of its groups too */
  readonly policies: PrincipalPolicies;
  /** `aws:PrincipalTag`: a session's tags lie over those of its role or user */
  readonly tags: readonly Tag[];
  /** the user itself, or who issued the session */
  readonly entity: UserRecord | RoleRecord | undefined;
  readonly accessKeyId: string;
  /** undefined with a long-term access key */
  readonly session: SessionClaims | undefined;
}

export interface PrincipalPolicies {
  readonly identity: readonly Policy[];
  readonly boundary: Policy | undefined;
  readonly session: readonly Policy[] | undefined;
}

const NO_POLICIES: PrincipalPolicies = { identity: [], boundary: undefined, session: undefined };

export function rootPrincipal(account: string, accessKeyId: string, session?: SessionClaims): Principal {
  const arn = `arn:aws:iam::${account}:root`;
  return {
    type: "root",
    account,
    arn,
    principalArn: arn,
    userId: account,
    caller: { kind: "root", account, names: { direct: [], issuer: [], account } },
    policies: NO_POLICIES,
    tags: [],
    entity: undefined,
    accessKeyId,
    session,
  };
}

/** A user, or its GetSessionToken session. Its direct name is its id, since an ARN may come to mean another user. */
export function userPrincipal(
  user: UserRecord,
  policies: PrincipalPolicies,
  accessKeyId: string,
  session?: SessionClaims,
): Principal {
  const { account } = user;
  const arn = `arn:aws:iam::${account}:user${user.path}${user.name}`;
  return {
    type: "user",
    account,
    arn,
    principalArn: arn,
    userId: user.id,
    caller: { kind: "user", account, names: { direct: [user.id], issuer: [], account } },
    policies,
    tags: user.tags,
    entity: user,
    accessKeyId,
    session,
  };
}

export function rolePrincipal(
  role: RoleRecord,
  policies: PrincipalPolicies,
  accessKeyId: string,
  session: SessionClaims,
): Principal {
  const { account } = role;
  const arn = `arn:aws:sts::${account}:assumed-role/${role.name}/${session.name}`;
  return {
    type: "role",
    account,
    arn,
    principalArn: `arn:aws:iam::${account}:role${role.path}${role.name}`,
    userId: `${role.id}:${session.name}`,
    caller: { kind: "role", account, names: { direct: [arn], issuer: [role.id], account } },
    policies,
    tags: overlaid(role.tags, session.tags),
    entity: role,
    accessKeyId,
    session,
  };
}

/** @param user who issued it; undefined when an account's root did */
export function federatedPrincipal(
  account: string,
  user: UserRecord | undefined,
  policies: PrincipalPolicies,
  accessKeyId: string,
  session: SessionClaims,
): Principal {
  const arn = `arn:aws:sts::${account}:federated-user/${session.name}`;
  return {
    type: "federated",
    account,
    arn,
    principalArn: arn,
    userId: `${account}:${session.name}`,
    caller: {
      kind: "federated",
      account,
      names: { direct: [arn], issuer: user === undefined ? [] : [user.id], account },
    },
    policies,
    tags: overlaid(user?.tags ?? [], session.tags),
    entity: user,
    accessKeyId,
    session,
  };
}

/** Tags of which the later take the place of the earlier, whatever the case of their keys. */
export function overlaid(below: readonly Tag[], above: readonly Tag[]): readonly Tag[] {
  if (above.length === 0) return below;
  const hidden = new Set(above.map(({ Key }) => Key.toLowerCase()));
  return [...below.filter(({ Key }) => !hidden.has(Key.toLowerCase())), ...above];
}
