import { hash } from "node:crypto";

/**
 * The journal's format. A stream is a directory of segments, a segment a file of lines, a line one entry:
 *
 *     {"hash":"<64 hex>","prev":"<64 hex>","seq":N,"KIND":{…}}
 *
 * `hash` is SHA-256 over the bytes from `"prev"` up to the line's end, without the line feed; `prev` is the hash of the
 * entry before. What reads a line thus checks the bytes that are there, and need not serialise anything again.
 * Sequence numbers count a stream's entries of every kind, from 1, without gaps.
 */
const VERSION = 1;

/** What the first entry of a stream names as the one before. */
const GENESIS_HASH = "0".repeat(64);

/** The longest event, in UTF-16 units. CloudTrail's own limits for a record's members (user guide, record contents) add up to 331 KB. */
export const EVENT_LENGTH_MAX = 1 << 20;
/** The longest line in bytes: an event of characters that take three each, and its frame. */
export const LINE_BYTES_MAX = 3 * EVENT_LENGTH_MAX + 512;

export type EntryKind = "segment" | "event" | "clock" | "expired";

/** Where a stream ends, or ended once: what later entries are chained to. */
export interface Head {
  readonly sequence: number;
  readonly hash: string;
}

/** Far below what names and lines have digits for, and farther above what any stream will reach. */
export const SEQUENCE_MAX = 1e14;

export const GENESIS: Head = { sequence: 0, hash: GENESIS_HASH };

/** How the segment before ended: what is in it beyond `bytes` is not part of the journal. */
export interface Ending {
  /** its name, as `segmentName` gives it */
  readonly segment: string;
  /** up to the end of its last entry */
  readonly bytes: number;
  /** how many bytes followed when this was written */
  readonly left: number;
  /**
   * `closed`: in order. `torn`: the process or machine died while it wrote. `failed`: a write did, what it left was never
   * acknowledged. `damaged`: what followed is nothing that a crash leaves.
   */
  readonly how: "closed" | "torn" | "failed" | "damaged";
}

/** The body of a segment's first entry, whose own `seq` and `prev` say where the segment begins. */
export interface SegmentHeader {
  readonly version: typeof VERSION;
  readonly stream: string;
  /** by the clock, which may step; ISO 8601 */
  readonly time: string;
  /** null in a stream's first segment */
  readonly after: Ending | null;
  /** events that could not be written before this segment, for want of room or permission, and were given up */
  readonly unrecorded: number;
}

/** The body of an entry `expired`: everything up to `through` was removed because of its age or size. */
export interface Expiry {
  readonly through: number;
  /** of the entry `through` */
  readonly hash: string;
  readonly segments: number;
  readonly time: string;
}

/** The body of an entry `clock`: the system's clock went back between the entry before and the one after. */
export interface ClockStep {
  readonly from: string;
  readonly to: string;
}

export interface Entry extends Head {
  readonly previous: string;
  readonly kind: EntryKind;
  /** JSON, of an object */
  readonly body: string;
}

/** The line, with its line feed, that puts `body`, a JSON object without line feeds, after `head`. */
export function entryLine(head: Head, kind: EntryKind, body: string): { line: string } & Head {
  const sequence = head.sequence + 1;
  const covered = `"prev":"${head.hash}","seq":${sequence},"${kind}":${body}}`;
  const digest = hash("sha256", covered);
  return { line: `{"hash":"${digest}",${covered}\n`, sequence, hash: digest };
}

export function headerBody(header: Omit<SegmentHeader, "version">): string {
  return JSON.stringify({ version: VERSION, ...header });
}

