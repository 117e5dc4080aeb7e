import type { SignatureHash } from "../material.ts";

/** Bytes of a digest. */
export const digestLengths: Readonly<Record<SignatureHash, number>> = { sha256: 32, sha384: 48, sha512: 64 };

/** µ of FIPS 204 in bytes. */
export const MU_LENGTH = 64;

export function requireLength(what: string, bytes: Uint8Array, length: number): void {
  if (bytes.length !== length) throw new RangeError(`a ${what} is ${length} bytes, not ${bytes.length}`);
}
