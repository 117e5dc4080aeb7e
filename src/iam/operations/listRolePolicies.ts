import type { ListRolePoliciesRequest, ListRolePoliciesResponse } from "@aws-sdk/client-iam";
import { listInlinePolicies } from "../inlinePolicy.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRolePolicies.html */
export const listRolePolicies: IamOperation<ListRolePoliciesRequest, ListRolePoliciesResponse> = {
  name: "ListRolePolicies",
  run: (call, input) => listInlinePolicies(call, "ListRolePolicies", "role", input.RoleName as string, input),
};
