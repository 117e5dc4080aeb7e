import { Additions } from "./eventLists.ts";
import { EventNumbers } from "./eventNumbers.ts";
import { EventTable } from "./eventTable.ts";
import { eventTag, secondStart, slotOf } from "./eventTimeId.ts";
import type { IndexFile } from "./indexFile.ts";
import { ListTable } from "./listTable.ts";
import type { SearchableEvent } from "./searchableEvent.ts";

/** Where an event's line is. */
export interface Place {
  readonly stream: string;
  readonly sequence: number;
  /** where it begins in its segment */
  readonly offset: number;
}

/** Up to where a stream has been read. */
export interface StreamPosition {
  /** the first sequence number of the segment, which names it */
  readonly segment: number;
  /** where the next line begins, or will */
  readonly offset: number;
  /** of the last entry that was read */
  readonly sequence: number;
  readonly hash: string;
}

export type Positions = ReadonlyMap<string, StreamPosition>;

/** What was read of the journal, to be indexed as one: all of it is in the index, or nothing. */
export interface Batch {
  readonly events: readonly { readonly event: SearchableEvent; readonly place: Place }[];
  /** of all streams: from where, to where they were read */
  readonly from: Positions;
  readonly to: Positions;
}

/** Another process has indexed meanwhile. Nothing was done. */
export class IndexedElsewhere extends Error {}

/** Events between two looks at whether to rest. */
const EVENTS_AT_A_TIME = 64;

/** Puts events into the index. Several processes may try: whoever comes second finds the positions moved, and begins anew. */
export class IndexWriter {
  readonly #file: IndexFile;
  readonly #rest: () => void;
  readonly #events: EventTable;
  readonly #lists: ListTable;
  readonly #streams = new Map<string, number>();
  /** https://www.sqlite.org/pragma.html#pragma_data_version */
  #dataVersion: unknown;

  /** @param rest is called after each small part of the work, and may leave the processor to others for a while */
  constructor(file: IndexFile, rest: () => void) {
    this.#file = file;
    this.#rest = rest;
    this.#events = new EventTable(file);
    this.#lists = new ListTable(file);
  }

  /**
   * Indexes a batch, in a transaction of its own.
   * @throws IndexedElsewhere; SQLite's errors: with nothing changed
   */
  write(batch: Batch): void {
    this.#inTransaction(() => {
      this.#requirePositions(batch.from);
      this.#putEvents(batch);
      this.#putPositions(batch.to);
    });
  }

  /** Takes out what is older. @param second since the epoch */
  pruneOlder(second: number): void {
    const limit = secondStart(second);
    this.#inTransaction(() => {
      if ((this.#events.first()?.id ?? limit) >= limit) return;
      this.#events.keep(limit, () => false);
      this.#lists.keep(limit, () => false);
    });
  }

  /**
   * Takes out what has expired in the journal.
   * @param through the last entry of the stream that has
   * @param second since the epoch, in which no event is any more that has expired
   */
  pruneExpired(stream: string, through: number, second: number): void {
    const limit = secondStart(second);
    this.#inTransaction(() => {
      const id = this.#streamId(stream);
      this.#events.keep(limit, (row) => row.stream !== id || row.sequence > through);
      const first = this.#events.first()?.id ?? limit;
      this.#lists.keep(limit, (event) => event >= first && this.#events.at(event) !== undefined);
    });
  }

  #inTransaction(work: () => void): void {
    const { database } = this.#file;
    database.exec("BEGIN IMMEDIATE");
    try {
      const version = this.#file.one("PRAGMA data_version")?.data_version;
      if (version !== this.#dataVersion) this.#forget();
      this.#dataVersion = version;
      work();
      database.exec("COMMIT");
    } catch (error) {
      this.#forget();
      if (database.isTransaction) database.exec("ROLLBACK");
      throw error;
    }
  }

  #requirePositions(expected: Positions): void {
    const found = readPositions(this.#file);
    for (const stream of new Set([...found.keys(), ...expected.keys()])) {
      if (found.get(stream)?.sequence !== expected.get(stream)?.sequence) throw new IndexedElsewhere();
    }
  }

  #putEvents({ events }: Batch): void {
    const numbers = new EventNumbers(this.#events);
    const additions = new Additions();
    const ordered = events
      .map(({ event, place }) => ({ event, place, slot: slotOf(event.eventId, event.second) }))
      .sort((a, b) => a.slot.from - b.slot.from || a.slot.end - b.slot.end);
    const rows = ordered.map(({ event, place, slot }, i) => {
      if (i % EVENTS_AT_A_TIME === 0) this.#rest();
      const id = numbers.give(slot);
      additions.add(event, id, slot.byEventId && id < slot.end);
      const { stream, sequence, offset } = place;
      return { id, stream: this.#streamId(stream), sequence, offset, tag: eventTag(event.eventId) };
    });
    rows.sort((a, b) => a.id - b.id);
    for (let start = 0; start < rows.length; start += EVENTS_AT_A_TIME) {
      this.#events.put(rows.slice(start, start + EVENTS_AT_A_TIME));
      this.#rest();
    }
    for (const addition of additions) {
      this.#lists.append(
        this.#lists.idOf(addition),
        addition.ids.sort((a, b) => a - b),
      );
      this.#rest();
    }
  }

  #streamId(name: string): number {
    let id = this.#streams.get(name);
    if (id === undefined) {
      const sql = "INSERT INTO stream (name, segment, offset, sequence, hash) VALUES (?, 0, 0, 0, '')";
      id = (this.#file.one("SELECT id FROM stream WHERE name = ?", name)?.id as number) ?? this.#file.run(sql, name);
      this.#streams.set(name, id);
    }
    return id;
  }

  #putPositions(positions: Positions): void {
    for (const [stream, { segment, offset, sequence, hash }] of positions) {
      this.#file.run(
        "UPDATE stream SET segment = ?, offset = ?, sequence = ?, hash = ? WHERE id = ?",
        segment,
        offset,
        sequence,
        hash,
        this.#streamId(stream),
      );
    }
  }

  /** What a transaction that was taken back had put into the caches, or another process has made untrue. */
  #forget(): void {
    this.#events.forget();
    this.#lists.forget();
    this.#streams.clear();
  }
}

/** Up to where each stream is in the index. */
export function readPositions(file: IndexFile): Positions {
  const rows = file.all("SELECT name, segment, offset, sequence, hash FROM stream WHERE sequence > 0");
  return new Map(
    rows.map(({ name, segment, offset, sequence, hash }) => [
      name as string,
      { segment, offset, sequence, hash } as StreamPosition,
    ]),
  );
}
