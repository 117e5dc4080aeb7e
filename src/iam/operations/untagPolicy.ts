import type { UntagPolicyRequest } from "@aws-sdk/client-iam";
import { tagConditions } from "../authorize.ts";
import { authorizedPolicy, changePolicy } from "../managedPolicy.ts";
import type { IamOperation } from "../operation.ts";
import { withoutTags } from "../tag.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagPolicy.html */
export const untagPolicy: IamOperation<UntagPolicyRequest, void> = {
  name: "UntagPolicy",
  async run(call, { PolicyArn, TagKeys = [] }) {
    const conditions = tagConditions(TagKeys.map((Key) => ({ Key })));
    const found = await authorizedPolicy(call, "UntagPolicy", PolicyArn as string, { conditions });
    await changePolicy(call, found, "update policies", (policy) => ({
      ...policy,
      tags: withoutTags("policy", policy.tags, TagKeys),
    }));
  },
};
