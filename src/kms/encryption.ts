import type { EncryptionAlgorithmSpec } from "@aws-sdk/client-kms";
import { encryptAsymmetric } from "./asymmetricEncryption.ts";
import { canonicalEncryptionContext } from "./encryptionContext.ts";
import type { Key } from "./keys.ts";
import { refuseEncryptionContext, symmetricOf } from "./requirements.ts";

/**
 * Encrypts under a key's current material.
 * @param algorithm one that the key has
 * @throws ValidationException for a plaintext that has no room in the key's modulus, or a context that has no place there
 */
export function encryptWith(
  key: Key,
  algorithm: EncryptionAlgorithmSpec,
  plaintext: Uint8Array,
  context: Record<string, string> | undefined,
): Buffer | Promise<Buffer> {
  if (algorithm !== "SYMMETRIC_DEFAULT") {
    refuseEncryptionContext(context, algorithm);
    return encryptAsymmetric(key, algorithm, plaintext);
  }
  const { material, prefix } = symmetricOf(key);
  return material.seal(prefix, canonicalEncryptionContext(context), plaintext);
}
