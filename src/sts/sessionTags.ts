import type { Tag } from "../iam/entity.ts";
import type { SessionClaims } from "../iam/session.ts";
import { type GivenTags, newTags } from "../iam/tag.ts";
import { invalidParameterValue } from "./errors.ts";

/** The tags of a session, and which of them go along to the sessions that it begins. */
export type SessionTags = Pick<SessionClaims, "tags" | "transitiveTagKeys">;

/** The tags that a session hands on to the role sessions that it begins. */
export function inheritedTags(session: SessionClaims | undefined): readonly Tag[] {
  if (session === undefined) return [];
  const transitive = keys(session.transitiveTagKeys);
  return session.tags.filter(({ Key }) => transitive.has(Key.toLowerCase()));
}

/**
 * The tags of a new role session: those of the request, and those that come along the chain.
 * @throws InvalidParameterValue: reference/iam-sts.md §4.3
 */
export function roleSessionTags(
  inherited: readonly Tag[],
  given: GivenTags | undefined,
  transitive: readonly string[] = [],
): SessionTags {
  const tags = newTags("session", given);
  const own = new Map(tags.map(({ Key }) => [Key.toLowerCase(), Key]));
  const ownTransitive = [...keys(transitive)].map((key) => own.get(key));
  if (ownTransitive.includes(undefined)) {
    throw invalidParameterValue("The specified transitive tag key must be included in the requested tags.");
  }
  if (inherited.some(({ Key }) => own.has(Key.toLowerCase()))) {
    throw invalidParameterValue(
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    );
  }
  return {
    tags: [...inherited, ...tags],
    transitiveTagKeys: [...inherited.map(({ Key }) => Key), ...(ownTransitive as string[])],
  };
}

function keys(list: readonly string[]): Set<string> {
  return new Set(list.map((key) => key.toLowerCase()));
}
