import type { ImportType, KeyMaterialState } from "@aws-sdk/client-kms";
import type { NewKeyMaterial } from "../hsm/hsm.ts";
import type { Transaction } from "../store/store.ts";
import { keyArn } from "./arn.ts";
import { IncorrectKeyMaterialException, KMSInvalidStateException } from "./errors.ts";
import type { KeyRecord, MaterialRecord } from "./key.ts";
import { isReplica, refuseReplica, relatedElsewhere } from "./multiRegion.ts";

/** What an import says beside the material. */
export interface Import {
  /** undefined: the first is new, every further one existing */
  readonly importType: ImportType | undefined;
  /** undefined: as it was */
  readonly description: string | undefined;
  readonly validTo: number | null;
  readonly now: number;
}

/** When the first of a key's imported materials expires, as far as the key needs it; milliseconds since the epoch, or infinity. */
export function expiresAt(materials: readonly MaterialRecord[]): number {
  return materials.reduce(
    (first, { pending, wrapped, imported }) =>
      pending || wrapped === null ? first : Math.min(first, imported?.validTo ?? Number.POSITIVE_INFINITY),
    Number.POSITIVE_INFINITY,
  );
}

/**
 * Gives a key imported material: its first, one that it has or had, or another that waits for RotateKeyOnDemand.
 * Returns the key's new record, not stored yet.
 * @throws IncorrectKeyMaterialException: not what the key holds; KMSInvalidStateException: another waits already;
 *   UnsupportedOperationException: replicas get new material by way of the primary
 */
export async function importMaterial(
  transaction: Transaction,
  key: KeyRecord,
  made: NewKeyMaterial,
  { importType, description, validTo, now }: Import,
): Promise<KeyRecord> {
  const materials = await transaction.materials(key);
  const known = materials.find(({ id }) => id === made.materialId);
  const isFirst = materials.length === 0;
  const isNew = (importType ?? (isFirst ? "NEW_KEY_MATERIAL" : "EXISTING_KEY_MATERIAL")) === "NEW_KEY_MATERIAL";
  if (isNew) requireAnother(key, materials, made.materialId);
  else if (known === undefined)
    throw new IncorrectKeyMaterialException("The key material is not one that the key has.");
  const material: MaterialRecord = {
    ...(known ?? { id: made.materialId, createdAt: now, rotationType: null, pending: !isFirst }),
    wrapped: made.wrapped,
    publicKey: made.publicKey ?? null,
    imported: { description: description ?? known?.imported?.description ?? null, validTo },
  };
  await transaction.putMaterial(key, material);
  if (known === undefined && material.pending) {
    // Replicas get it by an import of their own; the place for it they have now.
    for (const replica of await relatedElsewhere(transaction, key)) {
      await transaction.putMaterial(replica, { ...material, wrapped: null, imported: null });
    }
  }
  const others = materials.filter(({ id }) => id !== material.id);
  return withImportState(isFirst ? { ...key, currentMaterialId: material.id } : key, [...others, material]);
}

/** @throws as {@link importMaterial} */
function requireAnother(key: KeyRecord, materials: readonly MaterialRecord[], id: string): void {
  if (materials.length === 0) return;
  refuseReplica(key);
  const known = materials.find((material) => material.id === id);
  if (known?.pending) return;
  if (known !== undefined) throw new IncorrectKeyMaterialException("The key has this key material already.");
  const pending = materials.find((material) => material.pending);
  if (pending === undefined) return;
  throw new KMSInvalidStateException(
    `New key material (id: ${id}) cannot be imported into KMS key ${keyArn(key)}, because another key material (id: ${pending.id}) is pending rotation.`,
  );
}

/**
 * Destroys imported material. What was ever current stays the key's, to be imported again; what only waits goes for good,
 * from related keys too, unless it is a replica's copy. Returns the key's new record, not stored yet.
 */
export async function discardMaterial(
  transaction: Transaction,
  key: KeyRecord,
  material: MaterialRecord,
): Promise<KeyRecord> {
  if (material.pending && !isReplica(key)) {
    for (const each of [key, ...(await relatedElsewhere(transaction, key))]) {
      await transaction.deleteMaterial(each, material.id);
    }
  } else {
    await transaction.putMaterial(key, { ...material, wrapped: null });
  }
  return withImportState(key, await transaction.materials(key));
}

/**
 * A key of imported material as its materials have it now: it waits for an import while any that was ever current is
 * away. A key on its way to deletion goes on with that.
 */
export function withImportState(key: KeyRecord, materials: readonly MaterialRecord[]): KeyRecord {
  const own = materials.filter(({ pending }) => !pending);
  const complete = own.length > 0 && own.every(({ wrapped }) => wrapped !== null);
  if (complete) return key.state === "PendingImport" ? { ...key, state: "Enabled" } : key;
  return key.state === "Enabled" || key.state === "Disabled" ? { ...key, state: "PendingImport" } : key;
}

/** As ListKeyRotations tells it. @param elsewhere whether all related keys have the material that waits for its rotation */
export function keyMaterialState(key: KeyRecord, material: MaterialRecord, elsewhere: boolean): KeyMaterialState {
  if (!material.pending) return material.id === key.currentMaterialId ? "CURRENT" : "NON_CURRENT";
  return elsewhere ? "PENDING_ROTATION" : "PENDING_MULTI_REGION_IMPORT_AND_ROTATION";
}
