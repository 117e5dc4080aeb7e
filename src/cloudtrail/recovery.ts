import { readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import {
  type Ending,
  GENESIS,
  type Head,
  isTorn,
  LINE_BYTES_MAX,
  parseHeader,
  SEQUENCE_MAX,
  type Segment,
  segmentsOf,
  soundEntry,
} from "./segment.ts";
import { type Disk, syncFile, UNFINISHED } from "./segmentFile.ts";
import { readLines, SegmentUnreadable } from "./segmentLines.ts";

/** More than the journal writes at once: what a crash leaves is never longer. */
const TORN_BYTES_MAX = 2 * LINE_BYTES_MAX;

/** The journal's names or numbers are such that nothing can follow them. */
export class StreamExhausted extends Error {}

/** Where a stream goes on. */
export interface Recovered {
  readonly head: Head;
  /** of the last segment; null if there is none */
  readonly ending: Ending | null;
  /** when the last segment began, milliseconds since the epoch; 0 if unknown */
  readonly time: number;
}

/**
 * Finds where the stream in this directory goes on, and removes what was left of files that were never finished. Only
 * the last segment is read: whether all before it is sound is for verification to say. The directory must be locked.
 * @throws SegmentUnreadable, StreamExhausted, the system's errors
 */
export async function recoverStream(directory: string, disk: Disk): Promise<Recovered> {
  const files = await readdir(directory);
  for (const file of files) if (file.endsWith(UNFINISHED)) await unlink(join(directory, file));
  const segments = segmentsOf(files);
  const last = segments.at(-1);
  if (last === undefined) return { head: GENESIS, ending: null, time: 0 };
  await syncFile(join(directory, last.plain ? last.name : `${last.name}.gz`), disk);
  const { ending, ...found } = await readTail(directory, last);
  let head = found.head;
  for (let i = segments.length - 2; head === undefined && i >= 0; i--) {
    head = (await readTail(directory, segments[i] as Segment)).head;
  }
  // No two segments may have one name, whatever was done to the last one's.
  const sequence = Math.max(head?.sequence ?? 0, last.sequence);
  if (sequence >= SEQUENCE_MAX) throw new StreamExhausted(`no entry can follow ${last.name}`);
  return { head: { sequence, hash: head?.hash ?? GENESIS.hash }, ending, time: found.time };
}

/**
 * A segment's last entry, undefined if it has none, and how it ends. Entries that were changed are passed over: what
 * follows them is chained to what they were, and the stream shall not use its sequence numbers twice.
 */
async function readTail(
  directory: string,
  segment: Segment,
): Promise<{ head: Head | undefined; ending: Ending; time: number }> {
  let head: Head | undefined;
  let bytes = 0;
  let size = 0;
  let time = 0;
  let lines = 0;
  let unsound: { offset: number; torn: boolean; bytes: number; head: Head | undefined } | undefined;
  const read = async () => {
    for await (const line of readLines(directory, segment)) {
      size = line.offset + line.bytes.length + (line.ended ? 1 : 0);
      const entry = line.ended ? soundEntry(line.bytes) : undefined;
      // Nobody else's line may make the sequence jump.
      if (entry !== undefined && entry.sequence === segment.sequence + lines) {
        if (lines === 0) time = Date.parse(parseHeader(entry)?.time ?? "") || 0;
        head = { sequence: entry.sequence, hash: entry.hash };
        bytes = size;
      } else {
        unsound ??= { offset: line.offset, torn: isTorn(line), bytes, head };
      }
      lines++;
    }
  };
  await read().catch((error) => {
    // A disk that does not answer is not a segment that is broken.
    if (!(error instanceof SegmentUnreadable) || error.fromSystem) throw error;
    unsound ??= { offset: size, torn: false, bytes, head };
  });
  const torn = unsound?.torn === true && unsound.head !== undefined && size - unsound.offset <= TORN_BYTES_MAX;
  if (torn && unsound !== undefined) ({ head, bytes } = unsound);
  const how = unsound === undefined && head !== undefined ? "closed" : torn ? "torn" : "damaged";
  return { head, ending: { segment: segment.name, bytes, left: size - bytes, how }, time };
}
