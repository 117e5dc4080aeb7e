import type { Kms } from "../kms/operation.ts";

const BATCH = 100;

/** Destroys the keys whose waiting period is over: material, aliases and record. Returns how many. */
export async function deleteDueKeys(kms: Kms): Promise<number> {
  let deleted = 0;
  for (;;) {
    const now = kms.clock();
    const due = await kms.store.keysDueForDeletion(now, BATCH);
    if (due.length === 0) return deleted;
    deleted += await kms.store.transaction(async (transaction) => {
      let count = 0;
      for (const { account, region, id } of due) {
        const ref = { account, region, id };
        const key = await transaction.key(ref);
        // The deletion may have been cancelled a moment ago.
        if (key?.deletionAt == null || key.deletionAt > now) continue;
        await transaction.deleteKey(ref);
        count++;
      }
      return count;
    });
  }
}
