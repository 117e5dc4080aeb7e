import { createHmac, type KeyObject, randomBytes } from "node:crypto";
import { createHmacDrbg } from "@noble/curves/utils.js";
import { derElement, derSequence, derUnsigned, SEQUENCE, unsignedOf } from "./der.ts";
import { randomScalar, Scalars, Sm2Point } from "./sm2Curve.ts";
import { bytesOf, LENGTH, numberOf, publicPoint, withScalar } from "./sm2Key.ts";

/*
 * The SM2 digital signature algorithm over a digest: GB/T 32918.2-2016 (GM/T 0003.2-2012). OpenSSL does it in Node.js with
 * an empty identity alone, which is not KMS's, and not over a digest.
 */

export interface Sm2Digest {
  readonly key: KeyObject;
  /** e of GB/T 32918.2 §6.1, step 2 */
  readonly digest: Uint8Array;
}

/** @returns SEQUENCE { r INTEGER, s INTEGER }, DER: GM/T 0009-2012 §7.3 */
export function signSm2Digest({ key, digest }: Sm2Digest): Uint8Array {
  return withScalar(key, (scalar) => {
    const e = Scalars.create(numberOf(digest));
    // Hedged, as keyWorker.ts's ECDSA is: RFC 6979 §3.2 and §3.6, with HMAC-SM3.
    const seed = Buffer.concat([scalar, bytesOf(e), randomBytes(LENGTH)]);
    try {
      return createHmacDrbg<Buffer>(
        LENGTH,
        LENGTH,
        hmacSm3,
      )(seed, (nonce) => sm2Signature(numberOf(scalar), e, numberOf(nonce)));
    } finally {
      seed.fill(0);
    }
  });
}

function hmacSm3(key: Uint8Array, message: Uint8Array): Buffer {
  return createHmac("sm3", key).update(message).digest();
}

/** GB/T 32918.2 §6.1. @returns undefined when this nonce gives none */
export function sm2Signature(privateKey: bigint, e: bigint, nonce: bigint): Buffer | undefined {
  if (!Scalars.isValidNot0(nonce)) return undefined;
  const x1 = numberOf(publicPoint(bytesOf(nonce)).subarray(1, 1 + LENGTH));
  const r = Scalars.create(e + x1);
  if (r === 0n || r + nonce === Scalars.ORDER) return undefined;
  // s = (1 + d)⁻¹ (k − r d). The time that an inversion takes depends on what is inverted: here on a random multiple of it.
  const blind = randomScalar();
  const inverse = Scalars.mul(Scalars.inv(Scalars.mul(Scalars.create(privateKey + 1n), blind)), blind);
  const s = Scalars.mul(inverse, Scalars.sub(nonce, Scalars.mul(r, privateKey)));
  if (s === 0n) return undefined;
  return derElement(SEQUENCE, derUnsigned(bytesOf(r)), derUnsigned(bytesOf(s)));
}

export interface Sm2Verification {
  /** the public key, uncompressed */
  readonly point: Uint8Array;
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
}

/** GB/T 32918.2 §7.1. */
export function verifySm2Digest({ point, digest, signature }: Sm2Verification): boolean {
  const [first, second, more] = derSequence(signature) ?? [];
  if (first === undefined || second === undefined || more !== undefined) return false;
  const [r, s] = [first, second].map((element) => numberOf(unsignedOf(element, LENGTH) ?? Buffer.alloc(LENGTH)));
  if (!Scalars.isValidNot0(r as bigint) || !Scalars.isValidNot0(s as bigint)) return false;
  const t = Scalars.add(r as bigint, s as bigint);
  if (t === 0n) return false;
  const sum = Sm2Point.BASE.multiplyUnsafe(s as bigint).add(Sm2Point.fromBytes(point).multiplyUnsafe(t));
  if (sum.is0()) return false;
  return Scalars.create(numberOf(digest) + sum.toAffine().x) === r;
}
