/**
 * A list of events: positive safe integers in ascending order, cut into pieces of at most {@link PIECE_MAX}. A piece is
 * kept as its first number, and the differences between neighbours as variable-length quantities: seven bits a byte, the
 * lowest first, all bytes but the last with their highest bit set (LEB128). Events of one key, a second apart, take four
 * bytes each; rows of a table would take twenty.
 */
export const PIECE_MAX = 256;

/** @param ids ascending, not empty @returns what follows the first */
export function encodePiece(ids: readonly number[]): Buffer {
  return encodeAfter(ids[0] as number, ids, 1);
}

/** Encodes `ids` from `start` on, the first of them as its difference to `before`. */
export function encodeAfter(before: number, ids: readonly number[], start = 0): Buffer {
  const bytes = Buffer.allocUnsafe((ids.length - start) * BYTES_MAX);
  let length = 0;
  let last = before;
  for (let i = start; i < ids.length; i++) {
    const id = ids[i] as number;
    length = putQuantity(bytes, length, id - last);
    last = id;
  }
  return bytes.subarray(0, length);
}

/** Of a quantity that is a safe integer: 53 bits. */
export const BYTES_MAX = 8;

/** Writes a variable-length quantity; returns the place after it. */
export function putQuantity(bytes: Buffer, at: number, value: number): number {
  let left = value;
  let end = at;
  while (left >= 128) {
    bytes[end++] = (left % 128) | 128;
    left = Math.floor(left / 128);
  }
  bytes[end++] = left;
  return end;
}

/** @throws PostingDamaged */
export function decodePiece(first: number, rest: Uint8Array): number[] {
  const ids = [first];
  let last = first;
  let difference = 0;
  let weight = 1;
  for (const byte of rest) {
    difference += (byte & 127) * weight;
    if (byte >= 128) {
      weight *= 128;
      if (weight > WEIGHT_MAX) throw new PostingDamaged();
      continue;
    }
    last += difference;
    if (difference === 0 || !Number.isSafeInteger(last)) throw new PostingDamaged();
    ids.push(last);
    difference = 0;
    weight = 1;
  }
  if (weight !== 1) throw new PostingDamaged();
  return ids;
}

/** of the last byte of a quantity */
export const WEIGHT_MAX = 128 ** (BYTES_MAX - 1);

/** The bytes of a piece are none that this version writes. */
export class PostingDamaged extends Error {}

/** Both in one, ascending, without duplicates. */
export function merged(a: readonly number[], b: readonly number[]): number[] {
  const all: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const next = Math.min(a[i] ?? Number.POSITIVE_INFINITY, b[j] ?? Number.POSITIVE_INFINITY);
    if (a[i] === next) i++;
    if (b[j] === next) j++;
    all.push(next);
  }
  return all;
}

/** The place of the greatest number below `limit` in an ascending list; -1 if there is none. */
export function placeBelow(ids: readonly number[], limit: number): number {
  return lastPlace(ids, (id) => id < limit);
}

/** The place of the last item that `isBefore` holds for, which it does for all before that, and for none after; -1 if there is none. */
export function lastPlace<T>(items: readonly T[], isBefore: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(items[middle] as T)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
