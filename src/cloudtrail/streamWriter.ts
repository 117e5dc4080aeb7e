import { recoverStream } from "./recovery.ts";
import {
  type ClockStep,
  type Ending,
  type EntryKind,
  entryLine,
  type Head,
  headerBody,
  segmentName,
} from "./segment.ts";
import { type Disk, SegmentFile } from "./segmentFile.ts";

/** Going back by less is no step but the clock being kept in time; milliseconds. */
const CLOCK_TOLERANCE = 1_000;
/** How often it is looked whether the segment's file is still there; milliseconds. */
const LOOK_INTERVAL = 1_000;

export interface Unchained {
  readonly kind: EntryKind;
  readonly body: string;
}

export interface StreamWriterOptions {
  readonly directory: string;
  readonly stream: string;
  /** whether `write` resolves when the entries are durable, or only `sync` makes them so */
  readonly durably: boolean;
  /** bytes, milliseconds */
  readonly segmentBytes: number;
  readonly segmentAge: number;
  readonly clock: () => number;
  readonly disk: Disk;
}

/**
 * Chains entries and writes them, segment after segment. One call at a time. After any has rejected, with the system's
 * error, `abandon` and then `begin` must follow: what a disk that has failed still shows of a file is not to be trusted
 * (Rebello et al., Can Applications Recover from fsync Failures?, USENIX ATC 2020), so writing goes on in a new file,
 * after the last entry that is known to be durable.
 */
export class StreamWriter {
  readonly #options: StreamWriterOptions;
  #segment: SegmentFile | undefined;
  #segmentSince = 0;
  #lookedAt = 0;
  #holdsEvents = false;
  #ending: Ending | null;
  #time: number;
  #written: Head;
  /** the last entry that is durable */
  durable: Head;

  private constructor(options: StreamWriterOptions, head: Head, ending: Ending | null, time: number) {
    this.#options = options;
    this.#written = head;
    this.durable = head;
    this.#ending = ending;
    this.#time = time;
  }

  /** Finds where the stream goes on; `begin` must follow. The directory must be locked. */
  static async recover(options: StreamWriterOptions): Promise<StreamWriter> {
    const { head, ending, time } = await recoverStream(options.directory, options.disk);
    return new StreamWriter(options, head, ending, time);
  }

  /** How the last segment ended; null if there is none before. */
  get ending(): Ending | null {
    return this.#ending;
  }

  /**
   * Makes a new segment that begins with these entries: it is there with all of them, durably, or not at all.
   * @param unrecorded how many events were given up before
   */
  async begin(entries: readonly Unchained[], unrecorded: number): Promise<void> {
    const { directory, stream, durably, disk } = this.#options;
    const time = this.#now();
    const body = headerBody({ stream, time: isoTime(time), after: this.#ending, unrecorded });
    const { text, head } = chain(this.durable, [{ kind: "segment", body }, ...this.#clockStep(time), ...entries]);
    const name = segmentName(this.durable.sequence + 1);
    this.#segment = await SegmentFile.create(directory, name, text, durably, disk);
    this.#segmentSince = performance.now();
    this.#lookedAt = this.#segmentSince;
    this.#holdsEvents = entries.some(isEvent);
    this.#time = time;
    this.#written = head;
    this.durable = head;
  }

  async write(entries: readonly Unchained[]): Promise<void> {
    const { durably } = this.#options;
    const time = this.#now();
    const step = this.#clockStep(time);
    const { text, head } = chain(this.#written, step.length === 0 ? entries : [...step, ...entries]);
    await this.#open.append(text, durably);
    this.#holdsEvents ||= entries.some(isEvent);
    this.#time = time;
    this.#written = head;
    if (durably) this.durable = head;
  }

  /** Makes durable what was written. */
  async sync(): Promise<void> {
    await this.#open.sync();
    this.durable = this.#written;
  }

  /** Whether the segment has reached the size or age at which another one shall follow. */
  get isFull(): boolean {
    return this.#open.bytes >= this.#options.segmentBytes || this.isOld;
  }

  get isOld(): boolean {
    // By a clock that does not step.
    return performance.now() - this.#segmentSince >= this.#options.segmentAge;
  }

  /** Whether there is an event in the segment. One without is not worth another that follows it. */
  get holdsEvents(): boolean {
    return this.#holdsEvents;
  }

  /** Whether it was not looked for a second if the segment's file is there. */
  get mayBeRemoved(): boolean {
    return performance.now() - this.#lookedAt >= LOOK_INTERVAL;
  }

  /** The name and length of the segment, if its file is no longer where it was made: `rotate` must follow. */
  async removedSegment(): Promise<{ segment: string; bytes: number } | undefined> {
    this.#lookedAt = performance.now();
    const { name, bytes } = this.#open;
    return (await this.#open.isRemoved()) ? { segment: name, bytes } : undefined;
  }

  /** Goes on in a new segment; what was written must be durable. */
  async rotate(): Promise<void> {
    const before = this.#open;
    await before.finish();
    this.#ending = { segment: before.name, bytes: before.bytes, left: 0, how: "closed" };
    await this.begin([], 0);
    await before.close();
  }

  /** Leaves a segment to which writing has failed. */
  async abandon(): Promise<void> {
    if (this.#segment === undefined) return;
    const { name, durableBytes, bytes } = this.#segment;
    await this.#segment.abandon();
    this.#segment = undefined;
    this.#written = this.durable;
    this.#ending = { segment: name, bytes: durableBytes, left: bytes - durableBytes, how: "failed" };
  }

  async close(): Promise<void> {
    const segment = this.#segment;
    this.#segment = undefined;
    await segment?.finish().finally(() => segment.close());
  }

  get #open(): SegmentFile {
    if (this.#segment === undefined) throw new Error("no segment is open");
    return this.#segment;
  }

  #now(): number {
    return this.#options.clock();
  }

  #clockStep(time: number): Unchained[] {
    if (time >= this.#time - CLOCK_TOLERANCE) return [];
    const step: ClockStep = { from: isoTime(this.#time), to: isoTime(time) };
    return [{ kind: "clock", body: JSON.stringify(step) }];
  }
}

/** The entries' lines, and where the stream then ends. */
function chain(head: Head, entries: readonly Unchained[]): { text: string; head: Head } {
  let text = "";
  let last = head;
  for (const { kind, body } of entries) {
    const entry = entryLine(last, kind, body);
    text += entry.line;
    last = entry;
  }
  return { text, head: { sequence: last.sequence, hash: last.hash } };
}

function isEvent({ kind }: Unchained): boolean {
  return kind === "event";
}

function isoTime(time: number): string {
  return new Date(time).toISOString();
}
