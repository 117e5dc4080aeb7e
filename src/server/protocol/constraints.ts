import type { Traits } from "./model.ts";

/** One constraint of a shape, with the text for when it is broken. */
export interface Check {
  holds(value: unknown): boolean;
  readonly text: string;
}

/** Values longer than this are cut in messages. */
const MAX_QUOTED = 1024;

/** A broken constraint in AWS's words. `value` is undefined where it must not be said: blobs and sensitive members. */
export function describe(value: unknown, path: string, text: string): string {
  const quoted = value === undefined ? "Value" : value === "null" ? "Value null" : `Value '${print(value)}'`;
  return `${quoted} at '${path}' failed to satisfy constraint: ${text}`;
}

function print(value: unknown): string {
  const text = Array.isArray(value)
    ? `[${value.map(print).join(", ")}]`
    : typeof value === "object"
      ? JSON.stringify(value)
      : String(value);
  return text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
}

/** The constraints that a shape's traits ask for, in the order in which AWS names them. */
export function compileChecks(traits: Traits, enumValues?: readonly string[]): Check[] {
  const checks: Check[] = [];
  const length = traits["smithy.api#length"] as Bounds | undefined;
  const range = traits["smithy.api#range"] as Bounds | undefined;
  const pattern = traits["smithy.api#pattern"] as string | undefined;
  if (enumValues !== undefined) {
    const values = new Set(enumValues);
    checks.push({
      holds: (value) => values.has(value as string),
      text: `Member must satisfy enum value set: [${enumValues.join(", ")}]`,
    });
  }
  if (length?.min !== undefined && length.min > 0) {
    const { min } = length;
    checks.push({
      holds: (value) => size(value, min) >= min,
      text: `Member must have length greater than or equal to ${min}`,
    });
  }
  if (length?.max !== undefined) {
    const { max } = length;
    checks.push({
      holds: (value) => size(value, max) <= max,
      text: `Member must have length less than or equal to ${max}`,
    });
  }
  if (pattern !== undefined) {
    const expression = new RegExp(pattern, "u");
    checks.push({
      holds: (value) => expression.test(value as string),
      text: `Member must satisfy regular expression pattern: ${pattern}`,
    });
  }
  if (range?.min !== undefined) {
    const { min } = range;
    checks.push({
      holds: (value) => (value as number) >= min,
      text: `Member must have value greater than or equal to ${min}`,
    });
  }
  if (range?.max !== undefined) {
    const { max } = range;
    checks.push({
      holds: (value) => (value as number) <= max,
      text: `Member must have value less than or equal to ${max}`,
    });
  }
  return checks;
}

interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

/**
 * The length that a length trait means: code points of a string, bytes of a blob, entries of a list or map. Where the
 * string's UTF-16 length decides already, the code points are not counted.
 */
function size(value: unknown, bound: number): number {
  if (typeof value === "string") {
    if (value.length < bound || value.length > 2 * bound) return value.length;
    let points = value.length;
    for (let i = 0; i < value.length - 1; i++) {
      if ((value.charCodeAt(i) & 0xfc00) === 0xd800) points--; // well-formed: a high surrogate has its low one behind it
    }
    return points;
  }
  if (Buffer.isBuffer(value) || Array.isArray(value)) return value.length;
  return Object.keys(value as object).length;
}
