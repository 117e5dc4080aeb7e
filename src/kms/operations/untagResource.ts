import type { UntagResourceRequest } from "@aws-sdk/client-kms";
import { tagConditions } from "../conditionValues.ts";
import { TagException } from "../errors.ts";
import { changeKey, keyOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_UntagResource.html: a tag that is not there is no error. */
export const untagResource = keyOperation<UntagResourceRequest, void>({
  name: "UntagResource",
  conditions: (input) => tagConditions((input.TagKeys ?? []).map((TagKey) => ({ TagKey }))),
  async run(call, key, input) {
    const names = new Set(input.TagKeys);
    for (const name of names) {
      if (name.toLowerCase().startsWith("aws:")) throw new TagException("Tags beginning with aws: are reserved");
    }
    await changeKey(call, key.record, "UntagResource", (record) => ({
      ...record,
      tags: record.tags.filter((tag) => !names.has(tag.TagKey)),
    }));
  },
});
