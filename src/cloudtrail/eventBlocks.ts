import { BYTES_MAX, PostingDamaged, putQuantity, WEIGHT_MAX } from "./postings.ts";

/** An event in the index. */
export interface EventRow {
  /** eventTimeId.ts */
  readonly id: number;
  /** by its number in the table `stream` */
  readonly stream: number;
  readonly sequence: number;
  /** where its line begins in its segment */
  readonly offset: number;
  /** eventTimeId.ts: 32 bits */
  readonly tag: number;
}

/** Events of a block; rows of a table take thrice the room, and twenty times as long to insert. */
export const BLOCK_MAX = 128;

/**
 * Events, by number, ascending: of each how far its number is from the one before, its stream, how far sequence number
 * and offset are from those before (zigzag: https://protobuf.dev/programming-guides/encoding/#signed-ints), as
 * variable-length quantities (postings.ts), and the tag in four bytes, the lowest first.
 */
export function encodeBlock(rows: readonly EventRow[]): Buffer {
  const bytes = Buffer.allocUnsafe(rows.length * ROW_BYTES_MAX);
  let at = 0;
  let before: Omit<EventRow, "tag" | "stream"> = { id: rows[0]?.id ?? 0, sequence: 0, offset: 0 };
  for (const row of rows) {
    at = putQuantity(bytes, at, row.id - before.id);
    at = putQuantity(bytes, at, row.stream);
    at = putQuantity(bytes, at, zigzag(row.sequence - before.sequence));
    at = putQuantity(bytes, at, zigzag(row.offset - before.offset));
    at = bytes.writeUInt32LE(row.tag, at);
    before = row;
  }
  return bytes.subarray(0, at);
}

const ROW_BYTES_MAX = 4 * BYTES_MAX + 4;

/** @param first the first event's number. @throws PostingDamaged */
export function decodeBlock(first: number, bytes: Uint8Array): EventRow[] {
  const rows: EventRow[] = [];
  let at = 0;
  const next = () => {
    let value = 0;
    for (let weight = 1; ; weight *= 128) {
      const byte = bytes[at++];
      if (byte === undefined || weight > WEIGHT_MAX) throw new PostingDamaged();
      value += (byte & 127) * weight;
      if (byte < 128) return value;
    }
  };
  let id = first;
  let sequence = 0;
  let offset = 0;
  while (at < bytes.length) {
    const difference = next();
    const stream = next();
    id += difference;
    sequence += unzigzag(next());
    offset += unzigzag(next());
    if (at + 4 > bytes.length || (difference === 0) !== (rows.length === 0)) throw new PostingDamaged();
    if (![id, sequence, offset].every((value) => Number.isSafeInteger(value) && value >= 0)) throw new PostingDamaged();
    const tag = (bytes[at] as number) + (bytes[at + 1] as number) * 2 ** 8 + (bytes[at + 2] as number) * 2 ** 16;
    rows.push({ id, stream, sequence, offset, tag: tag + (bytes[at + 3] as number) * 2 ** 24 });
    at += 4;
  }
  if (rows.length === 0) throw new PostingDamaged();
  return rows;
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
