import type { RemoveTagsRequest } from "@aws-sdk/client-cloudtrail";
import type { CloudTrailOperation } from "../operation.ts";
import { requireTagged, taggedTrail } from "../tag.ts";

/**
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_RemoveTags.html
 * By their keys, whatever their values; keys that are not there do not matter.
 */
export const removeTags: CloudTrailOperation<RemoveTagsRequest, void> = {
  name: "RemoveTags",
  async run(call, input) {
    const given = input.TagsList ?? [];
    const reference = taggedTrail(call, "RemoveTags", input.ResourceId as string, given);
    const gone = new Set(given.map(({ Key }) => Key));
    await call.cloudTrail.store.transaction(async (transaction) => {
      const trail = await requireTagged(call, transaction, reference);
      await transaction.putTrail(reference.arn, { ...trail, tags: trail.tags.filter(({ Key }) => !gone.has(Key)) });
    });
  },
};
