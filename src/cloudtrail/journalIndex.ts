import { join } from "node:path";
import { setTimeout as delay, setImmediate as nextTurn } from "node:timers/promises";
import { IndexFile, isDamage, removeIndex } from "./indexFile.ts";
import { type EventQuery, type IndexedPlace, search } from "./indexSearch.ts";
import { type Batch, IndexedElsewhere, IndexWriter, type Positions } from "./indexWriter.ts";
import { allEntriesAfter, type JournalEntry, PositionLost } from "./journalEvents.ts";
import { listSegments } from "./journalReader.ts";
import { hasAttribute, type SearchableEvent, searchableEvent } from "./searchableEvent.ts";
import { type Expiry, parseBody } from "./segment.ts";
import { SegmentAccess } from "./segmentAccess.ts";
import { readBeginning } from "./segmentLines.ts";

/** How long events stay in LookupEvents: reference/cloudtrail.md §6. Seconds. */
export const LOOKUP_PERIOD = 90 * 86_400;
/** How often what is new in the journal is indexed; milliseconds. */
const FOLLOW_INTERVAL = 500;
const PRUNE_INTERVAL = 3_600_000;
/** Indexed in one transaction. Fewer, and the lists' last pieces are written more often. */
const BATCH_EVENTS = 5_000;
/** How long others wait for a turn of the event loop; milliseconds. */
const SLICE = 4;
/** Places that are looked at for one page, while the journal has nothing there that was asked for. */
const VISITED_MAX = 2_000;

export interface JournalIndexOptions {
  /** the journal's, of all streams; the index is in it */
  readonly directory: string;
  /** Whether this process indexes. One that does not sees what another has indexed. */
  readonly writes: boolean;
  /** indexes as fast as it can, rather than leaving half of the time to others */
  readonly hurries?: boolean;
  /** milliseconds since the epoch */
  readonly clock?: () => number;
  /** hears what the operator should know */
  readonly report?: (report: IndexReport) => void;
}

/** `rebuilding`: the index was not there, or not usable, and is made from the journal. `failing`: what is new cannot be indexed now; it is tried again. */
export type IndexReport =
  | { readonly kind: "rebuilding"; readonly reason: string }
  | { readonly kind: "failing"; readonly error: Error };

export interface FoundEvent {
  /** higher is newer */
  readonly id: number;
  /** the CloudTrail record: JSON */
  readonly record: string;
  readonly event: SearchableEvent;
}

export interface FoundPage {
  /** newest first */
  readonly events: readonly FoundEvent[];
  /** where the next page goes on; undefined if there is none. A page may have fewer events than asked for nevertheless. */
  readonly next: number | undefined;
}

/** @param directory the journal's */
export function indexPath(directory: string): string {
  return join(directory, "index.db");
}

/** The journal, searchable: an index behind it, rebuilt from it when it is lost, and never believed against it. */
export class JournalIndex {
  readonly #options: JournalIndexOptions;
  readonly #path: string;
  readonly #access: SegmentAccess;
  #writing: { readonly file: IndexFile; readonly writer: IndexWriter } | undefined;
  #reading: IndexFile | undefined;
  #running: Promise<void> | undefined;
  #following: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failing = false;
  #prunedAt = Number.NEGATIVE_INFINITY;
  #closed = false;

  /** Opens nothing yet: that the index cannot be used keeps nobody from working. */
  constructor(options: JournalIndexOptions) {
    this.#options = options;
    this.#path = indexPath(options.directory);
    this.#access = new SegmentAccess(options.directory);
  }

