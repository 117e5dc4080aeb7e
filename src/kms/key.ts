import type {
  CustomerMasterKeySpec,
  ExpirationModelType,
  KeyMetadata,
  KeyState,
  KeyUsageType,
  MultiRegionConfiguration,
  MultiRegionKeyType,
  OriginType,
} from "@aws-sdk/client-kms";
import type { Wrapped } from "../hsm/hsm.ts";
import { keyArn } from "./arn.ts";
import { algorithmsOf, type KeySpecName, keySpecRow } from "./keySpec.ts";

/** Names one KMS key: every key lives in one account and one Region. */
export interface KeyRef {
  readonly account: string;
  readonly region: string;
  readonly id: string;
}

/** A KMS key as the store keeps it; a value, replaced as a whole and never changed. Times are milliseconds since the epoch. */
export interface KeyRecord extends KeyRef {
  readonly createdAt: number;
  readonly description: string;
  readonly manager: "AWS" | "CUSTOMER";
  readonly spec: KeySpecName;
  readonly usage: KeyUsageType;
  readonly origin: OriginType;
  readonly state: KeyState;
  /** when the key is due to go; only in PendingDeletion */
  readonly deletionAt: number | null;
  /** the waiting period that begins when the last replica is gone; only in PendingReplicaDeletion */
  readonly pendingWindowInDays: number | null;
  /** JSON, as GetKeyPolicy returns it */
  readonly policy: string;
  readonly tags: readonly KeyTag[];
  /** null before the first import */
  readonly currentMaterialId: string | null;
  readonly rotation: RotationRecord;
  /** the Region of the primary key of multi-Region keys; null for a key of one Region */
  readonly primaryRegion: string | null;
}

export interface KeyTag {
  readonly TagKey: string;
  readonly TagValue: string;
}

export interface RotationRecord {
  /** days between automatic rotations; null when automatic rotation is off */
  readonly periodInDays: number | null;
  /** when the next automatic rotation is due; null when automatic rotation is off */
  readonly nextAt: number | null;
  /** on-demand rotations so far, of {@link ON_DEMAND_ROTATION_LIMIT} */
  readonly onDemandCount: number;
}

/** One version of a KMS key's material. */
export interface MaterialRecord {
  readonly id: string;
  /** when it became current; of one that is pending, when it was first imported */
  readonly createdAt: number;
  /** what made it current; null for a key's first material, and for one that is pending */
  readonly rotationType: "AUTOMATIC" | "ON_DEMAND" | null;
  /** imported, and waiting for RotateKeyOnDemand to make it current */
  readonly pending: boolean;
  /** null while imported material is deleted or has expired: it can be imported again, and nothing else can in its place */
  readonly wrapped: Wrapped | null;
  /** SubjectPublicKeyInfo, DER; of key pairs made or imported by this version or a later one */
  readonly publicKey: Uint8Array | null;
  /** null of what the HSM made */
  readonly imported: ImportRecord | null;
}

export interface ImportRecord {
  readonly description: string | null;
  /** when it expires; null: never */
  readonly validTo: number | null;
}

export interface AliasRecord {
  readonly account: string;
  readonly region: string;
  /** with its `alias/` */
  readonly name: string;
  readonly keyId: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What {@link keyMetadata} tells beside the record. */
export interface KeyFacts {
  /** when the first of its imported materials expires that are there, whichever is current; null: never; undefined: none is there */
  readonly validTo: number | null | undefined;
  /** Regions of all keys that share this multi-Region key's id, its own included */
  readonly regions: readonly string[];
}

/** What CreateKey, DescribeKey and ReplicateKey return. */
export function keyMetadata(key: KeyRecord, { validTo, regions }: KeyFacts): KeyMetadata {
  return {
    AWSAccountId: key.account,
    KeyId: key.id,
    Arn: keyArn(key),
    CreationDate: new Date(key.createdAt),
    Enabled: key.state === "Enabled",
    Description: key.description,
    KeyUsage: key.usage,
    KeyState: key.state,
    ...(key.deletionAt !== null && { DeletionDate: new Date(key.deletionAt) }),
    ...(validTo != null && { ValidTo: new Date(validTo) }),
    Origin: key.origin,
    ...(validTo !== undefined && { ExpirationModel: expirationModel({ validTo }) }),
    KeyManager: key.manager,
    CustomerMasterKeySpec: key.spec as CustomerMasterKeySpec,
    KeySpec: key.spec,
    ...algorithmsOf(key.spec, key.usage),
    MultiRegion: key.primaryRegion !== null,
    ...(key.primaryRegion !== null && {
      MultiRegionConfiguration: multiRegionConfiguration(key, key.primaryRegion, regions),
    }),
    ...(key.pendingWindowInDays !== null && { PendingDeletionWindowInDays: key.pendingWindowInDays }),
    ...(key.currentMaterialId !== null &&
      keySpecRow(key.spec).family === "symmetric" && { CurrentKeyMaterialId: key.currentMaterialId }),
  };
}

export function expirationModel({ validTo }: Pick<ImportRecord, "validTo">): ExpirationModelType {
  return validTo === null ? "KEY_MATERIAL_DOES_NOT_EXPIRE" : "KEY_MATERIAL_EXPIRES";
}

/** Undefined for a key of one Region. */
export function multiRegionKeyType({ region, primaryRegion }: KeyRecord): MultiRegionKeyType | undefined {
  if (primaryRegion === null) return undefined;
  return region === primaryRegion ? "PRIMARY" : "REPLICA";
}

function multiRegionConfiguration(
  key: KeyRecord,
  primaryRegion: string,
  regions: readonly string[],
): MultiRegionConfiguration {
  const at = (region: string) => ({ Arn: keyArn({ ...key, region }), Region: region });
  return {
    MultiRegionKeyType: multiRegionKeyType(key),
    PrimaryKey: at(primaryRegion),
    ReplicaKeys: regions.filter((region) => region !== primaryRegion).map(at),
  };
}
