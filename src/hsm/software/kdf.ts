import { createHmac, type KeyObject } from "node:crypto";

/** [1]₃₂: one round of the derivation is all that 256 bits take. */
export const FIRST_ROUND = Buffer.from([0, 0, 0, 1]);

/**
 * Key derivation of NIST SP 800-108r1 §4.1 in counter mode, PRF HMAC-SHA-256, 32-bit counter before the fixed input.
 * @param input {@link FIRST_ROUND} ‖ fixed input
 * @returns 32 bytes
 */
export function deriveKey(keyDerivationKey: KeyObject, input: Uint8Array): Buffer {
  return createHmac("sha256", keyDerivationKey).update(input).digest();
}
