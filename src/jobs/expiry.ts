import { type ServiceEvent, synchronizations } from "../cloudtrail/serviceEvent.ts";
import { keyArn } from "../kms/arn.ts";
import { discardMaterial } from "../kms/keyMaterial.ts";
import { synchronizedKeys } from "../kms/multiRegion.ts";
import type { Kms } from "../kms/operation.ts";
import type { Recorder } from "./jobs.ts";

const BATCH = 100;

/** Destroys imported key material whose time is over; its keys stopped using it at that time. Returns how many. */
export async function expireKeyMaterial(kms: Kms, record: Recorder): Promise<number> {
  let expired = 0;
  for (;;) {
    const now = kms.clock();
    const due = await kms.store.materialsDueForExpiry(now, BATCH);
    if (due.length === 0) return expired;
    const events = await kms.store.transaction(async (transaction) => {
      const done: ServiceEvent[] = [];
      for (const { ref, material } of due) {
        const key = await transaction.key(ref);
        const current = key && (await transaction.materials(key)).find(({ id }) => id === material.id);
        // It may have been imported again a moment ago, for longer.
        if (current?.wrapped == null || (current.imported?.validTo ?? Number.POSITIVE_INFINITY) > now) continue;
        const after = await discardMaterial(transaction, key as NonNullable<typeof key>, current);
        await transaction.putKey(after);
        done.push({
          name: "DeleteExpiredKeyMaterial",
          key: { ...ref, arn: keyArn(ref) },
          at: now,
          keyMaterialId: material.id,
        });
        if (current.pending) done.push(...synchronizations(await synchronizedKeys(transaction, after), now));
      }
      return done;
    });
    await record(events);
    expired += events.filter(({ name }) => name === "DeleteExpiredKeyMaterial").length;
  }
}
