import type { ListTagsRequest, ListTagsResponse } from "@aws-sdk/client-cloudtrail";
import { InvalidTokenException } from "../errors.ts";
import type { CloudTrailOperation } from "../operation.ts";
import { requireFewResources, requireTagged, taggedTrail } from "../tag.ts";

/**
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListTags.html
 * All at once: no token is ever given.
 */
export const listTags: CloudTrailOperation<ListTagsRequest, ListTagsResponse> = {
  name: "ListTags",
  async run(call, input) {
    const arns = input.ResourceIdList ?? [];
    requireFewResources(arns);
    if (input.NextToken !== undefined) throw new InvalidTokenException("The NextToken is not valid.");
    const references = arns.map((arn) => taggedTrail(call, "ListTags", arn));
    const ResourceTagList = [];
    for (const reference of references) {
      const { tags } = await requireTagged(call, call.cloudTrail.store, reference);
      ResourceTagList.push({ ResourceId: reference.arn, TagsList: [...tags] });
    }
    return { ResourceTagList };
  },
};
