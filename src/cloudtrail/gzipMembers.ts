import type { FileHandle } from "node:fs/promises";
import { Transform } from "node:stream";
import { promisify } from "node:util";
import * as zlib from "node:zlib";

/**
 * Gzip of which a part can be read without what comes before. The text is cut at line ends into members (RFC 1952 §2.2)
 * of about 128 KB, as BGZF does it (SAM specification §4.1), so that gunzip and zcat read the whole as they read any. The
 * last member holds no text; its extra field (RFC 1952 §2.3.1.1) says how long each member is, compressed and not, and,
 * in the four bytes before its deflated nothing, how long it is itself.
 */
const MEMBER_BYTES = 128 * 1024;
/** What an extra field has room for, at eight bytes each. */
const MEMBERS_MAX = 8_000;

/** Takes less than half the time of zlib's default, 6, and makes journals 3 % longer. */
const LEVEL = 3;

const deflate = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.deflateRaw);
const inflate = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gunzip);

const FLAG_EXTRA = 4;
const UNKNOWN_SYSTEM = 255;
const HEADER_BYTES = 10;
const TRAILER_BYTES = 8;
/** "SR": ours among the subfields of an extra field */
const SUBFIELD = Buffer.from("SR");
/** of no bytes */
const DEFLATED_NOTHING = Buffer.from([3, 0]);
/** what follows the extra field of the last member */
const END_BYTES = DEFLATED_NOTHING.length + TRAILER_BYTES;

/** Where a member is, in the file and in the text. */
export interface Member {
  readonly offset: number;
  readonly bytes: number;
  readonly textOffset: number;
  readonly textBytes: number;
}

/** Compresses lines. @param size of the text, if it is known: with more than a gigabyte the members are longer */
export function gzipLines(size = 0): Transform {
  const least = Math.max(MEMBER_BYTES, Math.ceil(size / MEMBERS_MAX));
  const sizes: number[] = [];
  let waiting: Buffer[] = [];
  let length = 0;
  const member = async (text: Buffer): Promise<Buffer> => {
    const compressed = await deflate(text, { level: LEVEL });
    const bytes = Buffer.concat([header(0), compressed, trailer(zlib.crc32(text), text.length)]);
    sizes.push(bytes.length, text.length);
    return bytes;
  };
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      waiting.push(chunk);
      length += chunk.length;
      const lineEnd = length < least ? -1 : chunk.lastIndexOf(0x0a);
      if (lineEnd === -1) return done();
      const text = Buffer.concat(waiting);
      const end = length - chunk.length + lineEnd + 1;
      waiting = [text.subarray(end)];
      length -= end;
      member(text.subarray(0, end)).then((bytes) => done(null, bytes), done);
    },
    flush(done) {
      const last = length === 0 ? Promise.resolve(Buffer.alloc(0)) : member(Buffer.concat(waiting));
      last.then((bytes) => done(null, Buffer.concat([bytes, directoryOf(sizes)])), done);
    },
  });
}

function header(flags: number): Buffer {
  return Buffer.from([0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, UNKNOWN_SYSTEM]);
}

function trailer(crc: number, length: number): Buffer {
  const bytes = Buffer.alloc(TRAILER_BYTES);
  bytes.writeUInt32LE(crc, 0);
  bytes.writeUInt32LE(length % 2 ** 32, 4);
  return bytes;
}

/** The last member; nothing if its field has no room for all. */
function directoryOf(sizes: readonly number[]): Buffer {
  if (sizes.length > 2 * MEMBERS_MAX) return Buffer.alloc(0);
  const values = Buffer.alloc(4 * sizes.length + 4);
  sizes.forEach((size, i) => {
    values.writeUInt32LE(size, 4 * i);
  });
  const extra = Buffer.concat([Buffer.alloc(2), SUBFIELD, Buffer.alloc(2), values]);
  extra.writeUInt16LE(extra.length - 2, 0);
  extra.writeUInt16LE(values.length, 4);
  const bytes = Buffer.concat([header(FLAG_EXTRA), extra, DEFLATED_NOTHING, trailer(0, 0)]);
  bytes.writeUInt32LE(bytes.length, bytes.length - END_BYTES - 4);
  return bytes;
}

/** The members of a file that {@link gzipLines} made; undefined for other gzip files. @throws the system's errors */
export async function readMembers(file: FileHandle): Promise<Member[] | undefined> {
  const { size } = await file.stat();
  const end = await bytesAt(file, size - END_BYTES - 4, END_BYTES + 4);
  if (end === undefined || !end.subarray(4, 6).equals(DEFLATED_NOTHING)) return undefined;
  const length = end.readUInt32LE(0);
  const values = length - HEADER_BYTES - 6 - 4 - END_BYTES;
  if (values < 0 || values % 8 !== 0 || values > 8 * MEMBERS_MAX) return undefined;
  const directory = await bytesAt(file, size - length, length);
  if (directory === undefined || !directory.subarray(0, HEADER_BYTES).equals(header(FLAG_EXTRA))) return undefined;
  const members: Member[] = [];
  let offset = 0;
  let textOffset = 0;
  for (let at = HEADER_BYTES + 6; at < HEADER_BYTES + 6 + values; at += 8) {
    const [bytes, textBytes] = [directory.readUInt32LE(at), directory.readUInt32LE(at + 4)];
    members.push({ offset, bytes, textOffset, textBytes });
    offset += bytes;
    textOffset += textBytes;
  }
  return offset === size - length ? members : undefined;
}

/** The text of a member. @throws zlib's errors if it is not what it says */
export async function readMember(file: FileHandle, { offset, bytes, textBytes }: Member): Promise<Buffer> {
  const compressed = await bytesAt(file, offset, bytes);
  if (compressed === undefined) throw new Error("the file is shorter than its directory says");
  return inflate(compressed, { maxOutputLength: Math.max(1, textBytes) });
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer | undefined> {
  if (position < 0) return undefined;
  const buffer = Buffer.allocUnsafe(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  return bytesRead === length ? buffer : undefined;
}
