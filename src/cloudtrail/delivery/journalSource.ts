import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { listSegments, listStreams, readEntries } from "../journalReader.ts";
import type { Anchor } from "../journalVerification.ts";
import { type Entry, LINE_BYTES_MAX, type Segment, soundEntry } from "../segment.ts";
import { readLines } from "../segmentLines.ts";

/** The journal, as delivery reads it. */
export interface JournalSource {
  /** Where each stream that has entries ends now; sorted by stream. */
  heads(): Promise<Anchor[]>;
  /**
   * The events, records of CloudTrail as JSON, that a stream has after one sequence number up to another, in order. What
   * has expired is passed over.
   */
  events(stream: string, after: number, through: number): AsyncIterable<string>;
}

/** Sequence numbers by stream; a stream that is not in it has not been read from. */
export type Positions = Readonly<Record<string, number>>;

export function positionsOf(anchors: readonly Anchor[]): Positions {
  return Object.fromEntries(anchors.map(({ stream, sequence }) => [stream, sequence]));
}

/** @param directory of all streams; other processes may be writing them */
export function journalSource(directory: string): JournalSource {
  return {
    async heads() {
      const heads: Anchor[] = [];
      for (const stream of await listStreams(directory)) {
        const last = await lastEntry(join(directory, stream));
        if (last !== undefined) heads.push({ stream, sequence: last.sequence, hash: last.hash });
      }
      return heads;
    },
    async *events(stream, after, through) {
      for await (const { kind, body } of readEntries(join(directory, stream), { after, through })) {
        if (kind === "event") yield body;
      }
    },
  };
}

/** The last sound entry of a stream: in its last segment, unless that is just being begun. */
async function lastEntry(directory: string): Promise<Entry | undefined> {
  for (const segment of (await listSegments(directory)).reverse()) {
    const last = segment.plain
      ? await lastOfFile(join(directory, segment.name))
      : await lastOfLines(directory, segment);
    if (last !== undefined) return last;
  }
  return undefined;
}

const LINE_FEED = 0x0a;
const FIRST_READ = 64 * 1024;

/** Reads a file from its end, as much as it takes. A segment of the size of many days' events is read no longer than a small one. */
async function lastOfFile(path: string): Promise<Entry | undefined> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    return undefined; // it has been compressed since
  });
  try {
    return file && (await lastBefore(file, (await file.stat()).size));
  } finally {
    await file?.close();
  }
}

async function lastBefore(file: FileHandle, end: number): Promise<Entry | undefined> {
  for (let length = FIRST_READ; ; length *= 8) {
    const start = Math.max(0, end - length);
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(end - start), 0, end - start, start);
    const bytes = buffer.subarray(0, bytesRead);
    for (let feed = bytes.lastIndexOf(LINE_FEED); feed > 0; ) {
      const before = bytes.lastIndexOf(LINE_FEED, feed - 1);
      if (before === -1 && start > 0) break;
      const entry = soundEntry(bytes.subarray(before + 1, feed));
      if (entry !== undefined) return entry;
      feed = before;
    }
    if (start === 0 || length > 4 * LINE_BYTES_MAX) return undefined;
  }
}

async function lastOfLines(directory: string, segment: Segment): Promise<Entry | undefined> {
  let last: Entry | undefined;
  for await (const { bytes, ended } of readLines(directory, segment)) last = (ended && soundEntry(bytes)) || last;
  return last;
}
