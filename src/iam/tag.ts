import type { EntityOf, Tag } from "./entity.ts";
import { invalidInput, limitExceeded, QueryException } from "./errors.ts";
import { type ListEnd, type ListInput, pageOfList } from "./page.ts";

/** What can have tags: entities, and sessions of STS. */
export type Tagged = "user" | "role" | "session" | "policy" | "oidcProvider" | "mfaDevice";

/** Tags as the SDK types them: the model has both members required. */
export type GivenTags = readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[];

const TAG_LIMIT = 50;
const DUPLICATE = "Duplicate tag keys found.";

/** Keys of principals' tags are the same in any case, those of resources are not: reference/iam-sts.md §2.4. */
function ignoresCase(of: Tagged): boolean {
  return of === "user" || of === "role" || of === "session";
}

/** What two keys have in common when they are one to this kind. */
function tagName(of: Tagged, key: string): string {
  return ignoresCase(of) ? key.toLowerCase() : key;
}

/**
 * The tags that a request gives to something new, in its order.
 * @throws InvalidInput (of a session: InvalidParameterValue): a key given twice, a key that begins with `aws:`
 */
export function newTags(of: Tagged, given: GivenTags | undefined): Tag[] {
  const tags = (given ?? []).map(({ Key = "", Value = "" }) => ({ Key, Value }));
  const refused = (message: string) =>
    of === "session" ? new QueryException("InvalidParameterValue", 400, message) : invalidInput(message);
  const names = new Set(tags.map(({ Key }) => tagName(of, Key)));
  if (names.size < tags.length) {
    throw refused(ignoresCase(of) ? `${DUPLICATE} Please note that Tag keys are case insensitive.` : DUPLICATE);
  }
  if (tags.some(({ Key }) => Key.toLowerCase().startsWith("aws:"))) {
    throw refused("aws: prefixed tag key names are not allowed for external use.");
  }
  return tags;
}

/**
 * The tags once those of a request are put on: a key that is there already gets the new spelling and value.
 * @throws as {@link newTags}; LimitExceeded: more than 50
 */
export function withTags(of: Tagged, existing: readonly Tag[], given: GivenTags): Tag[] {
  const tags = new Map(existing.map((tag) => [tagName(of, tag.Key), tag]));
  for (const tag of newTags(of, given)) tags.set(tagName(of, tag.Key), tag);
  if (tags.size > TAG_LIMIT) throw limitExceeded("The number of tags has reached the maximum limit.");
  return [...tags.values()];
}

/** The tags without those of these keys; keys that are not there do not matter. */
export function withoutTags(of: Tagged, existing: readonly Tag[], keys: readonly string[]): Tag[] {
  const gone = new Set(keys.map((key) => tagName(of, key)));
  return existing.filter(({ Key }) => !gone.has(tagName(of, Key)));
}

/** As Get… and List…Tags show them: shorter keys first, then by code point. */
export function sortedTags(tags: readonly Tag[]): Tag[] {
  return [...tags].sort((a, b) => a.Key.length - b.Key.length || (a.Key < b.Key ? -1 : 1));
}

/**
 * The answer of a List…Tags operation.
 * @param list the operation's name
 * @throws ValidationError: marker
 */
export function tagPage(
  list: string,
  { tags }: Pick<EntityOf<"user">, "tags">,
  input: ListInput,
): { Tags: Tag[] } & ListEnd {
  const { items, ...end } = pageOfList(list, sortedTags(tags), input, ({ Key }) => Key);
  return { Tags: items, ...end };
}
