import type { ListAttachedRolePoliciesRequest, ListAttachedRolePoliciesResponse } from "@aws-sdk/client-iam";
import { listAttachedPolicies } from "../attachment.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedRolePolicies.html */
export const listAttachedRolePolicies: IamOperation<ListAttachedRolePoliciesRequest, ListAttachedRolePoliciesResponse> =
  {
    name: "ListAttachedRolePolicies",
    run: (call, input) =>
      listAttachedPolicies(call, "ListAttachedRolePolicies", "role", input.RoleName as string, input),
  };
