import { Indexer, type IndexReport, indexPath } from "./indexer.ts";
import { IndexFile, isDamage, removeIndex } from "./indexFile.ts";
import { type EventQuery, type IndexedPlace, search } from "./indexSearch.ts";
import { type Positions, readPositions } from "./indexWriter.ts";
import { hasAttribute, type SearchableEvent, searchableEvent } from "./searchableEvent.ts";
import { SegmentAccess } from "./segmentAccess.ts";
import { SegmentUnreadable } from "./segmentLines.ts";

/** How often what is new in the journal is indexed; milliseconds. */
const FOLLOW_INTERVAL = 500;
/** Places that are looked at for one page, while the journal has nothing there that was asked for. */
const VISITED_MAX = 2_000;

export interface JournalIndexOptions {
  /** the journal's, of all streams; the index is in it */
  readonly directory: string;
  /** Whether this process indexes. One that does not sees what another has indexed. */
  readonly writes: boolean;
  /** follows as fast as it can, rather than in small parts that leave the processor to others */
  readonly hurries?: boolean;
  /** milliseconds since the epoch */
  readonly clock?: () => number;
  /** hears what the operator should know */
  readonly report?: (report: IndexReport) => void;
}

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

/** The journal, searchable: an index behind it, rebuilt from it when it is lost, and never believed against it. */
export class JournalIndex {
  readonly #options: JournalIndexOptions;
  readonly #access: SegmentAccess;
  readonly #indexer: Indexer | undefined;
  #reading: IndexFile | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** Opens nothing yet: that the index cannot be used keeps nobody from working. */
  constructor(options: JournalIndexOptions) {
    const { directory, writes, hurries = false, report = () => undefined } = options;
    this.#options = options;
    this.#access = new SegmentAccess(directory);
    if (writes) this.#indexer = new Indexer({ directory, hurries, report });
  }

  /** Indexes what is new from now on, by itself. */
  follow(): void {
    if (this.#closed || this.#indexer === undefined) return;
    this.#timer = setTimeout(() => this.#indexer?.pass(this.#now()).then(() => this.follow()), FOLLOW_INTERVAL).unref();
  }

  /**
   * Indexes what is in the journal now, if this process indexes. What goes wrong is reported.
   * @param limit how long to wait for it; milliseconds
   */
  async catchUp(limit?: number): Promise<void> {
    if (this.#closed || this.#indexer === undefined) return;
    const done = this.#indexer.hurry(this.#now());
    if (limit === undefined) return done;
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, limit);
    });
    await Promise.race([done, patience]);
    clearTimeout(timer);
  }

  /** Up to where each stream is indexed. */
  positions(): Positions {
    const file = this.#openForReading();
    return file === undefined ? new Map() : readPositions(file);
  }

  /**
   * Events, newest first, as they stand in the journal: what the index has that the journal does not say is passed over.
   * @param before the `next` of the page before
   * @throws the system's errors, SQLite's errors
   */
  async find(query: EventQuery, limit: number, before?: number): Promise<FoundPage> {
    try {
      return await this.#find(query, limit, before);
    } catch (error) {
      if (!isDamage(error)) throw error;
      await this.#indexer?.rebuild((error as Error).message);
      // Whoever indexes finds it gone.
      if (this.#indexer === undefined) removeIndex(indexPath(this.#options.directory));
      await this.catchUp();
      return this.#find(query, limit, before);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    // The last that closes a database tidies it up, which one that only reads cannot.
    this.#reading?.close();
    this.#reading = undefined;
    await this.#indexer?.close();
  }

  #now(): number {
    return (this.#options.clock ?? Date.now)();
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
      const records = await Promise.all(group.map((place) => this.#access.record(place).catch(noneIfBroken)));
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
    if (this.#reading?.isCurrent !== true) this.#reading = IndexFile.openForReading(indexPath(this.#options.directory));
    return this.#reading;
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

/** A segment that is broken keeps nobody from the others. */
function noneIfBroken(error: unknown): undefined {
  if (!(error instanceof SegmentUnreadable) || error.fromSystem) throw error;
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
