import { LRUCache } from "lru-cache";
import type { Addition } from "./eventLists.ts";
import type { IndexFile, Row } from "./indexFile.ts";
import { decodePiece, encodeAfter, encodePiece, merged, PIECE_MAX } from "./postings.ts";
import { KINDS } from "./searchableEvent.ts";

/** Lists whose pieces are read at a time. */
const LISTS_AT_A_TIME = 100;
const LISTS_CACHED = 20_000;
const PIECES_CACHED = 5_000;

/** The last piece of a list, which most new events go into. */
interface OpenPiece {
  readonly id: number;
  readonly last: number;
  readonly count: number;
  readonly rest: Buffer;
}

/** What events of an account, in a Region, are listed by. */
export type List = Omit<Addition, "ids">;

/** The list's number; undefined if there is none. */
export function findList(file: IndexFile, { kind, value, account, region }: List): number | undefined {
  const sql = "SELECT id FROM list WHERE kind = ? AND value = ? AND account = ? AND region = ?";
  return file.one(sql, KINDS[kind], value, account, region)?.id as number | undefined;
}

/** What events are listed by, to be written. All of it in a transaction of the caller's. */
export class ListTable {
  readonly #file: IndexFile;
  readonly #lists = new LRUCache<string, number>({ max: LISTS_CACHED });
  readonly #openPieces = new LRUCache<number, OpenPiece>({ max: PIECES_CACHED });

  constructor(file: IndexFile) {
    this.#file = file;
  }

  /** The list's number; it is made if there is none. */
  idOf(list: List): number {
    const { kind, value, account, region } = list;
    const name = JSON.stringify([kind, account, region, value]);
    let id = this.#lists.get(name);
    if (id === undefined) {
      const insert = "INSERT INTO list (kind, value, account, region) VALUES (?, ?, ?, ?)";
      id = findList(this.#file, list) ?? this.#file.run(insert, KINDS[kind], value, account, region);
      this.#lists.set(name, id);
    }
    return id;
  }

  /** After another has changed the file, or what was written was taken back. */
  forget(): void {
    this.#lists.clear();
    this.#openPieces.clear();
  }

  /** Keeps of the events numbered below `limit` those that `isKept` says, and the lists that have any. */
  keep(limit: number, isKept: (id: number) => boolean): void {
    this.forget();
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
        const kept = ids.filter((event) => event >= limit || isKept(event));
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
  }

  /** @param ids ascending; none of them may be in the list yet */
  append(list: number, ids: readonly number[]): void {
    const open = this.#openPieces.get(list) ?? this.#lastPiece(list);
    if (open === undefined) this.#putPieces(list, ids);
    else if ((ids[0] as number) <= open.last) this.#mergeInto(list, ids);
    else this.#appendTo(open, list, ids);
  }

  #appendTo(open: OpenPiece, list: number, ids: readonly number[]): void {
    const added = ids.slice(0, PIECE_MAX - open.count);
    if (added.length > 0) {
      const rest = Buffer.concat([open.rest, encodeAfter(open.last, added)]);
      this.#file.run("UPDATE piece SET rest = ? WHERE id = ?", rest, open.id);
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
}
