import { checkPrime, type KeyObject } from "node:crypto";
import { promised } from "./keyFamily.ts";

/**
 * What is wrong with an RSA private key, after SP 800-56B revision 2 §6.4.1.2 (with FIPS 186-5 §A.1 for the sizes): every
 * number of it follows from p, q and e, and those are such as a good generator makes.
 */
export async function flawOfRsaKey(key: KeyObject): Promise<string | undefined> {
  const [n, e, d, p, q, dp, dq, qi] = numbers(key);
  const bits = BigInt(key.asymmetricKeyDetails?.modulusLength as number);
  if (e % 2n === 0n || e < 65537n || e >= 2n ** 256n) return "the public exponent is even, below 65537 or too large";
  if (p * q !== n) return "the modulus is not the product of the two primes";
  // √2 · 2^(bits/2 − 1) ≤ p, q
  const smallest = 2n ** (bits - 1n);
  const largest = 2n ** (bits / 2n);
  if (p * p < smallest || q * q < smallest || p >= largest || q >= largest) return "the primes are not of half length";
  if (abs(p - q) <= 2n ** (bits / 2n - 100n)) return "the primes are too close";
  const lcm = ((p - 1n) * (q - 1n)) / gcd(p - 1n, q - 1n);
  // Some make d from (p−1)(q−1) instead of the least common multiple: as good, and common.
  if (d <= 2n ** (bits / 2n) || d >= n || (d * e) % lcm !== 1n) return "the private exponent does not fit";
  if (dp !== d % (p - 1n) || dq !== d % (q - 1n) || (qi * q) % p !== 1n || qi >= p) return "the CRT values do not fit";
  const prime = await Promise.all([p, q].map((candidate) => promised<boolean>((done) => checkPrime(candidate, done))));
  return prime.every(Boolean) ? undefined : "a prime is composite";
}

type Numbers = [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];

function numbers(key: KeyObject): Numbers {
  const jwk = key.export({ format: "jwk" });
  const members = [jwk.n, jwk.e, jwk.d, jwk.p, jwk.q, jwk.dp, jwk.dq, jwk.qi];
  return members.map((text) => BigInt(`0x${Buffer.from(text ?? "", "base64url").toString("hex") || "0"}`)) as Numbers;
}

function abs(a: bigint): bigint {
  return a < 0n ? -a : a;
}

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? a : gcd(b, a % b);
}
