import type { Write } from "./elements.ts";
import { date, flat, kmsDate, listOf, plain } from "./elements.ts";

/** What the record of an operation of KMS shows. What a row does not name is never on record. */
export interface KmsRow {
  readonly readOnly: boolean;
  /** members of the input, in AWS's order */
  readonly parameters: readonly KmsMember[];
  /** null: responseElements is null, as it always is on failure */
  readonly response: KmsResponse | null;
  /** the resources are an alias and its key, in this order or the other */
  readonly alias?: "before the key" | "after the key";
}

export interface KmsMember {
  /** in the model */
  readonly name: string;
  readonly write: Write;
  /** what is shown when the caller leaves the member out; not shown when undefined */
  readonly absent?: (input: KmsInput) => unknown;
}

export interface KmsResponse {
  /** members of the output */
  readonly members: readonly string[];
  /** the ARN of the key that was changed, though the output may not have it (December 2022) */
  readonly keyId?: true;
}

/** Of those that show by default what the caller left out. */
type KmsInput = Readonly<Record<string, unknown>>;

/** How the members are written that are not plain. */
const FORMS: Readonly<Record<string, Write>> = { ValidTo: date(kmsDate), Constraints: flat, Tags: listOf(flat) };

const always = (value: unknown) => () => value;
const SYMMETRIC = always("SYMMETRIC_DEFAULT");
const NO = always(false);
const spec = (input: KmsInput) => input.KeySpec ?? input.CustomerMasterKeySpec ?? "SYMMETRIC_DEFAULT";

type Shown = string | Readonly<Record<string, (input: KmsInput) => unknown>>;

/** @param shown names of members; `{ name: default }` for one that is shown though the caller left it out */
function members(shown: readonly Shown[]): KmsMember[] {
  return shown.flatMap((item) =>
    typeof item === "string"
      ? { name: item, write: FORMS[item] ?? plain }
      : Object.entries(item).map(([name, absent]) => ({ name, write: FORMS[name] ?? plain, absent })),
  );
}

/** Reads, and all of cryptography: https://docs.aws.amazon.com/kms/latest/developerguide/logging-using-cloudtrail.html */
const reads = (...shown: Shown[]): KmsRow => ({ readOnly: true, parameters: members(shown), response: null });
const writes = (response: KmsResponse | null, ...shown: Shown[]): KmsRow => ({
  readOnly: false,
  parameters: members(shown),
  response,
});

const KEY: KmsResponse = { members: [], keyId: true };
const returned = (...names: string[]): KmsResponse => ({ members: names });

/**
 * Every operation on keys, aliases and grants: reference/kms-semantics.md §10, and the examples of the developer guide
 * (`ct-encrypt.html` and its like). Never here: plaintexts, ciphertexts, messages, signatures, MACs, keys and key
 * material, tokens of grants and imports, attestation documents.
 */
