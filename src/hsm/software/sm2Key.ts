import { createECDH, createHash, type KeyObject } from "node:crypto";

/*
 * The SM2 curve and its keys, as far as OpenSSL takes care of them. Arithmetic with points is sm2Curve.ts's, which worker
 * threads alone load.
 */

/** GB/T 32918.5-2017 (GM/T 0003.5-2012): the one curve. Its order is prime, so every point of it generates the group. */
export const SM2_CURVE = {
  p: 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn,
  a: 0xfffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffcn,
  b: 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n,
  n: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
  h: 1n,
  Gx: 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
  Gy: 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
} as const;

/** Bytes of a coordinate, a scalar and a digest. */
export const LENGTH = 32;

export function sm3(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash("sm3");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** Big-endian. */
export function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex")}`);
}

/** Big-endian, 32 bytes. */
export function bytesOf(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * LENGTH, "0"), "hex");
}

/** Of RFC 5915's ECPrivateKey: version 1, and the head of the scalar. */
const BEFORE_SCALAR = Buffer.from("0201010420", "hex");

/** @param use gets a private key's scalar, which is wiped behind it */
export function withScalar<T>(key: KeyObject, use: (scalar: Buffer) => T): T {
  // Node.js has no raw form of this key.
  const pkcs8 = key.export({ type: "pkcs8", format: "der" });
  const start = pkcs8.indexOf(BEFORE_SCALAR) + BEFORE_SCALAR.length;
  try {
    return use(pkcs8.subarray(start, start + LENGTH));
  } finally {
    pkcs8.fill(0);
  }
}

/**
 * The generator times a scalar, uncompressed: OpenSSL's arithmetic, which takes the same time for every scalar.
 * @throws for a scalar that is not between 1 and the order
 */
export function publicPoint(scalar: Uint8Array): Buffer {
  const ecdh = createECDH("SM2");
  ecdh.setPrivateKey(scalar);
  return ecdh.getPublicKey();
}
