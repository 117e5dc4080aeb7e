import assert from "node:assert/strict";
import { randomUUID, randomUUIDv7 } from "node:crypto";
import { test } from "node:test";
import { eventIdEnd, eventTag, SECOND_MAX, secondStart, slotOf, slotOfEventId } from "./eventTimeId.ts";

test("a UUID of version 7 leads to its millisecond, within its second", () => {
  const id = randomUUIDv7();
  const second = Math.floor(Date.now() / 1000);
  const slot = slotOf(id, second);
  assert.deepEqual(slot, slotOfEventId(id));
  assert.ok(slot.byEventId && slot.end - slot.from === 1024);
  assert.ok(slot.from >= secondStart(second) && slot.end <= secondStart(second + 1));
  // RFC 9562, appendix A.6
  assert.equal(slotOfEventId("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")?.from, 1_645_557_742_000 * 1024);
});

test("other ids, and those of another second, lead to the whole second of the event", () => {
  for (const id of [randomUUID(), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f", "whatever", ""]) {
    assert.deepEqual(slotOf(id, 1_800_000_000), {
      from: secondStart(1_800_000_000),
      end: secondStart(1_800_000_001),
      byEventId: false,
    });
  }
  assert.equal(slotOfEventId("ffffffff-ffff-7fff-bfff-ffffffffffff"), undefined);
  assert.equal(slotOfEventId("017F22E2-79B0-7CC3-98C4-DC0C0C07398F"), undefined);
});

test("numbers are safe integers, later ones those of later events", () => {
  assert.ok(secondStart(SECOND_MAX + 2) <= Number.MAX_SAFE_INTEGER);
  assert.ok(slotOf("x", 1).end <= slotOf("x", 2).from);
});

test("tags and ends are of the id's last digits, whatever the id", () => {
  assert.equal(eventTag("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"), 0x0c07398f);
  assert.equal(eventIdEnd("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"), "98f");
  assert.equal(eventTag("nothing of the kind"), 0);
  assert.equal(eventIdEnd("x"), "x");
});