  /** Indexes what is new from now on, by itself. */
  follow(): void {
    if (this.#closed || !this.#options.writes) return;
    const again = () => {
      if (!this.#closed) this.#timer = setTimeout(() => this.follow(), FOLLOW_INTERVAL).unref();
    };
    this.#pass().then(again, again);
  }

  /**
   * Indexes what is in the journal now, if this process indexes.
   * @param limit how long to wait for it; milliseconds
   */
  async catchUp(limit?: number): Promise<void> {
    if (!this.#options.writes || this.#closed) return;
    const done = this.#pass();
    if (limit === undefined) return done;
    const waiting = new AbortController();
    await Promise.race([done, delay(limit, undefined, { signal: waiting.signal, ref: false })]).finally(() =>
      waiting.abort(),
    );
  }

  /** Up to where each stream is indexed. */
  positions(): Positions {
    const file = this.#openForReading();
    return file === undefined ? new Map() : new IndexWriter(file).positions();
  }

  /**
   * Events, newest first, as they stand in the journal: what the index has that the journal does not say is passed over.
   * @param before the `next` of the page before
   * @throws SegmentUnreadable; SQLite's errors
   */
  async find(query: EventQuery, limit: number, before?: number): Promise<FoundPage> {
    try {
      return await this.#find(query, limit, before);
    } catch (error) {
      if (!isDamage(error) || !this.#options.writes) throw error;
      this.#rebuild((error as Error).message);
      await this.catchUp();
      return this.#find(query, limit, before);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#following;
    await this.#running;
    this.#writing?.file.close();
    this.#reading?.close();
    this.#writing = undefined;
    this.#reading = undefined;
  }

  async #find(query: EventQuery, limit: number, before: number | undefined): Promise<FoundPage> {
    const file = this.#openForReading();
    if (file === undefined) return { events: [], next: undefined };
    const places = search(file, query, before);
    const events: FoundEvent[] = [];
    let last: number | undefined;
    for (let visited = 0; events.length <= limit && visited < VISITED_MAX; ) {
      const group = take(places, limit + 1 - events.length);
      if (group.length === 0) return { events, next: undefined };
      visited += group.length;
      last = group.at(-1)?.id;
      const records = await Promise.all(group.map((place) => this.#access.record(place)));
      for (const [i, record] of records.entries()) {
        const event = record === undefined ? undefined : searchableEvent(record);
        if (record !== undefined && event !== undefined && matches(event, query)) {
          events.push({ id: (group[i] as IndexedPlace).id, record, event });
        }
      }
    }
    if (events.length <= limit) return { events, next: last };
    return { events: events.slice(0, limit), next: events[limit - 1]?.id };
  }

  #openForReading(): IndexFile | undefined {
    // One that is replaced may still be read from: it closes itself when nobody does any more.
    if (this.#reading?.isCurrent !== true) this.#reading = IndexFile.openForReading(this.#path);
    return this.#reading;
  }

  #openForWriting(): { readonly file: IndexFile; readonly writer: IndexWriter } {
    if (this.#writing?.file.isCurrent === true) return this.#writing;
    this.#writing?.file.close();
    this.#writing = undefined;
    const { file, isNew } = IndexFile.openForWriting(this.#path);
    if (isNew) this.#options.report?.({ kind: "rebuilding", reason: "there is none that can be used" });
    this.#writing = { file, writer: new IndexWriter(file) };
    return this.#writing;
  }

  #rebuild(reason: string): void {
    this.#options.report?.({ kind: "rebuilding", reason });
    this.#writing?.file.close();
    this.#writing = undefined;
    removeIndex(this.#path);
  }

  /** Indexes all that is in the journal when this is called: a pass that is on its way may have read past it. */
  #pass(): Promise<void> {
    if (this.#running === undefined) {
      this.#running = this.#index().finally(() => {
        this.#running = undefined;
      });
      return this.#running;
    }
    this.#following ??= this.#running.then(() => {
      this.#following = undefined;
      return this.#pass();
    });
    return this.#following;
  }

  async #index(): Promise<void> {
    try {
      await this.#indexNew();
      await this.#prune();
      this.#failing = false;
    } catch (error) {
      if (error instanceof IndexedElsewhere || this.#closed) return;
      if (error instanceof PositionLost || isDamage(error)) {
        return this.#rebuild(error instanceof PositionLost ? "the journal is another one" : (error as Error).message);
      }
      if (!this.#failing) this.#options.report?.({ kind: "failing", error: error as Error });
      this.#failing = true;
    }
  }

  async #indexNew(): Promise<void> {
    const { writer } = this.#openForWriting();
    const oldest = this.#horizon();
    let from = writer.positions();
    let to = new Map(from);
    let events: Batch["events"][number][] = [];
    const expiries = new Map<string, number>();
    const read = (value: JournalEntry) => {
      const event = value.entry.kind === "event" ? searchableEvent(value.entry.body) : undefined;
      return { second: event?.second, value: { ...value, event } };
    };
    let started = performance.now();
    const write = async () => {
      await run(writer.write({ events, from, to }));
      from = to;
      to = new Map(from);
      events = [];
      if (this.#options.hurries !== true) await delay(Math.min(performance.now() - started, 1_000));
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
    if (Number.isInteger(second)) await run(writer.pruneExpired(stream, through, second + 1));
  }

  async #prune(): Promise<void> {
    if (performance.now() - this.#prunedAt < PRUNE_INTERVAL || this.#closed) return;
    this.#prunedAt = performance.now();
    await run(this.#openForWriting().writer.pruneOlder(this.#horizon()));
  }

  #horizon(): number {
    return Math.max(0, Math.floor((this.#options.clock ?? Date.now)() / 1000) - LOOKUP_PERIOD);
  }
}

/** Whether the event is what was asked for, whatever the index says. */
export function matches(event: SearchableEvent, query: EventQuery): boolean {
  const { account = event.account, region = event.region, attributes, failed, from = 0, through } = query;
  return (
    event.account === account &&
    event.region === region &&
    event.second >= from &&
    event.second <= (through ?? event.second) &&
    (failed !== true || event.failed) &&
    attributes.every(([key, value]) => hasAttribute(event, key, value))
  );
}

function take<T>(items: Generator<T, void>, count: number): T[] {
  const taken: T[] = [];
  while (taken.length < count) {
    const { value, done } = items.next();
    if (done === true) break;
    taken.push(value as T);
  }
  return taken;
}

/** Runs steps to their end, and lets others have their turn. */
async function run(steps: Generator<void, void>): Promise<void> {
  let since = performance.now();
  for (const _ of steps) {
    if (performance.now() - since < SLICE) continue;
    await nextTurn();
    since = performance.now();
  }
}
