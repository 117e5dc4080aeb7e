import type { ListResourceTagsRequest, ListResourceTagsResponse } from "@aws-sdk/client-kms";
import { keyOperation } from "../operation.ts";
import { cutPage, listOf, pageOf } from "../page.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ListResourceTags.html */
export const listResourceTags = keyOperation<ListResourceTagsRequest, ListResourceTagsResponse>({
  name: "ListResourceTags",
  run(call, key, input) {
    const list = listOf(call, "ListResourceTags", key.arn);
    const { after, limit } = pageOf(list, input, { default: 50, maximum: 50 });
    const tags = [...key.record.tags]
      .sort((a, b) => (a.TagKey < b.TagKey ? -1 : 1))
      .filter((tag) => after === undefined || tag.TagKey > after);
    const { items, ...end } = cutPage(list, tags, limit, (tag) => tag.TagKey);
    return { Tags: items, ...end };
  },
});
