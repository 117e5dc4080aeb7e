import type { ListResourceTagsRequest, ListResourceTagsResponse } from "@aws-sdk/client-kms";
import { keyOperation } from "../operation.ts";
import { cutPage, pageOf } from "../page.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ListResourceTags.html */
export const listResourceTags = keyOperation<ListResourceTagsRequest, ListResourceTagsResponse>({
  name: "ListResourceTags",
  run(_call, key, input) {
    const { after, limit } = pageOf("ListResourceTags", input, { default: 50, maximum: 50 });
    const tags = [...key.record.tags]
      .sort((a, b) => (a.TagKey < b.TagKey ? -1 : 1))
      .filter((tag) => after === undefined || tag.TagKey > after);
    const { items, ...end } = cutPage("ListResourceTags", tags, limit, (tag) => tag.TagKey);
    return { Tags: items, ...end };
  },
});
