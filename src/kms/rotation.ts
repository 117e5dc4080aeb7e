import type { Hsm } from "../hsm/hsm.ts";
import type { Transaction } from "../store/store.ts";
import { keyArn } from "./arn.ts";
import { KMSInvalidStateException, UnsupportedOperationException } from "./errors.ts";
import type { KeyRecord, MaterialRecord, RotationRecord } from "./key.ts";
import { keySpecRow } from "./keySpec.ts";
import { materialFor, refuseReplica, relatedElsewhere, shareWithRelated } from "./multiRegion.ts";
import { requireOrigin } from "./origin.ts";

/** milliseconds */
export const DAY = 86_400_000;
export const DEFAULT_ROTATION_DAYS = 365;
export const AWS_MANAGED_ROTATION_DAYS = 365;
/** For a key's whole life: reference/kms-operations.md §13. */
export const ON_DEMAND_ROTATION_LIMIT = 25;

/** Only symmetric keys rotate. @throws UnsupportedOperationException, without a message as AWS has it */
export function requireRotatable({ spec }: Pick<KeyRecord, "spec">): void {
  if (keySpecRow(spec).family !== "symmetric") throw new UnsupportedOperationException();
}

/** The rotation of a key once automatic rotation is switched on, or its period changed: counted from the last rotation, or from now. */
export function withRotationPeriod(rotation: RotationRecord, periodInDays: number, now: number): RotationRecord {
  const { periodInDays: former, nextAt } = rotation;
  const from = former === null || nextAt === null ? now : nextAt - former * DAY;
  return { ...rotation, periodInDays, nextAt: from + periodInDays * DAY };
}

/** Of symmetric keys, those whose material the HSM makes; of related keys, the primary. @throws UnsupportedOperationException */
export function requireAutomaticRotation(key: KeyRecord): void {
  requireRotatable(key);
  requireOrigin(key, "AWS_KMS");
  refuseReplica(key);
}

/** A key with another rotation, which its related keys are given too; the key itself is not stored yet. */
export async function withRotation(
  transaction: Transaction,
  key: KeyRecord,
  rotation: RotationRecord,
): Promise<KeyRecord> {
  const changed = { ...key, rotation };
  await shareWithRelated(transaction, changed);
  return changed;
}

/** Gives a key, and with it its related keys, new material and keeps the old for decryption; returns the key's new record, not stored yet. */
export async function rotate(
  hsm: Hsm,
  transaction: Transaction,
  key: KeyRecord,
  rotationType: NonNullable<MaterialRecord["rotationType"]>,
  now: number,
): Promise<KeyRecord> {
  const { materialId, wrapped } = hsm.generateMaterial({ keyArn: keyArn(key), keyId: key.id });
  const material: MaterialRecord = {
    id: materialId,
    createdAt: now,
    rotationType,
    pending: false,
    wrapped,
    publicKey: null,
    imported: null,
  };
  await transaction.putMaterial(key, material);
  for (const related of await relatedElsewhere(transaction, key)) {
    await transaction.putMaterial(related, materialFor(hsm, key, related, material));
  }
  return rotated(transaction, key, materialId, rotationType, now);
}

/**
 * Makes the imported material that waits for it current, in related keys too; returns the key's new record, not stored yet.
 * @throws KMSInvalidStateException when there is none, or not in all Regions
 */
export async function rotateToImported(transaction: Transaction, key: KeyRecord, now: number): Promise<KeyRecord> {
  const keys = [key, ...(await relatedElsewhere(transaction, key))];
  const waiting = await Promise.all(
    keys.map(async (each) => (await transaction.materials(each)).find(({ pending }) => pending)),
  );
  const materialId = waiting[0]?.id;
  if (materialId === undefined || waiting.some((material) => material?.wrapped == null)) {
    throw new KMSInvalidStateException(`No available key material pending rotation for the key: ${keyArn(key)}.`);
  }
  for (const [i, each] of keys.entries()) {
    const material = waiting[i] as MaterialRecord;
    await transaction.putMaterial(each, { ...material, createdAt: now, rotationType: "ON_DEMAND", pending: false });
  }
  return rotated(transaction, key, materialId, "ON_DEMAND", now);
}

async function rotated(
  transaction: Transaction,
  key: KeyRecord,
  currentMaterialId: string,
  rotationType: NonNullable<MaterialRecord["rotationType"]>,
  now: number,
): Promise<KeyRecord> {
  const { periodInDays, nextAt, onDemandCount } = key.rotation;
  const after: KeyRecord = {
    ...key,
    currentMaterialId,
    rotation:
      rotationType === "AUTOMATIC"
        ? { periodInDays, nextAt: periodInDays === null ? null : now + periodInDays * DAY, onDemandCount }
        : { periodInDays, nextAt, onDemandCount: onDemandCount + 1 }, // the automatic schedule stays as it is
  };
  await shareWithRelated(transaction, after);
  return after;
}
