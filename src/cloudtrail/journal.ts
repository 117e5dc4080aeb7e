import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { oneLine } from "./eventLine.ts";
import { countWithin, entriesOf, Group, grouped } from "./journalGroup.ts";
import { type Ending, type EntryKind, type Expiry, GENESIS, type Head, isStreamName } from "./segment.ts";
import { type Disk, disk, syncDirectory } from "./segmentFile.ts";
import { lockStream } from "./streamLock.ts";
import { StreamWriter, type StreamWriterOptions, type Unchained } from "./streamWriter.ts";

/** What is kept in memory while it is not durable, in UTF-16 units. */
const KEPT_LENGTH_MAX = 16 << 20;
/** How long an event that was acknowledged when it was written may wait for the disk; milliseconds. */
const SYNC_INTERVAL = 200;
/** When a segment is old, unless something else is said; milliseconds. */
export const SEGMENT_AGE = 3_600_000;
/** How often writing is tried again after it has failed; milliseconds. */
const RETRY_INTERVAL = 1_000;

export interface JournalOptions {
  /** of all streams */
  readonly directory: string;
  /** one for each process that writes */
  readonly stream: string;
  /** strict: an event is acknowledged when it is durable; batched: when it is written, and it is durable 200 ms later */
  readonly mode?: "strict" | "batched";
  /** A segment that has reached this size or age is followed by a new one; bytes, milliseconds. */
  readonly segmentBytes?: number;
  readonly segmentAge?: number;
  /** hears what the operator should know */
  readonly report?: (report: JournalReport) => void;
  /** milliseconds since the epoch */
  readonly clock?: () => number;
  readonly disk?: Disk;
}

/**
 * `torn`, `damaged`: how the last segment was found to end. `unavailable`: nothing can be written. `resumed`: it can
 * again; `unrecorded` events were given up meanwhile, for want of memory. `removed`: the segment that was being written is
 * no longer at its path, so that its `bytes` are lost; writing goes on in a new one.
 */
export type JournalReport =
  | { readonly kind: "torn" | "damaged"; readonly ending: Ending }
  | { readonly kind: "unavailable"; readonly reason: string }
  | { readonly kind: "resumed"; readonly unrecorded: number }
  | { readonly kind: "removed"; readonly segment: string; readonly bytes: number };

/** The event is not on record: the answer to its call must not leave. */
export class JournalUnavailable extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(`the audit journal cannot be written: ${reason}`);
    this.reason = reason;
  }
}

