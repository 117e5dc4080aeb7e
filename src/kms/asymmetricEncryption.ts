import type { EncryptionAlgorithmSpec } from "@aws-sdk/client-kms";
import { InvalidMessage } from "../hsm/hsm.ts";
import { InvalidCiphertextException, ValidationException } from "./errors.ts";
import { type EncryptionAlgorithm, encryptionAlgorithms, keySpecRow } from "./keySpec.ts";
import type { Key } from "./keys.ts";
import { keyPairOf } from "./requirements.ts";

/**
 * Encrypts with a key pair. @param algorithm one that the key has
 * @throws ValidationException when there is no room for the plaintext: reference/kms-operations.md §4, rule 2
 */
export async function encryptAsymmetric(
  key: Key,
  algorithm: EncryptionAlgorithmSpec,
  plaintext: Uint8Array,
): Promise<Buffer> {
  const { scheme } = requireRoom(key, algorithm, plaintext);
  return keyPairOf(key).encrypt(scheme, plaintext);
}

/** @throws ValidationException */
export function requireRoom(key: Key, name: EncryptionAlgorithmSpec, plaintext: Uint8Array): EncryptionAlgorithm {
  const algorithm = encryptionAlgorithms[name] as EncryptionAlgorithm;
  const limit = algorithm.longestPlaintext(keySpecRow(key.record.spec).material);
  if (plaintext.length <= limit) return algorithm;
  throw new ValidationException(
    `Algorithm ${name} and key spec ${key.record.spec} cannot encrypt data larger than ${limit} bytes.`,
  );
}

/** @throws InvalidCiphertextException, which never says why */
export async function decryptAsymmetric(
  key: Key,
  algorithm: EncryptionAlgorithmSpec,
  ciphertext: Uint8Array,
): Promise<Buffer> {
  const { scheme } = encryptionAlgorithms[algorithm] as EncryptionAlgorithm;
  try {
    return await keyPairOf(key).decrypt(scheme, ciphertext);
  } catch (error) {
    if (error instanceof InvalidMessage) throw new InvalidCiphertextException();
    throw error;
  }
}
