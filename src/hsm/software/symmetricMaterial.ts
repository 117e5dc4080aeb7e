import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject } from "node:crypto";
import { InvalidMessage, SEAL_OVERHEAD, type SymmetricMaterial } from "../hsm.ts";
import { deriveKey, FIRST_ROUND } from "./kdf.ts";
import { fillRandom } from "./randomPool.ts";

const NONCE_LENGTH = 16;
const IV_LENGTH = 12;
const TAG_LENGTH = 16;
export const MATERIAL_LENGTH = 32;
const GCM_OPTIONS = { authTagLength: TAG_LENGTH };

/** Fixed input of the key derivation, with room for the nonce: [1]₃₂ ‖ label ‖ 00 ‖ nonce ‖ [256]₃₂. */
const LABEL = Buffer.from("strongroom message key v1", "ascii");
const NONCE_OFFSET = 4 + LABEL.length + 1;
const kdfInput = Buffer.alloc(NONCE_OFFSET + NONCE_LENGTH + 4);
FIRST_ROUND.copy(kdfInput);
LABEL.copy(kdfInput, 4);
kdfInput.writeUInt32BE(256, NONCE_OFFSET + NONCE_LENGTH);

/**
 * AES-256-GCM under a key derived for each message: NIST SP 800-108r1 counter mode, HMAC-SHA-256, 32-bit counter in
 * front, one round; the nonce is the derivation's context.
 */
export class SoftwareSymmetricMaterial implements SymmetricMaterial {
  readonly #material: KeyObject;
  readonly materialId: string;

  constructor(materialId: string, material: Uint8Array) {
    this.materialId = materialId;
    this.#material = createSecretKey(material);
  }

  #messageKey(nonce: Uint8Array): Buffer {
    kdfInput.set(nonce, NONCE_OFFSET);
    return deriveKey(this.#material, kdfInput);
  }

  seal(prefix: Uint8Array, context: Uint8Array, plaintext: Uint8Array): Buffer {
    const nonceAt = prefix.length;
    const ivAt = nonceAt + NONCE_LENGTH;
    const ciphertextAt = ivAt + IV_LENGTH;
    const sealed = Buffer.allocUnsafe(prefix.length + SEAL_OVERHEAD + plaintext.length);
    sealed.set(prefix);
    fillRandom(sealed.subarray(nonceAt, ciphertextAt));
    const key = this.#messageKey(sealed.subarray(nonceAt, ivAt));
    const cipher = createCipheriv("aes-256-gcm", key, sealed.subarray(ivAt, ciphertextAt));
    key.fill(0);
    cipher.setAAD(context.length === 0 ? prefix : Buffer.concat([prefix, context]));
    sealed.set(cipher.update(plaintext), ciphertextAt);
    cipher.final();
    sealed.set(cipher.getAuthTag(), ciphertextAt + plaintext.length);
    return sealed;
  }

  open(sealed: Uint8Array, prefixLength: number, context: Uint8Array): Buffer {
    if (sealed.length < prefixLength + SEAL_OVERHEAD) throw new InvalidMessage();
    const ivAt = prefixLength + NONCE_LENGTH;
    const ciphertextAt = ivAt + IV_LENGTH;
    const tagAt = sealed.length - TAG_LENGTH;
    const prefix = sealed.subarray(0, prefixLength);
    const key = this.#messageKey(sealed.subarray(prefixLength, ivAt));
    const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(ivAt, ciphertextAt), GCM_OPTIONS);
    key.fill(0);
    decipher.setAAD(context.length === 0 ? prefix : Buffer.concat([prefix, context]));
    decipher.setAuthTag(sealed.subarray(tagAt));
    const plaintext = decipher.update(sealed.subarray(ciphertextAt, tagAt));
    try {
      decipher.final(); // GCM is a stream mode: it adds nothing, it checks the tag
    } catch {
      plaintext.fill(0);
      throw new InvalidMessage();
    }
    return plaintext;
  }
}

/** The id of a material in a key: HMAC-SHA-256 keyed with the material, so that it tells nothing of it. 64 hex digits. */
export function materialIdOf(keyId: string, material: Uint8Array): string {
  return createHmac("sha256", material).update(`strongroom material id v1 ${keyId}`).digest("hex");
}
