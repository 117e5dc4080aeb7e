import { join } from "node:path";
import { Journal, type JournalReport, JournalUnavailable, SEGMENT_AGE } from "./journal.ts";
import { listSegments } from "./journalReader.ts";
import { compressSegments, expirable, expireSegments, type Retention } from "./retention.ts";
import { type Segment, soundEntry } from "./segment.ts";
import { readBeginning, readLines, SegmentUnreadable } from "./segmentLines.ts";
import { lockStream, StreamLocked } from "./streamLock.ts";

export interface OrphanedStream {
  /** of all streams */
  readonly directory: string;
  readonly stream: string;
  readonly retention: Retention;
  /** milliseconds since the epoch */
  readonly clock: () => number;
  /** hears how the stream's last segment was found to end */
  readonly report?: (report: Extract<JournalReport, { ending: unknown }>) => void;
  readonly signal?: AbortSignal;
}

/**
 * Does for a stream whose process is no more what that process would do: closes the last segment when it is an hour old,
 * compresses those that are closed, and removes those that are to be kept no longer. All of it under the stream's lock: a
 * process that wants to take the stream at this moment takes another one, and of one that a process writes nothing is
 * touched. What stays in the end is the last segment, without events, which says what has expired.
 * @returns how many segments were removed
 * @throws JournalUnavailable, SegmentUnreadable, the system's errors
 */
export async function keepOrphanedStream(orphan: OrphanedStream): Promise<number> {
  const { directory, stream, retention, clock, report, signal } = orphan;
  try {
    if (!(await tidy(orphan))) return 0;
    const journal = await Journal.open({
      directory,
      stream,
      clock,
      report: (event) => "ending" in event && report?.(event),
    });
    try {
      if (journal.fault !== undefined) throw new JournalUnavailable(journal.fault);
      signal?.throwIfAborted();
      return (await expireSegments(journal, retention, clock())).segments;
    } finally {
      await journal.close();
    }
  } catch (error) {
    if (error instanceof StreamLocked) return 0;
    throw error;
  }
}

/** Compresses what can be, and tells whether something must be written: the beginning of another segment, or that some expire. */
async function tidy({ directory, stream, retention, clock, signal }: OrphanedStream): Promise<boolean> {
  const path = join(directory, stream);
  // Directories beside the streams are no streams: nothing is made in them.
  if ((await listSegments(path)).length === 0) return false;
  const lock = lockStream(path);
  try {
    await compressSegments(path, signal);
    const last = (await listSegments(path)).at(-1);
    if (last !== undefined && (await isOld(path, last, clock())) && (await holdsEvents(path, last))) return true;
    // Segments without events would follow one another for ever, each saying that the one before has expired.
    const { segments } = await expirable(path, retention, clock());
    for (const segment of segments) if (await holdsEvents(path, segment)) return true;
    return false;
  } finally {
    lock.release();
  }
}

/** Whether its process would have closed the segment by now. Where the clock has gone back, nobody can tell, and it may be closed. */
async function isOld(path: string, segment: Segment, now: number): Promise<boolean> {
  const beginning = await readBeginning(path, segment);
  return !(Math.abs(now - Date.parse(beginning?.header.time ?? "")) < SEGMENT_AGE);
}

/** Whether there may be an event in the segment. Mostly its second line is one. */
async function holdsEvents(path: string, segment: Segment): Promise<boolean> {
  try {
    for await (const { bytes, ended } of readLines(path, segment)) {
      if (ended && soundEntry(bytes)?.kind === "event") return true;
    }
    return false;
  } catch (error) {
    if (!(error instanceof SegmentUnreadable) || error.fromSystem) throw error;
    return true;
  }
}
