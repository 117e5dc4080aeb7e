import { BLOCK_MAX, decodeBlock, type EventRow, encodeBlock } from "./eventBlocks.ts";
import type { IndexFile, Row } from "./indexFile.ts";
import { lastPlace, PostingDamaged } from "./postings.ts";

/** The events of the index, by their numbers. */
export class EventTable {
  readonly #file: IndexFile;
  /** the block that was read last: the next event is often in it as well */
  #block: readonly EventRow[] = [];
  /** the first number of the block after it */
  #following = 0;

  /** @param file which must not change while this is used, but through `put` and `change` */
  constructor(file: IndexFile) {
    this.#file = file;
  }

  /** @throws SQLite's errors; PostingDamaged, as all that is here */
  at(id: number): EventRow | undefined {
    const block = this.#blockOf(id);
    const row = block[placeBefore(block, id + 1)];
    return row?.id === id ? row : undefined;
  }

  /** The last event that is numbered below `limit`. */
  below(limit: number): EventRow | undefined {
    const block = this.#blockOf(limit - 1);
    return block[placeBefore(block, limit)];
  }

  /** The first event. */
  first(): EventRow | undefined {
    const first = this.#file.one("SELECT min(first) AS first FROM block")?.first as number | null;
    return first === null ? undefined : this.at(first);
  }

  /** The events numbered in `from … end`, ascending, a block at a time. */
  *blocks(from: number, end: number): Generator<readonly EventRow[], void> {
    const begin = this.#file.one("SELECT max(first) AS first FROM block WHERE first <= ?", from)?.first as
      | number
      | null;
    for (let row = this.#stored(begin ?? from, ">="); row !== undefined && (row.first as number) < end; ) {
      const block = decoded(row);
      row = this.#stored(row.first as number, ">");
      const last = block.at(-1) as EventRow;
      // An event there would be looked for in the block that follows.
      if (row !== undefined && last.id >= (row.first as number)) throw new PostingDamaged();
      const isWithin = (block[0] as EventRow).id >= from && last.id < end;
      yield isWithin ? block : block.filter(({ id }) => id >= from && id < end);
    }
  }

  /** @param rows ascending; none of these numbers may be there yet */
  put(rows: readonly EventRow[]): void {
    for (let start = 0; start < rows.length; ) {
      let block = this.#blockOf((rows[start] as EventRow).id);
      if (block.length === 0) block = this.#blockOf(this.#following); // it comes before all others
      let end = start;
      while (end < rows.length && (rows[end] as EventRow).id < this.#following) end++;
      const part = rows.slice(start, end);
      const before = block.at(-1)?.id ?? 0;
      const isAppended = before < (part[0] as EventRow).id;
      const all = isAppended ? [...block, ...part] : [...block, ...part].sort((a, b) => a.id - b.id);
      // Where they are put between others, more may come: in equal parts, each has room.
      const isLast = this.#following === Number.POSITIVE_INFINITY;
      this.#replace(block, all, isLast ? BLOCK_MAX : Math.ceil(all.length / Math.ceil(all.length / BLOCK_MAX)));
      start = end;
    }
  }

  /** Keeps of the events numbered below `limit` those that `isKept` says. */
  keep(limit: number, isKept: (row: EventRow) => boolean): void {
    for (let row = this.#stored(0, ">="); row !== undefined && (row.first as number) < limit; ) {
      const block = decoded(row);
      const kept = block.filter((event) => event.id >= limit || isKept(event));
      row = this.#stored(row.first as number, ">");
      if (kept.length < block.length) this.#replace(block, kept, BLOCK_MAX);
    }
    this.forget();
  }

  /** After another has changed the file. */
  forget(): void {
    this.#block = [];
    this.#following = 0;
  }

  #replace(block: readonly EventRow[], rows: readonly EventRow[], size: number): void {
    const first = block[0]?.id;
    if (first !== undefined && first !== rows[0]?.id) this.#file.run("DELETE FROM block WHERE first = ?", first);
    for (let start = 0; start < rows.length; start += size) {
      const part = rows.slice(start, start + size);
      const sql = "INSERT OR REPLACE INTO block (first, rest) VALUES (?, ?)";
      this.#file.run(sql, (part[0] as EventRow).id, encodeBlock(part));
      this.#block = part;
    }
    if (this.#following !== Number.POSITIVE_INFINITY || rows.length === 0) this.forget();
  }

  /** The block where an event of this number is, if it is there; empty if the number is below all. */
  #blockOf(id: number): readonly EventRow[] {
    const first = this.#block[0]?.id;
    if (first !== undefined && first <= id && id < this.#following) return this.#block;
    const row = this.#stored(id, "<=");
    const next = this.#file.one("SELECT min(first) AS first FROM block WHERE first > ?", id)?.first as number | null;
    this.#block = row === undefined ? [] : decoded(row);
    this.#following = next ?? Number.POSITIVE_INFINITY;
    return this.#block;
  }

  #stored(first: number, how: "<=" | ">=" | ">"): Row | undefined {
    const order = how === "<=" ? "DESC" : "ASC";
    return this.#file.one(`SELECT first, rest FROM block WHERE first ${how} ? ORDER BY first ${order} LIMIT 1`, first);
  }
}

function decoded({ first, rest }: Row): EventRow[] {
  return decodeBlock(first as number, rest as Uint8Array);
}

/** The place of the last row that is numbered below `limit`; -1 if there is none. */
function placeBefore(rows: readonly EventRow[], limit: number): number {
  return lastPlace(rows, ({ id }) => id < limit);
}
