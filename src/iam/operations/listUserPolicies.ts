import type { ListUserPoliciesRequest, ListUserPoliciesResponse } from "@aws-sdk/client-iam";
import { listInlinePolicies } from "../inlinePolicy.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUserPolicies.html */
export const listUserPolicies: IamOperation<ListUserPoliciesRequest, ListUserPoliciesResponse> = {
  name: "ListUserPolicies",
  run: (call, input) => listInlinePolicies(call, "ListUserPolicies", "user", input.UserName as string, input),
};
