import type { Wire } from "./decode.ts";
import { MalformedInput } from "./errors.ts";
import type { Traits } from "./model.ts";
import type { Branch, Parameter } from "./queryParameters.ts";

/**
 * How AWS Query writes values, all of them as Parameters. The texts are those of AWS's services where some are known:
 * none was seen from IAM or STS. Those that begin with "Value" are our own.
 */
export const queryWire: Wire = {
  memberName: wireName,
  structure: (value) => under(value as Parameter, "Unexpected complex element termination"),
  list: ({ member }, traits) => {
    const item = isFlattened(traits) ? undefined : wireName("member", member?.traits);
    return (value) => {
      const elements = under(value as Parameter, "Unexpected list element termination");
      return Object.keys(elements).length === 0 ? [] : numbered(item === undefined ? elements : elements[item]);
    };
  },
  map: ({ key, value: of }, traits) => {
    const entry = isFlattened(traits) ? undefined : "entry";
    const keyName = wireName("key", key?.traits);
    const valueName = wireName("value", of?.traits);
    return (value) => {
      const elements = under(value as Parameter, "Unexpected complex element termination");
      const map: Record<string, Parameter> = Object.create(null);
      if (Object.keys(elements).length === 0) return map;
      for (const given of numbered(entry === undefined ? elements : elements[entry])) {
        const pair = under(given, "Unexpected complex element termination");
        const name = pair[keyName];
        const mapped = pair[valueName];
        if (typeof name !== "string" || mapped === undefined || Object.hasOwn(map, name)) {
          throw new MalformedInput("Value is not a map: each entry has one key of its own, and one value");
        }
        map[name] = mapped;
      }
      return map;
    };
  },
  string: text,
  blob(value) {
    const given = text(value);
    const bytes = Buffer.from(given, "base64");
    // Node passes over what is no Base64: only the one spelling that it would write itself is taken.
    if (bytes.toString("base64") !== given) throw new MalformedInput("Value is not valid Base64");
    return bytes;
  },
  boolean(value) {
    const given = text(value);
    if (given === "true" || given === "1") return true;
    if (given === "false" || given === "0") return false;
    throw new MalformedInput("boolean must follow xsd1.1 definition");
  },
  integer(value) {
    const number = whole(value);
    if ((number | 0) !== number) throw new MalformedInput("Value is not a valid Integer");
    return number;
  },
  long(value) {
    const number = whole(value);
    if (!Number.isSafeInteger(number)) throw new MalformedInput("Value is not a valid Long");
    return number;
  },
  timestamp(value) {
    const given = text(value);
    const date = new Date(given);
    // JavaScript takes more than ISO 8601, and 30 February for 2 March.
    if (!ISO_8601.test(given) || Number.isNaN(date.getTime()) || !isDay(given.slice(0, 10))) {
      throw new MalformedInput("timestamp must follow ISO8601");
    }
    return date;
  },
};

const ISO_8601 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

function isDay(date: string): boolean {
  const midnight = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(date);
}

function wireName(name: string, traits: Traits | undefined): string {
  return (traits?.["smithy.api#xmlName"] as string | undefined) ?? name;
}

function isFlattened(traits: Traits): boolean {
  return traits["smithy.api#xmlFlattened"] !== undefined;
}

const NOTHING: Branch = Object.freeze(Object.create(null));

/** @param expected what is said of text; no text is nothing under the name */
function under(value: Parameter, expected: string): Branch {
  if (typeof value === "object") return value;
  if (value !== "") throw new MalformedInput(expected);
  return NOTHING;
}

/** In the order of their numbers, which count from 1 and may leave some out. */
function numbered(elements: Parameter | undefined): Parameter[] {
  if (typeof elements !== "object") throw new MalformedInput("Unexpected list element termination");
  const numbers = Object.keys(elements);
  // As long as that, two numbers are not yet one double.
  if (!numbers.every((number) => /^[1-9]\d{0,14}$/.test(number))) throw startOfStructure();
  return numbers.sort((a, b) => Number(a) - Number(b)).map((number) => elements[number] as Parameter);
}

function text(value: unknown): string {
  if (typeof value === "string") return value;
  throw Object.hasOwn(value as Branch, "member")
    ? new MalformedInput("Start of list found where not expected")
    : startOfStructure();
}

function startOfStructure(): MalformedInput {
  return new MalformedInput("Start of structure or map found where not expected.");
}

function whole(value: unknown): number {
  const given = text(value);
  return /^-?\d{1,19}$/.test(given) ? Number(given) + 0 : Number.NaN; // -0 is 0
}
