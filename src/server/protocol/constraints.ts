import { type ProtocolException, ValidationException } from "./errors.ts";
import type { Shape, Traits } from "./model.ts";

/** One constraint of a shape, and AWS's text for when it is broken. */
export interface Check {
  holds(value: unknown): boolean;
  readonly text: string;
}

/** How a service speaks of broken constraints. */
export interface Dialect {
  /** what is thrown for them */
  readonly Refusal: new (
    message: string,
    keyId?: string,
  ) => ProtocolException;
  /** values and paths longer than this are cut in messages; 0 where values are never said */
  readonly maxQuoted: number;
  /** behind this, broken constraints are counted but not described */
  readonly maxDetail: number;
  /** whether the text about an enum lists its values */
  readonly listsEnumValues: boolean;
  /** what follows the constraints of what a list or map holds */
  readonly ofEach: readonly string[];
  /** the expression that the model's pattern stands for, and how messages write it */
  pattern(pattern: string): { readonly source: string; readonly text: string };
}

/**
 * AWS JSON's. AWS quotes the whole value, which for names, ARNs and ids this does too. As Smithy has it, a pattern may
 * match anywhere; those that must match the whole value are anchored in the model.
 */
export const jsonDialect: Dialect = {
  Refusal: ValidationException,
  maxQuoted: 2560,
  maxDetail: 4096,
  listsEnumValues: true,
  ofEach: [],
  pattern: (pattern) => ({ source: pattern, text: pattern }),
};

interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

/**
 * The constraints of a shape, in the order in which AWS lists them.
 * @param traits the shape's, overridden by those of the member that leads to it
 */
export function compileChecks(shape: Shape, traits: Traits, dialect: Dialect): Check[] {
  return [
    ...(shape.type === "enum" ? [enumCheck(shape, dialect)] : []),
    ...lengthChecks(traits["smithy.api#length"] as Bounds | undefined, SIZES[shape.type] ?? "entries"),
    ...rangeChecks(traits["smithy.api#range"] as Bounds | undefined),
    ...patternChecks(traits["smithy.api#pattern"] as string | undefined, dialect),
  ];
}

function enumCheck(shape: Shape, { listsEnumValues }: Dialect): Check {
  const values = Object.entries(shape.members ?? {}).map(
    ([name, { traits }]) => (traits?.["smithy.api#enumValue"] as string | undefined) ?? name,
  );
  const text = `Member must satisfy enum value set${listsEnumValues ? `: [${values.join(", ")}]` : ""}`;
  // No Set: to hash a string that was just parsed takes longer than to compare it with these few.
  return { holds: (value) => values.includes(value as string), text };
}

/** What a length trait counts: code points of a string, bytes of a blob, entries of a list or map. */
const SIZES: Readonly<Record<string, keyof typeof bounded>> = { string: "points", enum: "points", blob: "bytes" };

const bounded = {
  points: {
    // A code point is one UTF-16 unit or two: most strings are decided by the number of units.
    least: (min: number) => (value: unknown) => {
      const { length } = value as string;
      return length >= min && (length >= 2 * min || codePoints(value as string) >= min);
    },
    most: (max: number) => (value: unknown) => {
      const { length } = value as string;
      return length <= max || (length <= 2 * max && codePoints(value as string) <= max);
    },
  },
  bytes: {
    least: (min: number) => (value: unknown) => (value as Buffer).length >= min,
    most: (max: number) => (value: unknown) => (value as Buffer).length <= max,
  },
  entries: {
    least: (min: number) => (value: unknown) => entries(value as object) >= min,
    most: (max: number) => (value: unknown) => entries(value as object) <= max,
  },
} as const;

/** Of a well-formed string: each low surrogate has its high one. */
function codePoints(text: string): number {
  let points = text.length;
  for (let i = 1; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xdc00) points--;
  return points;
}

function entries(value: object): number {
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}

