import { readdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { type Entry, isStreamName, type Segment, segmentsOf, soundEntry } from "./segment.ts";
import { readBeginning, readLines } from "./segmentLines.ts";

/** How often a journal that is followed is looked at; milliseconds. */
const POLL_INTERVAL = 250;

export interface ReadOptions {
  /** the sequence number of the last entry that is known already; 0: from the beginning */
  readonly after?: number;
  /** the last entry that is wanted */
  readonly through?: number;
  /** waits for entries to come, until it is aborted */
  readonly follow?: AbortSignal;
}

/** The streams of the journal in this directory, by name. */
export async function listStreams(directory: string): Promise<string[]> {
  const names = await readdir(directory, { withFileTypes: true }).catch(noneIfAbsent);
  return names
    .filter((file) => file.isDirectory() && isStreamName(file.name))
    .map(({ name }) => name)
    .sort();
}

/** The segments in a stream's directory, oldest first. */
export async function listSegments(directory: string): Promise<Segment[]> {
  return segmentsOf(await readdir(directory).catch(noneIfAbsent));
}

function noneIfAbsent(error: NodeJS.ErrnoException): [] {
  if (error.code !== "ENOENT") throw error;
  return [];
}

/**
 * A stream's entries of every kind, in order, each exactly once as far as `Journal.head` reaches. Beyond it, an entry may
 * be read that the disk then fails to keep: its event comes again, under another number. Lines that are no sound entries
 * are passed over; `verifyJournal` tells of them.
 * @param directory the stream's
 * @throws SegmentUnreadable
 */
export async function* readEntries(directory: string, options: ReadOptions = {}): AsyncGenerator<Entry> {
  const { after = 0, through = Number.POSITIVE_INFINITY, follow } = options;
  let segments = await listSegments(directory);
  let segment = segments.findLast(({ sequence }) => sequence <= after + 1) ?? segments[0];
  let wanted = after + 1;
  let offset = 0;
  for (;;) {
    const next = segments.find(({ sequence }) => segment !== undefined && sequence > segment.sequence);
    const beginning = next && (await readBeginning(directory, next));
    const ending = beginning?.header.after;
    const end = ending?.segment === segment?.name ? ending?.bytes : undefined;
    if (segment !== undefined) {
      for await (const line of readLines(directory, segment, offset)) {
        if (!line.ended || line.offset >= (end ?? line.offset + 1)) break;
        offset = line.offset + line.bytes.length + 1;
        const entry = soundEntry(line.bytes);
        if (entry === undefined || entry.sequence < wanted) continue;
        if (entry.sequence > through) return;
        wanted = entry.sequence + 1;
        yield entry;
      }
    }
    if (next !== undefined) {
      segment = next;
      offset = 0;
      wanted = Math.max(after + 1, Math.min(wanted, beginning?.sequence ?? wanted));
      continue;
    }
    const known = segments.length;
    segments = await listSegments(directory);
    segment ??= segments[0];
    if (segments.length > known) continue;
    if (follow === undefined || follow.aborted) return;
    await sleep(POLL_INTERVAL, undefined, { signal: follow }).catch(() => undefined);
  }
}
