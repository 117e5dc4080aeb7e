import { generateKeyPairSync, type KeyObject } from "node:crypto";

/** A task of keyWorkers.ts. FIPS 186-5 §A.1.3; the exponent of nearly every RSA key. */
export function generateRsa({ modulusLength }: { readonly modulusLength: number }): KeyObject {
  return generateKeyPairSync("rsa", { modulusLength, publicExponent: 65537 }).privateKey;
}