function lengthChecks(length: Bounds | undefined, counted: keyof typeof bounded): Check[] {
  const checks: Check[] = [];
  const { min, max } = length ?? {};
  if (max !== undefined) {
    const text = `Member must have length less than or equal to ${max}`;
    checks.push({ holds: bounded[counted].most(max), text });
  }
  if (min !== undefined && min > 0) {
    const text = `Member must have length greater than or equal to ${min}`;
    checks.push({ holds: bounded[counted].least(min), text });
  }
  return checks;
}

function rangeChecks(range: Bounds | undefined): Check[] {
  const checks: Check[] = [];
  const { min, max } = range ?? {};
  if (max !== undefined) {
    const text = `Member must have value less than or equal to ${max}`;
    checks.push({ holds: (value) => (value as number) <= max, text });
  }
  if (min !== undefined) {
    const text = `Member must have value greater than or equal to ${min}`;
    checks.push({ holds: (value) => (value as number) >= min, text });
  }
  return checks;
}

function patternChecks(pattern: string | undefined, dialect: Dialect): Check[] {
  if (pattern === undefined) return [];
  const { source, text } = dialect.pattern(pattern);
  const expression = new RegExp(source, "u");
  return [
    {
      holds: (value) => expression.test(value as string),
      text: `Member must satisfy regular expression pattern: ${text}`,
    },
  ];
}

/** Paths are cut behind this where values are not said. */
const MAX_PATH = 2560;

/**
 * The constraints that one request breaks, in AWS's words. A request may break as many as it has bytes: the message
 * stays below 8 KiB in AWS JSON, and in each dialect below twice what it quotes and describes.
 */
export class Faults {
  /** where the decoder stands: member names, map keys, positions in lists */
  readonly path: (string | number)[] = [];
  readonly #dialect: Dialect;
  #count = 0;
  #described = 0;
  #details = "";

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** @param value null for what is missing, undefined for what must not be said */
  add(text: string, value: unknown): void {
    this.#count++;
    const { maxQuoted, maxDetail } = this.#dialect;
    if (this.#details.length >= maxDetail) return;
    const location = cut(this.#location(), maxQuoted || MAX_PATH);
    const detail = `${quote(value, maxQuoted)} at '${location}' failed to satisfy constraint: ${text}`;
    this.#details += this.#described++ === 0 ? detail : `; ${detail}`;
  }

  /** @param input what was decoded. @throws the dialect's refusal if there is any */
  throwIfAny(input: unknown): void {
    if (this.#count === 0) return;
    const counted = this.#count === 1 ? "1 validation error" : `${this.#count} validation errors`;
    const rest = this.#described < this.#count ? "; ..." : "";
    throw new this.#dialect.Refusal(`${counted} detected: ${this.#details}${rest}`, keyIdOf(input));
  }

  /** As AWS writes it: `tags.1.member.tagKey`. */
  #location(): string {
    return this.path.map((step) => (typeof step === "number" ? `${step + 1}.member` : step)).join(".");
  }
}

/** The longest that the model of KMS allows. */
const MAX_KEY_ID = 2048;

function keyIdOf(input: unknown): string | undefined {
  const { KeyId } = (input ?? {}) as { KeyId?: unknown };
  return typeof KeyId === "string" && KeyId.length <= MAX_KEY_ID ? KeyId : undefined;
}

function quote(value: unknown, most: number): string {
  if (value === undefined || most === 0) return "Value";
  return value === null ? "Value null" : `Value '${cut(print(value, most), most)}'`;
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most).toWellFormed()}...` : text;
}

/** As Java prints: `[a, b]` and `{a=1, b=2}`. Stops where `cut` will. */
function print(value: unknown, most: number): string {
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Date) return value.toISOString();
  const list = Array.isArray(value);
  let text = "";
  for (const [name, element] of Object.entries(value)) {
    if (text.length > most) break;
    text += `${text === "" ? "" : ", "}${list ? "" : `${name}=`}${print(element, most)}`;
  }
  return list ? `[${text}]` : `{${text}}`;
}
