import type { ListAttachedUserPoliciesRequest, ListAttachedUserPoliciesResponse } from "@aws-sdk/client-iam";
import { listAttachedPolicies } from "../attachment.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedUserPolicies.html */
export const listAttachedUserPolicies: IamOperation<ListAttachedUserPoliciesRequest, ListAttachedUserPoliciesResponse> =
  {
    name: "ListAttachedUserPolicies",
    run: (call, input) =>
      listAttachedPolicies(call, "ListAttachedUserPolicies", "user", input.UserName as string, input),
  };
