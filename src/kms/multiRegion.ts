import { randomBytes } from "node:crypto";
import type { Hsm } from "../hsm/hsm.ts";
import type { Transaction } from "../store/store.ts";
import { keyArn } from "./arn.ts";
import { UnsupportedOperationException } from "./errors.ts";
import type { KeyRecord, KeyRef, MaterialRecord } from "./key.ts";

/*
 * Related multi-Region keys share their id, material, spec, usage, origin, rotation and which of them is the primary:
 * reference/kms-operations.md §14. All Regions are in one store, so each change reaches all of them in the transaction
 * that makes it: docs/decisions/0012-multi-region-keys.md.
 */

/** https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html: `mrk-` and 32 hex digits. */
export function newMultiRegionKeyId(): string {
  return `mrk-${randomBytes(16).toString("hex")}`;
}

export function isReplica({ region, primaryRegion }: KeyRecord): boolean {
  return primaryRegion !== null && primaryRegion !== region;
}

/** A key of one Region will do. @throws UnsupportedOperationException */
export function refuseReplica(key: KeyRecord): void {
  if (isReplica(key)) throw notPrimary(key);
}

/** @throws UnsupportedOperationException for a replica, and for a key of one Region */
export function requirePrimary(key: KeyRecord): void {
  if (key.primaryRegion !== key.region) throw notPrimary(key);
}

function notPrimary(key: KeyRecord): UnsupportedOperationException {
  return new UnsupportedOperationException(`${keyArn(key)} is not a multi-region primary key.`);
}

/** The related keys in other Regions; none for a key of one Region. */
export async function relatedElsewhere(transaction: Transaction, key: KeyRecord): Promise<KeyRecord[]> {
  if (key.primaryRegion === null) return [];
  const related = await transaction.relatedKeys(key);
  return related.filter(({ region }) => region !== key.region);
}

/** Brings what related keys share into step with a key. The key itself is its caller's to write. */
export async function shareWithRelated(transaction: Transaction, key: KeyRecord): Promise<void> {
  const { rotation, currentMaterialId, primaryRegion } = key;
  for (const related of await relatedElsewhere(transaction, key)) {
    await transaction.putKey({ ...related, rotation, currentMaterialId, primaryRegion });
  }
}

/** The keys of a multi-Region key by their names, its primary first: whose change is on record in each one's Region. */
export type SynchronizedKeys = readonly (KeyRef & { readonly arn: string })[];

/** Which keys differ once a key has shared a change with its replicas. None where it has no replicas, or is one. */
export async function synchronizedKeys(transaction: Transaction, key: KeyRecord): Promise<SynchronizedKeys> {
  if (isReplica(key)) return [];
  const replicas = await relatedElsewhere(transaction, key);
  if (replicas.length === 0) return [];
  return [key, ...replicas].map(({ account, region, id }) => ({
    account,
    region,
    id,
    arn: keyArn({ account, region, id }),
  }));
}

/** The same material for a related key: sealed for it, if it is there at all. */
export function materialFor(hsm: Hsm, from: KeyRef, to: KeyRef, material: MaterialRecord): MaterialRecord {
  const { id, wrapped } = material;
  if (wrapped === null) return material;
  return { ...material, wrapped: hsm.rewrapMaterial(ownerOf(from), id, wrapped, ownerOf(to)) };
}

function ownerOf(ref: KeyRef) {
  return { keyArn: keyArn(ref), keyId: ref.id };
}
