import type { EncryptionAlgorithmSpec, KeyUsageType, RecipientInfo } from "@aws-sdk/client-kms";
import { InvalidKeyUsageException, ValidationException } from "./errors.ts";
import { keySpecs } from "./keySpec.ts";
import type { Key } from "./keys.ts";

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
  const { spec } = key.record;
  if ((keySpecs[spec].encryptionAlgorithms as readonly string[]).includes(algorithm)) return algorithm;
  throw new InvalidKeyUsageException(`Algorithm ${algorithm} is incompatible with key spec ${spec}.`);
}

/**
 * A caller who names a Recipient wants its answer readable in that enclave alone. Without a trusted attestation root no
 * document verifies, and a plaintext answer would be the one thing that was not asked for.
 */
export function refuseRecipient(recipient: RecipientInfo | undefined): void {
  if (recipient === undefined) return;
  throw new ValidationException(
    "The attestation document in Recipient cannot be verified: its issuer is not trusted here.",
  );
}
