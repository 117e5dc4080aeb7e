/** Encodes BER (ITU-T X.690): no more of it than one structure takes. Nothing is read here. */

export const SEQUENCE = 0x30;
export const SET = 0x31;
export const INTEGER = 0x02;
export const OCTET_STRING = 0x04;
const CONTEXT = 0x80;
const CONSTRUCTED = 0x20;
const END_OF_CONTENTS = Buffer.alloc(2);

/** The tag `[number]`, for number below 31. */
export function context(number: number, form: "primitive" | "constructed"): number {
  return CONTEXT | number | (form === "constructed" ? CONSTRUCTED : 0);
}

/** A value with its length in front: X.690 §8.1.3.3–5. */
export function definite(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag, ...lengthOctets(content.length)]), content]);
}

/** A constructed value that ends with end-of-contents octets: X.690 §8.1.3.6. */
export function indefinite(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.from([tag, 0x80]), ...contents, END_OF_CONTENTS]);
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest >>>= 8) octets.unshift(rest & 0xff);
  return [0x80 | octets.length, ...octets];
}
