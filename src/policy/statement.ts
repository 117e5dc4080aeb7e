import { arnParts, compileArnPattern } from "./arnPattern.ts";
import type { Condition } from "./conditions.ts";
import type { RequestContext } from "./context.ts";
import { compilePattern, type Pattern } from "./pattern.ts";
import type { PrincipalList } from "./principal.ts";

/** A statement, compiled. */
export interface Statement {
  readonly sid: string | undefined;
  readonly effect: "Allow" | "Deny";
  /** Principal or NotPrincipal; undefined in policies of identities */
  readonly principals: { readonly not: boolean; readonly list: PrincipalList } | undefined;
  readonly actions: Choice;
  readonly resources: Choice;
  readonly conditions: readonly Condition[];
}

/** Action or NotAction, Resource or NotResource. */
export interface Choice {
  readonly not: boolean;
  matches(value: string, context: RequestContext): boolean;
}

/** @param patterns `*` or `prefix:Name`; case does not matter */
export function compileActions(patterns: readonly string[], not: boolean): Choice {
  const compiled = patterns.map((text): Pattern => {
    const colon = text.indexOf(":");
    if (colon < 0) return { matches: () => text === "*" };
    const prefix = text.slice(0, colon + 1).toLowerCase(); // no wildcard in it
    const name = compilePattern(text.slice(colon + 1).toLowerCase(), { wildcards: true, variables: false });
    return {
      matches: (action, context) => action.startsWith(prefix) && name.matches(action.slice(prefix.length), context),
    };
  });
  return choice(compiled, not);
}

/**
 * An operation without resource has `*` for one: the pattern `*` alone matches it, no ARN pattern does.
 * @param whole an ARN that stops short names nothing, unless it has a wildcard: in a resource's own policy
 */
export function compileResources(
  patterns: readonly string[],
  not: boolean,
  variables: boolean,
  whole: boolean,
): Choice {
  const naming = whole ? patterns.filter((text) => text.includes("*") || arnParts(text) !== undefined) : patterns;
  const compiled = naming.map((text) => compileArnPattern(text, variables ? "resource" : "none"));
  return choice(compiled, not);
}

function choice(patterns: readonly Pattern[], not: boolean): Choice {
  return { not, matches: (value, context) => patterns.some((pattern) => pattern.matches(value, context)) !== not };
}

/** Whether action, resource and conditions of a statement fit; the principal is looked at apart. */
export function applies(statement: Statement, action: string, resource: string, context: RequestContext): boolean {
  if (!statement.actions.matches(action, context) || !statement.resources.matches(resource, context)) return false;
  for (const condition of statement.conditions) if (!condition.holds(context)) return false;
  return true;
}
