import { createDecipheriv } from "node:crypto";
import { InvalidMessage, type Unwrapping } from "../hsm.ts";
import type { KeyPairMaterial } from "../material.ts";

/** RFC 5649 §3: the alternative initial value, in front of the length. */
const KWP_IV = Buffer.from("a65959a6", "hex");
const AES_KEY_LENGTH = 32;

/**
 * What is sealed in an import token: the wrapping key's private part, and the claims that its holder is shown.
 * length of the claims (2 bytes, big-endian) ‖ claims ‖ PKCS#8
 */
export function packWrappingKey(claims: Uint8Array, privateKey: Uint8Array): Buffer {
  const packed = Buffer.alloc(2 + claims.length + privateKey.length);
  packed.writeUInt16BE(claims.length);
  packed.set(claims, 2);
  packed.set(privateKey, 2 + claims.length);
  return packed;
}

/** Views into `packed`. */
export function unpackWrappingKey(packed: Buffer): { claims: Buffer; privateKey: Buffer } {
  const end = 2 + packed.readUInt16BE(0);
  return { claims: packed.subarray(2, end), privateKey: packed.subarray(end) };
}

/**
 * Unwraps key material. @throws InvalidMessage whatever is wrong with it
 * @param wrappedKeyLength of an AES key as the wrapping key encrypts it: as long as the modulus
 */
export async function unwrap(
  wrappingKey: KeyPairMaterial,
  { scheme, aesKeyWrap }: Unwrapping,
  wrappedKeyLength: number,
  encrypted: Uint8Array,
): Promise<Buffer> {
  if (!aesKeyWrap) return wrappingKey.decrypt(scheme, encrypted);
  const key = await wrappingKey.decrypt(scheme, encrypted.subarray(0, wrappedKeyLength));
  try {
    if (key.length !== AES_KEY_LENGTH) throw new InvalidMessage();
    return unwrapWithPadding(key, encrypted.subarray(wrappedKeyLength));
  } finally {
    key.fill(0);
  }
}

/** AES key unwrap with padding: RFC 5649 §4.2. OpenSSL takes no bytes at all for nothing wrapped. */
function unwrapWithPadding(key: Uint8Array, wrapped: Uint8Array): Buffer {
  if (wrapped.length === 0) throw new InvalidMessage();
  try {
    const decipher = createDecipheriv("id-aes256-wrap-pad", key, KWP_IV);
    const material = decipher.update(wrapped);
    decipher.final(); // it was all one block
    return material;
  } catch {
    throw new InvalidMessage();
  }
}
