import { type KeyObject, timingSafeEqual } from "node:crypto";
import { derElement, derSequence, derUnsigned, OCTET_STRING, SEQUENCE, unsignedOf } from "./der.ts";
import { coordinates, randomScalar, Sm2Point, secretMultiple } from "./sm2Curve.ts";
import { bytesOf, LENGTH, numberOf, publicPoint, sm3, withScalar } from "./sm2Key.ts";

/* What the SM2 curve derives from another's point: encryption, GB/T 32918.4-2016 (GM/T 0003.4-2012), and plain ECDH. */

/** @param point the public key, uncompressed @param plaintext not empty @returns as {@link sm2Ciphertext} */
export function encryptSm2({ point, plaintext }: { point: Uint8Array; plaintext: Uint8Array }): Uint8Array {
  const publicKey = Sm2Point.fromBytes(point);
  for (;;) {
    const ciphertext = sm2Ciphertext(publicKey, plaintext, randomScalar());
    if (ciphertext !== undefined) return ciphertext;
  }
}

/**
 * GB/T 32918.4 §6.1. @returns SEQUENCE { x INTEGER, y INTEGER, hash OCTET STRING, ciphertext OCTET STRING }, DER: GM/T
 * 0009-2012 §7.2; undefined when this nonce gives none
 */
export function sm2Ciphertext(publicKey: Sm2Point, plaintext: Uint8Array, nonce: bigint): Buffer | undefined {
  const c1 = publicPoint(bytesOf(nonce));
  // Used once: what its time would tell is of one message, and cannot be measured again.
  const { x, y } = coordinates(publicKey.multiply(nonce));
  const mask = maskOf(x, y, plaintext.length);
  if (mask === undefined) return undefined;
  return derElement(
    SEQUENCE,
    derUnsigned(c1.subarray(1, 1 + LENGTH)),
    derUnsigned(c1.subarray(1 + LENGTH)),
    derElement(OCTET_STRING, sm3(x, plaintext, y)),
    derElement(OCTET_STRING, xor(plaintext, mask)),
  );
}

/** GB/T 32918.4 §7.1. @returns undefined for what is no ciphertext under this key */
export function decryptSm2({ key, ciphertext }: { key: KeyObject; ciphertext: Uint8Array }): Uint8Array | undefined {
  const [first, second, hash, masked, more] = derSequence(ciphertext) ?? [];
  if (first === undefined || second === undefined || more !== undefined) return undefined;
  if (hash?.tag !== OCTET_STRING || hash.content.length !== LENGTH || masked?.tag !== OCTET_STRING) return undefined;
  const [x1, y1] = [unsignedOf(first, LENGTH), unsignedOf(second, LENGTH)];
  const c1 = x1 && y1 && pointOn(Buffer.concat([Buffer.of(4), x1, y1]));
  if (c1 === undefined) return undefined;
  const { x, y } = coordinates(withScalar(key, (scalar) => secretMultiple(c1, numberOf(scalar))));
  const mask = maskOf(x, y, masked.content.length);
  if (mask === undefined) return undefined;
  const plaintext = xor(masked.content, mask);
  return timingSafeEqual(sm3(x, plaintext, y), hash.content) ? plaintext : undefined;
}

/** ECDH: SP 800-56A §5.7.1.2. @param peer a point of the curve, uncompressed @returns the x coordinate */
export function deriveSm2({ key, peer }: { key: KeyObject; peer: Uint8Array }): Uint8Array {
  const point = Sm2Point.fromBytes(peer);
  return coordinates(withScalar(key, (scalar) => secretMultiple(point, numberOf(scalar)))).x;
}

function pointOn(bytes: Buffer): Sm2Point | undefined {
  try {
    return Sm2Point.fromBytes(bytes);
  } catch {
    return undefined;
  }
}

/** KDF of GB/T 32918.4 §5.4.3. @returns undefined when it is zeroes alone, as it always is of no bytes */
function maskOf(x: Buffer, y: Buffer, length: number): Buffer | undefined {
  const blocks: Buffer[] = [];
  for (let counter = 1; blocks.length * LENGTH < length; counter++) {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(counter);
    blocks.push(sm3(x, y, number));
  }
  const mask = Buffer.concat(blocks).subarray(0, length);
  return mask.some((byte) => byte !== 0) ? mask : undefined;
}

function xor(bytes: Uint8Array, mask: Buffer): Buffer {
  return Buffer.from(bytes.map((byte, at) => byte ^ (mask[at] as number)));
}
