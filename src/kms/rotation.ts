import type { Hsm } from "../hsm/hsm.ts";
import type { Transaction } from "../store/store.ts";
import { keyArn } from "./arn.ts";
import { UnsupportedOperationException } from "./errors.ts";
import type { KeyRecord, MaterialRecord, RotationRecord } from "./key.ts";
import { keySpecRow } from "./keySpec.ts";

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

/** Gives a key new material and keeps the old for decryption; returns the key's new record, not stored yet. */
export async function rotate(
  hsm: Hsm,
  transaction: Transaction,
  key: KeyRecord,
  rotationType: NonNullable<MaterialRecord["rotationType"]>,
  now: number,
): Promise<KeyRecord> {
  const { materialId, wrapped } = hsm.generateMaterial({ keyArn: keyArn(key), keyId: key.id });
  await transaction.putMaterial(key, { id: materialId, createdAt: now, rotationType, ...wrapped });
  const { periodInDays, nextAt, onDemandCount } = key.rotation;
  return {
    ...key,
    currentMaterialId: materialId,
    rotation:
      rotationType === "AUTOMATIC"
        ? { periodInDays, nextAt: periodInDays === null ? null : now + periodInDays * DAY, onDemandCount }
        : { periodInDays, nextAt, onDemandCount: onDemandCount + 1 }, // the automatic schedule stays as it is
  };
}
