import type { KeyRecord } from "../kms/key.ts";
import type { Kms } from "../kms/operation.ts";
import { DAY } from "../kms/rotation.ts";
import type { Transaction } from "../store/store.ts";

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
        await startPrimaryDeletion(transaction, key, now);
        count++;
      }
      return count;
    });
  }
}

/** The waiting period of a primary key in PendingReplicaDeletion begins when the last of its replicas is gone. */
async function startPrimaryDeletion(transaction: Transaction, gone: KeyRecord, now: number): Promise<void> {
  if (gone.primaryRegion === null) return;
  const [last, ...others] = await transaction.relatedKeys(gone);
  if (last?.pendingWindowInDays == null || others.length > 0) return;
  await transaction.putKey({
    ...last,
    state: "PendingDeletion",
    deletionAt: now + last.pendingWindowInDays * DAY,
    pendingWindowInDays: null,
  });
}
