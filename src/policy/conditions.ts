import { BlockList, isIP } from "node:net";
import { compileArnPattern, patternParts } from "./arnPattern.ts";
import type { ContextValue, RequestContext } from "./context.ts";
import { compilePattern } from "./pattern.ts";

/** One operator on one key, compiled. */
export interface Condition {
  readonly key: string;
  holds(context: RequestContext): boolean;
}

/** Does a value of the request match a value of the policy? */
type Match = (value: string, context: RequestContext) => boolean;

/** undefined: the policy's value is not of the operator's type. */
type CompileValue = (value: string, variables: boolean) => Match | undefined;

interface Operator {
  readonly negated: boolean;
  readonly compile: CompileValue;
}

const equals: CompileValue = (value, variables) => {
  const pattern = compilePattern(value, { wildcards: false, variables });
  return (text, context) => pattern.matches(text, context);
};
const equalsIgnoreCase: CompileValue = (value, variables) => {
  const pattern = compilePattern(value, { wildcards: false, variables, ignoreCase: true });
  return (text, context) => pattern.matches(text, context);
};
const like: CompileValue = (value, variables) => {
  const pattern = compilePattern(value, { wildcards: true, variables });
  return (text, context) => pattern.matches(text, context);
};
const arn: CompileValue = (value, variables) => {
  if (value !== "*" && (variables ? patternParts(value) : value.split(":")).length < 6) return undefined;
  const pattern = compileArnPattern(value, variables ? "everywhere" : "none");
  return (text, context) => pattern.matches(text, context);
};
const bool: CompileValue = (value, variables) => equalsIgnoreCase(value, variables);

type Compare = (left: number, right: number) => boolean;

/** What is compared as numbers, once read: the request's value on the left. */
const ordered =
  (read: (text: string) => number | undefined) =>
  (holds: Compare): CompileValue =>
  (value) => {
    const right = read(value);
    if (right === undefined) return undefined;
    return (text) => {
      const left = read(text);
      return left !== undefined && holds(left, right);
    };
  };
const numeric = ordered(parseNumber);
const date = ordered(parseDate);
const binary: CompileValue = (value) => {
  const bytes = parseBase64(value);
  return bytes && ((text) => parseBase64(text)?.equals(bytes) ?? false);
};
const ip: CompileValue = (value) => {
  const range = parseRange(value);
  if (range === undefined) return undefined;
  return (text) => {
    const address = unmapped(text);
    const family = isIP(address);
    return family !== 0 && range.check(address, family === 4 ? "ipv4" : "ipv6");
  };
};

const positive = (compile: CompileValue): Operator => ({ negated: false, compile });
const negated = (compile: CompileValue): Operator => ({ negated: true, compile });

const equal: Compare = (left, right) => left === right;
const less: Compare = (left, right) => left < right;
const lessOrEqual: Compare = (left, right) => left <= right;
const greater: Compare = (left, right) => left > right;
const greaterOrEqual: Compare = (left, right) => left >= right;

/** IAM User Guide, "IAM JSON policy elements: Condition operators". Null is apart: it asks for presence. */
const operators: ReadonlyMap<string, Operator> = new Map(
  Object.entries({
    StringEquals: positive(equals),
    StringNotEquals: negated(equals),
    StringEqualsIgnoreCase: positive(equalsIgnoreCase),
    StringNotEqualsIgnoreCase: negated(equalsIgnoreCase),
    StringLike: positive(like),
    StringNotLike: negated(like),
    NumericEquals: positive(numeric(equal)),
    NumericNotEquals: negated(numeric(equal)),
    NumericLessThan: positive(numeric(less)),
    NumericLessThanEquals: positive(numeric(lessOrEqual)),
    NumericGreaterThan: positive(numeric(greater)),
    NumericGreaterThanEquals: positive(numeric(greaterOrEqual)),
    DateEquals: positive(date(equal)),
    DateNotEquals: negated(date(equal)),
    DateLessThan: positive(date(less)),
    DateLessThanEquals: positive(date(lessOrEqual)),
    DateGreaterThan: positive(date(greater)),
    DateGreaterThanEquals: positive(date(greaterOrEqual)),
    Bool: positive(bool),
    BinaryEquals: positive(binary),
    IpAddress: positive(ip),
    NotIpAddress: negated(ip),
    ArnEquals: positive(arn),
    ArnLike: positive(arn),
    ArnNotEquals: negated(arn),
    ArnNotLike: negated(arn),
  }),
);

const NAME = /^(?:(ForAnyValue|ForAllValues):)?(\w+?)(IfExists)?$/;

/** "operator": there is no such one. "value", "base64": the operator cannot take one of the values. */
export type ConditionFault = "operator" | "value" | "base64";

