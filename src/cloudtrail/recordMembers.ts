/** The members of a record that the index reads. */
export const READ = [
  "userIdentity",
  "eventTime",
  "eventSource",
  "eventName",
  "awsRegion",
  "errorCode",
  "errorMessage",
  "eventID",
  "readOnly",
  "resources",
  "recipientAccountId",
] as const;
export type ReadMember = (typeof READ)[number];

const NAMES = READ.map((member) => Uint8Array.from(Buffer.from(member)));

/** The one that a name can be: no two have the same length and the same sixth letter. */
const CANDIDATES = new Int8Array(32 * 128).fill(-1);
for (const [index, name] of NAMES.entries()) CANDIDATES[slot(name.length, name[5] as number)] = index;

function slot(length: number, sixth: number): number {
  return (length % 32) * 128 + (sixth % 128);
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** Where values stand: two places for each of {@link READ}, where it begins and where it ends; both 0 if it is absent. */
export type Places = Int32Array;

export function newPlaces(): Places {
  return new Int32Array(2 * READ.length);
}

/**
 * Finds the members of a record without parsing what is in the others: a third of what JSON.parse takes. Of members of the
 * same name the last counts, as there. Values are not checked: a record that is no JSON may pass.
 * @param bytes a record in `start … end`, as the journal has it: without white space
 * @returns false: it has another form, which is for JSON.parse to read
 */
export function findMembers(bytes: Uint8Array, start: number, end: number, places: Places): boolean {
  places.fill(0);
  if (bytes[start] !== OPEN) return false;
  for (let at = start + 1; ; at++) {
    if (bytes[at] !== QUOTE) return false;
    const nameEnd = stringEnd(bytes, at + 1, end);
    if (bytes[nameEnd + 1] !== COLON) return false;
    const from = nameEnd + 2;
    const to = valueEnd(bytes, from, end);
    if (to <= from) return false;
    const index = memberAt(bytes, at + 1, nameEnd);
    if (index === ESCAPED) return false;
    if (index !== NONE) {
      places[2 * index] = from;
      places[2 * index + 1] = to;
    }
    if (bytes[to] === CLOSE) return to === end - 1;
    if (bytes[to] !== COMMA) return false;
    at = to;
  }
}

const NONE = -1;
/** A name that is spelt with escapes may be any. */
const ESCAPED = -2;

function memberAt(bytes: Uint8Array, from: number, to: number): number {
  const index = CANDIDATES[slot(to - from, bytes[from + 5] as number)] as number;
  const name = NAMES[index];
  if (name !== undefined && isAt(bytes, from, to, name)) return index;
  for (let at = from; at < to; at++) if (bytes[at] === BACKSLASH) return ESCAPED;
  return NONE;
}

/** Whether the bytes `from … to` are these. */
export function isAt(bytes: Uint8Array, from: number, to: number, these: Uint8Array): boolean {
  const { length } = these;
  if (to - from !== length) return false;
  for (let i = 0; i < length; i++) if (bytes[from + i] !== these[i]) return false;
  return true;
}

/** Where the string's closing quote is; `end` if there is none. */
function stringEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  for (; at < end; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) at++;
  }
  return end;
}

/** Where the comma or bracket is that follows a value; `end` if there is none. */
function valueEnd(bytes: Uint8Array, from: number, end: number): number {
  let depth = 0;
  for (let at = from; at < end; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) at = stringEnd(bytes, at + 1, end);
    else if (byte === OPEN || byte === OPEN_LIST) depth++;
    else if (byte === CLOSE || byte === CLOSE_LIST) {
      if (depth === 0) return at;
      depth--;
    } else if (byte === COMMA && depth === 0) return at;
  }
  return end;
}
