import type { EncryptionAlgorithmSpec } from "@aws-sdk/client-kms";
import { InvalidMessage, type SymmetricMaterial } from "../hsm/hsm.ts";
import { isKeyId } from "./arn.ts";
import { decryptAsymmetric } from "./asymmetricEncryption.ts";
import { authorize, deniedByCiphertext } from "./authorize.ts";
import { ciphertextOrigin, PREFIX_LENGTH } from "./ciphertext.ts";
import { canonicalEncryptionContext } from "./encryptionContext.ts";
import { IncorrectKeyException, InvalidCiphertextException, ValidationException } from "./errors.ts";
import { resolveKey } from "./keyReference.ts";
import { keySpecRow } from "./keySpec.ts";
import type { Key, KeyMaterial } from "./keys.ts";
import type { Call } from "./operation.ts";

/** The ciphertext side of Decrypt and ReEncrypt, as asked. */
export interface CiphertextRequest {
  readonly blob: Uint8Array | undefined;
  readonly keyId: string | undefined;
  readonly dryRun: boolean | undefined;
  readonly dryRunModifiers: readonly string[] | undefined;
  /** what the two are called in the operation's input, for messages */
  readonly names: { readonly blob: string; readonly keyId: string };
}

/** A ciphertext with the key that it names, or that is named for it; without a blob when only the permission is in question. */
export interface CiphertextSource {
  readonly key: Key;
  readonly blob: Buffer | undefined;
  /** of a symmetric key: what the ciphertext was made with */
  readonly materialId: string | undefined;
}

/**
 * Finds the key that a ciphertext names, and holds it against the key that the caller names, if any. Nothing is
 * decrypted and nothing authorised yet.
 * @throws InvalidCiphertextException, IncorrectKeyException, AccessDeniedException for a key that is not here
 */
export async function checkCiphertext(
  call: Call,
  operation: string,
  request: CiphertextRequest,
): Promise<CiphertextSource> {
  const { keyId, names } = request;
  if (request.dryRunModifiers?.includes("IGNORE_CIPHERTEXT")) {
    if (!request.dryRun) throw new ValidationException("DryRunModifiers can be used only when DryRun is true.");
    if (keyId === undefined) throw mustNotBeNull(names.keyId);
    const key = await resolveKey(call, keyId, { name: operation, aliases: true });
    return { key, blob: undefined, materialId: undefined };
  }
  if (request.blob === undefined) throw mustNotBeNull(names.blob);
  const blob = request.blob as Buffer;
  const origin = ciphertextOrigin(blob);
  // The id alone will do even for a key of another account: the ciphertext names that account (AWS, 2026).
  const named =
    keyId === undefined || (isKeyId(keyId) && keyId === origin?.keyId)
      ? undefined
      : await resolveKey(call, keyId, { name: operation, aliases: true });
  // Nothing in the ciphertext of a key pair says which one's it is.
  if (named !== undefined && keySpecRow(named.record.spec).family !== "symmetric") {
    return { key: named, blob, materialId: undefined };
  }
  if (origin === undefined) {
    if (named !== undefined) await requireTold(call, operation, named, keyId);
    throw new InvalidCiphertextException();
  }
  const found = call.kms.keys.find(origin.account, call.region, origin.keyId);
  const key = found instanceof Promise ? await found : found;
  if (named !== undefined && named.arn !== key?.arn) {
    await requireTold(call, operation, named, keyId);
    throw new IncorrectKeyException();
  }
  if (key === undefined) throw deniedByCiphertext(call, operation);
  return { key, blob, materialId: origin.materialId };
}

/** Whether a key of another account is there is told only to whom that account tells it. @throws AccessDeniedException */
async function requireTold(call: Call, operation: string, key: Key, reference: string | undefined): Promise<void> {
  if (key.record.account !== call.principal.account) await authorize(call, operation, key, undefined, { reference });
}

/**
 * Decrypts; undefined when there is no blob to decrypt.
 * @param algorithm one that the key has
 * @throws InvalidCiphertextException, which never says why
 */
export async function openCiphertext(
  { key, blob, materialId }: CiphertextSource,
  algorithm: EncryptionAlgorithmSpec,
  context: Record<string, string> | undefined,
): Promise<{ plaintext: Buffer; materialId: string | undefined } | undefined> {
  if (blob === undefined) return undefined;
  if (materialId === undefined) {
    return { plaintext: await decryptAsymmetric(key, algorithm, blob), materialId };
  }
  const found = key.materials.get(materialId) as KeyMaterial<SymmetricMaterial> | undefined;
  if (found === undefined) throw new InvalidCiphertextException();
  try {
    const plaintext = await found.material.open(blob, PREFIX_LENGTH, canonicalEncryptionContext(context));
    return { plaintext, materialId };
  } catch (error) {
    if (error instanceof InvalidMessage) throw new InvalidCiphertextException();
    throw error;
  }
}

function mustNotBeNull(member: string): ValidationException {
  return new ValidationException(
    `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
  );
}
