import type { Kms } from "../kms/operation.ts";
import { rotate } from "../kms/rotation.ts";

const BATCH = 100;

/** Gives new material to the keys whose automatic rotation is due. Returns how many. */
export async function rotateDueKeys(kms: Kms): Promise<number> {
  let rotated = 0;
  for (;;) {
    const now = kms.clock();
    const due = await kms.store.keysDueForRotation(now, BATCH);
    if (due.length === 0) return rotated;
    rotated += await kms.store.transaction(async (transaction) => {
      let count = 0;
      for (const ref of due) {
        const key = await transaction.key(ref);
        if (key?.state !== "Enabled" || key.rotation.nextAt === null || key.rotation.nextAt > now) continue;
        await transaction.putKey(await rotate(kms.hsm, transaction, key, "AUTOMATIC", now));
        count++;
      }
      return count;
    });
  }
}
