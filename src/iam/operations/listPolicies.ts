import type { ListPoliciesRequest, ListPoliciesResponse } from "@aws-sdk/client-iam";
import { authorize } from "../authorize.ts";
import { basicPolicy, type CountedPolicy, countedPolicies } from "../managedPolicy.ts";
import type { IamOperation } from "../operation.ts";
import { pageOfScan } from "../page.ts";
import { underPath } from "../path.ts";

/** The account's own come before AWS's. https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicies.html */
export const listPolicies: IamOperation<ListPoliciesRequest, ListPoliciesResponse> = {
  name: "ListPolicies",
  async run(call, input) {
    const { account } = call.principal;
    authorize(call, "ListPolicies", { arn: "*", shown: `policy path ${input.PathPrefix ?? "/"}` });
    const { position, read } = countedPolicies(call.iam.store, account, input.Scope ?? "All");
    const under = underPath(input.PathPrefix);
    const keep = ({ policy, use }: CountedPolicy) => under(policy) && isWanted(input, use);
    const { items, ...end } = await pageOfScan("ListPolicies", input, position, keep, read);
    return { Policies: items.map(({ policy, use }) => basicPolicy(policy, use)), ...end };
  },
};

function isWanted(
  { OnlyAttached, PolicyUsageFilter }: ListPoliciesRequest,
  { attachments, boundaries }: CountedPolicy["use"],
): boolean {
  if (PolicyUsageFilter === "PermissionsPolicy") return attachments > 0;
  if (PolicyUsageFilter === "PermissionsBoundary") return boundaries > 0;
  return OnlyAttached !== true || attachments + boundaries > 0;
}
