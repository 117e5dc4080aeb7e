import type { PolicyEvaluationDecisionType, Statement as ShownStatement } from "@aws-sdk/client-iam";
import type { AccessRequest } from "../policy/evaluate.ts";
import { type Explanation, explain } from "../policy/explain.ts";
import type { Span } from "./policyText.ts";
import { identityAlone, type SimulatedPolicy, type Simulation } from "./simulatedPolicy.ts";

/**
 * The statements that decide: those that deny, where one does; else those that allow. Both the resource's and the
 * identity's; a boundary and an organization allow nothing by themselves.
 * @param explanation of the request, without the organization
 */
export function matchedStatements(
  { policies, boundary, resourcePolicy, organization = [] }: Simulation,
  explanation: Explanation,
  request: AccessRequest,
  decision: PolicyEvaluationDecisionType,
): ShownStatement[] {
  if (decision === "implicitDeny") return [];
  const denied = decision === "explicitDeny";
  const limits = organization.flat();
  const applied = [...explanation.applied, ...(denied ? explain(request, identityAlone(limits)).applied : [])];
  const simulated = [...policies, boundary, resourcePolicy, ...limits];
  return applied
    .filter(({ statement, source }) =>
      denied ? statement.effect === "Deny" : statement.effect === "Allow" && source !== "boundary",
    )
    .map(({ policy, index, source }) => {
      const from = simulated.find((one) => one?.policy === policy) as SimulatedPolicy;
      return shownStatement(from, index, source === "resource" ? "Resource Policy" : "IAM Policy");
    });
}

/** The recorded types are texts, and not the model's: reference/iam-sts.md §3.8. */
function shownStatement(
  { id, spans }: SimulatedPolicy,
  index: number,
  type: "IAM Policy" | "Resource Policy",
): ShownStatement {
  const { start, end } = spans()[index] as Span;
  return {
    SourcePolicyId: id,
    SourcePolicyType: type as string as "none",
    StartPosition: start,
    EndPosition: end,
  };
}
