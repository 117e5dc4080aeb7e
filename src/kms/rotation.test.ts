import assert from "node:assert/strict";
import { createSecretKey, randomBytes } from "node:crypto";
import { before, test } from "node:test";
import { AesRootKey } from "../hsm/root/aes.ts";
import { SoftwareHsm } from "../hsm/software/softwareHsm.ts";
import type { Transaction } from "../store/store.ts";
import { keyArn } from "./arn.ts";
import { newSymmetricKey } from "./createKey.ts";
import type { KeyRef, MaterialRecord, RotationRecord } from "./key.ts";
import { DAY, ON_DEMAND_ROTATION_LIMIT, rotate, withRotationPeriod } from "./rotation.ts";

const off: RotationRecord = { periodInDays: null, nextAt: null, onDemandCount: 3 };
const now = Date.UTC(2026, 10, 24);
const ref: KeyRef = { account: "111122223333", region: "eu-west-1", id: "1234abcd-12ab-34cd-56ef-1234567890ab" };
const hsm = new SoftwareHsm(new AesRootKey(createSecretKey(randomBytes(32)), "a test's root key"), "store");
before(async () => hsm.addDomainKey(await hsm.generateDomainKey(1, now)));

const newKey = (rotationPeriodInDays?: number) =>
  newSymmetricKey(hsm, {
    ref,
    now,
    description: "d",
    policy: "{ }",
    tags: [{ TagKey: "a", TagValue: "1" }],
    ...(rotationPeriodInDays !== undefined && { rotationPeriodInDays }),
  });

/** Takes what a rotation stores, and nothing else. */
function transactionInto(stored: [KeyRef, MaterialRecord][]): Transaction {
  const known = {
    putMaterial: async (of: KeyRef, material: MaterialRecord) => {
      stored.push([of, material]);
    },
  };
  return known as unknown as Transaction;
}

test("numbers of AWS: a day in milliseconds, 25 rotations on demand", () => {
  assert.equal(DAY, 24 * 60 * 60 * 1000);
  assert.equal(ON_DEMAND_ROTATION_LIMIT, 25);
});

test("switched on: the first rotation is one period from now", () => {
  for (const period of [90, 365, 2560]) {
    assert.deepEqual(withRotationPeriod(off, period, now), {
      periodInDays: period,
      nextAt: now + period * DAY,
      onDemandCount: 3,
    });
  }
  assert.deepEqual(off, { periodInDays: null, nextAt: null, onDemandCount: 3 });
});

test("another period while on: counted from the last rotation, or from when it was switched on", () => {
  const on = withRotationPeriod(off, 365, now);
  const later = now + 100 * DAY;
  assert.equal(withRotationPeriod(on, 365, later).nextAt, now + 365 * DAY, "the same period changes nothing");
  assert.equal(withRotationPeriod(on, 180, later).nextAt, now + 180 * DAY);
  assert.equal(withRotationPeriod(on, 90, later).nextAt, now + 90 * DAY, "due at once");
  const changed = withRotationPeriod(withRotationPeriod(on, 90, later), 2560, later);
  assert.deepEqual(changed, { periodInDays: 2560, nextAt: now + 2560 * DAY, onDemandCount: 3 });
});

test("a key made with a period is due after it, one without never", () => {
  assert.deepEqual(newKey(90).record.rotation, { periodInDays: 90, nextAt: now + 90 * DAY, onDemandCount: 0 });
  assert.deepEqual(newKey().record.rotation, { periodInDays: null, nextAt: null, onDemandCount: 0 });
});

for (const rotationType of ["AUTOMATIC", "ON_DEMAND"] as const) {
  test(`${rotationType}: new material in the same key, which opens for that key`, async () => {
    const { record } = newKey(365);
    const stored: [KeyRef, MaterialRecord][] = [];
    const at = now + 400 * DAY;
    const rotated = await rotate(hsm, transactionInto(stored), record, rotationType, at);
    assert.equal(stored.length, 1);
    const [of, material] = stored[0]!;
    assert.deepEqual([of.account, of.region, of.id], [ref.account, ref.region, ref.id]);
    assert.deepEqual([material.createdAt, material.rotationType], [at, rotationType]);
    assert.notEqual(material.id, record.currentMaterialId);
    assert.ok(hsm.openMaterial({ keyArn: keyArn(ref), keyId: ref.id }, material.id, material.wrapped!));
    const { currentMaterialId, rotation, ...rest } = rotated;
    const { currentMaterialId: former, rotation: _, ...before } = record;
    assert.notEqual(currentMaterialId, former);
    assert.equal(currentMaterialId, material.id);
    assert.deepEqual(rest, before, "nothing else changes");
    assert.deepEqual(
      rotation,
      rotationType === "AUTOMATIC"
        ? { periodInDays: 365, nextAt: at + 365 * DAY, onDemandCount: 0 }
        : { periodInDays: 365, nextAt: now + 365 * DAY, onDemandCount: 1 },
    );
  });
}

test("on demand without automatic rotation: counted, and still not due", async () => {
  let { record } = newKey();
  const stored: [KeyRef, MaterialRecord][] = [];
  for (let count = 1; count <= 3; count++) {
    record = await rotate(hsm, transactionInto(stored), record, "ON_DEMAND", now + count);
    assert.deepEqual(record.rotation, { periodInDays: null, nextAt: null, onDemandCount: count });
  }
  assert.equal(new Set(stored.map(([, material]) => material.id)).size, 3);
  // One that was under way when automatic rotation was switched off leaves it off.
  const automatic = await rotate(hsm, transactionInto(stored), record, "AUTOMATIC", now);
  assert.deepEqual(automatic.rotation, record.rotation);
});

test("what cannot be stored rotates nothing", async () => {
  const failing = { putMaterial: () => Promise.reject(new Error("no room")) } as unknown as Transaction;
  await assert.rejects(rotate(hsm, failing, newKey().record, "ON_DEMAND", now), { message: "no room" });
});
