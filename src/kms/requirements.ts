import type {
  EncryptionAlgorithmSpec,
  KeyUsageType,
  MacAlgorithmSpec,
  MessageType,
  SigningAlgorithmSpec,
} from "@aws-sdk/client-kms";
import type { SymmetricMaterial } from "../hsm/hsm.ts";
import type { KeyPairMaterial, MacHash, MacMaterial, MessageForm } from "../hsm/material.ts";
import { InvalidKeyUsageException, ValidationException } from "./errors.ts";
import { keySpecRow, macAlgorithms, type SigningAlgorithm, signingAlgorithms } from "./keySpec.ts";
import type { Key, KeyMaterial } from "./keys.ts";

/** @throws InvalidKeyUsageException when the key is not for this */
export function requireUsage(key: Key, usage: KeyUsageType, operation: string): void {
  if (key.record.usage === usage) return;
  throw new InvalidKeyUsageException(
    `${key.arn} key usage is ${key.record.usage} which is not valid for ${operation}.`,
  );
}

/** The encryption algorithm to use: the one asked for, if the key has it. @throws InvalidKeyUsageException */
export function requireAlgorithm(
  key: Key,
  algorithm: EncryptionAlgorithmSpec = "SYMMETRIC_DEFAULT",
): EncryptionAlgorithmSpec {
  if (keySpecRow(key.record.spec).encryption.includes(algorithm)) return algorithm;
  throw incompatible(key, algorithm);
}

/** The material of a key that encrypts with SYMMETRIC_DEFAULT. */
export function symmetricOf(key: Key): KeyMaterial<SymmetricMaterial> {
  return currentOf(key) as KeyMaterial<SymmetricMaterial>;
}

/** What a key encrypts and signs with now; its state has been found to allow that. */
function currentOf(key: Key): KeyMaterial {
  if (key.current === undefined) throw new Error(`${key.arn} has no key material`);
  return key.current;
}

/** The key pair of a key that is one. */
export function keyPairOf(key: Key): KeyPairMaterial {
  const { material } = currentOf(key);
  if (!("kind" in material) || material.kind !== "keyPair") throw new TypeError(`${key.arn} is no key pair`);
  return material;
}

/** @throws InvalidKeyUsageException when the key cannot sign like this */
export function requireSigningAlgorithm(key: Key, algorithm: SigningAlgorithmSpec): SigningAlgorithm {
  const known = keySpecRow(key.record.spec).signing.includes(algorithm) ? signingAlgorithms[algorithm] : undefined;
  if (known === undefined) throw incompatible(key, algorithm);
  return known;
}

const FORMS: Readonly<Record<MessageType, MessageForm>> = { RAW: "raw", DIGEST: "digest", EXTERNAL_MU: "externalMu" };

/**
 * The form of a message to sign or to verify, if the algorithm takes such a message.
 * @throws ValidationException: reference/kms-operations.md §4, rules 5 to 7
 */
export function requireMessage(
  algorithm: SigningAlgorithmSpec,
  { forms }: SigningAlgorithm,
  type: MessageType = "RAW",
  message: Uint8Array,
): MessageForm {
  const form = FORMS[type];
  if (!(form in forms)) {
    throw new ValidationException(`MessageType ${type} is not valid for signing algorithm ${algorithm}.`);
  }
  const length = forms[form];
  if (length === undefined || message.length === length) return form;
  throw new ValidationException(
    form === "digest"
      ? `Digest is invalid length for algorithm ${algorithm}.`
      : `Message is invalid length for algorithm ${algorithm} and message type ${type}.`,
  );
}

/** The hash of a MAC algorithm that the key has. @throws InvalidKeyUsageException */
export function requireMacAlgorithm(key: Key, algorithm: MacAlgorithmSpec): MacHash {
  if (keySpecRow(key.record.spec).mac.includes(algorithm)) return macAlgorithms[algorithm];
  throw incompatible(key, algorithm);
}

/** The key of an HMAC. */
export function macOf(key: Key): MacMaterial {
  const { material } = currentOf(key);
  if (!("kind" in material) || material.kind !== "mac") throw new TypeError(`${key.arn} is no HMAC key`);
  return material;
}

/** An encryption context is for symmetric keys alone. @throws ValidationException */
export function refuseEncryptionContext(context: Record<string, string> | undefined, algorithm: string): void {
  if (context === undefined || Object.keys(context).length === 0) return;
  throw new ValidationException(`EncryptionContext is not supported for encryption algorithm ${algorithm}.`);
}

function incompatible(key: Key, algorithm: string): InvalidKeyUsageException {
  return new InvalidKeyUsageException(`Algorithm ${algorithm} is incompatible with key spec ${key.record.spec}.`);
}
