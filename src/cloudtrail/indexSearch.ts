import { EventTable } from "./eventTable.ts";
import { eventIdEnd, eventTag, secondStart, slotOfEventId } from "./eventTimeId.ts";
import type { IndexFile } from "./indexFile.ts";
import type { Place } from "./indexWriter.ts";
import { decodePiece, placeBelow } from "./postings.ts";
import { KINDS, type Kind, resourceListName } from "./searchableEvent.ts";

/** What to search for. All of it must be true of an event. */
export interface EventQuery {
  /** undefined: of all accounts, in all Regions */
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  /** by the names of LookupEvents' attribute keys */
  readonly attributes: readonly (readonly [key: AttributeKey, value: string])[];
  readonly failed?: boolean | undefined;
  /** seconds since the epoch, both included; undefined: without limit */
  readonly from?: number | undefined;
  readonly through?: number | undefined;
}

export type AttributeKey = Exclude<Kind, "Any" | "Failed" | "EventIdEnd"> | "EventId";

/** An event in the index. */
export interface IndexedPlace extends Place {
  /** higher is newer */
  readonly id: number;
}

/** Events numbered below a limit, from the newest on. */
interface Descending {
  /** The greatest number below `limit`, which must never grow from call to call; undefined if there is none. */
  below(limit: number): number | undefined;
}

/**
 * What the index says stands for a query, newest first.
 * @param before a number: only events below it
 * @throws SQLite's errors; PostingDamaged
 */
export function* search(file: IndexFile, query: EventQuery, before?: number): Generator<IndexedPlace, void> {
  const { from = 0, through } = query;
  // What lists hold below the oldest event has gone with the journal.
  const events = new EventTable(file);
  const lowest = Math.max(secondStart(from), events.first()?.id ?? 0);
  const end = through === undefined ? Number.MAX_SAFE_INTEGER : secondStart(through + 1);
  const candidates = intersection(listsFor(file, events, query));
  for (let limit = Math.min(end, before ?? end); ; ) {
    const id = candidates.below(limit);
    if (id === undefined || id < lowest) return;
    limit = id;
    const row = events.at(id);
    if (row === undefined) continue; // pruned
    yield { id, stream: streamName(file, row.stream), sequence: row.sequence, offset: row.offset };
  }
}

/** Empty where there is none, which is no stream's name. */
function streamName(file: IndexFile, id: number): string {
  return (file.one("SELECT name FROM stream WHERE id = ?", id)?.name as string | undefined) ?? "";
}

function listsFor(file: IndexFile, events: EventTable, query: EventQuery): Descending[] {
  const { account, region, attributes, failed } = query;
  const list = (kind: Kind, value: string) => listIn(file, kind, value, account, region);
  const lists = attributes.map(([key, value]) => {
    if (key === "EventId") return withEventId(events, value, list("EventIdEnd", eventIdEnd(value)));
    return list(key, key === "ResourceName" ? resourceListName(value) : value);
  });
  if (failed) lists.push(list("Failed", ""));
  if (lists.length === 0) lists.push(account === undefined && region === undefined ? all(events) : list("Any", ""));
  return lists;
}

/** The list of an account and Region, or those of several together. */
function listIn(file: IndexFile, kind: Kind, value: string, account?: string, region?: string): Descending {
  const values: (string | number)[] = [KINDS[kind], value];
  let sql = "SELECT id FROM list WHERE kind = ? AND value = ?";
  if (account !== undefined) {
    sql += " AND account = ?";
    values.push(account);
  }
  if (region !== undefined) {
    sql += " AND region = ?";
    values.push(region);
  }
  const rows = file.all(sql, ...values);
  return union(rows.map(({ id }) => new StoredList(file, id as number)));
}

class StoredList implements Descending {
  readonly #file: IndexFile;
  readonly #list: number;
  #piece: readonly number[] = [];

  constructor(file: IndexFile, list: number) {
    this.#file = file;
    this.#list = list;
  }

  below(limit: number): number | undefined {
    if (!((this.#piece[0] ?? Number.POSITIVE_INFINITY) < limit)) {
      const row = this.#file.one(
        "SELECT first, rest FROM piece WHERE list = ? AND first < ? ORDER BY first DESC LIMIT 1",
        this.#list,
        limit,
      );
      if (row === undefined) return undefined;
      this.#piece = decodePiece(row.first as number, row.rest as Uint8Array);
    }
    return this.#piece[placeBelow(this.#piece, limit)];
  }
}

function all(events: EventTable): Descending {
  return { below: (limit) => events.below(limit)?.id };
}

function withEventId(events: EventTable, eventId: string, others: Descending): Descending {
  const slot = slotOfEventId(eventId);
  const tag = eventTag(eventId);
  const tagged: Descending = {
    below(limit) {
      if (slot === undefined) return undefined;
      for (let row = events.below(Math.min(limit, slot.end)); row !== undefined; row = events.below(row.id)) {
        if (row.id < slot.from) return undefined;
        if (row.tag === tag) return row.id;
      }
      return undefined;
    },
  };
  const listed: Descending = {
    below(limit) {
      for (let next = others.below(limit); next !== undefined; next = others.below(next)) {
        if (events.at(next)?.tag === tag) return next;
      }
      return undefined;
    },
  };
  return union([tagged, listed]);
}

function union(lists: readonly Descending[]): Descending {
  if (lists.length === 1) return lists[0] as Descending;
  const heads: (number | undefined)[] = lists.map(() => Number.POSITIVE_INFINITY);
  return {
    below(limit) {
      let greatest: number | undefined;
      for (let i = 0; i < lists.length; i++) {
        let head = heads[i];
        if (head !== undefined && head >= limit) {
          head = lists[i]?.below(limit);
          heads[i] = head;
        }
        if (head !== undefined && !(greatest !== undefined && greatest >= head)) greatest = head;
      }
      return greatest;
    },
  };
}

/** Leapfrog: each list in turn jumps to where the others are (Veldhuizen, Leapfrog Triejoin, ICDT 2014). */
function intersection(lists: readonly Descending[]): Descending {
  return {
    below(limit) {
      let candidate = lists[0]?.below(limit);
      for (let agreed = 1, i = 1; candidate !== undefined && agreed < lists.length; i++) {
        const next: number | undefined = lists[i % lists.length]?.below(candidate + 1);
        agreed = next === candidate ? agreed + 1 : 1;
        candidate = next;
      }
      return candidate;
    },
  };
}
