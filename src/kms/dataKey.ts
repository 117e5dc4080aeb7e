import type { GenerateDataKeyWithoutPlaintextRequest } from "@aws-sdk/client-kms";
import { canonicalEncryptionContext } from "./encryptionContext.ts";
import { DryRunOperationException, ValidationException } from "./errors.ts";
import { requireGrantTokens } from "./grantToken.ts";
import { requireState } from "./keyState.ts";
import type { Key } from "./keys.ts";
import { type Call, used } from "./operation.ts";
import { requireAlgorithm, requireUsage, symmetricOf } from "./requirements.ts";

/** bytes */
const DATA_KEY_LENGTHS: Readonly<Record<string, number>> = { AES_128: 16, AES_256: 32 };

/** Makes a data key and encrypts it: what GenerateDataKey and GenerateDataKeyWithoutPlaintext have in common. */
export async function newDataKey(
  call: Call,
  key: Key,
  operation: "GenerateDataKey" | "GenerateDataKeyWithoutPlaintext",
  input: GenerateDataKeyWithoutPlaintextRequest,
): Promise<{ plaintext: Buffer; blob: Buffer }> {
  const { KeySpec, NumberOfBytes } = input;
  if ((KeySpec === undefined) === (NumberOfBytes === undefined)) {
    throw new ValidationException("Please specify either number of bytes or key spec.");
  }
  if (input.GrantTokens !== undefined) await requireGrantTokens(call, input.GrantTokens);
  requireUsage(key, "ENCRYPT_DECRYPT", operation);
  requireAlgorithm(key, "SYMMETRIC_DEFAULT");
  requireState(key.record, operation);
  if (input.DryRun) throw new DryRunOperationException();
  const { material, prefix } = symmetricOf(key);
  const length = KeySpec === undefined ? (NumberOfBytes as number) : (DATA_KEY_LENGTHS[KeySpec] as number);
  const plaintext = call.kms.hsm.randomBytes(length);
  const blob = await material.seal(prefix, canonicalEncryptionContext(input.EncryptionContext), plaintext);
  used(call, key, operation);
  return { plaintext, blob };
}
