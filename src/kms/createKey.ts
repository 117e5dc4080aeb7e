import { randomUUID } from "node:crypto";
import type { KeyUsageType, Tag } from "@aws-sdk/client-kms";
import type { Hsm, MaterialOwner, NewKeyMaterial } from "../hsm/hsm.ts";
import type { Transaction } from "../store/store.ts";
import { keyArn } from "./arn.ts";
import { authorizeInAccount, authorizeNewKey } from "./authorize.ts";
import { type ConditionValues, tagConditions } from "./conditionValues.ts";
import { LimitExceededException } from "./errors.ts";
import type { KeyRecord, KeyRef, KeyTag, MaterialRecord } from "./key.ts";
import { type KeySpecName, keySpecRow } from "./keySpec.ts";
import type { Call } from "./operation.ts";
import { awsManagedKeyPolicy } from "./policyDocument.ts";
import { AWS_MANAGED_ROTATION_DAYS, DAY } from "./rotation.ts";

/** What is chosen of a new key; all else is the same for each. */
export interface NewKey {
  readonly ref: KeyRef;
  readonly now: number;
  readonly description: string;
  readonly policy: string;
  readonly tags: readonly KeyTag[];
  readonly manager?: KeyRecord["manager"];
  readonly rotationPeriodInDays?: number;
  /** the first of what may become related keys: its id says so too */
  readonly multiRegion?: boolean;
  /** 32 chosen bytes: test material */
  readonly material?: Uint8Array;
}

/** A key that is not stored yet, with its first material. */
export interface MadeKey {
  readonly record: KeyRecord;
  /** undefined until one is imported */
  readonly material: MaterialRecord | undefined;
}

/** Makes a key of any spec. Key pairs are made on other threads. */
export async function newKey(hsm: Hsm, key: NewKey, spec: KeySpecName, usage: KeyUsageType): Promise<MadeKey> {
  const type = keySpecRow(spec).material;
  if (type.kind === "symmetric") return newSymmetricKey(hsm, key);
  return madeKey(key, spec, usage, await hsm.generateKeyMaterial(ownerOf(key), type));
}

/** Makes a key for imported material. */
export function newExternalKey(key: NewKey, spec: KeySpecName, usage: KeyUsageType): MadeKey {
  return { record: keyRecord(key, spec, usage, null), material: undefined };
}

