import { nameKey } from "./entities.ts";
import type { Iam } from "./operation.ts";
import { type Principal, type PrincipalPolicies, rolePrincipal, rootPrincipal, userPrincipal } from "./principal.ts";
import type { SessionClaims } from "./session.ts";

const ARN = /^arn:aws:(iam|sts)::(\d{12}):(root|user|role|assumed-role)(?:(\/(?:.*\/)?)([^/]+))?$/;
const SESSION_LIFE = 3_600_000;

/**
 * The principal that an ARN names, as its requests would be decided: a root, a user with a long-term access key, or a
 * session of a role, without session policies and tags. Undefined when there is none.
 * @param arn `arn:aws:iam::A:root`, `…:user/…`, `…:role/…`, or `arn:aws:sts::A:assumed-role/ROLE/SESSION`
 */
export async function namedPrincipal(iam: Iam, arn: string): Promise<Principal | undefined> {
  const [, service, account = "", kind, path = "", name = ""] = ARN.exec(arn) ?? [];
  if (kind === "root") {
    return service === "iam" && name === "" && (await iam.identities.accountExists(account))
      ? rootPrincipal(account, "")
      : undefined;
  }
  const session = kind === "assumed-role";
  if (kind === undefined || name === "" || session !== (service === "sts")) return undefined;
  const id = session ? await roleNamed(iam, account, path.slice(1, -1)) : await iam.identities.principalId(arn);
  const identity = id === undefined ? undefined : await iam.identities.identity(account, id);
  if (identity === undefined) return undefined;
  const { entity, policies, boundary } = identity;
  const limits: PrincipalPolicies = { identity: policies, boundary, session: undefined };
  if (entity.kind === "user") return userPrincipal(entity, limits, "");
  return rolePrincipal(entity, limits, "", assumed(entity.id, account, session ? name : "explain", iam.clock()));
}

async function roleNamed(iam: Iam, account: string, name: string): Promise<string | undefined> {
  return (await iam.store.entityNamed(account, "role", nameKey("role", name)))?.id;
}

function assumed(roleId: string, account: string, name: string, now: number): SessionClaims {
  return {
    accessKeyId: "",
    type: "AssumeRole",
    account,
    entityId: roleId,
    name,
    issuedAt: now,
    expiresAt: now + SESSION_LIFE,
    tags: [],
    transitiveTagKeys: [],
  };
}
