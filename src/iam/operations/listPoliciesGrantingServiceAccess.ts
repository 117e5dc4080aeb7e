import type {
  ListPoliciesGrantingServiceAccessRequest,
  ListPoliciesGrantingServiceAccessResponse,
  PolicyGrantingServiceAccess,
} from "@aws-sdk/client-iam";
import { policyName } from "../attachment.ts";
import type { IamOperation } from "../operation.ts";
import { pageOfList } from "../page.ts";
import { grantsService } from "../policyText.ts";
import { authorizedPrincipal, type SimulatedPolicy } from "../simulatedPolicy.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPoliciesGrantingServiceAccess.html */
export const listPoliciesGrantingServiceAccess: IamOperation<
  ListPoliciesGrantingServiceAccessRequest,
  ListPoliciesGrantingServiceAccessResponse
> = {
  name: "ListPoliciesGrantingServiceAccess",
  async run(call, input) {
    const list = "ListPoliciesGrantingServiceAccess";
    const { policies } = await authorizedPrincipal(call, list, input.Arn as string);
    const services = [...new Set(input.ServiceNamespaces)];
    const { items, ...end } = pageOfList(list, services, input, (service) => service);
    return {
      PoliciesGrantingServiceAccess: items.map((service) => ({
        ServiceNamespace: service,
        Policies: policies.filter(({ text }) => grantsService(text, service)).map(shown),
      })),
      ...end,
    };
  },
};

/** An inline policy says whose it is, a managed one only what it is. */
function shown({ arn, inline }: SimulatedPolicy): PolicyGrantingServiceAccess {
  if (inline === undefined) {
    const managed = arn as string;
    return { PolicyName: policyName(managed), PolicyType: "MANAGED", PolicyArn: managed };
  }
  return {
    PolicyName: inline.name,
    PolicyType: "INLINE",
    EntityType: inline.kind.toUpperCase() as "USER",
    EntityName: inline.holder,
  };
}