/** The one writer of a stream. What is appended at the same time is written, and made durable, together. */
export class Journal {
  /** of the stream */
  readonly directory: string;
  readonly stream: string;
  readonly #options: StreamWriterOptions;
  readonly #report: (report: JournalReport) => void;
  readonly #lock: { release(): void };
  #writer: StreamWriter | undefined;
  #waiting: Group[] = [];
  /** Batched: acknowledged, but not durable. While nothing can be written: what shall be first when it can. */
  #kept: Unchained[] = [];
  #keptLength = 0;
  #unrecorded = 0;
  #fault: string | undefined;
  #closed = false;
  /** a retry after a fault, or a sync, is due */
  #due = false;
  /** it is to be looked whether the segment is old, or gone */
  #looks = false;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  private constructor(options: StreamWriterOptions, report: (report: JournalReport) => void) {
    this.directory = options.directory;
    this.stream = options.stream;
    this.#options = options;
    this.#report = report;
    this.#lock = lockStream(options.directory);
  }

  /**
   * Takes the stream, and begins a new segment after the entries that are there. If they cannot be read, or it cannot be
   * written, the journal has a `fault`, and tries again.
   * @throws StreamLocked; the system's error if the stream's directory cannot be made
   */
  static async open(options: JournalOptions): Promise<Journal> {
    if (!isStreamName(options.stream)) throw new RangeError("a stream is named with up to 32 of a-z, 0-9 and -");
    const directory = join(options.directory, options.stream);
    if ((await mkdir(directory, { recursive: true, mode: 0o700 })) !== undefined) {
      await syncDirectory(options.directory);
    }
    const { stream, mode = "strict", segmentBytes = 64 << 20, segmentAge = SEGMENT_AGE, clock = Date.now } = options;
    const durably = mode === "strict";
    const journal = new Journal(
      { directory, stream, durably, segmentBytes, segmentAge, clock, disk: options.disk ?? disk },
      options.report ?? (() => undefined),
    );
    await journal.#resume();
    return journal;
  }

  /** Why nothing can be written; undefined when it can. Calls must then be refused before they are carried out. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** The last entry that is durable: what an anchor holds. */
  head(): { stream: string } & Head {
    return { stream: this.stream, ...(this.#writer?.durable ?? GENESIS) };
  }

  /**
   * Puts an event on record; resolves when its call may be answered. If it rejects, the event is kept nevertheless, since
   * what it tells may have happened, and is the first to be written when that is possible again. Events that are written
   * together share the promise.
   * @param event a JSON object, as JSON.stringify makes it
   * @throws JournalUnavailable
   * @throws RangeError the event is too long, or not one line
   */
  append(event: string): Promise<void> {
    try {
      return this.#append("event", oneLine(event));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Puts on record that older segments are about to be removed. @throws JournalUnavailable */
  appendExpiry(expiry: Expiry): Promise<void> {
    return this.#append("expired", JSON.stringify(expiry));
  }

  /**
   * Closes the segment soon if it is as old as one may be and holds events, though nothing more is written: only what is
   * closed is compressed, and expires. To be called now and then.
   */
  closeOld(): void {
    if (this.#closed || this.#fault !== undefined) return;
    this.#looks = true;
    this.#wake();
  }

  /** Writes what waits, and lets go of the stream. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    while (this.#running !== undefined) await this.#running;
    if (this.#fault !== undefined) await this.#resume();
    const writer = this.#writer;
    if (this.#fault === undefined) {
      while (this.#fault === undefined && this.#waiting.length > 0) await this.#commit();
      await writer?.sync().catch((error) => this.#fail(error, []));
    }
    clearTimeout(this.#timer);
    await writer?.close().catch(() => undefined);
    this.#lock.release();
  }

  #append(kind: EntryKind, body: string): Promise<void> {
    const entry = { kind, body };
    const fault = this.#closed ? "it is closed" : this.#fault;
    if (fault !== undefined) {
      this.#keep([entry]);
      return Promise.reject(new JournalUnavailable(fault));
    }
    const last = this.#waiting.at(-1);
    if (last?.hasRoomFor(entry)) return last.push(entry);
    const group = new Group();
    this.#waiting.push(group);
    this.#wake();
    return group.push(entry);
  }

  #wake(): void {
    this.#running ??= this.#run();
  }

  /** One step in a turn of the event loop: what that turn has brought goes into one group, what comes while it is written into the next. */
  async #run(): Promise<void> {
    do {
      await nextTurn();
      if (this.#fault === undefined) await this.#commit();
      else if (this.#due) await this.#resume();
    } while (this.#due || (this.#fault === undefined && (this.#looks || this.#waiting.length > 0)));
    this.#running = undefined;
  }

  async #commit(): Promise<void> {
    const writer = this.#writer as StreamWriter;
    let groups: Group[] = [];
    try {
      if (this.#due || this.#keptLength >= KEPT_LENGTH_MAX / 2) await this.#sync(writer);
      groups = this.#waiting.splice(0, countWithin(this.#waiting, Math.ceil(this.#waiting.length / 2)));
      const looks = this.#looks;
      this.#looks = false;
      if (groups.length === 0 && !looks) return;
      const isOver = groups.length > 0 ? writer.isFull : writer.isOld && writer.holdsEvents;
      if (isOver || writer.mayBeRemoved) await this.#rotate(writer, isOver);
      if (groups.length === 0) return;
      const entries = entriesOf(groups);
      await writer.write(entries);
      if (!this.#options.durably) {
        this.#keep(entries);
        this.#dueIn(SYNC_INTERVAL);
      }
      for (const group of groups) group.resolve();
    } catch (error) {
      await this.#fail(error as Error, groups);
    }
  }

  /** Begins a new segment after one that is over, or whose file is gone: nothing is acknowledged that nobody would find. */
  async #rotate(writer: StreamWriter, isOver: boolean): Promise<void> {
    const removed = await writer.removedSegment();
    if (removed !== undefined) this.#report({ kind: "removed", ...removed });
    if (!isOver && removed === undefined) return;
    await this.#sync(writer);
    await writer.rotate();
  }

  async #sync(writer: StreamWriter): Promise<void> {
    this.#due = false;
    await writer.sync();
    this.#forgetKept(this.#kept.length);
  }

  async #fail(error: Error, groups: readonly Group[]): Promise<void> {
    const reason = error.message;
    const known = this.#fault !== undefined;
    this.#fault = reason;
    this.#due = false;
    const rejected = [...groups, ...this.#waiting.splice(0)];
    this.#keep(entriesOf(rejected));
    for (const group of rejected) group.reject(new JournalUnavailable(reason));
    if (!known) this.#report({ kind: "unavailable", reason });
    await this.#writer?.abandon();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#dueIn(RETRY_INTERVAL);
  }

  /** Begins a new segment, after whatever there is, with what was kept. */
  async #resume(): Promise<void> {
    this.#due = false;
    const count = countWithin(
      this.#kept.map(({ body }) => body),
      this.#kept.length,
    );
    const unrecorded = this.#unrecorded;
    try {
      this.#writer ??= await this.#recover();
      await this.#writer.begin(this.#kept.slice(0, count), unrecorded);
    } catch (error) {
      return this.#fail(error as Error, []);
    }
    this.#forgetKept(count);
    this.#unrecorded -= unrecorded;
    if (this.#fault === undefined) return;
    this.#fault = undefined;
    this.#report({ kind: "resumed", unrecorded });
    // More, and what came meanwhile, shall show by itself that it can be written.
    this.#waiting.unshift(...grouped(this.#kept));
    this.#forgetKept(this.#kept.length);
  }

  async #recover(): Promise<StreamWriter> {
    const writer = await StreamWriter.recover(this.#options);
    const { ending } = writer;
    if (ending?.how === "torn" || ending?.how === "damaged") this.#report({ kind: ending.how, ending });
    return writer;
  }

  #keep(entries: readonly Unchained[]): void {
    for (const { kind, body } of entries) {
      if (this.#keptLength + body.length > KEPT_LENGTH_MAX) {
        this.#unrecorded++;
      } else {
        this.#keptLength += body.length;
        this.#kept.push({ kind, body });
      }
    }
  }

  #forgetKept(count: number): void {
    for (const { body } of this.#kept.splice(0, count)) this.#keptLength -= body.length;
  }

  #dueIn(milliseconds: number): void {
    if (this.#closed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#due = true;
      this.#wake();
    }, milliseconds).unref();
  }
}
