import type { AddTagsRequest } from "@aws-sdk/client-cloudtrail";
import type { CloudTrailOperation } from "../operation.ts";
import { requireTagged, taggedTrail, withTags } from "../tag.ts";

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AddTags.html */
export const addTags: CloudTrailOperation<AddTagsRequest, void> = {
  name: "AddTags",
  async run(call, input) {
    const tags = input.TagsList ?? [];
    const reference = taggedTrail(call, "AddTags", input.ResourceId as string, tags);
    await call.cloudTrail.store.transaction(async (transaction) => {
      const trail = await requireTagged(call, transaction, reference);
      await transaction.putTrail(reference.arn, { ...trail, tags: withTags(trail.tags, tags) });
    });
  },
};
