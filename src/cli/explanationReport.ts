import type { Iam } from "../iam/operation.ts";
import { type PolicyPlace, policyPlaces } from "../iam/policyPlaces.ts";
import { statementSpans } from "../iam/policyText.ts";
import type { Principal } from "../iam/principal.ts";
import type { AccessExplanation, AccessQuestion } from "../kms/accessExplanation.ts";
import { shownKeyPolicy } from "../kms/keyPolicyPrincipals.ts";
import { denialReason } from "../policy/denial.ts";
import type { Policy } from "../policy/document.ts";
import type { PolicySource } from "../policy/evaluate.ts";
import type { AppliedStatement } from "../policy/explain.ts";
import { Grade } from "../policy/principal.ts";

/** What one kind of policies says to a request. */
type Say = "allow" | "deny" | "nothing" | "none";

/** An explanation for people and programs. */
export interface ExplanationReport {
  readonly decision: "allow" | "explicit deny" | "implicit deny";
  /** of a denial */
  readonly reason?: string;
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  /** the key's ARN, where the resource is an alias */
  readonly key?: string;
  /** `none`: there are no such policies; `nothing`: there are, but no statement of them applies; absent when none was asked */
  readonly policies?: Readonly<Record<"key" | "identity" | "boundary", Say>>;
  /** those that apply, whether or not they decided */
  readonly statements: readonly ReportedStatement[];
  /** id of the grant that allows it */
  readonly grant?: string;
  /** condition keys that were asked for and are absent from the request */
  readonly absentConditionKeys: readonly string[];
}

export interface ReportedStatement {
  readonly effect: "Allow" | "Deny";
  readonly policy: string;
  readonly sid?: string;
  /** its number in the policy, from 1 */
  readonly statement: number;
  /** where it begins in the document, both from 1 */
  readonly line: number;
  readonly column: number;
  /** how a key policy's statement names the caller */
  readonly names?: "the caller" | "the caller's role" | "the caller's account";
}

const NAMES = {
  [Grade.none]: undefined,
  [Grade.account]: "the caller's account",
  [Grade.issuer]: "the caller's role",
  [Grade.direct]: "the caller",
} as const;

export async function explanationReport(
  iam: Iam,
  principal: Principal,
  { operation, resource }: AccessQuestion,
  { decision, applied, absent, key, grant, beforehand }: AccessExplanation,
): Promise<ExplanationReport> {
  const places = new Map(principal.entity && (await policyPlaces(iam, principal.entity)));
  if (key !== undefined) {
    places.set(key.policy, { name: "key policy", text: await shownKeyPolicy(iam.identities, key.record.policy) });
  }
  const { identity, boundary } = principal.policies;
  const say = (source: PolicySource, policies: readonly Policy[]) => saidBy(source, policies, applied);
  return {
    decision: decision.effect,
    ...(decision.effect !== "allow" && { reason: beforehand ?? denialReason(`kms:${operation}`, decision) }),
    principal: principal.arn,
    action: `kms:${operation}`,
    resource,
    ...(key !== undefined && key.arn !== resource && { key: key.arn }),
    ...(beforehand === undefined && {
      policies: {
        key: say("resource", key === undefined ? [] : [key.policy]),
        identity: say("identity", identity),
        boundary: say("boundary", boundary === undefined ? [] : [boundary]),
      },
    }),
    statements: applied.map((one) => reported(one, places.get(one.policy) as PolicyPlace)),
    ...(grant !== undefined && { grant: grant.id }),
    absentConditionKeys: absent,
  };
}

function saidBy(source: PolicySource, policies: readonly Policy[], applied: readonly AppliedStatement[]): Say {
  if (policies.length === 0) return "none";
  const effects = applied.filter((one) => one.source === source).map(({ statement }) => statement.effect);
  if (effects.includes("Deny")) return "deny";
  return effects.includes("Allow") ? "allow" : "nothing";
}

function reported({ statement, source, index, grade }: AppliedStatement, place: PolicyPlace): ReportedStatement {
  const { Line = 1, Column = 1 } = statementSpans(place.text)[index]?.start ?? {};
  const names = grade === undefined ? undefined : NAMES[grade];
  return {
    effect: statement.effect,
    policy: source === "boundary" ? `permissions boundary ${place.name}` : place.name,
    ...(statement.sid !== undefined && { sid: statement.sid }),
    statement: index + 1,
    line: Line,
    column: Column,
    ...(names !== undefined && { names }),
  };
}

const SAYS: Readonly<Record<Say, string>> = {
  allow: "allows",
  deny: "denies",
  nothing: "has no statement that applies",
  none: "there is none",
};

export function reportText(report: ExplanationReport): string {
  const { decision, reason, policies, statements, grant, absentConditionKeys } = report;
  const lines = [
    reason === undefined ? decision : `${decision}: ${reason}`,
    "",
    `principal  ${report.principal}`,
    `action     ${report.action}`,
    `resource   ${report.resource}${report.key === undefined ? "" : `, which is ${report.key}`}`,
  ];
  if (policies !== undefined) {
    lines.push(
      "",
      `key policy               ${SAYS[policies.key]}`,
      `identity-based policies  ${SAYS[policies.identity]}`,
      `permissions boundary     ${SAYS[policies.boundary]}`,
    );
  }
  if (grant !== undefined) lines.push(`grant                    ${grant} allows`);
  if (statements.length > 0) lines.push("", "Statements that apply:", ...statements.map(statementText));
  if (absentConditionKeys.length > 0) {
    lines.push("", `Asked for by conditions, and absent: ${absentConditionKeys.join(", ")}`);
  }
  return `${lines.join("\n")}\n`;
}

function statementText({ effect, policy, sid, statement, line, column, names }: ReportedStatement): string {
  const which = sid === undefined ? `statement ${statement}` : `statement ${statement} (${sid})`;
  const whom = names === undefined ? "" : `, names ${names}`;
  return `  ${effect.padEnd(5)}  ${policy}, ${which}, at ${line}:${column}${whom}`;
}
