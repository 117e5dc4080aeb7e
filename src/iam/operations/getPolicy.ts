import type { GetPolicyRequest, GetPolicyResponse } from "@aws-sdk/client-iam";
import { authorizedPolicy, basicPolicy, policyUse } from "../managedPolicy.ts";
import type { IamOperation } from "../operation.ts";
import { sortedTags } from "../tag.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicy.html */
export const getPolicy: IamOperation<GetPolicyRequest, GetPolicyResponse> = {
  name: "GetPolicy",
  async run(call, input) {
    const arn = input.PolicyArn as string;
    const policy = await authorizedPolicy(call, "GetPolicy", arn);
    const use = await policyUse(call.iam.store, call.principal.account, arn);
    return {
      Policy: {
        ...basicPolicy(policy, use),
        ...(policy.description !== null && { Description: policy.description }),
        Tags: sortedTags(policy.tags),
      },
    };
  },
};
