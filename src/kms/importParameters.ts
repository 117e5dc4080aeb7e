import type { AlgorithmSpec, WrappingKeySpec } from "@aws-sdk/client-kms";
import { addDomainKeys } from "../hsm/domainKeys.ts";
import { InvalidKeyMaterial, InvalidMessage, type NewKeyMaterial, type Unwrapping } from "../hsm/hsm.ts";
import type { KeyPairType, MaterialType } from "../hsm/material.ts";
import {
  ExpiredImportTokenException,
  IncorrectKeyMaterialException,
  InvalidCiphertextException,
  InvalidImportTokenException,
  UnsupportedOperationException,
} from "./errors.ts";
import type { KeyRecord } from "./key.ts";
import { isOffered, keySpecRow } from "./keySpec.ts";
import type { Key } from "./keys.ts";
import type { Call } from "./operation.ts";

/** How long a wrapping key and its token are good for; milliseconds. */
const VALID_FOR = 24 * 60 * 60 * 1000;

/** What an import token says, beside the wrapping key that it holds. */
interface TokenClaims {
  readonly wrappingAlgorithm: AlgorithmSpec;
  readonly wrappingKeySpec: WrappingKeySpec;
  /** milliseconds since the epoch */
  readonly validTo: number;
}

interface WrappingAlgorithm extends Unwrapping {
  readonly wrappingKey: KeyPairType["kind"];
}

const direct = (scheme: Unwrapping["scheme"], wrappingKey: KeyPairType["kind"]): WrappingAlgorithm => ({
  scheme,
  aesKeyWrap: false,
  wrappingKey,
});
const wrapped = (scheme: Unwrapping["scheme"]): WrappingAlgorithm => ({ scheme, aesKeyWrap: true, wrappingKey: "rsa" });

/** reference/kms-operations.md §12. RSAES_PKCS1_V1_5 is in the model, and refused since October 2023. */
const wrappingAlgorithms: Readonly<Partial<Record<AlgorithmSpec, WrappingAlgorithm>>> = {
  RSAES_OAEP_SHA_1: direct("oaep-sha1", "rsa"),
  RSAES_OAEP_SHA_256: direct("oaep-sha256", "rsa"),
  RSA_AES_KEY_WRAP_SHA_1: wrapped("oaep-sha1"),
  RSA_AES_KEY_WRAP_SHA_256: wrapped("oaep-sha256"),
  SM2PKE: direct("sm2-pke", "sm2"),
};

/**
 * How material of a spec may come. @throws UnsupportedOperationException; the texts are ours
 */
function requireWrapping(
  { spec, region }: KeyRecord,
  algorithm: AlgorithmSpec,
  wrappingKeySpec: WrappingKeySpec,
): { unwrapping: Unwrapping; type: KeyPairType } {
  const row = wrappingAlgorithms[algorithm];
  const type = isOffered(wrappingKeySpec, region) ? (keySpecRow(wrappingKeySpec).material as KeyPairType) : undefined;
  if (row === undefined || type === undefined || type.kind !== row.wrappingKey) {
    throw new UnsupportedOperationException(
      `WrappingAlgorithm ${algorithm} is not supported with WrappingKeySpec ${wrappingKeySpec}.`,
    );
  }
  if (!takes(keySpecRow(spec).material, row, wrappingKeySpec)) {
    throw new UnsupportedOperationException(
      `WrappingAlgorithm ${algorithm} with WrappingKeySpec ${wrappingKeySpec} is not supported for key material of KeySpec ${spec}.`,
    );
  }
  return { unwrapping: row, type };
}

/** The table's rows: what fits under which. Under SM2 come SM2 keys, and in China's Regions symmetric ones too. */
function takes(material: MaterialType, row: WrappingAlgorithm, wrappingKeySpec: WrappingKeySpec): boolean {
  if (row.wrappingKey === "sm2") return material.kind === "sm2" || material.kind === "symmetric";
  switch (material.kind) {
    case "symmetric":
    case "mac":
      return !row.aesKeyWrap;
    case "rsa":
      return row.aesKeyWrap;
    case "ec":
      return row.aesKeyWrap || material.curve !== "P-521" || wrappingKeySpec !== "RSA_2048";
    case "ed25519":
      return true;
    default:
      return false;
  }
}

/** A wrapping key for a key's material, with the token that brings it back. Nothing of either is kept here. */
export async function newImportParameters(
  call: Call,
  key: Key,
  wrappingAlgorithm: AlgorithmSpec,
  wrappingKeySpec: WrappingKeySpec,
): Promise<{ publicKey: Buffer; token: Buffer; validTo: number }> {
  const { type } = requireWrapping(key.record, wrappingAlgorithm, wrappingKeySpec);
  const validTo = call.kms.clock() + VALID_FOR;
  const claims: TokenClaims = { wrappingAlgorithm, wrappingKeySpec, validTo };
  const made = await call.kms.hsm.newWrappingKey(purposeOf(key), type, Buffer.from(JSON.stringify(claims)));
  return { ...made, validTo };
}

/**
 * Unwraps material for a key, and seals it for the store.
 * @throws InvalidImportTokenException: altered, or another key's; ExpiredImportTokenException;
 *   InvalidCiphertextException: it does not unwrap; IncorrectKeyMaterialException: it is none for such a key
 */
export async function unwrapKeyMaterial(
  call: Call,
  key: Key,
  token: Uint8Array,
  encrypted: Uint8Array,
): Promise<NewKeyMaterial> {
  const { hsm, store, clock } = call.kms;
  const domainKey = hsm.tokenDomainKey(token);
  if (domainKey !== undefined && !hsm.hasDomainKey(domainKey)) await addDomainKeys(store, hsm);
  const purpose = purposeOf(key);
  const text = hsm.wrappingKeyClaims(purpose, token)?.toString("utf8");
  if (text === undefined) throw new InvalidImportTokenException();
  const claims: TokenClaims = JSON.parse(text);
  if (claims.validTo <= clock()) throw new ExpiredImportTokenException();
  const { spec } = key.record;
  const { unwrapping, type } = requireWrapping(key.record, claims.wrappingAlgorithm, claims.wrappingKeySpec);
  const owner = { keyArn: key.arn, keyId: key.record.id };
  try {
    return await hsm.importWrapped(owner, keySpecRow(spec).material, { purpose, token, type }, unwrapping, encrypted);
  } catch (error) {
    if (error instanceof InvalidMessage) throw new InvalidCiphertextException();
    if (error instanceof InvalidKeyMaterial) throw new IncorrectKeyMaterialException(sentence(error.message));
    throw error;
  }
}

function purposeOf(key: Key): string {
  return `import into ${key.arn}`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
