import assert from "node:assert/strict";
import { test } from "node:test";
import { type Planning, planned } from "./plan.ts";
import { type DeliveryState, NOTHING_DELIVERED } from "./state.ts";

const MINUTE = 60_000;
const T = 1_000_000_000;
const planning = (change: Partial<Planning> = {}): Planning => ({
  now: T,
  interval: 5 * MINUTE,
  heads: [{ stream: "00", sequence: 50, hash: "" }],
  begin: () => ({ "00": 10 }),
  ...change,
});
const logging = (from: number, to: number | null = null) => ({ logging: [{ from, to }] });
const active: DeliveryState = { ...NOTHING_DELIVERED, idle: false, positions: { "00": 20 }, roundedAt: T - 5 * MINUTE };

test("a trail that never logged has nothing to do", () => {
  assert.equal(planned({ logging: [] }, NOTHING_DELIVERED, planning(), false), NOTHING_DELIVERED);
});

test("one that has just begun gets its position, and waits", () => {
  const state = planned(logging(T - 1), NOTHING_DELIVERED, planning(), false);
  assert.deepEqual(state, { ...NOTHING_DELIVERED, idle: false, positions: { "00": 10 } });
});

test("one that is due gets a round up to where the journal ends", () => {
  const state = planned(logging(T - 60 * MINUTE), active, planning(), false);
  assert.deepEqual(state.round, { to: { "00": 50 }, at: T });
  assert.deepEqual(state.positions, { "00": 20 });
});

test("one that is not due waits, unless it is catching up", () => {
  const recent = { ...active, roundedAt: T - MINUTE };
  assert.equal(planned(logging(T - 60 * MINUTE), recent, planning(), false), recent);
  assert.notEqual(planned(logging(T - 60 * MINUTE), recent, planning(), true).round, null);
});

test("a round that was begun stays as it was begun", () => {
  const begun = { ...active, round: { to: { "00": 30 }, at: T - MINUTE } };
  assert.equal(planned(logging(T - 60 * MINUTE), begun, planning(), false), begun);
});

test("a round is no longer than it may be; a stream that has shrunk is not read backwards", () => {
  const heads = [
    { stream: "00", sequence: 5, hash: "" },
    { stream: "01", sequence: 1_000_000, hash: "" },
  ];
  const state = planned(logging(T - 60 * MINUTE), active, planning({ heads }), false);
  assert.deepEqual(state.round?.to, { "00": 20, "01": 200_000 });
});

test("nothing new: the time alone", () => {
  const heads = [{ stream: "00", sequence: 20, hash: "" }];
  assert.deepEqual(planned(logging(T - 60 * MINUTE), active, planning({ heads }), false), { ...active, roundedAt: T });
});

test("one that was stopped is idle once a round came long enough after", () => {
  const stopped = logging(T - 60 * MINUTE, T - 5 * MINUTE - 30_000);
  assert.notEqual(planned(stopped, active, planning(), false).round, null);
  const later = { ...active, roundedAt: T };
  const idle = planned(stopped, later, planning({ now: T + 5000 }), false);
  assert.deepEqual(idle, { ...later, idle: true });
  assert.equal(planned(stopped, idle, planning({ now: T + 60 * MINUTE }), false), idle);
});

test("one that logs again begins no earlier than it ended", () => {
  const idle = { ...active, idle: true, positions: { "00": 40 } };
  const again = planned(logging(T - 1), idle, planning(), false);
  assert.deepEqual([again.idle, again.positions], [false, { "00": 40 }]);
  const further = planned(logging(T - 1), idle, planning({ begin: () => ({ "00": 45, "01": 3 }) }), false);
  assert.deepEqual(further.positions, { "00": 45, "01": 3 });
});

test("one that was begun and stopped between two looks is delivered", () => {
  const short = logging(T - 6 * MINUTE, T - 5.9 * MINUTE);
  const state = planned(short, NOTHING_DELIVERED, planning(), false);
  assert.deepEqual([state.idle, state.round], [false, { to: { "00": 50 }, at: T }]);
});
