import type { SimulateCustomPolicyRequest, SimulatePolicyResponse } from "@aws-sdk/client-iam";
import { authorize } from "../authorize.ts";
import type { IamOperation } from "../operation.ts";
import { givenBoundary, givenPolicies, givenResourcePolicy } from "../simulatedPolicy.ts";
import { simulate, simulatedCaller } from "../simulation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html */
export const simulateCustomPolicy: IamOperation<SimulateCustomPolicyRequest, SimulatePolicyResponse> = {
  name: "SimulateCustomPolicy",
  async run(call, input) {
    authorize(call, "SimulateCustomPolicy", { arn: "*" });
    const resourcePolicy = givenResourcePolicy(input.ResourcePolicy);
    const simulation = {
      policies: givenPolicies("PolicyInputList", input.PolicyInputList),
      boundary: givenBoundary(input.PermissionsBoundaryPolicyInputList),
      resourcePolicy,
      organization: input.OrderedOrganizationPolicyInputList?.map(({ ServiceControlPolicyInputList }, i) =>
        givenPolicies(`OrderedOrganizationPolicyInputList.${i + 1}`, ServiceControlPolicyInputList),
      ),
      caller: simulatedCaller(input.CallerArn, call.principal.account, resourcePolicy),
    };
    return simulate("SimulateCustomPolicy", simulation, input);
  },
};
