import { constants, type KeyObject, privateEncrypt, randomBytes } from "node:crypto";
import { ed25519ph } from "@noble/curves/ed25519.js";
import { p256, p384, p521 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { ml_dsa44, ml_dsa65, ml_dsa87 } from "@noble/post-quantum/ml-dsa.js";
import type { EllipticCurve, SignatureHash } from "../material.ts";
import { digestInfo, encodePss } from "./emsa.ts";

export { decryptSm2, deriveSm2, encryptSm2 } from "./sm2Encryption.ts";
export { signSm2Digest, verifySm2Digest } from "./sm2Signature.ts";

/*
 * What Node.js has no asynchronous call for, one function a task; they run in keyWorkers.ts's threads. OpenSSL does what
 * it has a door for in Node.js: not ECDSA over a digest, nor Ed25519ph, nor ML-DSA over µ, nor SM2 (of which it multiplies
 * the generator). Those are @noble's, whose arithmetic on JavaScript's integers does not take the same time for every
 * secret.
 */

const curves = { "P-256": p256, "P-384": p384, "P-521": p521, secp256k1 };
const mlDsa = { 44: ml_dsa44, 65: ml_dsa65, 87: ml_dsa87 };

// No hash inside; s as it comes, like OpenSSL's; DER.
const ECDSA = { prehash: false, lowS: false, format: "der" } as const;
// A small-order or non-canonical point is no key: RFC 8032 §5.1.7, not ZIP 215.
const ED25519 = { zip215: false };

export interface RsaDigest {
  readonly key: KeyObject;
  readonly scheme: "rsa-pss" | "rsa-pkcs1";
  readonly hash: SignatureHash;
  readonly digest: Uint8Array;
}

export function signRsaDigest({ key, scheme, hash, digest }: RsaDigest): Uint8Array {
  if (scheme === "rsa-pkcs1") {
    return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, digestInfo(hash, digest));
  }
  const length = (key.asymmetricKeyDetails?.modulusLength as number) / 8;
  return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, encodePss(hash, digest, length));
}

export interface EcdsaDigest {
  readonly key: KeyObject;
  readonly curve: EllipticCurve;
  readonly digest: Uint8Array;
}

export function signEcdsaDigest({ key, curve, digest }: EcdsaDigest): Uint8Array {
  // Hedged: RFC 6979 with 32 random bytes as its additional input (§3.6), against faults.
  return withSecret(key, "raw-private", (secret) =>
    curves[curve].sign(digest, secret, { ...ECDSA, extraEntropy: randomBytes(32) }),
  );
}

export function verifyEcdsaDigest(task: EcdsaDigest & { readonly signature: Uint8Array }): boolean {
  return verified(() =>
    curves[task.curve].verify(task.signature, task.digest, task.key.export({ format: "raw-public" }), ECDSA),
  );
}

export interface Message {
  readonly key: KeyObject;
  readonly message: Uint8Array;
}

export function signEd25519ph({ key, message }: Message): Uint8Array {
  return withSecret(key, "raw-private", (secret) => ed25519ph.sign(message, secret));
}

export function verifyEd25519ph({ key, message, signature }: Message & { readonly signature: Uint8Array }): boolean {
  return verified(() => ed25519ph.verify(signature, message, key.export({ format: "raw-public" }), ED25519));
}

export interface Mu {
  readonly key: KeyObject;
  readonly level: 44 | 65 | 87;
  readonly mu: Uint8Array;
}

export function signMu({ key, level, mu }: Mu): Uint8Array {
  return withSecret(key, "raw-seed", (seed) => {
    const { secretKey } = mlDsa[level].keygen(seed);
    try {
      return mlDsa[level].internal.sign(mu, secretKey, { externalMu: true, extraEntropy: randomBytes(32) });
    } finally {
      secretKey.fill(0);
    }
  });
}

export function verifyMu({ key, level, mu, signature }: Mu & { readonly signature: Uint8Array }): boolean {
  return verified(() =>
    mlDsa[level].internal.verify(signature, mu, key.export({ format: "raw-public" }), { externalMu: true }),
  );
}

function withSecret(key: KeyObject, format: "raw-private" | "raw-seed", use: (secret: Buffer) => Uint8Array) {
  const secret = key.export({ format });
  try {
    return use(secret);
  } finally {
    secret.fill(0);
  }
}

/** @noble throws for some malformed signatures, and returns false for others. */
function verified(verify: () => boolean): boolean {
  try {
    return verify();
  } catch {
    return false;
  }
}
