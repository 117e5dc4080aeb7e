import type { TagResourceRequest } from "@aws-sdk/client-kms";
import { tagConditions } from "../conditionValues.ts";
import { changeKey, keyOperation } from "../operation.ts";
import { withTags } from "../tag.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_TagResource.html */
export const tagResource = keyOperation<TagResourceRequest, void>({
  name: "TagResource",
  conditions: (input) => tagConditions(input.Tags ?? []),
  async run(call, key, input) {
    await changeKey(call, key.record, "TagResource", (record) => ({
      ...record,
      tags: withTags(record.tags, input.Tags ?? []),
    }));
  },
});