/** Where the bytes that the hash covers begin: after `{"hash":"…",`. */
const COVERED_FROM = 75;
const FRAME_LENGTH_MAX = 192;
const FRAME =
  /^\{"hash":"([0-9a-f]{64})","prev":"([0-9a-f]{64})","seq":([1-9][0-9]{0,14}),"(segment|event|clock|expired)":(?=\{)/;

/** What stands in a line before the entry's body. */
export interface Frame extends Head {
  readonly previous: string;
  readonly kind: EntryKind;
  /** where the body begins; it ends one byte before the line does */
  readonly bodyStart: number;
}

/** @param bytes a line without its line feed; undefined if it has not the form of an entry */
export function parseFrame(bytes: Buffer): Frame | undefined {
  const frame = FRAME.exec(bytes.toString("latin1", 0, FRAME_LENGTH_MAX));
  if (frame === null || bytes.at(-1) !== CLOSE || bytes.at(-2) !== CLOSE) return undefined;
  const [start, digest, previous, sequence, kind] = frame;
  return {
    sequence: Number(sequence),
    hash: digest as string,
    previous: previous as string,
    kind: kind as EntryKind,
    bodyStart: start.length,
  };
}

/** Whether the line's bytes are those that its hash covers. */
export function isSound(bytes: Buffer, frame: Frame): boolean {
  return hash("sha256", bytes.subarray(COVERED_FROM)) === frame.hash;
}

/** What a line (without its line feed) says, and whether its bytes are those that its hash covers; undefined if it has not the form of an entry. */
export function parseLine(bytes: Buffer): { entry: Entry; sound: boolean } | undefined {
  const frame = parseFrame(bytes);
  if (frame === undefined) return undefined;
  const { bodyStart, ...head } = frame;
  return {
    entry: { ...head, body: bytes.toString("utf8", bodyStart, bytes.length - 1) },
    sound: isSound(bytes, frame),
  };
}

const CLOSE = 0x7d;

/** The entry, if the line is one and its hash is right. */
export function soundEntry(bytes: Buffer): Entry | undefined {
  const line = parseLine(bytes);
  return line?.sound ? line.entry : undefined;
}

/** The header in a segment's first entry; undefined where it is none that this version knows. */
export function parseHeader(entry: Entry): SegmentHeader | undefined {
  if (entry.kind !== "segment") return undefined;
  const header = parseBody(entry) as SegmentHeader | undefined;
  const { version, stream, time, after, unrecorded } = header ?? {};
  const known =
    version === VERSION &&
    typeof stream === "string" &&
    typeof time === "string" &&
    isEnding(after) &&
    Number.isSafeInteger(unrecorded);
  return known ? header : undefined;
}

function isEnding(ending: Ending | null | undefined): boolean {
  if (ending === null) return true;
  return isSegmentName(ending?.segment) && Number.isSafeInteger(ending?.bytes) && Number.isSafeInteger(ending?.left);
}

/** The body of an entry; undefined where it is no JSON object. */
export function parseBody(entry: Pick<Entry, "body">): object | undefined {
  try {
    return JSON.parse(entry.body);
  } catch {
    return undefined;
  }
}

const STREAM = /^[a-z0-9][a-z0-9-]{0,31}$/;
const SEGMENT = /^0[0-9]{15}\.jsonl(\.gz)?$/;

export function isStreamName(name: string): boolean {
  return STREAM.test(name);
}

function isSegmentName(name: unknown): boolean {
  return typeof name === "string" && SEGMENT.test(name);
}

/** The file of the segment that begins with this entry, so that names sort as the entries do. Compressed, it ends in `.gz` besides. */
export function segmentName(firstSequence: number): string {
  return `${String(firstSequence).padStart(16, "0")}.jsonl`;
}

/** A segment's files. Both are there while it is being compressed. */
export interface Segment {
  /** of its first entry, by its name */
  readonly sequence: number;
  /** without `.gz` */
  readonly name: string;
  readonly plain: boolean;
  readonly compressed: boolean;
}

/** The segments among a stream's files, oldest first. */
export function segmentsOf(files: readonly string[]): Segment[] {
  const present = new Set(files.filter(isSegmentName));
  const sequences = new Set([...present].map((name) => Number(name.slice(0, 16))));
  return [...sequences]
    .sort((a, b) => a - b)
    .map((sequence) => {
      const name = segmentName(sequence);
      return { sequence, name, plain: present.has(name), compressed: present.has(`${name}.gz`) };
    });
}

/**
 * May a crash have left this, the first line of a segment that is no sound entry? A killed process leaves a line without
 * its end. A machine without power may also leave blocks that were never written, which read as NUL bytes; no line holds
 * one. An entry that someone has changed is neither, nor is one that someone has blanked where it stands.
 * @param line `offset`: where in the segment it begins
 */
export function isTorn({ bytes, ended, offset }: { bytes: Buffer; ended: boolean; offset: number }): boolean {
  return !ended || hasLostBlocks(bytes, offset);
}

/** No disk writes less; bytes. */
const BLOCK_BYTES = 512;

/** What was never written begins where a block does, or where the file ended before: after a line. It ends where a block does. */
function hasLostBlocks(bytes: Buffer, offset: number): boolean {
  let from = bytes.indexOf(0);
  if (from === -1) return false;
  while (from !== -1) {
    let to = from;
    while (bytes[to] === 0) to++;
    if (from > 0 && (offset + from) % BLOCK_BYTES !== 0) return false;
    if ((offset + to) % BLOCK_BYTES !== 0) return false;
    from = bytes.indexOf(0, to);
  }
  return true;
}
