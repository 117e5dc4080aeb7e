import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { LRUCache } from "lru-cache";
import { type Member, readMember, readMembers } from "./gzipMembers.ts";
import type { Place } from "./indexWriter.ts";
import { listSegments } from "./journalReader.ts";
import { isStreamName, LINE_BYTES_MAX, type Segment, soundEntry } from "./segment.ts";
import { readLines, SegmentUnreadable } from "./segmentLines.ts";

/** Most lines are shorter. */
const FIRST_READ = 4 * 1024;
const LINE_FEED = 0x0a;
const SEGMENTS_CACHED = 256;
/** of texts of compressed segments, which neighbours are often in; bytes */
const TEXT_CACHED = 8 << 20;

/** Events of the journal, each read where the index says it is. */
export class SegmentAccess {
  readonly #directory: string;
  readonly #segments = new Map<string, readonly Segment[]>();
  /** undefined: compressed in another way */
  readonly #members = new LRUCache<string, { readonly members: readonly Member[] | undefined }>({
    max: SEGMENTS_CACHED,
  });
  readonly #texts = new LRUCache<string, Buffer>({ maxSize: TEXT_CACHED, sizeCalculation: (text) => text.length + 1 });

  /** @param directory of all streams */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * The record of the event at a place; undefined if there is none, because it has expired, or the place is no event's.
   * @throws SegmentUnreadable, the system's errors
   */
  async record(place: Place): Promise<string | undefined> {
    // The index is not to be trusted with the choice of a directory.
    if (!isStreamName(place.stream)) return undefined;
    const known = this.#segments.has(place.stream);
    const found = await this.#find(place);
    if (found !== undefined || !known) return found;
    // Segments have come, gone or been compressed since they were listed.
    this.#segments.delete(place.stream);
    return this.#find(place);
  }

  async #find({ stream, sequence, offset }: Place): Promise<string | undefined> {
    const directory = join(this.#directory, stream);
    let segments = this.#segments.get(stream);
    if (segments === undefined) {
      segments = await listSegments(directory);
      this.#segments.set(stream, segments);
    }
    const segment = segments.findLast((candidate) => candidate.sequence <= sequence);
    if (segment === undefined) return undefined;
    const line = await this.#line(directory, segment, offset);
    const entry = line && soundEntry(line);
    return entry?.kind === "event" && entry.sequence === sequence ? entry.body : undefined;
  }

  async #line(directory: string, segment: Segment, offset: number): Promise<Buffer | undefined> {
    const path = join(directory, segment.name);
    const plain = segment.plain ? await open(path).catch(absent) : undefined;
    if (plain !== undefined) return lineAt(plain, offset).finally(() => plain.close());
    const compressed = await open(`${path}.gz`).catch(absent);
    if (compressed === undefined) return undefined;
    try {
      const members = await this.#membersOf(compressed, path);
      if (members === undefined) return await streamedLine(directory, segment, offset);
      const member = members.findLast(({ textOffset }) => textOffset <= offset);
      if (member === undefined) return undefined;
      const text = await this.#text(compressed, path, member);
      const end = text.indexOf(LINE_FEED, offset - member.textOffset);
      return end === -1 ? undefined : text.subarray(offset - member.textOffset, end);
    } finally {
      await compressed.close();
    }
  }

  async #membersOf(file: FileHandle, path: string): Promise<readonly Member[] | undefined> {
    let known = this.#members.get(path);
    if (known === undefined) {
      known = { members: await readMembers(file) };
      this.#members.set(path, known);
    }
    return known.members;
  }

  async #text(file: FileHandle, path: string, member: Member): Promise<Buffer> {
    const name = `${path} ${member.offset}`;
    let text = this.#texts.get(name);
    if (text === undefined) {
      try {
        text = await readMember(file, member);
      } catch (error) {
        throw new SegmentUnreadable(path, error);
      }
      this.#texts.set(name, text);
    }
    return text;
  }
}

async function lineAt(file: FileHandle, offset: number): Promise<Buffer | undefined> {
  for (let length = FIRST_READ; ; length *= 16) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, offset);
    const end = buffer.subarray(0, bytesRead).indexOf(LINE_FEED);
    if (end !== -1) return buffer.subarray(0, end);
    if (bytesRead < length || length > LINE_BYTES_MAX) return undefined;
  }
}

async function streamedLine(directory: string, segment: Segment, offset: number): Promise<Buffer | undefined> {
  for await (const { bytes, ended } of readLines(directory, { ...segment, plain: false }, offset)) {
    return ended ? Buffer.from(bytes) : undefined;
  }
  return undefined;
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
