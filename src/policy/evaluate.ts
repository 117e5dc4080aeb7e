import type { RequestContext } from "./context.ts";
import type { Policy } from "./document.ts";
import { type CallerNames, Grade } from "./principal.ts";
import { applies, type Statement } from "./statement.ts";

/** Who asks for what. */
export interface AccessRequest {
  readonly caller: Caller;
  /** in lower case: `kms:decrypt` */
  readonly action: string;
  /** an ARN, or `*` for an operation without resource */
  readonly resource: string;
  /** whose the resource is; the caller's account where there is none */
  readonly owner: string;
  readonly context: RequestContext;
  /** what the resource's own policies see, where that differs */
  readonly resourceContext?: RequestContext;
}

export interface Caller {
  readonly kind: "root" | "user" | "role" | "federated" | "service" | "bearer";
  readonly names: CallerNames;
  /** 12 digits */
  readonly account: string;
}

/** All policies that have a say. Several of one kind add up. */
export interface PolicySets {
  /** the resource's own policies, grants among them */
  readonly resource: readonly Policy[];
  /** the caller's, with those of its groups; for a session its role's */
  readonly identity: readonly Policy[];
  /** undefined: none is set */
  readonly boundary: Policy | undefined;
  /** undefined: none was passed */
  readonly session: readonly Policy[] | undefined;
  /** a KMS key's policy, or a role's trust policy: without its word nobody gets in, whatever IAM says */
  readonly resourceMustAllow: boolean;
  /** the strongest grade at which a grant allows the request; adds up with the resource's policies */
  readonly granted?: Grade;
}

export type PolicySource = "resource" | "identity" | "boundary" | "session";

/** What was decided, and by what. */
export type Decision =
  | { readonly effect: "allow" }
  | {
      readonly effect: "explicit deny";
      readonly source: PolicySource;
      readonly policy: Policy;
      readonly statement: Statement;
    }
  | { readonly effect: "implicit deny"; readonly source: PolicySource };

const ALLOW: Decision = { effect: "allow" };
const implicit = (source: PolicySource): Decision => ({ effect: "implicit deny", source });

/**
 * Decides one action of one caller on one resource. Pure. Source: IAM User Guide, "Policy evaluation logic", as
 * reference/policy-language.md §5 puts it together.
 */
export function decide(request: AccessRequest, sets: PolicySets): Decision {
  const denied = explicitDeny(request, sets);
  if (denied !== undefined) return denied;
  const grade = Math.max(resourceGrade(request, sets.resource), sets.granted ?? Grade.none) as Grade;
  const { kind, account } = request.caller;
  if (kind === "service" || kind === "bearer") return grade === Grade.direct ? ALLOW : implicit("resource");
  return account === request.owner ? sameAccount(request, sets, grade) : crossAccount(request, sets, grade);
}

function explicitDeny(request: AccessRequest, sets: PolicySets): Decision | undefined {
  const { boundary, session } = sets;
  return (
    denyIn("resource", sets.resource, request, sets) ??
    denyIn("identity", sets.identity, request, sets) ??
    (boundary && denyIn("boundary", [boundary], request, sets)) ??
    (session && denyIn("session", session, request, sets))
  );
}

function denyIn(
  source: PolicySource,
  policies: readonly Policy[],
  request: AccessRequest,
  sets: PolicySets,
): Decision | undefined {
  for (const policy of policies) {
    for (const statement of policy.statements) {
      if (statement.effect === "Deny" && denies(statement, request, sets, contextOf(source, request))) {
        return { effect: "explicit deny", source, policy, statement };
      }
    }
  }
  return undefined;
}

/** What the policies of a source see of a request. */
export function contextOf(source: PolicySource, request: AccessRequest): RequestContext {
  return source === "resource" ? (request.resourceContext ?? request.context) : request.context;
}

/** Whether a Deny statement denies this request. */
export function denies(
  statement: Statement,
  request: AccessRequest,
  sets: PolicySets,
  context: RequestContext,
): boolean {
  if (!applies(statement, request.action, request.resource, context)) return false;
  const { principals } = statement;
  if (principals === undefined) return true;
  const { names, kind } = request.caller;
  if (!principals.not) return principals.list.names(names, kind);
  // NotPrincipal denies every principal that has a boundary, whatever it lists.
  return sets.boundary !== undefined || !principals.list.spares(names, kind);
}

/** The strongest grade at which the resource's policies allow the caller. */
function resourceGrade(request: AccessRequest, policies: readonly Policy[]): Grade {
  const context = request.resourceContext ?? request.context;
  const { names, kind } = request.caller;
  let strongest: Grade = Grade.none;
  for (const { statements } of policies) {
    for (const statement of statements) {
      const { principals } = statement;
      // An Allow for all but some would let strangers in; AWS's services refuse it.
      if (statement.effect !== "Allow" || principals === undefined || principals.not) continue;
      const grade = principals.list.grade(names, kind);
      if (grade > strongest && applies(statement, request.action, request.resource, context)) strongest = grade;
    }
  }
  return strongest;
}

function sameAccount(request: AccessRequest, sets: PolicySets, grade: Grade): Decision {
  if (grade === Grade.direct) return ALLOW;
  if (grade === Grade.issuer) return limits(request, sets);
  if (sets.resourceMustAllow && grade === Grade.none) return implicit("resource");
  if (request.caller.kind === "root") return ALLOW;
  return allows(request, sets.identity) ? limits(request, sets) : implicit("identity");
}

function crossAccount(request: AccessRequest, sets: PolicySets, grade: Grade): Decision {
  if (grade === Grade.none) return implicit("resource");
  if (request.caller.kind === "root") return ALLOW;
  // A grant to the caller itself needs no policy of its account: reference/kms-semantics.md §2.1.
  if (sets.granted === Grade.direct) return ALLOW;
  if (sets.granted === Grade.issuer) return limits(request, sets);
  return allows(request, sets.identity) ? limits(request, sets) : implicit("identity");
}

function limits(request: AccessRequest, sets: PolicySets): Decision {
  if (sets.boundary !== undefined && !allows(request, [sets.boundary])) return implicit("boundary");
  if (sets.session !== undefined && !allows(request, sets.session)) return implicit("session");
  if (request.caller.kind === "federated" && sets.session === undefined) return implicit("session");
  return ALLOW;
}

function allows(request: AccessRequest, policies: readonly Policy[]): boolean {
  for (const { statements } of policies) {
    for (const statement of statements) {
      if (statement.effect !== "Allow") continue;
      if (applies(statement, request.action, request.resource, request.context)) return true;
    }
  }
  return false;
}
