import { join } from "node:path";
import { IndexFile, isDamage, removeIndex } from "./indexFile.ts";
import { type Batch, IndexedElsewhere, IndexWriter, readPositions } from "./indexWriter.ts";
import { allEntriesAfter, bodyOf, type JournalEntry, PositionLost, positionAfter } from "./journalEvents.ts";
import { listSegments } from "./journalReader.ts";
import { Pace } from "./pace.ts";
import { RecordReader } from "./recordReader.ts";
import type { SearchableEvent } from "./searchableEvent.ts";
import { type Expiry, parseBody } from "./segment.ts";
import { readBeginning } from "./segmentLines.ts";

/** How long events stay in LookupEvents: reference/cloudtrail.md §6. Seconds. */
export const LOOKUP_PERIOD = 90 * 86_400;
const PRUNE_INTERVAL = 3_600_000;
/**
 * Indexed in one transaction: so many events at most, or what is read in so many milliseconds. Of fewer, the lists' last
 * pieces are written more often; of more, a search sees nothing for longer.
 */
const BATCH_EVENTS = 50_000;
const BATCH_TIME = 2_000;
/** How often something else may come in between: another process that indexes, an index that is made anew. */
const ATTEMPTS = 5;

export interface IndexerOptions {
  /** the journal's, of all streams; the index is in it */
  readonly directory: string;
  /** as fast as it can, rather than in small parts (pace.ts) unless somebody waits */
  readonly hurries: boolean;
  /** hears what the operator should know */
  readonly report: (report: IndexReport) => void;
}

/**
 * `lost`: the journal has no more what was in it when it was indexed. `rebuilding`: the index was not there, or not usable,
 * and is made from the journal. `failing`: what is new cannot be indexed now; it is tried again.
 */
export type IndexReport =
  | { readonly kind: "lost"; readonly reason: string }
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
  readonly #records = new RecordReader();
  readonly #pace = new Pace();
  #open: { readonly file: IndexFile; readonly writer: IndexWriter } | undefined;
  #running: Promise<void> = Promise.resolve();
  /** a pass that has not begun */
  #waiting: Promise<void> | undefined;
  /** how many wait for what is indexed now */
  #impatient = 0;
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

  /** The same, without pauses. */
  async hurry(now: number): Promise<void> {
    this.#impatient++;
    await this.pass(now);
    this.#impatient--;
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
    if (isLost) this.#options.report({ kind: "lost", reason: error.message });
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
      this.#open = { file, writer: new IndexWriter(file, () => this.#rest()) };
    }
    return this.#open;
  }

  async #indexNew(oldest: number): Promise<void> {
    const { file, writer } = this.#opened();
    let from = readPositions(file);
    let last = new Map<string, JournalEntry>();
    let events: Batch["events"][number][] = [];
    const expiries = new Map<string, number>();
    const write = () => {
      const to = new Map(from);
      for (const [stream, entry] of last) to.set(stream, positionAfter(entry));
      writer.write({ events, from, to });
      from = to;
      last = new Map();
      events = [];
      started = performance.now();
    };
    let started = performance.now();
    const read = (entry: JournalEntry) => {
      const event = this.#eventIn(entry);
      return { second: event?.second, event, entry };
    };
    for await (const entries of allEntriesAfter(this.#options.directory, from, read)) {
      for (const { entry, event } of entries) {
        last.set(entry.stream, entry);
        if (entry.kind === "expired") expiries.set(entry.stream, expiredThrough(entry));
        if (event === undefined || event.second < oldest) continue;
        const { stream, sequence, offset } = entry;
        events.push({ event, place: { stream, sequence, offset } });
      }
      if (events.length < BATCH_EVENTS && performance.now() - started < BATCH_TIME) continue;
      write();
      if (this.#closed) return;
    }
    if (last.size > 0) write();
    for (const [stream, through] of expiries) await this.#pruneExpired(writer, stream, through);
  }

  #rest(): void {
    if (!this.#options.hurries && this.#impatient === 0) this.#pace.rest();
  }

  #eventIn({ kind, line, bodyStart }: JournalEntry): SearchableEvent | undefined {
    this.#rest();
    return kind === "event" ? this.#records.read(line, bodyStart, line.length - 1) : undefined;
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

function expiredThrough(entry: JournalEntry): number {
  return (parseBody({ body: bodyOf(entry) }) as Partial<Expiry> | undefined)?.through ?? 0;
}
