import type { ContextValue, RequestContext } from "../policy/context.ts";
import type { Key } from "./keys.ts";
import type { Call } from "./operation.ts";

/** What an operation's own input says to conditions, by the condition key in lower case. */
export type ConditionValues = (name: string) => ContextValue | undefined;

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

/** Everything that the policies of a key may ask of a request: reference/kms-semantics.md §2.3, policy-language.md §4.2. */
export function keyRequestContext(call: Call, key: Pick<Key, "record">, own: ConditionValues): RequestContext {
  return { get: (name) => own(name) ?? keyCondition(key, name) ?? callCondition(call, name) };
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
      return "false";
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

function callCondition({ principal, region, connection, kms }: Call, name: string): ContextValue | undefined {
  switch (name) {
    case "kms:calleraccount":
    case "aws:principalaccount":
    case "aws:userid":
      return principal.account;
    case "aws:principalarn":
      return principal.arn;
    case "aws:principaltype":
      return "Account";
    case "aws:principalisawsservice":
    case "aws:viaawsservice":
      return "false";
    case "aws:requestedregion":
      return region;
    case "aws:currenttime":
      return new Date(kms.clock()).toISOString();
    case "aws:epochtime":
      return String(Math.floor(kms.clock() / 1000));
    case "aws:securetransport":
      return String(connection.secure);
    case "aws:sourceip":
      return connection.sourceIp;
    case "aws:useragent":
      return connection.header("user-agent");
    case "aws:referer":
      return connection.header("referer");
    default:
      return undefined;
  }
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
