import { randomBytes } from "node:crypto";
import { weierstrass } from "@noble/curves/abstract/weierstrass.js";
import { bytesOf, LENGTH, numberOf, SM2_CURVE } from "./sm2Key.ts";

/** The curve's points. */
export const Sm2Point = weierstrass(SM2_CURVE);

export type Sm2Point = InstanceType<typeof Sm2Point>;

/** Integers modulo the group's order. */
export const Scalars = Sm2Point.Fn;

/** From 1 to the order less 1, evenly: 16 bytes more than it has. */
export function randomScalar(): bigint {
  return (numberOf(randomBytes(LENGTH + 16)) % (Scalars.ORDER - 1n)) + 1n;
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
