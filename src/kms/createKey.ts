import { randomUUID } from "node:crypto";
import type { KeyUsageType } from "@aws-sdk/client-kms";
import type { Hsm, MaterialOwner, NewMaterial } from "../hsm/hsm.ts";
import type { Transaction } from "../store/store.ts";
import { keyArn } from "./arn.ts";
import { authorizeNewKey } from "./authorize.ts";
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
  /** 32 chosen bytes: test material */
  readonly material?: Uint8Array;
}

/** A key that is not stored yet, with its first material. */
export interface MadeKey {
  readonly record: KeyRecord;
  readonly material: MaterialRecord;
}

/** Makes a key of any spec. Key pairs are made on other threads. */
export async function newKey(hsm: Hsm, key: NewKey, spec: KeySpecName, usage: KeyUsageType): Promise<MadeKey> {
  const type = keySpecRow(spec).material;
  if (type.kind === "symmetric") return newSymmetricKey(hsm, key);
  return madeKey(key, spec, usage, await hsm.generateKeyMaterial(ownerOf(key), type));
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

function madeKey(key: NewKey, spec: KeySpecName, usage: KeyUsageType, { materialId, wrapped }: NewMaterial): MadeKey {
  const period = key.rotationPeriodInDays ?? null;
  return {
    record: {
      ...key.ref,
      createdAt: key.now,
      description: key.description,
      manager: key.manager ?? "CUSTOMER",
      spec,
      usage,
      origin: "AWS_KMS",
      state: "Enabled",
      deletionAt: null,
      policy: key.policy,
      tags: key.tags,
      currentMaterialId: materialId,
      rotation: { periodInDays: period, nextAt: period === null ? null : key.now + period * DAY, onDemandCount: 0 },
    },
    material: { id: materialId, createdAt: key.now, rotationType: null, ...wrapped },
  };
}

export async function putNewKey(transaction: Transaction, { record, material }: MadeKey): Promise<void> {
  await transaction.putKey(record);
  await transaction.putMaterial(record, material);
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
