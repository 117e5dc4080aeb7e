import type { Anchor, StreamVerification } from "./journalVerification.ts";
import {
  type Ending,
  type Entry,
  type Expiry,
  GENESIS,
  type Head,
  parseBody,
  parseHeader,
  parseLine,
  type Segment,
  type SegmentHeader,
} from "./segment.ts";
import type { Line } from "./segmentLines.ts";

/**
 * What can have been done to a stream. Of a line: `malformed` (it is no entry), `edited` (its bytes are not those that
 * were hashed), `unchained` (it is not chained to the entry before: that one was written anew, or this one put in),
 * `removed` (the next sequence number is missing), `reordered` (it comes later), `duplicated` (it came before).
 * Of a segment: `segmentRemoved`, `renamed` (it begins with another entry than its name says), `foreign` (it is of
 * another stream), `headerMissing`, `headerMisplaced` (in the middle), `unknownVersion`, `truncated` (it ends before its
 * last entry, or in one), `extended` (it goes on behind it), `endingDiffers` (the next segment follows another one),
 * `copiesDiffer` (it is there twice, compressed and not), `unreadable`, `damaged` (so it was when the server went on
 * after it). Of the stream: `beginningRemoved` (without an entry that says it has expired), `expiryForged` (such an
 * entry does not fit what is there), `backdated` (it has what is older than a digest that does not know the stream), `cutOff` (it ends before an anchor), `rewritten` (it has another entry than the anchor).
 */
export type DivergenceKind =
  | "malformed"
  | "edited"
  | "unchained"
  | "removed"
  | "reordered"
  | "duplicated"
  | "segmentRemoved"
  | "renamed"
  | "foreign"
  | "headerMissing"
  | "headerMisplaced"
  | "unknownVersion"
  | "truncated"
  | "extended"
  | "endingDiffers"
  | "copiesDiffer"
  | "unreadable"
  | "damaged"
  | "beginningRemoved"
  | "expiryForged"
  | "backdated"
  | "cutOff"
  | "rewritten";

export interface Divergence {
  readonly kind: DivergenceKind;
  readonly segment?: string;
  /** within the segment, from 1 */
  readonly line?: number;
  /** of the entry that is wrong or missing */
  readonly sequence?: number;
  readonly detail: string;
}

export class Diverges extends Error {
  readonly divergence: Divergence;

  constructor(divergence: Divergence) {
    super(divergence.detail);
    this.divergence = divergence;
  }
}

/**
 * Times of events are whole seconds, and those of an event and of a segment are read off before they are on the disk, where a
 * digest sees the stream; milliseconds.
 */
const TIME_TOLERANCE = 60_000;
const EVENT_TIME = /"eventTime":"([^"]{20})"/;

/** Checks a stream's lines in their order, and counts. Every function throws Diverges at the first that is not right. */
export class StreamWalk {
  readonly #stream: string;
  readonly #anchors: Map<number, Anchor[]>;
  readonly #count = { segments: 0, entries: 0, events: 0, anchorsHeld: 0, sealedOff: 0, unrecorded: 0, clockSteps: 0 };
  readonly #lastAnchor: number;
  readonly #notBefore: number;
  /** the entry before the first one that is there; undefined until that is read */
  #before: Head | undefined;
  #head: Head = GENESIS;
  /** the last entry before each segment, by its number: what an expiry may name */
  readonly #boundaries = new Map<number, string>();
  #expiredThrough = 0;
  #segment: Segment | undefined;
  #segmentBefore: Segment | undefined;
  /** the segment that the first one that is there says was before it */
  #firstFollows: string | undefined;
  #ending: Ending | undefined;
  #isLast = false;
  #line = 0;
  /** the line just read has no end: none may follow */
  #endless = false;
  /** of the segment: up to the end of its last entry, and in all */
  #bytes = 0;
  #size = 0;

  /** @param notBefore nothing in the stream may be older; milliseconds since the epoch */
  constructor(stream: string, anchors: readonly Anchor[], notBefore = 0) {
    this.#notBefore = notBefore - TIME_TOLERANCE;
    this.#stream = stream;
    this.#anchors = Map.groupBy(anchors, ({ sequence }) => sequence);
    this.#lastAnchor = Math.max(0, ...anchors.map(({ sequence }) => sequence));
  }

