import { createECDH, createHash, type KeyObject, randomBytes } from "node:crypto";
import { weierstrass } from "@noble/curves/abstract/weierstrass.js";

/** GB/T 32918.5-2017 (GM/T 0003.5-2012): the one curve. Its order is prime, so every point of it generates the group. */
export const Sm2Point = weierstrass({
  p: 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn,
  a: 0xfffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffcn,
  b: 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n,
  n: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
  h: 1n,
  Gx: 0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
  Gy: 0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
});

export type Sm2Point = InstanceType<typeof Sm2Point>;

/** Integers modulo the group's order. */
export const Scalars = Sm2Point.Fn;

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

/** From 1 to the order less 1, evenly: 16 bytes more than it has. */
export function randomScalar(): bigint {
  return (numberOf(randomBytes(LENGTH + 16)) % (Scalars.ORDER - 1n)) + 1n;
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

/**
 * A chosen point times a secret scalar. OpenSSL has no door for this in Node.js (its ECDH wants a key of type "ec", and
 * makes "SM2" of every one that it reads), and @noble's time depends on the scalar: so it is given two random ones, whose
 * sum it is.
 */
export function secretMultiple(point: Sm2Point, scalar: bigint): Sm2Point {
  const share = randomScalar();
  return point.multiply(share).add(point.multiply(Scalars.create(scalar - share)));
}

/** x and y of a point that is not the neutral one. */
export function coordinates(point: Sm2Point): { x: Buffer; y: Buffer } {
  const { x, y } = point.toAffine();
  return { x: bytesOf(x), y: bytesOf(y) };
}
