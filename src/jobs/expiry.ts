import { discardMaterial } from "../kms/keyMaterial.ts";
import type { Kms } from "../kms/operation.ts";

const BATCH = 100;

/** Destroys imported key material whose time is over; its keys stopped using it at that time. Returns how many. */
export async function expireKeyMaterial(kms: Kms): Promise<number> {
  let expired = 0;
  for (;;) {
    const now = kms.clock();
    const due = await kms.store.materialsDueForExpiry(now, BATCH);
    if (due.length === 0) return expired;
    expired += await kms.store.transaction(async (transaction) => {
      let count = 0;
      for (const { ref, material } of due) {
        const key = await transaction.key(ref);
        const current = key && (await transaction.materials(key)).find(({ id }) => id === material.id);
        // It may have been imported again a moment ago, for longer.
        if (current?.wrapped == null || (current.imported?.validTo ?? Number.POSITIVE_INFINITY) > now) continue;
        await transaction.putKey(await discardMaterial(transaction, key as NonNullable<typeof key>, current));
        count++;
      }
      return count;
    });
  }
}
