import type { ListAttachedGroupPoliciesRequest, ListAttachedGroupPoliciesResponse } from "@aws-sdk/client-iam";
import { listAttachedPolicies } from "../attachment.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedGroupPolicies.html */
export const listAttachedGroupPolicies: IamOperation<
  ListAttachedGroupPoliciesRequest,
  ListAttachedGroupPoliciesResponse
> = {
  name: "ListAttachedGroupPolicies",
  run: (call, input) =>
    listAttachedPolicies(call, "ListAttachedGroupPolicies", "group", input.GroupName as string, input),
};
