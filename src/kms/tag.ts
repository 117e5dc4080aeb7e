import type { Tag } from "@aws-sdk/client-kms";
import { TagException } from "./errors.ts";
import type { KeyTag } from "./key.ts";

/** Per KMS key: reference/kms-semantics.md §9.2. */
const TAG_LIMIT = 50;

/**
 * The tags of a key once `added` are put on it: a name that is there already gets the new value.
 * @throws TagException: reserved name, a name given twice, too many
 */
export function withTags(existing: readonly KeyTag[], added: readonly Tag[]): readonly KeyTag[] {
  const tags = new Map(existing.map((tag) => [tag.TagKey, tag.TagValue]));
  const names = new Set<string>();
  for (const { TagKey, TagValue } of added as readonly KeyTag[]) {
    if (TagKey.toLowerCase().startsWith("aws:")) throw new TagException("Tags beginning with aws: are reserved");
    if (names.has(TagKey)) throw new TagException("Duplicate tag keys");
    names.add(TagKey);
    tags.set(TagKey, TagValue);
  }
  if (tags.size > TAG_LIMIT) throw new TagException("Too many tags");
  return [...tags].map(([TagKey, TagValue]) => ({ TagKey, TagValue }));
}
