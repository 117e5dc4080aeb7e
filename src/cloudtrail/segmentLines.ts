import { createReadStream } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { join } from "node:path";
import { createGunzip } from "node:zlib";
import { LINE_BYTES_MAX, parseHeader, type Segment, type SegmentHeader, soundEntry } from "./segment.ts";

const CHUNK_BYTES = 256 * 1024;
const LINE_FEED = 0x0a;

export interface Line {
  /** without the line feed */
  readonly bytes: Buffer;
  /** where it begins in the (uncompressed) segment */
  readonly offset: number;
  /** false: the segment ends without a line feed, or the line is longer than any may be and this is a piece of it */
  readonly ended: boolean;
}

/** The file of the segment cannot be read, or is no sound gzip file. */
export class SegmentUnreadable extends Error {
  /** its name */
  readonly segment: string;
  /** the disk or its permissions, rather than what is in the file */
  readonly fromSystem: boolean;
  /** the file is not there, any longer */
  readonly gone: boolean;

  constructor(segment: string, error: unknown) {
    super(`${segment}: ${(error as Error).message}`);
    this.segment = segment;
    this.fromSystem = (error as NodeJS.ErrnoException).syscall !== undefined;
    this.gone = (error as NodeJS.ErrnoException).code === "ENOENT";
  }
}

/**
 * The lines of a segment, compressed or not, in its order. What is appended meanwhile is read as well.
 * @param from the offset of a line's beginning
 * @throws SegmentUnreadable
 */
export async function* readLines(directory: string, segment: Segment, from = 0): AsyncGenerator<Line> {
  for await (const lines of readLineGroups(directory, segment, from)) yield* lines;
}

/** The same, as many at a time as are read at once: a promise for each costs more than to read it. */
export async function* readLineGroups(directory: string, segment: Segment, from = 0): AsyncGenerator<readonly Line[]> {
  let carried: Buffer = Buffer.alloc(0);
  let offset = 0;
  for await (const chunk of readChunks(directory, segment, from)) {
    const bytes = carried.length === 0 ? chunk : Buffer.concat([carried, chunk]);
    const lines: Line[] = [];
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, start)) {
      const ended = end - start <= LINE_BYTES_MAX;
      lines.push({ bytes: bytes.subarray(start, end), offset: from + offset + start, ended });
      start = end + 1;
    }
    if (bytes.length - start > LINE_BYTES_MAX) {
      lines.push({ bytes: bytes.subarray(start), offset: from + offset + start, ended: false });
      start = bytes.length;
    }
    yield lines;
    offset += start;
    carried = Buffer.from(bytes.subarray(start));
  }
  if (carried.length > 0) yield [{ bytes: carried, offset: from + offset, ended: false }];
}

async function* readChunks(directory: string, segment: Segment, from: number): AsyncGenerator<Buffer> {
  const path = join(directory, segment.name);
  let plain: FileHandle | undefined;
  try {
    // It may have been compressed since the directory was read.
    plain = segment.plain ? await open(path, "r").catch(absent) : undefined;
    if (plain === undefined) yield* readCompressed(`${path}.gz`, from);
    else yield* readPlain(plain, from);
  } catch (error) {
    throw error instanceof SegmentUnreadable ? error : new SegmentUnreadable(segment.name, error);
  } finally {
    await plain?.close();
  }
}

/**
 * A segment that is being written may have room behind its end, NULs that lines replace. When lines are found behind NULs,
 * they may have come while this was reading: in their order, so that the NULs, if they are no more, were room, and if they
 * are there still, were left by a crash.
 */
async function* readPlain(file: FileHandle, from: number): AsyncGenerator<Buffer> {
  let position = from;
  /** since where there were NULs only */
  let nulFrom: number | undefined;
  for (let chunk = await readAt(file, from); chunk.length > 0; chunk = await readAt(file, position)) {
    const first = nulFrom === undefined ? chunk.indexOf(0) : 0;
    const written = first === -1 ? chunk : chunk.subarray(0, first);
    const rest = chunk.subarray(written.length);
    if (written.length > 0) yield written;
    position += written.length;
    if (rest.length === 0) continue;
    nulFrom ??= position;
    if (isNul(rest)) {
      position += rest.length;
    } else if ((await readAt(file, nulFrom, 1))[0] !== 0) {
      position = nulFrom;
      nulFrom = undefined;
    } else {
      yield* nuls(position - nulFrom);
      yield rest;
      position += rest.length;
      nulFrom = undefined;
    }
  }
  if (nulFrom !== undefined) yield* nuls(position - nulFrom);
}

async function readAt(file: FileHandle, position: number, length = CHUNK_BYTES): Promise<Buffer> {
  const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

const NULS = Buffer.alloc(CHUNK_BYTES);

function isNul(bytes: Buffer): boolean {
  return bytes.equals(NULS.subarray(0, bytes.length));
}

function* nuls(count: number): Generator<Buffer> {
  for (let left = count; left > 0; left -= CHUNK_BYTES) yield NULS.subarray(0, Math.min(left, CHUNK_BYTES));
}

async function* readCompressed(path: string, from: number): AsyncGenerator<Buffer> {
  const { size } = await stat(path);
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  file.once("error", (error) => gunzip.destroy(error));
  try {
    let skip = from;
    for await (const chunk of file.pipe(gunzip) as AsyncIterable<Buffer>) {
      if (skip < chunk.length) yield chunk.subarray(skip);
      skip = Math.max(0, skip - chunk.length);
    }
    // zlib ignores what follows the last member.
    if (gunzip.bytesWritten !== size) throw new Error("there is more in the file than its gzip members");
  } finally {
    file.destroy();
    gunzip.destroy();
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}

/** Where a segment begins: the number of its first entry, the hash of the entry before it, and its header. */
export interface Beginning {
  readonly sequence: number;
  readonly previous: string;
  readonly header: SegmentHeader;
}

/** Undefined where the segment begins with anything but a sound header. @throws SegmentUnreadable */
export async function readBeginning(directory: string, segment: Segment): Promise<Beginning | undefined> {
  for await (const { bytes, ended } of readLines(directory, segment)) {
    const entry = ended ? soundEntry(bytes) : undefined;
    const header = entry && parseHeader(entry);
    return header && { sequence: entry.sequence, previous: entry.previous, header };
  }
  return undefined;
}
