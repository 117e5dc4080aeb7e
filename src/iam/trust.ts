import { compilePolicy, type Policy } from "../policy/document.ts";
import { isUniqueId, resolvedPrincipal } from "../policy/principalForm.ts";
import type { RoleRecord, TrustPolicy } from "./entity.ts";
import { malformedPolicy } from "./errors.ts";
import type { Identities } from "./identities.ts";
import { requireQuotaOfTrustPolicy } from "./quota.ts";
import { invalidPrincipal, parseTrustPolicy } from "./trustPolicy.ts";

/**
 * A trust policy that is to be stored. The users and roles that it names must exist and are kept by their unique ids,
 * so that a new user of an old name is another; accounts must exist.
 * @param former what it takes the place of: names of the deleted may stay
 * @throws MalformedPolicyDocument, LimitExceeded
 */
export async function resolvedTrust(
  identities: Identities,
  document: string,
  former?: TrustPolicy,
): Promise<TrustPolicy> {
  const parsed = parseTrustPolicy(document);
  if ("fault" in parsed) throw malformedPolicy(parsed.fault);
  const mayStay = (id: string) => Object.values(former?.principals ?? {}).includes(id);
  const principals: Record<string, string> = {};
  for (const principal of parsed.principals) {
    const resolved = await resolvedPrincipal(identities, principal, mayStay);
    if (resolved === undefined) throw malformedPolicy(invalidPrincipal(principal));
    if (resolved !== principal || isUniqueId(principal)) principals[principal] = resolved;
  }
  requireQuotaOfTrustPolicy(document);
  return { document, principals };
}

/** A role's trust policy as AssumeRole decides by it: users and roles by their unique ids. */
export function compiledTrust({ trust }: Pick<RoleRecord, "trust">): Policy {
  return compilePolicy(trust.document, "trust", { principal: (name) => renamed(trust.principals, name) });
}

/**
 * A trust policy as operations show it: its author's text, save that a user or role that has another ARN since stands
 * there by that one, and one that is no more by its unique id.
 */
export async function shownTrust(identities: Identities, { document, principals }: TrustPolicy): Promise<string> {
  const changed: Record<string, string> = {};
  for (const [name, id] of Object.entries(principals)) {
    const now = (await identities.principalArn(id)) ?? id;
    if (now !== name) changed[name] = now;
  }
  if (Object.keys(changed).length === 0) return document;
  const policy: { Statement: Statement | Statement[] } = JSON.parse(document);
  for (const { Principal } of [policy.Statement].flat()) {
    if (typeof Principal !== "object" || Principal.AWS === undefined) continue;
    const { AWS: names } = Principal;
    Principal.AWS = Array.isArray(names) ? names.map((name) => renamed(changed, name)) : renamed(changed, names);
  }
  return JSON.stringify(policy);
}

interface Statement {
  Principal?: string | { AWS?: string | string[] };
}

function renamed(names: Readonly<Record<string, string>>, name: string): string {
  return Object.hasOwn(names, name) ? (names[name] as string) : name;
}