/** Makes a symmetric key. */
export function newSymmetricKey(hsm: Hsm, key: NewKey): MadeKey {
  const owner = ownerOf(key);
  const made = key.material === undefined ? hsm.generateMaterial(owner) : hsm.importMaterial(owner, key.material);
  return madeKey(key, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", made);
}

function ownerOf({ ref }: NewKey): MaterialOwner {
  return { keyArn: keyArn(ref), keyId: ref.id };
}

function madeKey(key: NewKey, spec: KeySpecName, usage: KeyUsageType, made: NewKeyMaterial): MadeKey {
  const { materialId, wrapped, publicKey = null } = made;
  return {
    record: keyRecord(key, spec, usage, materialId),
    material: {
      id: materialId,
      createdAt: key.now,
      rotationType: null,
      pending: false,
      wrapped,
      publicKey,
      imported: null,
    },
  };
}

/** @param materialId null: it waits for an import */
function keyRecord(key: NewKey, spec: KeySpecName, usage: KeyUsageType, materialId: string | null): KeyRecord {
  const period = key.rotationPeriodInDays ?? null;
  return {
    ...key.ref,
    createdAt: key.now,
    description: key.description,
    manager: key.manager ?? "CUSTOMER",
    spec,
    usage,
    origin: materialId === null ? "EXTERNAL" : "AWS_KMS",
    state: materialId === null ? "PendingImport" : "Enabled",
    deletionAt: null,
    pendingWindowInDays: null,
    policy: key.policy,
    tags: key.tags,
    currentMaterialId: materialId,
    rotation: { periodInDays: period, nextAt: period === null ? null : key.now + period * DAY, onDemandCount: 0 },
    primaryRegion: key.multiRegion ? key.ref.region : null,
  };
}

export async function putNewKey(transaction: Transaction, { record, material }: MadeKey): Promise<void> {
  await transaction.putKey(record);
  if (material !== undefined) await transaction.putMaterial(record, material);
}

/** Customer managed keys of an account in a Region: reference/kms-semantics.md §9.2. */
const KEY_LIMIT = 100_000;

/** @throws LimitExceededException */
export async function requireRoomForKey(transaction: Transaction, { account, region }: KeyRef): Promise<void> {
  if ((await transaction.countKeys(account, region)) < KEY_LIMIT) return;
  throw new LimitExceededException(`The account has ${KEY_LIMIT} KMS keys in this Region, the most that it can have.`);
}

/** What a key is to be, as conditions may ask: reference/kms-semantics.md §2.3. */
export interface KeyToBe {
  readonly spec: string;
  readonly usage: string;
  readonly origin: string;
  readonly multiRegionKeyType: "PRIMARY" | "REPLICA" | undefined;
  readonly bypassPolicyLockoutSafetyCheck: boolean | undefined;
  readonly tags: readonly Tag[] | undefined;
}

/** May the caller make such a key in its account? IAM alone decides. @throws AccessDeniedException */
export function authorizeCreation(call: Call, key: KeyToBe): void {
  const conditions = creationConditions(key);
  authorizeInAccount(call, "CreateKey", conditions);
  if (key.tags === undefined || key.tags.length === 0) return;
  // The tags are put on a key that has no id yet: a policy can name it by `key/*` alone.
  const arn = keyArn({ account: call.principal.account, region: call.region, id: "*" });
  authorizeInAccount(call, "TagResource", conditions, arn, "");
}

function creationConditions(key: KeyToBe): ConditionValues {
  const tags = tagConditions((key.tags ?? []) as readonly KeyTag[]);
  return (name) => {
    switch (name) {
      case "kms:keyspec":
      case "kms:customermasterkeyspec":
        return key.spec;
      case "kms:keyusage":
      case "kms:customermasterkeyusage":
        return key.usage;
      case "kms:keyorigin":
        return key.origin;
      case "kms:multiregion":
        return String(key.multiRegionKeyType !== undefined);
      case "kms:multiregionkeytype":
        return key.multiRegionKeyType;
      case "kms:bypasspolicylockoutsafetycheck":
        return key.bypassPolicyLockoutSafetyCheck === undefined
          ? undefined
          : String(key.bypassPolicyLockoutSafetyCheck);
      default:
        return key.tags === undefined ? undefined : tags(name);
    }
  };
}

/**
 * Makes the AWS managed key of a service in the caller's account, unless another request just did. Returns its id.
 * Only for whom that key's policy will allow the operation: nobody else may fill the account with keys.
 * @throws AccessDeniedException
 */
export async function createAwsManagedKey(
  call: Call,
  service: string,
  aliasName: string,
  operation: string,
): Promise<string> {
  const { account } = call.principal;
  const { region } = call;
  const now = call.kms.clock();
  const key = newSymmetricKey(call.kms.hsm, {
    ref: { account, region, id: randomUUID() },
    now,
    description: `Default key that protects my ${service} data when no other key is defined`,
    policy: awsManagedKeyPolicy(account, region, service),
    tags: [],
    manager: "AWS",
    rotationPeriodInDays: AWS_MANAGED_ROTATION_DAYS,
  });
  authorizeNewKey(call, operation, key.record, [aliasName]);
  return call.kms.store.transaction(async (transaction) => {
    const existing = await transaction.alias(account, region, aliasName);
    if (existing !== undefined) return existing.keyId;
    await putNewKey(transaction, key);
    await transaction.putAlias({
      account,
      region,
      name: aliasName,
      keyId: key.record.id,
      createdAt: now,
      updatedAt: now,
    });
    return key.record.id;
  });
}
