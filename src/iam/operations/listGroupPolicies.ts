import type { ListGroupPoliciesRequest, ListGroupPoliciesResponse } from "@aws-sdk/client-iam";
import { listInlinePolicies } from "../inlinePolicy.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroupPolicies.html */
export const listGroupPolicies: IamOperation<ListGroupPoliciesRequest, ListGroupPoliciesResponse> = {
  name: "ListGroupPolicies",
  run: (call, input) => listInlinePolicies(call, "ListGroupPolicies", "group", input.GroupName as string, input),
};
