import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { IndexFile, isDamage, removeIndex } from "./indexFile.ts";
import { type Batch, IndexedElsewhere, IndexWriter, readPositions } from "./indexWriter.ts";
import { allEntriesAfter, type JournalEntry, PositionLost } from "./journalEvents.ts";
import { listSegments } from "./journalReader.ts";
import { searchableEvent } from "./searchableEvent.ts";
import { type Expiry, parseBody } from "./segment.ts";
import { readBeginning } from "./segmentLines.ts";

/** How long events stay in LookupEvents: reference/cloudtrail.md §6. Seconds. */
export const LOOKUP_PERIOD = 90 * 86_400;
const PRUNE_INTERVAL = 3_600_000;
/** Indexed in one transaction. Fewer, and the lists' last pieces are written more often. */
const BATCH_EVENTS = 5_000;
/** How often something else may come in between: another process that indexes, an index that is made anew. */
const ATTEMPTS = 5;
/** The longest pause after a batch; milliseconds. */
const PAUSE_MAX = 1_000;

export interface IndexerOptions {
  /** the journal's, of all streams; the index is in it */
  readonly directory: string;
  /** as fast as it can, rather than leaving half of the time to others */
  readonly hurries: boolean;
  /** hears what the operator should know */
  readonly report: (report: IndexReport) => void;
}

/** `rebuilding`: the index was not there, or not usable, and is made from the journal. `failing`: what is new cannot be indexed now; it is tried again. */
export type IndexReport =
  | { readonly kind: "rebuilding"; readonly reason: string }
  | { readonly kind: "failing"; readonly reason: string };

/** @param directory the journal's */
export function indexPath(directory: string): string {
  return join(directory, "index.db");
}

/** Puts the journal into the index. Nothing of it rejects: what goes wrong is reported. It keeps its thread busy for tens of milliseconds at a time. */
export class Indexer {
  readonly #options: IndexerOptions;
  readonly #path: string;
  #open: { readonly file: IndexFile; readonly writer: IndexWriter } | undefined;
  #running: Promise<void> = Promise.resolve();
  /** a pass that has not begun */
  #waiting: Promise<void> | undefined;
  #failing = false;
  #prunedAt = Number.NEGATIVE_INFINITY;
  #closed = false;

  /** Opens nothing yet. */
  constructor(options: IndexerOptions) {
    this.#options = options;
    this.#path = indexPath(options.directory);
  }

  /** Indexes all that is in the journal when this is called. @param now milliseconds since the epoch */
  pass(now: number): Promise<void> {
    this.#waiting ??= this.#next(() => {
      this.#waiting = undefined;
      return this.#index(Math.max(0, Math.floor(now / 1000) - LOOKUP_PERIOD));
    });
    return this.#waiting;
  }

  /** Removes the index; the next pass makes it anew. @param reason for the operator */
  rebuild(reason: string): Promise<void> {
    return this.#next(async () => this.#remove(reason));
  }

  /** Ends with the batch that is on its way. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
    this.#open?.file.close();
    this.#open = undefined;
  }

  /** One after the other. */
  #next(step: () => Promise<void>): Promise<void> {
    this.#running = this.#running.then(() => (this.#closed ? undefined : step()));
    return this.#running;
  }

  /** @param oldest what is older stays out; seconds since the epoch */
  async #index(oldest: number): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#indexNew(oldest);
        this.#prune(oldest);
        this.#failing = false;
        return;
      } catch (error) {
        if (attempt === ATTEMPTS || !this.#canTryAgain(error as Error)) {
          if (!this.#failing) this.#options.report({ kind: "failing", reason: (error as Error).message });
          this.#failing = true;
          return;
        }
      }
    }
  }

  #canTryAgain(error: Error): boolean {
    const isLost = error instanceof PositionLost;
    if (isLost || isDamage(error))
      this.#remove(isLost ? "the journal does not go on where it was left" : error.message);
    return isLost || isDamage(error) || error instanceof IndexedElsewhere;
  }

  #prune(oldest: number): void {
    if (performance.now() - this.#prunedAt < PRUNE_INTERVAL || this.#closed) return;
    this.#prunedAt = performance.now();
    this.#opened().writer.pruneOlder(oldest);
  }

  #remove(reason: string): void {
    this.#open?.file.close();
    this.#open = undefined;
    removeIndex(this.#path);
    this.#options.report({ kind: "rebuilding", reason });
  }

  #opened(): { readonly file: IndexFile; readonly writer: IndexWriter } {
    if (this.#open?.file.isCurrent !== true) {
      this.#open?.file.close();
      this.#open = undefined;
      const { file, isNew } = IndexFile.openForWriting(this.#path);
      if (isNew) this.#options.report({ kind: "rebuilding", reason: "there is none that can be used" });
      this.#open = { file, writer: new IndexWriter(file) };
    }
    return this.#open;
  }

  async #indexNew(oldest: number): Promise<void> {
    const { file, writer } = this.#opened();
    let from = readPositions(file);
    let to = new Map(from);
    let events: Batch["events"][number][] = [];
    const expiries = new Map<string, number>();
    const read = (value: JournalEntry) => {
      const event = value.entry.kind === "event" ? searchableEvent(value.entry.body) : undefined;
      return { second: event?.second, value: { ...value, event } };
    };
    let started = performance.now();
    const write = async () => {
      writer.write({ events, from, to });
      from = to;
      to = new Map(from);
      events = [];
      if (!this.#options.hurries) await delay(Math.min(performance.now() - started, PAUSE_MAX));
      started = performance.now();
    };
    let entries = 0;
    for await (const { entry, place, position, event } of allEntriesAfter(this.#options.directory, from, read)) {
      to.set(place.stream, position);
      entries++;
      if (entry.kind === "expired") expiries.set(place.stream, (parseBody(entry) as Partial<Expiry>).through ?? 0);
      if (event !== undefined && event.second >= oldest) events.push({ event, place });
      if (events.length < BATCH_EVENTS) continue;
      entries = 0;
      await write();
      if (this.#closed) return;
    }
    if (entries > 0) await write();
    for (const [stream, through] of expiries) await this.#pruneExpired(writer, stream, through);
  }

  async #pruneExpired(writer: IndexWriter, stream: string, through: number): Promise<void> {
    const directory = join(this.#options.directory, stream);
    const [first] = await listSegments(directory);
    const time = first && (await readBeginning(directory, first))?.header.time;
    const second = Math.ceil(Date.parse(time ?? "") / 1000);
    // Events are on record after they happened.
    if (Number.isInteger(second)) writer.pruneExpired(stream, through, second + 1);
  }
}
