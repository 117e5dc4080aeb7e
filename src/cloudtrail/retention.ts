import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { gzipLines } from "./gzipMembers.ts";
import type { Journal } from "./journal.ts";
import { listSegments } from "./journalReader.ts";
import type { Head, Segment } from "./segment.ts";
import { disk, syncDirectory, syncFile, UNFINISHED } from "./segmentFile.ts";
import { readBeginning } from "./segmentLines.ts";

/** Of a segment that is compressed, read at a time; bytes. */
const CHUNK = 128 << 10;
/**
 * Before each of them; milliseconds. Without it, compressing takes half of a processor that requests need for as long as it
 * lasts, with it a quarter. Some 15 MB a second is more than a process puts on record.
 */
const PAUSE = 6;

export interface Retention {
  /** Segments go whose newest entry is older; milliseconds. */
  readonly maxAge?: number;
  /** The oldest segments go while the stream takes more on disk; bytes. The one that is being written never goes. */
  readonly maxBytes?: number;
  /** the last entry that nothing needs any longer, e.g. that was delivered; later ones do not go */
  readonly through?: number;
}

/**
 * Compresses the segments that will not change any more: all but the last. Whoever reads finds each of them at every
 * moment. Only the process that writes the stream may do this, one call at a time.
 * @param directory the stream's
 * @returns how many were compressed
 */
export async function compressSegments(directory: string, signal?: AbortSignal): Promise<number> {
  const closed = (await listSegments(directory)).slice(0, -1).filter(({ plain }) => plain);
  for (const { name } of closed) {
    signal?.throwIfAborted();
    await compress(join(directory, name), signal);
  }
  return closed.length;
}

async function compress(path: string, signal: AbortSignal | undefined): Promise<void> {
  const unfinished = `${path}.gz${UNFINISHED}`;
  const original = createHash("sha256");
  const hashing = new Transform({
    transform(chunk, _encoding, done) {
      original.update(chunk);
      done(null, chunk);
    },
  });
  // In members of their own, so that a lookup reads a few lines without unpacking what is before them.
  const compressing = gzipLines((await stat(path)).size);
  await pipeline(
    createReadStream(path, { highWaterMark: CHUNK }),
    paced(),
    hashing,
    compressing,
    createWriteStream(unfinished, { mode: 0o600 }),
    { signal },
  );
  await syncFile(unfinished);
  // The only copy does not go before the other one is known to be good.
  const copy = createHash("sha256");
  await pipeline(
    createReadStream(unfinished, { highWaterMark: CHUNK / 2 }),
    paced(),
    createGunzip({ chunkSize: CHUNK }),
    copy,
    { signal },
  );
  if (copy.digest("hex") !== original.digest("hex")) throw new Error(`${unfinished} does not hold what was compressed`);
  await disk.rename(unfinished, `${path}.gz`);
  await syncDirectory(join(path, ".."));
  await unlink(path);
}

/** Passes on what it is given, a piece at a time. */
function paced(): Transform {
  return new Transform({
    transform(chunk, _encoding, done) {
      setTimeout(done, PAUSE, null, chunk);
    },
  });
}

/**
 * Removes the oldest segments, as far as `retention` says. First an entry says so, chained to the others: verification
 * then knows a beginning that has expired from one that was cut off. Only as far as the segments' headers are sound:
 * what is damaged stays for someone to look at. One call at a time.
 * @returns how many were removed, and the sequence number of the last entry that was; 0 if none
 * @throws JournalUnavailable
 */
export async function expireSegments(
  journal: Journal,
  retention: Retention,
  now = Date.now(),
): Promise<{ segments: number; through: number }> {
  const { directory } = journal;
  const { segments, last } = await expirable(directory, retention, now);
  if (last === undefined) return { segments: 0, through: 0 };
  const { sequence, hash } = last;
  await journal.appendExpiry({ through: sequence, hash, segments: segments.length, time: new Date(now).toISOString() });
  // In their order, so that a crash leaves no gap.
  for (const segment of segments) await remove(directory, segment);
  return { segments: segments.length, through: sequence };
}

/**
 * The segments that are to go by now, oldest first, and the last entry in them; undefined if there are none.
 * @param directory the stream's
 * @param now milliseconds since the epoch
 * @throws SegmentUnreadable, the system's errors
 */
export async function expirable(
  directory: string,
  {
    maxAge = Number.POSITIVE_INFINITY,
    maxBytes = Number.POSITIVE_INFINITY,
    through = Number.POSITIVE_INFINITY,
  }: Retention,
  now: number,
): Promise<{ segments: readonly Segment[]; last: Head | undefined }> {
  const segments = await listSegments(directory);
  const sizes = await Promise.all(segments.map((segment) => sizeOf(directory, segment)));
  let bytes = sizes.reduce((sum, size) => sum + size, 0);
  let last: Head | undefined;
  let count = 0;
  for (; count < segments.length - 1; count++) {
    // A segment's newest entry is as old as the header of the next one, or older.
    const next = await readBeginning(directory, segments[count + 1] as Segment);
    if (next === undefined || next.sequence - 1 > through) break;
    if (bytes <= maxBytes && !(now - Date.parse(next.header.time) > maxAge)) break;
    bytes -= sizes[count] as number;
    last = { sequence: next.sequence - 1, hash: next.previous };
  }
  return { segments: segments.slice(0, count), last };
}

async function sizeOf(directory: string, { name, plain, compressed }: Segment): Promise<number> {
  const files = [...(plain ? [name] : []), ...(compressed ? [`${name}.gz`] : [])];
  const stats = await Promise.all(files.map((file) => stat(join(directory, file))));
  return stats.reduce((sum, { size }) => sum + size, 0);
}

async function remove(directory: string, { name, plain, compressed }: Segment): Promise<void> {
  if (compressed) await unlink(join(directory, `${name}.gz`));
  if (plain) await unlink(join(directory, name));
  await syncDirectory(directory);
}
