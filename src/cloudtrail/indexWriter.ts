import { LRUCache } from "lru-cache";
import { eventIdEnd, eventTag, type Slot, secondStart, slotOf } from "./eventTimeId.ts";
import type { IndexFile } from "./indexFile.ts";
import { decodePiece, encodeAfter, encodePiece, merged, PIECE_MAX } from "./postings.ts";
import { KINDS, type Kind, listsOf, type SearchableEvent } from "./searchableEvent.ts";

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

/** Lists whose pieces are read at a time. */
const LISTS_AT_A_TIME = 100;
const LISTS_CACHED = 20_000;
const PIECES_CACHED = 5_000;
const SLOTS_CACHED = 5_000;

/** The last piece of a list, which most new events go into. */
interface OpenPiece {
  readonly id: number;
  readonly last: number;
  readonly count: number;
  readonly rest: Buffer;
}

/** Puts events into the index. Several processes may try: whoever comes second finds the positions moved, and begins anew. */
export class IndexWriter {
  readonly #file: IndexFile;
  readonly #lists = new LRUCache<string, number>({ max: LISTS_CACHED });
  readonly #openPieces = new LRUCache<number, OpenPiece>({ max: PIECES_CACHED });
  /** by the first number of a slot, the next one that is free */
  readonly #free = new LRUCache<number, number>({ max: SLOTS_CACHED });
  readonly #streams = new Map<string, number>();

  constructor(file: IndexFile) {
    this.#file = file;
  }

  /**
   * Indexes a batch, in a transaction of its own.
   * @throws IndexedElsewhere; SQLite's errors: with nothing changed
   */
  write(batch: Batch): void {
    const { database } = this.#file;
    database.exec("BEGIN IMMEDIATE");
    try {
      this.#requirePositions(batch.from);
      for (const [list, ids] of this.#putEvents(batch)) this.#append(list, ids);
      this.#putPositions(batch.to);
      database.exec("COMMIT");
    } catch (error) {
      this.#forget();
      if (database.isTransaction) database.exec("ROLLBACK");
      throw error;
    }
  }

  /** Takes out what is older. @param second since the epoch */
  pruneOlder(second: number): void {
    const limit = secondStart(second);
    const part = "SELECT id FROM event WHERE id < ? ORDER BY id LIMIT 1000";
    while (this.#file.change(`DELETE FROM event WHERE id IN (${part})`, limit) > 0);
    this.#pruneLists(limit);
  }

  /**
   * Takes out what has expired in the journal.
   * @param through the last entry of the stream that has
   * @param second since the epoch, in which no event is any more that has expired
   */
  pruneExpired(stream: string, through: number, second: number): void {
    const limit = secondStart(second);
    for (let after = 0; ; ) {
      const part = this.#file.all("SELECT id FROM event WHERE id > ? AND id < ? ORDER BY id LIMIT 1000", after, limit);
      if (part.length === 0) break;
      const end = part.at(-1)?.id as number;
      this.#file.change(
        "DELETE FROM event WHERE id > ? AND id <= ? AND stream = ? AND sequence <= ?",
        after,
        end,
        this.#streamId(stream),
        through,
      );
      after = end;
    }
    this.#pruneLists(limit);
  }

  /** Takes from the lists the events before `limit` that are no longer there. */
  #pruneLists(limit: number): void {
    this.#openPieces.clear();
    const last = (this.#file.one("SELECT max(id) AS id FROM list")?.id as number | null) ?? 0;
    for (let start = 0; start < last; start += LISTS_AT_A_TIME) {
      const pieces = this.#file.all(
        "SELECT id, first, rest FROM piece WHERE list > ? AND list <= ? AND first < ?",
        start,
        start + LISTS_AT_A_TIME,
        limit,
      );
      for (const { id, first, rest } of pieces) {
        const ids = decodePiece(first as number, rest as Uint8Array);
        const kept = ids.filter((event) => this.#file.one("SELECT 1 FROM event WHERE id = ?", event) !== undefined);
        if (kept.length === 0) this.#file.run("DELETE FROM piece WHERE id = ?", id as number);
        else if (kept.length < ids.length) {
          const sql = "UPDATE piece SET first = ?, rest = ? WHERE id = ?";
          this.#file.run(sql, kept[0] as number, encodePiece(kept), id as number);
        }
      }
      this.#file.run(
        "DELETE FROM list WHERE id > ? AND id <= ? AND NOT EXISTS (SELECT 1 FROM piece WHERE piece.list = list.id)",
        start,
        start + LISTS_AT_A_TIME,
      );
    }
    this.#forget();
  }

  #requirePositions(expected: Positions): void {
    const found = readPositions(this.#file);
    for (const stream of new Set([...found.keys(), ...expected.keys()])) {
      if (found.get(stream)?.sequence !== expected.get(stream)?.sequence) throw new IndexedElsewhere();
    }
  }

