import type { ContextValue, RequestContext } from "../policy/context.ts";
import { globalCondition } from "../policy/globalKeys.ts";
import { multiRegionKeyType } from "./key.ts";
import type { Key } from "./keys.ts";
import type { Call } from "./operation.ts";

/** What an operation's own input says to conditions, by the condition key in lower case. */
export type ConditionValues = (name: string) => ContextValue | undefined;

export const NO_VALUES: ConditionValues = () => undefined;

/** `kms:RequestAlias`: the alias by which the request names the key, if it does. */
export function aliasConditions(keyId: string | undefined): ConditionValues {
  return (name) => (name === "kms:requestalias" ? requestAlias(keyId) : undefined);
}

/** Of operations that take an encryption context. */
export function encryptionConditions(
  keyId: string | undefined,
  context: Record<string, string> | undefined,
  algorithm = "SYMMETRIC_DEFAULT",
): ConditionValues {
  return (name) => {
    if (name === "kms:encryptionalgorithm") return algorithm; // evaluated also when defaulted
    if (name === "kms:requestalias") return requestAlias(keyId);
    if (context === undefined || !name.startsWith("kms:encryptioncontext")) return undefined;
    if (name === "kms:encryptioncontextkeys") return Object.keys(context);
    return valuesOf(Object.entries(context), name, "kms:encryptioncontext:");
  };
}

/** Several of them: the first that has a value. */
export function conditionValues(...all: readonly ConditionValues[]): ConditionValues {
  return (name) => {
    for (const values of all) {
      const value = values(name);
      if (value !== undefined) return value;
    }
    return undefined;
  };
}

/** Of operations that put tags on a key, or take them off. */
export function tagConditions(
  tags: readonly { TagKey: string | undefined; TagValue?: string | undefined }[],
): ConditionValues {
  return (name) => {
    if (name === "aws:tagkeys") return tags.map((tag) => tag.TagKey as string);
    const pairs = tags.flatMap(({ TagKey, TagValue }): [string, string][] =>
      TagValue === undefined ? [] : [[TagKey as string, TagValue]],
    );
    return valuesOf(pairs, name, "aws:requesttag/");
  };
}

/** One condition key; absent when its parameter is. */
export function parameterCondition(key: string, value: string | number | boolean | undefined): ConditionValues {
  return (name) => (name === key && value !== undefined ? String(value) : undefined);
}

/** Everything that policies may ask of a request about a key: reference/kms-semantics.md §2.3, policy-language.md §4.2. */
export class KeyRequestContext implements RequestContext {
  readonly #call: Call;
  readonly #key: Pick<Key, "record" | "aliases">;
  readonly #own: ConditionValues;
  readonly #forKeyPolicy: boolean;

  /** @param forKeyPolicy a key's own policy does not see the key's aliases, `kms:ResourceAliases` */
  constructor(call: Call, key: Pick<Key, "record" | "aliases">, own: ConditionValues, forKeyPolicy: boolean) {
    this.#call = call;
    this.#key = key;
    this.#own = own;
    this.#forKeyPolicy = forKeyPolicy;
  }

  get(name: string): ContextValue | undefined {
    if (name === "kms:resourcealiases") return this.#forKeyPolicy ? undefined : this.#key.aliases;
    return this.#own(name) ?? keyCondition(this.#key, name) ?? callCondition(this.#call, name);
  }
}

function keyCondition({ record }: Pick<Key, "record">, name: string): ContextValue | undefined {
  switch (name) {
    case "kms:keyorigin":
      return record.origin;
    case "kms:keyspec":
    case "kms:customermasterkeyspec":
      return record.spec;
    case "kms:keyusage":
    case "kms:customermasterkeyusage":
      return record.usage;
    case "kms:multiregion":
      return String(record.primaryRegion !== null);
    case "kms:multiregionkeytype":
      return multiRegionKeyType(record);
    case "aws:resourceaccount":
      return record.account;
    default:
      return valuesOf(
        record.tags.map(({ TagKey, TagValue }) => [TagKey, TagValue]),
        name,
        "aws:resourcetag/",
      );
  }
}

/** What every operation says: the global keys, and who calls. */
export function callCondition({ principal, region, connection, kms }: Call, name: string): ContextValue | undefined {
  if (name === "kms:calleraccount") return principal.account;
  return globalCondition({ principal, region, connection, now: kms.clock() }, name);
}

/** The values of the pairs that a condition key with a free part names: that part's case does not matter. */
function valuesOf(
  pairs: readonly (readonly [string, string])[],
  name: string,
  prefix: string,
): ContextValue | undefined {
  if (!name.startsWith(prefix)) return undefined;
  const wanted = name.slice(prefix.length);
  const values = pairs.filter(([key]) => key.toLowerCase() === wanted).map(([, value]) => value);
  return values.length > 1 ? values : values[0];
}

function requestAlias(keyId: string | undefined): string | undefined {
  if (keyId === undefined) return undefined;
  if (keyId.startsWith("alias/")) return keyId;
  return keyId.startsWith("arn:") ? /^(?:[^:]*:){5}(alias\/.*)$/.exec(keyId)?.[1] : undefined;
}
