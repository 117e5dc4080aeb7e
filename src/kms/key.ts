import type { CustomerMasterKeySpec, KeyMetadata, KeyState, KeyUsageType, OriginType } from "@aws-sdk/client-kms";
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
  /** JSON, as GetKeyPolicy returns it */
  readonly policy: string;
  readonly tags: readonly KeyTag[];
  readonly currentMaterialId: string;
  readonly rotation: RotationRecord;
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
export interface MaterialRecord extends Wrapped {
  readonly id: string;
  readonly createdAt: number;
  /** what made it current; null for a key's first material */
  readonly rotationType: "AUTOMATIC" | "ON_DEMAND" | null;
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

/** What CreateKey, DescribeKey and ReplicateKey return. */
export function keyMetadata(key: KeyRecord): KeyMetadata {
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
    Origin: key.origin,
    KeyManager: key.manager,
    CustomerMasterKeySpec: key.spec as CustomerMasterKeySpec,
    KeySpec: key.spec,
    ...algorithmsOf(key.spec, key.usage),
    MultiRegion: false,
    ...(keySpecRow(key.spec).family === "symmetric" && { CurrentKeyMaterialId: key.currentMaterialId }),
  };
}
