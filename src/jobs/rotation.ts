import { type ServiceEvent, synchronizations } from "../cloudtrail/serviceEvent.ts";
import { keyArn } from "../kms/arn.ts";
import type { KeyRecord } from "../kms/key.ts";
import { synchronizedKeys } from "../kms/multiRegion.ts";
import type { Kms } from "../kms/operation.ts";
import { rotate } from "../kms/rotation.ts";
import type { Recorder } from "./jobs.ts";

const BATCH = 100;

/** Gives new material to the keys whose automatic rotation is due. Returns how many. */
export async function rotateDueKeys(kms: Kms, record: Recorder): Promise<number> {
  let rotated = 0;
  for (;;) {
    const now = kms.clock();
    const due = await kms.store.keysDueForRotation(now, BATCH);
    if (due.length === 0) return rotated;
    const events = await kms.store.transaction(async (transaction) => {
      const done: ServiceEvent[] = [];
      for (const ref of due) {
        const key = await transaction.key(ref);
        if (key?.state !== "Enabled" || key.rotation.nextAt === null || key.rotation.nextAt > now) continue;
        const after = await rotate(kms.hsm, transaction, key, "AUTOMATIC", now);
        await transaction.putKey(after);
        done.push(rotation(key, after, now), ...synchronizations(await synchronizedKeys(transaction, after), now));
      }
      return done;
    });
    await record(events);
    rotated += events.filter(({ name }) => name === "RotateKey").length;
  }
}

function rotation(before: KeyRecord, after: KeyRecord, at: number): ServiceEvent {
  return {
    name: "RotateKey",
    key: { ...after, arn: keyArn(after) },
    at,
    rotationType: "AUTOMATIC",
    keyOrigin: after.origin,
    previousKeyMaterialId: before.currentMaterialId ?? "",
    currentKeyMaterialId: after.currentMaterialId ?? "",
  };
}
