/** What SM2's signatures and ciphertexts take of DER (X.690 §10): elements shorter than 64 KiB. */
export const INTEGER = 0x02;
export const OCTET_STRING = 0x04;
export const SEQUENCE = 0x30;

export interface DerElement {
  readonly tag: number;
  readonly content: Buffer;
}

export function derElement(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const header = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...header), content]);
}

/** @param value big-endian, without a sign */
export function derUnsigned(value: Uint8Array): Buffer {
  let first = 0;
  while (first < value.length - 1 && value[first] === 0) first++;
  const shortest = value.subarray(first);
  return derElement(INTEGER, (shortest[0] as number) & 0x80 ? Buffer.of(0) : Buffer.alloc(0), shortest);
}

/** The elements of one SEQUENCE, views into `der`; undefined when that is anything else, or encoded in any other way. */
export function derSequence(der: Uint8Array): DerElement[] | undefined {
  const [sequence, more] = elementsOf(Buffer.from(der.buffer, der.byteOffset, der.length)) ?? [];
  return sequence?.tag === SEQUENCE && more === undefined ? elementsOf(sequence.content) : undefined;
}

function elementsOf(bytes: Buffer): DerElement[] | undefined {
  const elements: DerElement[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + 2 > bytes.length) return undefined;
    const tag = bytes[at] as number;
    const first = bytes[at + 1] as number;
    const lengthBytes = first < 0x80 ? 0 : first - 0x80;
    const start = at + 2 + lengthBytes;
    // 80 says that there is no length: BER
    if (first === 0x80 || lengthBytes > 2 || start > bytes.length) return undefined;
    const length = lengthBytes === 0 ? first : bytes.readUIntBE(at + 2, lengthBytes);
    if (lengthBytes > 0 && length < (lengthBytes === 1 ? 0x80 : 0x100)) return undefined;
    if (start + length > bytes.length) return undefined;
    elements.push({ tag, content: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return elements;
}

/** @returns an INTEGER that is not negative as `width` bytes, big-endian; undefined when it is none, or needs more */
export function unsignedOf({ tag, content }: DerElement, width: number): Buffer | undefined {
  if (tag !== INTEGER || content.length === 0) return undefined;
  const [first, second = 0x80] = content as unknown as [number, number?];
  const negative = first >= 0x80;
  const padded = first === 0 && content.length > 1;
  if (negative || (padded && second < 0x80)) return undefined;
  const value = padded ? content.subarray(1) : content;
  if (value.length > width) return undefined;
  return Buffer.concat([Buffer.alloc(width - value.length), value]);
}