  #putEvents({ events }: Batch): Map<number, number[]> {
    const lists = new Map<number, number[]>();
    const ordered = events
      .map(({ event, place }) => ({ event, place, slot: slotOf(event.eventId, event.second) }))
      .sort((a, b) => a.slot.from - b.slot.from);
    for (const { event, place, slot } of ordered) {
      const id = this.#freeNumber(slot);
      this.#file.run(
        "INSERT INTO event (id, stream, sequence, offset, tag) VALUES (?, ?, ?, ?, ?)",
        id,
        this.#streamId(place.stream),
        place.sequence,
        place.offset,
        eventTag(event.eventId),
      );
      for (const [kind, value] of expectedLists(event, id)) {
        const list = this.#listId(kind, value, event);
        const ids = lists.get(list);
        if (ids === undefined) lists.set(list, [id]);
        else ids.push(id);
      }
    }
    for (const ids of lists.values()) if (!isAscending(ids)) ids.sort((a, b) => a - b);
    return lists;
  }

  /** In its slot; in one of the seconds after, if that is full. */
  #freeNumber({ from, end }: Slot): number {
    let free = this.#free.get(from) ?? this.#firstFree(from, end);
    for (let start = end; free >= start; start += secondStart(1)) free = this.#firstFree(start, start + secondStart(1));
    this.#free.set(from, free + 1 < end ? free + 1 : end);
    return free;
  }

  #firstFree(from: number, end: number): number {
    const last = this.#file.one("SELECT max(id) AS last FROM event WHERE id >= ? AND id < ?", from, end)?.last;
    return typeof last === "number" ? last + 1 : from;
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

  #listId(kind: Kind, value: string, { account, region }: SearchableEvent): number {
    const name = `${kind} ${account} ${region} ${value}`;
    let id = this.#lists.get(name);
    if (id === undefined) {
      const values = [KINDS[kind], value, account, region] as const;
      const found = this.#file.one(
        "SELECT id FROM list WHERE kind = ? AND value = ? AND account = ? AND region = ?",
        ...values,
      );
      const insert = "INSERT INTO list (kind, value, account, region) VALUES (?, ?, ?, ?)";
      id = (found?.id as number | undefined) ?? this.#file.run(insert, ...values);
      this.#lists.set(name, id);
    }
    return id;
  }

  #append(list: number, ids: readonly number[]): void {
    const open = this.#openPieces.get(list) ?? this.#lastPiece(list);
    if (open === undefined) this.#putPieces(list, ids);
    else if ((ids[0] as number) <= open.last) this.#mergeInto(list, ids);
    else this.#appendTo(open, list, ids);
  }

  #appendTo(open: OpenPiece, list: number, ids: readonly number[]): void {
    const added = ids.slice(0, PIECE_MAX - open.count);
    if (added.length > 0) {
      const rest = Buffer.concat([open.rest, encodeAfter(open.last, added)]);
      const changes = this.#file.change("UPDATE piece SET rest = ? WHERE id = ?", rest, open.id);
      if (changes === 0) throw new IndexedElsewhere(); // it was pruned
      const last = added.at(-1) as number;
      this.#openPieces.set(list, { id: open.id, last, count: open.count + added.length, rest });
    }
    if (added.length < ids.length) this.#putPieces(list, ids.slice(added.length));
  }

  #lastPiece(list: number): OpenPiece | undefined {
    const row = this.#file.one("SELECT id, first, rest FROM piece WHERE list = ? ORDER BY first DESC LIMIT 1", list);
    if (row === undefined) return undefined;
    const ids = decodePiece(row.first as number, row.rest as Uint8Array);
    return {
      id: row.id as number,
      last: ids.at(-1) as number,
      count: ids.length,
      rest: Buffer.from(row.rest as Uint8Array),
    };
  }

  #putPieces(list: number, ids: readonly number[], size = PIECE_MAX): void {
    for (let start = 0; start < ids.length; start += size) {
      const piece = ids.slice(start, start + size);
      const first = piece[0] as number;
      const rest = encodePiece(piece);
      const id = this.#file.run("INSERT INTO piece (list, first, rest) VALUES (?, ?, ?)", list, first, rest);
      this.#openPieces.set(list, { id, last: piece.at(-1) as number, count: piece.length, rest });
    }
  }

  /** Events that are older than others in the list: of another stream, or of a clock that was set back. */
  #mergeInto(list: number, ids: readonly number[]): void {
    this.#openPieces.delete(list);
    const at = "SELECT id, first, rest FROM piece WHERE list = ? AND first";
    for (let start = 0; start < ids.length; ) {
      const from = ids[start] as number;
      const row =
        this.#file.one(`${at} <= ? ORDER BY first DESC LIMIT 1`, list, from) ??
        (this.#file.one(`${at} > ? ORDER BY first LIMIT 1`, list, from) as Row);
      const following = this.#file.one(
        "SELECT min(first) AS first FROM piece WHERE list = ? AND first > ?",
        list,
        row.first as number,
      )?.first as number | null;
      let end = start;
      while (end < ids.length && (following === null || (ids[end] as number) < following)) end++;
      const all = merged(decodePiece(row.first as number, row.rest as Uint8Array), ids.slice(start, end));
      this.#file.run("DELETE FROM piece WHERE id = ?", row.id as number);
      // In equal parts: others may follow into any of them.
      this.#putPieces(list, all, Math.ceil(all.length / Math.ceil(all.length / PIECE_MAX)));
      start = end;
    }
    this.#openPieces.delete(list);
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
    this.#lists.clear();
    this.#openPieces.clear();
    this.#free.clear();
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

/** The lists that an event with this number stands in. */
export function expectedLists(event: SearchableEvent, id: number): (readonly [Kind, string])[] {
  const lists = listsOf(event);
  const { byEventId, end } = slotOf(event.eventId, event.second);
  return byEventId && id < end ? lists : [...lists, ["EventIdEnd", eventIdEnd(event.eventId)]];
}

type Row = NonNullable<ReturnType<IndexFile["one"]>>;

function isAscending(ids: readonly number[]): boolean {
  return ids.every((id, i) => i === 0 || (ids[i - 1] as number) < id);
}