export const kmsRows: Readonly<Record<string, KmsRow>> = {
  CancelKeyDeletion: writes(KEY, "KeyId"),
  CreateAlias: { ...writes(KEY, "AliasName", "TargetKeyId"), alias: "after the key" },
  CreateGrant: writes(
    { members: ["GrantId"], keyId: true },
    "KeyId",
    "Constraints",
    "Operations",
    "GranteePrincipal",
    "RetiringPrincipal",
    "GranteeServicePrincipal",
    "RetiringServicePrincipal",
    "Name",
    "DryRun",
  ),
  CreateKey: writes(
    returned("KeyMetadata"),
    "Policy",
    { Description: always(""), KeyUsage: always("ENCRYPT_DECRYPT"), CustomerMasterKeySpec: spec, KeySpec: spec },
    { Origin: always("AWS_KMS") },
    "CustomKeyStoreId",
    "XksKeyId",
    { BypassPolicyLockoutSafetyCheck: NO, MultiRegion: NO },
    "Tags",
  ),
  Decapsulate: reads("KeyId", "EncapsulationAlgorithm", "DryRun"),
  Decrypt: reads({ EncryptionAlgorithm: SYMMETRIC }, "KeyId", "EncryptionContext", "DryRun", "DryRunModifiers"),
  DeleteAlias: { ...writes(KEY, "AliasName"), alias: "before the key" },
  DeleteImportedKeyMaterial: writes({ members: ["KeyMaterialId"], keyId: true }, "KeyId", "KeyMaterialId"),
  DeriveSharedSecret: reads("KeyId", "KeyAgreementAlgorithm", "DryRun"),
  DescribeKey: reads("KeyId"),
  DisableKey: writes(KEY, "KeyId"),
  DisableKeyRotation: writes(KEY, "KeyId"),
  EnableKey: writes(KEY, "KeyId"),
  EnableKeyRotation: writes(KEY, "KeyId", "RotationPeriodInDays"),
  Encapsulate: reads("KeyId", "EncapsulationAlgorithm", "DryRun"),
  Encrypt: reads("EncryptionContext", "KeyId", { EncryptionAlgorithm: SYMMETRIC }, "DryRun"),
  GenerateDataKey: reads("KeyId", "KeySpec", "NumberOfBytes", "EncryptionContext", "DryRun"),
  GenerateDataKeyPair: reads("KeyPairSpec", "KeyId", "EncryptionContext", "DryRun"),
  GenerateDataKeyPairWithoutPlaintext: reads("KeyPairSpec", "KeyId", "EncryptionContext", "DryRun"),
  GenerateDataKeyWithoutPlaintext: reads("KeyId", "KeySpec", "NumberOfBytes", "EncryptionContext", "DryRun"),
  GenerateMac: reads("MacAlgorithm", "KeyId", "DryRun"),
  GenerateRandom: reads(),
  GetKeyLastUsage: reads("KeyId"),
  GetKeyPolicy: reads("KeyId", "PolicyName"),
  GetKeyRotationStatus: reads("KeyId"),
  GetParametersForImport: reads("KeyId", "WrappingAlgorithm", "WrappingKeySpec"),
  GetPublicKey: reads("KeyId"),
  ImportKeyMaterial: writes(
    { members: ["KeyMaterialId"], keyId: true },
    "KeyId",
    "ValidTo",
    { ExpirationModel: always("KEY_MATERIAL_EXPIRES") },
    "ImportType",
    "KeyMaterialDescription",
    "KeyMaterialId",
  ),
  ListAliases: reads("KeyId", "Limit", "Marker"),
  ListGrants: reads("KeyId", "GrantId", "GranteePrincipal", "GranteeServicePrincipal", "Limit", "Marker"),
  ListKeyPolicies: reads("KeyId", "Limit", "Marker"),
  ListKeyRotations: reads("KeyId", "IncludeKeyMaterial", "Limit", "Marker"),
  ListKeys: reads("Limit", "Marker"),
  ListResourceTags: reads("KeyId", "Limit", "Marker"),
  ListRetirableGrants: reads("RetiringPrincipal", "RetiringServicePrincipal", "Limit", "Marker"),
  PutKeyPolicy: writes(KEY, "KeyId", { PolicyName: always("default") }, "Policy", {
    BypassPolicyLockoutSafetyCheck: NO,
  }),
  ReEncrypt: reads(
    { SourceEncryptionAlgorithm: SYMMETRIC },
    "SourceEncryptionContext",
    "SourceKeyId",
    "DestinationKeyId",
    { DestinationEncryptionAlgorithm: SYMMETRIC },
    "DestinationEncryptionContext",
    "DryRun",
    "DryRunModifiers",
  ),
  ReplicateKey: writes(
    returned("ReplicaKeyMetadata", "ReplicaPolicy", "ReplicaTags"),
    "KeyId",
    "ReplicaRegion",
    "Policy",
    { BypassPolicyLockoutSafetyCheck: NO, Description: always("") },
    "Tags",
  ),
  RetireGrant: writes(null, "KeyId", "GrantId", "DryRun"),
  RevokeGrant: writes(KEY, "KeyId", "GrantId", "DryRun"),
  RotateKeyOnDemand: writes(KEY, "KeyId"),
  ScheduleKeyDeletion: writes(
    returned("KeyId", "KeyState", "DeletionDate", "PendingWindowInDays"),
    "KeyId",
    "PendingWindowInDays",
  ),
  Sign: reads({ MessageType: always("RAW") }, "KeyId", "SigningAlgorithm", "DryRun"),
  TagResource: writes(KEY, "KeyId", "Tags"),
  UntagResource: writes(KEY, "KeyId", "TagKeys"),
  UpdateAlias: { ...writes(KEY, "AliasName", "TargetKeyId"), alias: "before the key" },
  UpdateKeyDescription: writes(KEY, "KeyId", "Description"),
  UpdatePrimaryRegion: writes(KEY, "KeyId", "PrimaryRegion"),
  Verify: reads({ MessageType: always("RAW") }, "KeyId", "SigningAlgorithm", "DryRun"),
  VerifyMac: reads("MacAlgorithm", "KeyId", "DryRun"),
};
