import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from "node:crypto";

const IV_LENGTH = 12;
const TAG_LENGTH = 16;

/**
 * Seals a key under a long-lived key: AES-256-GCM with a random 96-bit IV (NIST SP 800-38D §8.2.2; at most 2^32 uses of
 * one key, which a domain key's rotation keeps far away). Returns IV ‖ ciphertext ‖ tag.
 */
export function sealKey(key: KeyObject, plaintext: Uint8Array, associatedData: Uint8Array): Buffer {
  const iv = randomBytes(IV_LENGTH);
  const cipher = createCipheriv("aes-256-gcm", key, iv);
  cipher.setAAD(associatedData);
  return Buffer.concat([iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** Opens what {@link sealKey} made; undefined when it does not authenticate. */
export function openKey(key: KeyObject, sealed: Uint8Array, associatedData: Uint8Array): Buffer | undefined {
  if (sealed.length < IV_LENGTH + TAG_LENGTH) return undefined;
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, IV_LENGTH), { authTagLength: TAG_LENGTH });
  decipher.setAAD(associatedData);
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_LENGTH));
  const plaintext = decipher.update(sealed.subarray(IV_LENGTH, sealed.length - TAG_LENGTH));
  try {
    return Buffer.concat([plaintext, decipher.final()]);
  } catch {
    return undefined;
  }
}