  /** @param ending what the next segment says of this one */
  enter(segment: Segment, ending: Ending | undefined, isLast: boolean): void {
    this.#segmentBefore = this.#segment;
    this.#segment = segment;
    this.#ending = ending;
    this.#isLast = isLast;
    this.#line = 0;
    this.#endless = false;
    this.#bytes = 0;
    this.#size = 0;
    this.#count.segments++;
  }

  read(line: Line): void {
    this.#line++;
    this.#size = line.offset + line.bytes.length + (line.ended ? 1 : 0);
    // Room for what comes next is nothing that was written.
    if (this.#isLast && !line.ended) this.#size -= nulsAtEnd(line.bytes);
    const isLeft = this.#ending !== undefined && line.offset >= this.#ending.bytes;
    if (isLeft) return;
    if (this.#endless) throw this.#wrong("malformed", this.#head.sequence + 1, "the line is longer than any may be");
    this.#endless = !line.ended;
    if (this.#endless) return;
    const parsed = parseLine(line.bytes);
    if (parsed === undefined) throw this.#wrong("malformed", this.#head.sequence + 1, "the line is no entry");
    const { entry, sound } = parsed;
    if (!sound) throw this.#wrong("edited", entry.sequence, "the entry is not the one that its hash was computed of");
    if (parseBody(entry) === undefined) throw this.#wrong("malformed", entry.sequence, "the entry is no JSON");
    if (this.#line === 1) this.#header(entry);
    else if (entry.kind === "segment") {
      throw this.#wrong("headerMisplaced", entry.sequence, "a segment's header stands within a segment");
    }
    this.#chained(entry);
    this.#head = { sequence: entry.sequence, hash: entry.hash };
    this.#bytes = this.#size;
    this.#count.entries++;
    if (entry.kind === "event") {
      this.#count.events++;
      if (this.#notBefore > 0) this.#young(entry, EVENT_TIME.exec(entry.body)?.[1]);
    } else if (entry.kind === "clock") this.#count.clockSteps++;
    else if (entry.kind === "expired") this.#expiry(entry);
    this.#checkAnchors(this.#head);
  }

  /** After the segment's last line. */
  leave(): void {
    if (this.#line === 0) throw this.#wrong("headerMissing", undefined, "the segment is empty");
    // Where the next segment does not say how this one ended, it is the next one that is not right.
    if (this.#ending === undefined) return;
    const { bytes, left, how } = this.#ending;
    const rest = this.#size - bytes;
    if (this.#bytes < bytes) throw this.#wrong("truncated", this.#head.sequence + 1, "the segment has lost its end");
    if (how === "failed") return;
    if (rest > left) throw this.#wrong("extended", undefined, "the segment goes on behind its last entry");
    if (rest < left) throw this.#wrong("truncated", undefined, "what was left behind its last entry is gone");
  }

  /** After the last segment. */
  finish(): void {
    this.#segment = undefined;
    const before = this.#before;
    if (before !== undefined && before.sequence > this.#expiredThrough) {
      throw this.#wrong(
        "beginningRemoved",
        before.sequence,
        `entries up to it are missing${inSegment(this.#firstFollows)}, and none says that they expired`,
      );
    }
    if (this.#lastAnchor > this.#head.sequence) {
      const detail = `the anchor says sequence ${this.#lastAnchor}, the journal ends at ${this.#head.sequence}`;
      throw this.#wrong("cutOff", this.#head.sequence + 1, detail);
    }
  }

  result(divergence?: Divergence): StreamVerification {
    const before = this.#before?.sequence ?? 0;
    return {
      stream: this.#stream,
      ...(divergence && { divergence }),
      ...this.#count,
      head: this.#head,
      expiredThrough: Math.max(before, this.#expiredThrough),
      anchorsExpired: [...this.#anchors].reduce((n, [at, anchors]) => n + (at < before ? anchors.length : 0), 0),
      unfinished: this.#isLast ? this.#size - this.#bytes : 0,
    };
  }

  #header(entry: Entry): void {
    if (entry.kind !== "segment") throw this.#wrong("headerMissing", entry.sequence, "the segment has no header");
    const header = parseHeader(entry);
    if (header === undefined) throw this.#wrong("unknownVersion", entry.sequence, "this version cannot read it");
    if (header.stream !== this.#stream) {
      throw this.#wrong("foreign", entry.sequence, `the segment is of the stream ${header.stream}`);
    }
    if (entry.sequence !== this.#segment?.sequence) {
      throw this.#wrong("renamed", entry.sequence, "the segment begins with another entry than its name says");
    }
    const before = { sequence: entry.sequence - 1, hash: entry.previous };
    if (this.#before === undefined) {
      this.#before = before;
      this.#head = before;
      this.#firstFollows = header.after?.segment;
      if (before.sequence > 0) this.#checkAnchors(before);
      else if (before.hash !== GENESIS.hash) throw this.#wrong("unchained", 1, "the first entry names one before");
    } else if (before.sequence > this.#head.sequence) {
      const missing = `entries up to ${before.sequence} are missing${inSegment(header.after?.segment)}`;
      throw this.#wrong("segmentRemoved", this.#head.sequence + 1, missing);
    } else {
      this.#follows(entry, header);
    }
    if (this.#notBefore > 0) this.#young(entry, header.time);
    this.#boundaries.set(before.sequence, before.hash);
    this.#count.unrecorded += header.unrecorded;
  }

  #follows(entry: Entry, { after }: SegmentHeader): void {
    if (after?.segment !== this.#segmentBefore?.name) {
      throw this.#wrong(
        "endingDiffers",
        entry.sequence,
        "the segment followed another one than that which is before it",
      );
    }
    if (after?.how === "damaged") {
      throw this.#wrong("damaged", entry.sequence, `when the server went on, ${after.segment} did not end as written`);
    }
    if (after?.how === "torn" || after?.how === "failed") this.#count.sealedOff++;
  }

  #chained(entry: Entry): void {
    const expected = this.#head.sequence + 1;
    if (entry.sequence > expected) throw this.#wrong("removed", expected, `after it comes ${entry.sequence}`);
    if (entry.sequence < expected) throw this.#wrong("duplicated", entry.sequence, "its sequence number came before");
    if (entry.previous !== this.#head.hash) {
      throw this.#wrong("unchained", entry.sequence, "the entry before is not the one that it was chained to");
    }
  }

  #expiry(entry: Entry): void {
    const { through, hash } = parseBody(entry) as Expiry;
    const boundary = this.#boundaries.get(through);
    const isThere = through >= (this.#before?.sequence ?? 0);
    const forged = !Number.isSafeInteger(through) || through >= entry.sequence || (isThere && boundary !== hash);
    if (forged) throw this.#wrong("expiryForged", entry.sequence, "it does not fit the entries that it says expired");
    this.#expiredThrough = Math.max(this.#expiredThrough, through);
  }

  #young({ sequence }: Entry, time: string | undefined): void {
    if (time === undefined || !(Date.parse(time) < this.#notBefore)) return;
    const detail = `it is of ${time}, but a digest of later than that knows no such stream`;
    throw this.#wrong("backdated", sequence, detail);
  }

  #checkAnchors(head: Head): void {
    for (const anchor of this.#anchors.get(head.sequence) ?? []) {
      if (anchor.hash !== head.hash) {
        throw this.#wrong(
          "rewritten",
          head.sequence,
          "the anchor has another entry here: it was rewritten, from here or before",
        );
      }
      this.#count.anchorsHeld++;
    }
  }

  #wrong(kind: DivergenceKind, sequence: number | undefined, detail: string): Diverges {
    const place = this.#segment && { segment: this.#segment.name, ...(this.#line > 0 && { line: this.#line }) };
    return new Diverges({ kind, ...place, ...(sequence !== undefined && { sequence }), detail });
  }
}

const inSegment = (segment: string | undefined) => (segment === undefined ? "" : `, the last of them in ${segment}`);

function nulsAtEnd(bytes: Buffer): number {
  return bytes.length - (bytes.findLastIndex((byte) => byte !== 0) + 1);
}
