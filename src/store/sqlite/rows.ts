import type { KeyState, KeyUsageType, OriginType } from "@aws-sdk/client-kms";
import type { DomainKeyRecord } from "../../hsm/hsm.ts";
import type { AccessKeyRecord } from "../../iam/accessKey.ts";
import type { AliasRecord, KeyRecord, KeyRef, MaterialRecord } from "../../kms/key.ts";
import type { KeySpecName } from "../../kms/keySpec.ts";

/** A row as node:sqlite gives it. Its columns are what the schema says, so they are taken at their word here, and here only. */
type Row = Record<string, unknown>;

export function keyOf(row: Row): KeyRecord {
  return {
    account: row.account as string,
    region: row.region as string,
    id: row.id as string,
    createdAt: row.created_at as number,
    description: row.description as string,
    manager: row.manager as KeyRecord["manager"],
    spec: row.spec as KeySpecName,
    usage: row.usage as KeyUsageType,
    origin: row.origin as OriginType,
    state: row.state as KeyState,
    deletionAt: row.deletion_at as number | null,
    policy: row.policy as string,
    tags: JSON.parse(row.tags as string),
    currentMaterialId: row.current_material_id as string,
    rotation: {
      periodInDays: row.rotation_period_in_days as number | null,
      nextAt: row.rotation_next_at as number | null,
      onDemandCount: row.rotation_on_demand_count as number,
    },
  };
}

export function materialOf(row: Row): MaterialRecord {
  return {
    id: row.id as string,
    createdAt: row.created_at as number,
    rotationType: row.rotation_type as MaterialRecord["rotationType"],
    domainKey: row.domain_key as number,
    bytes: row.bytes as Uint8Array,
  };
}

export function keyRefOfMaterial(row: Row): KeyRef {
  return { account: row.account as string, region: row.region as string, id: row.key_id as string };
}

export function aliasOf(row: Row): AliasRecord {
  return {
    account: row.account as string,
    region: row.region as string,
    name: row.name as string,
    keyId: row.key_id as string,
    createdAt: row.created_at as number,
    updatedAt: row.updated_at as number,
  };
}

export function accessKeyOf(row: Row): AccessKeyRecord {
  return {
    id: row.id as string,
    account: row.account as string,
    secret: { domainKey: row.domain_key as number, bytes: row.secret as Uint8Array },
    createdAt: row.created_at as number,
  };
}

export function domainKeyOf(row: Row): DomainKeyRecord {
  return { id: row.id as number, bytes: row.bytes as Uint8Array, createdAt: row.created_at as number };
}
