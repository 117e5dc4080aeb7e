import type { Decision, PolicySource } from "./evaluate.ts";

const IMPLICIT: Readonly<Record<PolicySource, string>> = {
  identity: "identity-based policy",
  resource: "resource-based policy",
  boundary: "permissions boundary",
  session: "session policy",
};

/**
 * Why a request was denied, in AWS's words: the one cause that the decision reached first, and nothing of which
 * statement or condition it was: reference/policy-language.md §6.
 * @param action as its service spells it: `kms:Decrypt`
 */
export function denialReason(action: string, decision: Exclude<Decision, { effect: "allow" }>): string {
  const type = IMPLICIT[decision.source];
  if (decision.effect === "implicit deny") return `because no ${type} allows the ${action} action`;
  const article = decision.source === "identity" ? "an" : "a";
  const arn = decision.policy.arn === undefined ? "" : `: ${decision.policy.arn}`;
  return `with an explicit deny in ${article} ${type}${arn}`;
}
