/** Writes one value as JSON. */
export type Write = (value: unknown) => string;

/** How a service's records print a time. */
export type DateForm = (date: Date) => string;

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** KMS: `Nov 23, 2026, 10:15:00 AM` */
export const kmsDate: DateForm = (date) => `${day(date)}, ${timeOfDay(date)}`;

/** IAM and STS: `Nov 23, 2026 10:15:00 AM` */
export const iamDate: DateForm = (date) => `${day(date)} ${timeOfDay(date)}`;

const day = (date: Date) => `${MONTHS[date.getUTCMonth()]} ${date.getUTCDate()}, ${date.getUTCFullYear()}`;

function timeOfDay(date: Date): string {
  const hours = date.getUTCHours();
  return `${hours % 12 || 12}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} ${hours < 12 ? "AM" : "PM"}`;
}

const two = (number: number) => String(number).padStart(2, "0");

/** `KeyId` as records have it: `keyId`. The first letter alone: `AWSAccountId` becomes `aWSAccountId`, as AWS has it. */
export function memberName(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** What is sent and what comes of it is never a record's: bytes are plaintexts, ciphertexts, keys or signatures. */
export const isBlob = (value: unknown): value is Uint8Array => value instanceof Uint8Array;

/** A string as JSON. Most are as JSON has them. */
export function quoted(text: string): string {
  return PRINTABLE.test(text) ? `"${text}"` : legible(JSON.stringify(text));
}

const PRINTABLE = /^[ !#-[\]-~]*$/;

/** Strings, numbers, booleans, lists of strings, maps of strings. */
export const plain: Write = (value) => {
  if (isBlob(value)) return "null";
  if (typeof value === "string") return quoted(value);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return legible(JSON.stringify(value));
  let json = "";
  // The maps of an input have no prototype.
  for (const name in value) {
    json += `${json === "" ? "{" : ","}${quoted(name)}:${plain((value as Readonly<Record<string, unknown>>)[name])}`;
  }
  return json === "" ? "{}" : `${json}}`;
};

export const date =
  (form: DateForm): Write =>
  (value) =>
    value instanceof Date ? JSON.stringify(form(value)) : "null";

/** A structure whose members are plain: the keys of maps in it are names of the caller's, and stay as they are. */
export const flat: Write = (value) => `{${membersOf(value as object, plain).join()}}`;

export const listOf =
  (write: Write): Write =>
  (value) =>
    `[${(value as readonly unknown[]).map(write).join()}]`;

/**
 * A structure with all that is in it, save bytes and the members that `hidden` names, at whatever depth. Maps of inputs
 * have no prototype, by which their keys, the caller's own, are told from names of members.
 */
export function structure(form: DateForm, hidden: ReadonlySet<string> = NONE): Write {
  const write: Write = (value) => {
    if (typeof value !== "object" || value === null) return plain(value);
    if (value instanceof Date) return JSON.stringify(form(value));
    if (Array.isArray(value))
      return `[${value
        .filter((item) => !isBlob(item))
        .map(write)
        .join()}]`;
    return `{${membersOf(value, write, hidden).join()}}`;
  };
  return write;
}

const NONE: ReadonlySet<string> = new Set();

function membersOf(value: object, write: Write, hidden = NONE): string[] {
  const isMap = Object.getPrototypeOf(value) === null;
  const members: string[] = [];
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined || member === null || isBlob(member) || hidden.has(name)) continue;
    members.push(`${quoted(isMap ? name : memberName(name))}:${write(member)}`);
  }
  return members;
}

/** Of requestParameters, responseElements and serviceEventDetails; bytes. */
export const ELEMENT_LIMIT = 100 * 1024;
/** Of additionalEventData; bytes. */
export const ADDITIONAL_LIMIT = 28 * 1024;

/**
 * An element of a record. One that is too large is left out as AWS leaves it out, so that the record stays JSON; but first
 * what pads JSON documents in it is taken away: a policy cannot hide behind its own white space.
 * @param value an operation's input or output
 */
export function limited(
  element: string,
  value: object,
  write: (value: object) => string,
  limit = ELEMENT_LIMIT,
): string {
  const json = write(value);
  if (fits(json, limit)) return json;
  const unpadded = write(withoutPadding(value) as object);
  if (fits(unpadded, limit)) return unpadded;
  return JSON.stringify({
    reason: `${element} too large`,
    omitted: "true",
    originalSize: String(Buffer.byteLength(json)),
  });
}

function fits(json: string, limit: number): boolean {
  return json.length * 3 <= limit || Buffer.byteLength(json) <= limit;
}

/** Documents in a structure, or in a list in it, without the white space between their tokens. */
function withoutPadding(value: unknown): unknown {
  if (typeof value === "string") return isDocument(value) ? value.replace(PADDING, "$1") : value;
  if (Array.isArray(value)) return value.map(withoutPadding);
  if (!isStructure(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withoutPadding(member)]));
}

/** Takes linear time on JSON, whose every string ends. */
const PADDING = /("(?:[^"\\]|\\.)*")|[ \t\r\n]+/g;

function isDocument(text: string): boolean {
  if (!/^\s*\{/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Maps have no prototype: what a caller put in them stays as it is. */
function isStructure(value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** What JSON leaves as it is, but some readers take for the end of a line, or let run the text backwards. */
const UNSEEN = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;
const EACH_UNSEEN = new RegExp(UNSEEN, "g");

/** JSON without such characters: they are only ever in its strings, where any character may be spelt. */
export function legible(json: string): string {
  if (!UNSEEN.test(json)) return json;
  return json.replace(EACH_UNSEEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
