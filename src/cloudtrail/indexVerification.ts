import type { EventRow } from "./eventBlocks.ts";
import { expectedLists } from "./eventLists.ts";
import { EventTable } from "./eventTable.ts";
import { eventTag, SECOND_MAX, secondStart, slotOf } from "./eventTimeId.ts";
import { indexPath, LOOKUP_PERIOD } from "./indexer.ts";
import { IndexFile, isDamage } from "./indexFile.ts";
import { entriesAfter } from "./journalEvents.ts";
import { listStreams } from "./journalReader.ts";
import { findList, type List } from "./listTable.ts";
import { decodePiece } from "./postings.ts";
import { RecordReader } from "./recordReader.ts";
import { KINDS, type Kind, type SearchableEvent, searchableEvent } from "./searchableEvent.ts";
import { SegmentAccess } from "./segmentAccess.ts";

/**
 * What the index says otherwise than the journal. `missing`: an event is not in it; `misplaced`: it is, with another
 * place or time; `unlisted`: it cannot be found by something that it has; `forged`: the index has, or lists, what the
 * journal does not say; `unusable`: the file is damaged. An index of any of these is to be removed: the next process
 * that indexes makes it anew. But `lost`: the journal ends before what was indexed of it, so that it is the journal that is
 * to be looked at.
 */
export interface IndexFinding {
  readonly kind: "missing" | "misplaced" | "unlisted" | "forged" | "unusable" | "lost";
  readonly detail: string;
}

export interface IndexVerification {
  /** events of the journal that the index should have, and whose every list was looked at */
  readonly events: number;
  /** the first {@link FINDINGS_MAX} */
  readonly findings: readonly IndexFinding[];
  readonly findingCount: number;
}

const FINDINGS_MAX = 100;
/** Events that are compared at a time. */
const WINDOW = 20_000;

/**
 * Compares the index with the journal: every event up to where the index says it has read. Undefined where there is no
 * index. Neither is changed.
 * @param directory the journal's
 * @param now milliseconds since the epoch: what is older than 90 days is not looked at
 * @throws SegmentUnreadable, the system's errors
 */
export async function verifyIndex(directory: string, now = Date.now()): Promise<IndexVerification | undefined> {
  let file: IndexFile | undefined;
  try {
    file = IndexFile.openForReading(indexPath(directory));
    if (file === undefined) return undefined;
    const comparison = new Comparison(directory, file, Math.max(0, Math.floor(now / 1000) - LOOKUP_PERIOD));
    return await comparison.run();
  } catch (error) {
    if (!isDamage(error)) throw error;
    return { events: 0, findings: [{ kind: "unusable", detail: (error as Error).message }], findingCount: 1 };
  } finally {
    file?.close();
  }
}

interface Indexable {
  readonly event: SearchableEvent;
  readonly sequence: number;
  readonly offset: number;
}

class Comparison {
  readonly #directory: string;
  readonly #file: IndexFile;
  readonly #oldest: number;
  readonly #events: EventTable;
  readonly #access: SegmentAccess;
  readonly #findings: IndexFinding[] = [];
  #findingCount = 0;
  #compared = 0;
  #rows = 0;
  /** by list, how many events should be in it */
  readonly #listed = new Map<number, number>();

  constructor(directory: string, file: IndexFile, oldest: number) {
    this.#directory = directory;
    this.#file = file;
    this.#oldest = oldest;
    this.#events = new EventTable(file);
    this.#access = new SegmentAccess(directory);
  }

