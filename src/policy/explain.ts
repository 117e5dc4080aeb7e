import type { ContextValue, RequestContext } from "./context.ts";
import type { Policy } from "./document.ts";
import {
  type AccessRequest,
  contextOf,
  type Decision,
  decide,
  denies,
  type PolicySets,
  type PolicySource,
} from "./evaluate.ts";
import { Grade } from "./principal.ts";
import { applies, type Statement } from "./statement.ts";

/** A statement that applies to a request, and where it stands. */
export interface AppliedStatement {
  readonly source: PolicySource;
  readonly policy: Policy;
  /** its place among the policy's statements, from 0 */
  readonly index: number;
  readonly statement: Statement;
  /** how closely it names the caller; undefined in policies that name nobody */
  readonly grade: Grade | undefined;
}

/** A decision with what it was made from. */
export interface Explanation {
  readonly decision: Decision;
  /** all that apply, whether or not they decided */
  readonly applied: readonly AppliedStatement[];
  /** condition keys, in lower case, that statements on this action and resource asked for and the request does not have */
  readonly absent: readonly string[];
}

/**
 * Decides as {@link decide} does, and says by what. Nothing is left out because something else decided first, so this is
 * slower, and for people.
 */
export function explain(request: AccessRequest, sets: PolicySets): Explanation {
  const absent = new Set<string>();
  const watched: AccessRequest = {
    ...request,
    context: watching(request.context, absent),
    resourceContext: watching(contextOf("resource", request), absent),
  };
  const { boundary, session = [] } = sets;
  const sources: [PolicySource, readonly Policy[]][] = [
    ["resource", sets.resource],
    ["identity", sets.identity],
    ["boundary", boundary === undefined ? [] : [boundary]],
    ["session", session],
  ];
  const applied = sources.flatMap(([source, policies]) =>
    policies.flatMap((policy) =>
      policy.statements.flatMap((statement, index) => {
        const grade = appliedGrade(statement, source, watched, sets);
        return grade === false ? [] : [{ source, policy, index, statement, grade }];
      }),
    ),
  );
  return { decision: decide(request, sets), applied, absent: [...absent].sort() };
}

/** False when the statement does not apply. */
function appliedGrade(
  statement: Statement,
  source: PolicySource,
  request: AccessRequest,
  sets: PolicySets,
): Grade | undefined | false {
  const context = contextOf(source, request);
  const { principals, effect } = statement;
  const { names, kind } = request.caller;
  if (effect === "Deny") {
    if (!denies(statement, request, sets, context)) return false;
    return principals === undefined || principals.not ? undefined : principals.list.grade(names, kind);
  }
  if (!applies(statement, request.action, request.resource, context)) return false;
  if (principals === undefined) return undefined;
  const grade = principals.not ? Grade.none : principals.list.grade(names, kind);
  return grade === Grade.none ? false : grade;
}

function watching(context: RequestContext, absent: Set<string>): RequestContext {
  return {
    get(key): ContextValue | undefined {
      const value = context.get(key);
      if (value === undefined) absent.add(key);
      return value;
    },
  };
}
