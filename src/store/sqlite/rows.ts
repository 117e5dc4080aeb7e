import type { KeyState, KeyUsageType, OriginType } from "@aws-sdk/client-kms";
import type { DigestKeyRecord } from "../../cloudtrail/digestKey.ts";
import type { DomainKeyRecord } from "../../hsm/hsm.ts";
import type { AccessKeyRecord, AccountRecord } from "../../iam/accessKey.ts";
import type { Entity } from "../../iam/entity.ts";
import type { GrantRecord } from "../../kms/grant.ts";
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
    pendingWindowInDays: row.pending_window_in_days as number | null,
    policy: row.policy as string,
    tags: JSON.parse(row.tags as string),
    currentMaterialId: (row.current_material_id as string) || null,
    rotation: {
      periodInDays: row.rotation_period_in_days as number | null,
      nextAt: row.rotation_next_at as number | null,
      onDemandCount: row.rotation_on_demand_count as number,
    },
    primaryRegion: row.primary_region as string | null,
  };
}

export function materialOf(row: Row): MaterialRecord {
  return {
    id: row.id as string,
    createdAt: row.created_at as number,
    rotationType: row.rotation_type as MaterialRecord["rotationType"],
    pending: row.pending === 1,
    wrapped: row.bytes === null ? null : { domainKey: row.domain_key as number, bytes: row.bytes as Uint8Array },
    publicKey: row.public_key as Uint8Array | null,
    imported: parsed(row.imported),
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
    userId: row.user_id as string | null,
    status: row.status as AccessKeyRecord["status"],
    secret: { domainKey: row.domain_key as number, bytes: row.secret as Uint8Array },
    createdAt: row.created_at as number,
    lastUsed: parsed(row.last_used),
  };
}

export function accountOf(row: Row): AccountRecord {
  return {
    id: row.id as string,
    createdAt: row.created_at as number,
    name: row.name as string,
    closedAt: row.closed_at as number | null,
    alias: row.alias as string | null,
    passwordPolicy: parsed(row.password_policy),
  };
}

/** An MFA device's seed stands in columns of its own, so that it can be sealed anew. */
export function entityOf(row: Row): Entity {
  const entity = JSON.parse(row.record as string);
  if (row.secret === null) return entity;
  return { ...entity, seed: { domainKey: row.domain_key as number, bytes: row.secret as Uint8Array } };
}

export function grantOf(row: Row): GrantRecord {
  return JSON.parse(row.record as string);
}

export function digestKeyOf(row: Row): DigestKeyRecord {
  return {
    id: row.id as string,
    region: row.region as string,
    validFrom: row.valid_from as number,
    validTo: row.valid_to as number,
    fingerprint: row.fingerprint as string,
    publicKey: row.public_key as Uint8Array,
    materialId: row.material_id as string,
    wrapped: row.bytes === null ? null : { domainKey: row.domain_key as number, bytes: row.bytes as Uint8Array },
  };
}

function parsed<T>(text: unknown): T | null {
  return text === null ? null : JSON.parse(text as string);
}

export function domainKeyOf(row: Row): DomainKeyRecord {
  return { id: row.id as number, bytes: row.bytes as Uint8Array, createdAt: row.created_at as number };
}
