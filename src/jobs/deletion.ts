import type { ServiceEvent } from "../cloudtrail/serviceEvent.ts";
import { keyArn } from "../kms/arn.ts";
import type { KeyRecord } from "../kms/key.ts";
import type { Kms } from "../kms/operation.ts";
import { DAY } from "../kms/rotation.ts";
import type { Transaction } from "../store/store.ts";
import type { Recorder } from "./jobs.ts";

const BATCH = 100;

/** Destroys the keys whose waiting period is over: material, aliases and record. Returns how many. */
export async function deleteDueKeys(kms: Kms, record: Recorder): Promise<number> {
  let deleted = 0;
  for (;;) {
    const now = kms.clock();
    const due = await kms.store.keysDueForDeletion(now, BATCH);
    if (due.length === 0) return deleted;
    const events = await kms.store.transaction(async (transaction) => {
      const done: ServiceEvent[] = [];
      for (const { account, region, id } of due) {
        const ref = { account, region, id };
        const key = await transaction.key(ref);
        // The deletion may have been cancelled a moment ago.
        if (key?.deletionAt == null || key.deletionAt > now) continue;
        await transaction.deleteKey(ref);
        await startPrimaryDeletion(transaction, key, now);
        done.push({ name: "DeleteKey", key: { ...ref, arn: keyArn(ref) }, at: now });
      }
      return done;
    });
    await record(events);
    deleted += events.length;
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
