import type { Tag } from "../../iam/entity.ts";
import type { ContextValue } from "../../policy/context.ts";
import { invalidIdentityToken } from "../errors.ts";
import { type IdToken, malformed } from "./idToken.ts";

/** What an ID token wants of the session. IAM User Guide, "Passing session tags using AssumeRoleWithWebIdentity". */
export interface SessionWishes {
  readonly tags: readonly Tag[];
  readonly transitiveTagKeys: readonly string[];
  readonly sourceIdentity: string | undefined;
}

const TAGS = "https://aws.amazon.com/tags";
const FLAT_TAG = `${TAGS}/principal_tags/`;
const FLAT_TRANSITIVE = `${TAGS}/transitive_tag_keys`;
const SOURCE_IDENTITY = "https://aws.amazon.com/source_identity";

const MAX_TAGS = 50;
/** As AssumeRole takes them: the model's `tagKeyType`, `tagValueType`, `sourceIdentityType`. */
const TAG_KEY = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u;
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;
const SOURCE_IDENTITY_FORM = /^[\w+=,.@-]{2,64}$/;

/** @throws InvalidIdentityToken: such a claim is there and is something else */
export function sessionWishes({ payload }: IdToken): SessionWishes {
  const { [TAGS]: nested = {}, [SOURCE_IDENTITY]: sourceIdentity } = payload;
  if (!isObject(nested)) throw malformed(TAGS);
  const { principal_tags: principalTags = {}, transitive_tag_keys: transitive } = nested;
  if (!isObject(principalTags)) throw malformed(TAGS);
  const flat = Object.entries(payload).flatMap(([name, value]) =>
    name.startsWith(FLAT_TAG) ? [[name.slice(FLAT_TAG.length), value] as const] : [],
  );
  const tags = [...Object.entries(principalTags), ...flat].map(([key, value]) => tag(key, value));
  if (tags.length > MAX_TAGS) throw invalidIdentityToken(`There must not be more than ${MAX_TAGS} tags`);
  if (sourceIdentity !== undefined && !matches(sourceIdentity, SOURCE_IDENTITY_FORM)) throw malformed(SOURCE_IDENTITY);
  return {
    tags,
    transitiveTagKeys: transitiveKeys(transitive ?? payload[FLAT_TRANSITIVE] ?? []),
    sourceIdentity: sourceIdentity as string | undefined,
  };
}

/**
 * The condition keys of a token, in lower case: reference/policy-language.md §4.3.
 * @param provider its URL without `https://`
 */
export function claimConditions(provider: string, token: IdToken): Record<string, ContextValue> {
  const { sub, aud, azp, amr } = token;
  const values = {
    sub,
    aud: azp ?? one(aud),
    ...(amr.length > 0 && { amr }),
    ...(provider === "accounts.google.com" && { oaud: one(aud) }),
  };
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`${provider}:${name}`.toLowerCase(), value]),
  );
}

const one = (values: readonly string[]): ContextValue => (values.length === 1 ? (values[0] as string) : values);

function tag(key: string, value: unknown): Tag {
  const [single, ...others] = [value].flat();
  if (!TAG_KEY.test(key) || !matches(single, TAG_VALUE) || others.length > 0) throw malformed(TAGS);
  return { Key: key, Value: single };
}

function transitiveKeys(claim: unknown): string[] {
  const keys = [claim].flat();
  if (!keys.every((key) => matches(key, TAG_KEY))) throw malformed(TAGS);
  return keys;
}

function matches(value: unknown, form: RegExp): value is string {
  return typeof value === "string" && form.test(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
