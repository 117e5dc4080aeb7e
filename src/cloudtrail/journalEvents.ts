import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Place, Positions, StreamPosition } from "./indexWriter.ts";
import { listSegments, listStreams } from "./journalReader.ts";
import { type Frame, isSound, parseFrame, type Segment } from "./segment.ts";
import { readBeginning, readLineGroups, SegmentUnreadable } from "./segmentLines.ts";

/** An entry of the journal, of any kind, with where it is. */
export interface JournalEntry extends Frame, Place {
  /** its line, without the line feed */
  readonly line: Buffer;
  /** the first sequence number of its segment */
  readonly segment: number;
}

/** Where the entry's stream goes on after it. */
export function positionAfter({ segment, offset, line, sequence, hash }: JournalEntry): StreamPosition {
  return { segment, offset: offset + line.length + 1, sequence, hash };
}

/** The entry's body: JSON, of an object. */
export function bodyOf({ line, bodyStart }: JournalEntry): string {
  return line.toString("utf8", bodyStart, line.length - 1);
}

/** The stream does not go on where it was left: it was written anew from some point before. */
export class PositionLost extends Error {
  constructor(stream: string, { sequence, hash }: StreamPosition) {
    super(`stream ${stream} had the entry ${sequence} with the hash ${hash}, and has it no more`);
  }
}

/**
 * The sound entries of a stream after a position, to its end as it is now, some at a time. What a segment holds beyond its
 * end, and lines that were changed, are passed over: to tell of them is for verification.
 * @throws PositionLost; SegmentUnreadable, the system's errors
 */
export async function* entriesAfter(
  directory: string,
  stream: string,
  from: StreamPosition | undefined,
): AsyncGenerator<readonly JournalEntry[]> {
  const path = join(directory, stream);
  const segments = await listSegments(path);
  const kept = segments.findIndex(({ sequence }) => sequence === from?.segment);
  // What was there may have expired. What follows it has not.
  const start = kept !== -1 || from === undefined ? Math.max(0, kept) : firstAfter(segments, from.sequence);
  let unchecked = kept === -1 ? undefined : from;
  for (let i = start; i < segments.length; i++) {
    const segment = segments[i] as Segment;
    const end = await endOf(path, segment, segments[i + 1]);
    const offset = i === start && kept !== -1 && from !== undefined ? from.offset : 0;
    if (from !== undefined && offset > end) throw new PositionLost(stream, from);
    try {
      for await (const lines of readLineGroups(path, segment, offset)) {
        const entries: JournalEntry[] = [];
        let isEnd = false;
        for (const { bytes: line, offset, ended } of lines) {
          isEnd = !ended || offset + line.length >= end;
          if (isEnd) break;
          const frame = parseFrame(line);
          if (frame === undefined || !isSound(line, frame)) continue;
          if (unchecked !== undefined && !follows(frame, unchecked)) throw new PositionLost(stream, unchecked);
          unchecked = undefined;
          entries.push({ ...frame, stream, offset, line, segment: segment.sequence });
        }
        if (entries.length > 0) yield entries;
        if (isEnd) break;
      }
    } catch (error) {
      // What comes after a segment that is broken is there nevertheless.
      const broken = error instanceof SegmentUnreadable && !error.fromSystem;
      if (!broken || i === segments.length - 1) throw error;
    }
  }
}

function follows({ previous, sequence }: Frame, before: StreamPosition): boolean {
  return previous === before.hash && sequence === before.sequence + 1;
}

function firstAfter(segments: readonly Segment[], sequence: number): number {
  const found = segments.findIndex((segment) => segment.sequence > sequence);
  return found === -1 ? segments.length : found;
}

/** Up to where a segment's bytes are the journal's; the last one's all are. @throws PositionLost it is shorter than where it was left */
async function endOf(path: string, segment: Segment, next: Segment | undefined): Promise<number> {
  if (next !== undefined) {
    const after = (await readBeginning(path, next).catch(noneIfUnreadable))?.header.after;
    return after?.segment === segment.name ? after.bytes : Number.POSITIVE_INFINITY;
  }
  return segment.plain ? (await stat(join(path, segment.name))).size : Number.POSITIVE_INFINITY;
}

function noneIfUnreadable(error: unknown): undefined {
  if (!(error instanceof SegmentUnreadable)) throw error;
}

/** Entries that are merged at a time. */
const MERGED = 500;

/**
 * The same of all streams, merged: the entry that comes next is of the stream that is furthest behind, by the time of its
 * events. Ends when all have ended.
 * @param read what is wanted of an entry, with its time in seconds since the epoch, undefined where it has none
 */
export async function* allEntriesAfter<T extends { readonly second: number | undefined }>(
  directory: string,
  from: Positions,
  read: (entry: JournalEntry) => T,
): AsyncGenerator<readonly T[]> {
  const heads: Head<T>[] = [];
  try {
    for (const stream of await listStreams(directory)) {
      const head = new Head(entriesAfter(directory, stream, from.get(stream)), read);
      if (await head.refill()) heads.push(head);
    }
    let merged: T[] = [];
    while (heads.length > 0) {
      const next = furthestBehind(heads);
      merged.push(next.take());
      if (!next.isUsedUp) continue;
      if (!(await next.refill())) heads.splice(heads.indexOf(next), 1);
      if (merged.length < MERGED) continue;
      yield merged;
      merged = [];
    }
    if (merged.length > 0) yield merged;
  } finally {
    for (const head of heads) await head.close();
  }
}

/** The next entries of a stream. */
class Head<T extends { readonly second: number | undefined }> {
  readonly #rest: AsyncGenerator<readonly JournalEntry[]>;
  readonly #read: (entry: JournalEntry) => T;
  #entries: T[] = [];
  #at = 0;
  /** of the next one, or of the last before it that had a time */
  second = 0;

  constructor(rest: AsyncGenerator<readonly JournalEntry[]>, read: (entry: JournalEntry) => T) {
    this.#rest = rest;
    this.#read = read;
  }

  get isUsedUp(): boolean {
    return this.#at === this.#entries.length;
  }

  take(): T {
    const taken = this.#entries[this.#at++] as T;
    this.second = this.#entries[this.#at]?.second ?? this.second;
    return taken;
  }

  /** @returns whether there are any more */
  async refill(): Promise<boolean> {
    const { value, done } = await this.#rest.next();
    if (done === true) return false;
    this.#entries = value.map(this.#read);
    this.#at = 0;
    this.second = this.#entries[0]?.second ?? this.second;
    return true;
  }

  async close(): Promise<void> {
    await this.#rest.return(undefined);
  }
}

function furthestBehind<T extends { readonly second: number | undefined }>(heads: readonly Head<T>[]): Head<T> {
  let next = heads[0] as Head<T>;
  for (const head of heads) if (head.second < next.second) next = head;
  return next;
}