  async run(): Promise<IndexVerification> {
    // All that is read of the index is of one moment.
    this.#file.database.exec("BEGIN");
    for (const { quick_check: fault } of this.#file.all("PRAGMA quick_check(10)")) {
      if (fault !== "ok") this.#found("unusable", String(fault));
    }
    for (const stream of await listStreams(this.#directory)) await this.#compareStream(stream);
    await this.#lookForForgedEvents();
    await this.#lookForForgedLists();
    return { events: this.#compared, findings: this.#findings, findingCount: this.#findingCount };
  }

  #found(kind: IndexFinding["kind"], detail: string): void {
    this.#findingCount++;
    if (this.#findings.length < FINDINGS_MAX) this.#findings.push({ kind, detail });
  }

  async #compareStream(stream: string): Promise<void> {
    const row = this.#file.one("SELECT id, sequence FROM stream WHERE name = ?", stream);
    if (row === undefined) return; // nothing of it has been indexed yet
    let window: Indexable[] = [];
    const indexed = row.sequence as number;
    const records = new RecordReader();
    let last = 0;
    for await (const entries of entriesAfter(this.#directory, stream, undefined)) {
      for (const { kind, sequence, offset, line, bodyStart } of entries) {
        if (sequence > indexed || kind !== "event") continue;
        const event = records.read(line, bodyStart, line.length - 1);
        if (event !== undefined && event.second >= this.#oldest) window.push({ event, sequence, offset });
      }
      last = entries.at(-1)?.sequence ?? last;
      if (last > indexed) break;
      if (window.length < WINDOW) continue;
      this.#compare(stream, row.id as number, window);
      window = [];
    }
    if (last < indexed) {
      this.#found("lost", `stream ${stream} had entry ${indexed} when it was indexed, and ends at ${last}`);
    }
    if (window.length > 0) this.#compare(stream, row.id as number, window);
  }

  #compare(stream: string, streamId: number, window: readonly Indexable[]): void {
    const sequences = window.map(({ sequence }) => sequence);
    const seconds = window.map(({ event }) => event.second);
    const [from, through] = [least(sequences), greatest(sequences)];
    const end = secondStart(Math.min(greatest(seconds) + 2, SECOND_MAX));
    const found = new Map<number, EventRow[]>();
    for (const block of this.#events.blocks(secondStart(least(seconds)), end)) {
      for (const row of block) {
        if (row.stream !== streamId || row.sequence < from || row.sequence > through) continue;
        const rows = found.get(row.sequence);
        if (rows === undefined) found.set(row.sequence, [row]);
        else rows.push(row);
      }
    }
    this.#compared += window.length;
    const lists = new Map<string, { list: List; ids: Map<number, string> }>();
    for (const { event, sequence, offset } of window) {
      const [row, ...others] = found.get(sequence) ?? [];
      const name = `event ${event.eventId} (stream ${stream}, entry ${sequence})`;
      if (row === undefined) {
        this.#found("missing", name);
        continue;
      }
      if (others.length > 0) this.#found("forged", `${name} is in the index ${others.length + 1} times`);
      this.#rows++;
      const { id } = row;
      const isAtHome = row.offset === offset && row.tag === eventTag(event.eventId);
      if (!isAtHome || id < slotOf(event.eventId, event.second).from) this.#found("misplaced", name);
      for (const [kind, value] of expectedLists(event, id)) {
        const list = { kind, value, account: event.account, region: event.region };
        const key = JSON.stringify(list);
        const expected = lists.get(key) ?? { list, ids: new Map() };
        expected.ids.set(id, name);
        lists.set(key, expected);
      }
    }
    for (const { list, ids } of lists.values()) this.#compareList(list, ids);
  }

  /** Looks where a search would. */
  #compareList(list: List, expected: ReadonlyMap<number, string>): void {
    const id = findList(this.#file, list);
    const listed = new Set<number>();
    if (id !== undefined) {
      this.#listed.set(id, (this.#listed.get(id) ?? 0) + expected.size);
      const ids = [...expected.keys()];
      const [first, last] = [least(ids), greatest(ids)];
      const pieces = this.#file.all(
        `SELECT first, rest FROM piece WHERE list = ?1 AND first <= ?3 AND first >= coalesce(
           (SELECT max(first) FROM piece WHERE list = ?1 AND first <= ?2), ?2)`,
        id,
        first,
        last,
      );
      for (const { first, rest } of pieces) for (const at of decode(first, rest)) listed.add(at);
    }
    for (const [at, name] of expected)
      if (!listed.has(at)) this.#found("unlisted", `${name}: ${list.kind} ${list.value}`);
  }

  async #lookForForgedEvents(): Promise<void> {
    const from = secondStart(this.#oldest);
    let count = 0;
    for (const block of this.#events.blocks(from, Number.MAX_SAFE_INTEGER)) count += block.length;
    if (count === this.#rows) return;
    for (const block of this.#events.blocks(from, Number.MAX_SAFE_INTEGER)) {
      for (const { id } of block) {
        const event = await this.#eventAt(id);
        if (event === undefined) this.#found("forged", `event number ${id} is none of the journal's`);
      }
    }
  }

  async #lookForForgedLists(): Promise<void> {
    const from = secondStart(this.#oldest);
    for (const { id, kind, value, account, region } of this.#file.all("SELECT * FROM list")) {
      const pieces = this.#file.all("SELECT first, rest FROM piece WHERE list = ?", id as number);
      const listed = pieces.flatMap(({ first, rest }) => decode(first, rest)).filter((at) => at >= from);
      if (listed.length === (this.#listed.get(id as number) ?? 0)) continue;
      const name = NAMES.get(kind as number);
      for (const at of listed) {
        const event = await this.#eventAt(at);
        const is = event !== undefined && expectedLists(event, at).some(([k, v]) => k === name && v === value);
        if (is && event.account === account && event.region === region) continue;
        this.#found("forged", `event number ${at} is listed by ${name} ${value}, which it does not have`);
      }
    }
  }

  async #eventAt(id: number): Promise<SearchableEvent | undefined> {
    const row = this.#events.at(id);
    const stream = row && this.#file.one("SELECT name FROM stream WHERE id = ?", row.stream)?.name;
    if (row === undefined || typeof stream !== "string") return undefined;
    const { sequence, offset } = row;
    const record = await this.#access.record({ stream, sequence, offset });
    return record === undefined ? undefined : searchableEvent(record);
  }
}

const NAMES = new Map<number, Kind>(Object.entries(KINDS).map(([name, kind]) => [kind, name as Kind]));

function decode(first: unknown, rest: unknown): number[] {
  return decodePiece(first as number, rest as Uint8Array);
}

const least = (numbers: readonly number[]) => numbers.reduce((a, b) => Math.min(a, b));
const greatest = (numbers: readonly number[]) => numbers.reduce((a, b) => Math.max(a, b));