/** Compiles `{operator: {key: values}}` for one operator and key. */
export function compileCondition(
  name: string,
  key: string,
  values: readonly string[],
  variables: boolean,
): Condition | ConditionFault {
  const [, set, base, suffix] = NAME.exec(name) ?? [];
  const lowerKey = key.toLowerCase();
  if (base === "Null") {
    if (suffix !== undefined) return "operator";
    const absent = values.some((value) => value.toLowerCase() === "true");
    const present = values.some((value) => value.toLowerCase() === "false");
    return { key: lowerKey, holds: (context) => (isAbsent(context.get(lowerKey)) ? absent : present) };
  }
  const operator = base === undefined ? undefined : operators.get(base);
  if (operator === undefined) return "operator";
  const matches: Match[] = [];
  for (const value of values) {
    const match = operator.compile(value, variables);
    if (match === undefined) return operator.compile === binary ? "base64" : "value";
    matches.push(match);
  }
  const ifExists = suffix !== undefined;
  return { key: lowerKey, holds: (context) => holds(context.get(lowerKey), context, operator, matches, set, ifExists) };
}

function holds(
  value: ContextValue | undefined,
  context: RequestContext,
  operator: Operator,
  matches: readonly Match[],
  set: string | undefined,
  ifExists: boolean,
): boolean {
  if (isAbsent(value)) return ifExists || set === "ForAllValues" || (set !== "ForAnyValue" && operator.negated);
  const ok = (one: string) => matches.some((match) => match(one, context)) !== operator.negated;
  const present = value as ContextValue;
  if (set === "ForAllValues" && present === "") return true;
  if (typeof present === "string") return ok(present);
  if (set === "ForAllValues") return present.every(ok);
  if (set === "ForAnyValue") return present.some(ok);
  // Without a set operator a list is taken as any of its values, negated as none of them.
  return operator.negated ? present.every(ok) : present.some(ok);
}

function isAbsent(value: ContextValue | undefined): boolean {
  return value === undefined || (typeof value !== "string" && value.length === 0);
}

function parseNumber(text: string): number | undefined {
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/.test(text) ? Number(text) : undefined;
}

const DATE =
  /^(-?\d{1,9})(?:-(\d\d)(?:-(\d\d))?)?(T(?:(\d\d)(?::(\d\d)(?::(\d\d(?:\.\d{1,9})?))?)?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;
/** Years that AWS takes: those of a 64-bit count of milliseconds. */
const FIRST_YEAR = -292_275_054;
const LAST_YEAR = 292_278_993;

/** ISO 8601 as far as AWS takes it, or epoch seconds; milliseconds since the epoch, infinite for years beyond ours. */
function parseDate(text: string): number | undefined {
  // Four digits alone are a year; any other digits count seconds.
  if (/^\d+$/.test(text) && text.length !== 4) return BigInt(text) < 2n ** 63n ? Number(text) * 1000 : undefined;
  const [, year, month = "1", day = "1", , hour = "0", minute = "0", second = "0", zone] = DATE.exec(text) ?? [];
  if (year === undefined || Number(year) < FIRST_YEAR || Number(year) > LAST_YEAR) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) >= 60) return undefined;
  const offset = zoneOffset(zone);
  if (offset === undefined) return undefined;
  // Which days a month has depends on the leap year alone, and those come again after 400 years.
  const date = new Date(0);
  date.setUTCFullYear(2000 + (Number(year) % 400), Number(month) - 1, Number(day));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined;
  const days = date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (Number.isNaN(days)) return Number(year) < 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return days + (Number(hour) * 60 + Number(minute)) * 60_000 + Number(second) * 1000 - offset;
}

function zoneOffset(zone = "Z"): number | undefined {
  if (zone.toUpperCase() === "Z") return 0;
  const digits = zone.slice(1).replace(":", "");
  const [hours, minutes] = [Number(digits.slice(0, 2)), Number(digits.slice(2) || 0)];
  if (hours > 23 || minutes > 59) return undefined;
  return (hours * 60 + minutes) * (zone.startsWith("-") ? -60_000 : 60_000);
}

function parseBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}

function parseRange(text: string): BlockList | undefined {
  const [address, prefix, ...rest] = text.split("/");
  const family = isIP(address ?? "");
  const longest = family === 4 ? 32 : 128;
  const length = prefix === undefined ? longest : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
  if (family === 0 || rest.length > 0 || !(length <= longest)) return undefined;
  const range = new BlockList();
  range.addSubnet(address as string, length, family === 4 ? "ipv4" : "ipv6");
  return range;
}

/** An IPv4 address that came over an IPv6 socket. */
function unmapped(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}
