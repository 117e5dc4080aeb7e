import type { SimulatePolicyResponse, SimulatePrincipalPolicyRequest } from "@aws-sdk/client-iam";
import type { IamOperation } from "../operation.ts";
import { withoutExcluded } from "../policyExclusion.ts";
import { authorizedPrincipal, givenBoundary, givenPolicies, givenResourcePolicy } from "../simulatedPolicy.ts";
import { simulate, simulatedCaller } from "../simulation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html */
export const simulatePrincipalPolicy: IamOperation<SimulatePrincipalPolicyRequest, SimulatePolicyResponse> = {
  name: "SimulatePrincipalPolicy",
  async run(call, input) {
    const source = input.PolicySourceArn as string;
    const principal = await authorizedPrincipal(call, "SimulatePrincipalPolicy", source);
    const { policies, boundary, entity } = withoutExcluded(principal, input.PolicyExclusionList);
    const resourcePolicy = givenResourcePolicy(input.ResourcePolicy);
    const callerArn = input.CallerArn ?? (entity.kind === "user" ? source : undefined);
    const simulation = {
      policies: [...policies, ...givenPolicies("PolicyInputList", input.PolicyInputList)],
      boundary: givenBoundary(input.PermissionsBoundaryPolicyInputList) ?? boundary,
      resourcePolicy,
      organization: undefined,
      caller: simulatedCaller(callerArn, entity.account, resourcePolicy),
    };
    return simulate("SimulatePrincipalPolicy", simulation, input);
  },
};
