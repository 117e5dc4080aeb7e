import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Place, Positions, StreamPosition } from "./indexWriter.ts";
import { listSegments, listStreams } from "./journalReader.ts";
import { type Entry, parseLine, type Segment } from "./segment.ts";
import { readBeginning, readLines, SegmentUnreadable } from "./segmentLines.ts";

/** An entry of the journal, of any kind, with where it is and where its stream goes on after it. */
export interface JournalEntry {
  readonly entry: Entry;
  readonly place: Place;
  readonly position: StreamPosition;
}

/** The stream does not go on where it was left: it was written anew from some point before. */
export class PositionLost extends Error {}

/**
 * The sound entries of a stream after a position, to its end as it is now. What a segment holds beyond its end, and lines
 * that were changed, are passed over: to tell of them is for verification.
 * @throws PositionLost; SegmentUnreadable, the system's errors
 */
export async function* entriesAfter(
  directory: string,
  stream: string,
  from: StreamPosition | undefined,
): AsyncGenerator<JournalEntry> {
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
    if (offset > end) throw new PositionLost();
    try {
      for await (const line of readLines(path, segment, offset)) {
        const after = line.offset + line.bytes.length + 1;
        if (!line.ended || after > end) break;
        const parsed = parseLine(line.bytes);
        if (parsed?.sound !== true) continue;
        const { entry } = parsed;
        if (unchecked !== undefined && !follows(entry, unchecked)) throw new PositionLost();
        unchecked = undefined;
        yield {
          entry,
          place: { stream, sequence: entry.sequence, offset: line.offset },
          position: { segment: segment.sequence, offset: after, sequence: entry.sequence, hash: entry.hash },
        };
      }
    } catch (error) {
      // What comes after a segment that is broken is there nevertheless.
      const broken = error instanceof SegmentUnreadable && !error.fromSystem;
      if (!broken || i === segments.length - 1) throw error;
    }
  }
}

function follows({ previous, sequence }: Entry, before: StreamPosition): boolean {
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

/**
 * The same of all streams, merged: the entry that comes next is of the stream that is furthest behind, by the time of its
 * events. Ends when all have ended.
 * @param timeOf seconds since the epoch; undefined where an entry has no time
 */
export async function* allEntriesAfter<T>(
  directory: string,
  from: Positions,
  read: (entry: JournalEntry) => { second: number | undefined; value: T },
): AsyncGenerator<T> {
  const heads: { second: number; value: T; rest: AsyncGenerator<JournalEntry> }[] = [];
  const advance = async (rest: AsyncGenerator<JournalEntry>, before: number) => {
    const { value, done } = await rest.next();
    if (done === true) return undefined;
    const next = read(value);
    return { second: next.second ?? before, value: next.value, rest };
  };
  try {
    for (const stream of await listStreams(directory)) {
      const head = await advance(entriesAfter(directory, stream, from.get(stream)), 0);
      if (head !== undefined) heads.push(head);
    }
    while (heads.length > 0) {
      let next = 0;
      for (let i = 1; i < heads.length; i++) {
        if ((heads[i]?.second ?? 0) < (heads[next]?.second ?? 0)) next = i;
      }
      const { value, rest, second } = heads[next] as (typeof heads)[number];
      yield value;
      const head = await advance(rest, second);
      if (head === undefined) heads.splice(next, 1);
      else heads[next] = head;
    }
  } finally {
    for (const { rest } of heads) await rest.return(undefined);
  }
}
