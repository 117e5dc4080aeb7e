import { tagConditions } from "../iam/authorize.ts";
import type { RoleRecord, Tag } from "../iam/entity.ts";
import type { GivenTags } from "../iam/tag.ts";
import { compiledTrust } from "../iam/trust.ts";
import type { ContextValue } from "../policy/context.ts";
import { type Policy, PolicyFault } from "../policy/document.ts";
import type { AccessRequest, Caller, Decision, PolicySets } from "../policy/evaluate.ts";
import { decide } from "../policy/evaluate.ts";
import type { RequestedRole } from "./role.ts";

/** A request to begin a role's session, as conditions see it. */
export interface RoleSessionRequest {
  readonly role: RequestedRole;
  readonly sessionName: string;
  readonly externalId?: string | undefined;
  /** the request's, or the one that the calling session has */
  readonly sourceIdentity?: string | undefined;
  readonly tags?: GivenTags | undefined;
  readonly transitiveTagKeys?: readonly string[] | undefined;
  /** of the calling session */
  readonly inheritedTags: readonly Tag[];
}

/** Who asks, and what limits it beside the role's trust policy. */
export interface Assumer {
  readonly caller: Caller;
  readonly policies: Pick<PolicySets, "identity" | "boundary" | "session">;
  /** what conditions know of the caller and of how the request came */
  readonly condition: (name: string) => ContextValue | undefined;
}

export type Refusal = { readonly action: string; readonly decision: Exclude<Decision, { effect: "allow" }> };

/**
 * Decides all that a role's session needs: the action itself, `TagSession` for tags of its own or inherited,
 * `SetSourceIdentity` for a source identity. Undefined when all are allowed, else the first that is not:
 * reference/policy-language.md §5.4, §5.7.
 */
export function assumptionRefusal(
  action: "AssumeRole" | "AssumeRoleWithWebIdentity",
  request: RoleSessionRequest,
  assumer: Assumer,
): Refusal | undefined {
  const actions: string[] = [action];
  if ((request.tags?.length ?? 0) + request.inheritedTags.length > 0) actions.push("TagSession");
  if (request.sourceIdentity !== undefined) actions.push("SetSourceIdentity");
  const about = {
    caller: assumer.caller,
    resource: request.role.arn,
    owner: request.role.account,
    context: { get: (name: string) => requestCondition(request, name) ?? assumer.condition(name) },
  } satisfies Omit<AccessRequest, "action">;
  const sets = { resource: [trustOf(request.role.role)], ...assumer.policies, resourceMustAllow: true };
  for (const needed of actions) {
    const decision = decide({ ...about, action: `sts:${needed.toLowerCase()}` }, sets);
    if (decision.effect !== "allow") return { action: needed, decision };
  }
  return undefined;
}

/** By the condition key in lower case: reference/policy-language.md §4.3. */
function requestCondition(request: RoleSessionRequest, name: string): ContextValue | undefined {
  switch (name) {
    case "sts:rolesessionname":
      return request.sessionName;
    case "sts:externalid":
      return request.externalId;
    case "sts:sourceidentity":
      return request.sourceIdentity;
    case "sts:transitivetagkeys":
      return request.transitiveTagKeys?.length ? request.transitiveTagKeys : undefined;
    case "aws:resourceaccount":
      return request.role.account;
    default:
      return resourceTag(request, name) ?? requestTag(request, name);
  }
}

function requestTag({ tags }: RoleSessionRequest, name: string): ContextValue | undefined {
  return tags?.length ? tagConditions(tags)(name) : undefined;
}

/** The role's own tags; an inherited one takes the place of the role's of its key. */
function resourceTag({ role, inheritedTags }: RoleSessionRequest, name: string): string | undefined {
  const key = /^(?:aws|iam):resourcetag\/(.*)$/s.exec(name)?.[1];
  if (key === undefined) return undefined;
  const named = ({ Key }: Tag) => Key.toLowerCase() === key;
  return (inheritedTags.find(named) ?? role.role?.tags.find(named))?.Value;
}

const NOBODY: Policy = { statements: [] };
/** Roles stay in memory until something of their account changes; then they are others. */
const compiled = new WeakMap<RoleRecord, Policy>();

/** Whom a role trusts: nobody when it is not there, or its policy cannot be read. */
function trustOf(role: RoleRecord | undefined): Policy {
  if (role === undefined) return NOBODY;
  let trust = compiled.get(role);
  if (trust === undefined) {
    trust = readTrust(role);
    compiled.set(role, trust);
  }
  return trust;
}

function readTrust(role: RoleRecord): Policy {
  try {
    return compiledTrust(role);
  } catch (error) {
    if (error instanceof PolicyFault) return NOBODY;
    throw error;
  }
}
