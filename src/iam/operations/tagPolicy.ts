import type { TagPolicyRequest } from "@aws-sdk/client-iam";
import { tagConditions } from "../authorize.ts";
import { authorizedPolicy, changePolicy } from "../managedPolicy.ts";
import type { IamOperation } from "../operation.ts";
import { withTags } from "../tag.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagPolicy.html */
export const tagPolicy: IamOperation<TagPolicyRequest, void> = {
  name: "TagPolicy",
  async run(call, { PolicyArn, Tags = [] }) {
    const conditions = tagConditions(Tags);
    const found = await authorizedPolicy(call, "TagPolicy", PolicyArn as string, { conditions });
    await changePolicy(call, found, "update policies", (policy) => ({
      ...policy,
      tags: withTags("policy", policy.tags, Tags),
    }));
  },
};
