import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { journalDirectory } from "../../test/cloudtrail/journalReading.ts";
import type { EventRow } from "./eventBlocks.ts";
import { EventNumbers } from "./eventNumbers.ts";
import { EventTable } from "./eventTable.ts";
import { secondStart } from "./eventTimeId.ts";
import { IndexFile } from "./indexFile.ts";

function table(t: TestContext) {
  const { file } = IndexFile.openForWriting(join(journalDirectory(t), "index.db"));
  t.after(() => file.close());
  return { file, events: new EventTable(file) };
}

const row = (id: number): EventRow => ({ id, stream: 1 + (id % 3), sequence: id, offset: id % 1e9, tag: id % 2 ** 32 });
const ascending = (ids: Iterable<number>) => [...ids].sort((a, b) => a - b);

test("events are where they were put, however they came, and go when they are not kept", (t) => {
  const { file, events } = table(t);
  const batches = fc.array(fc.tuple(fc.nat(3_000), fc.nat(400), fc.integer({ min: 1, max: 9 })), {
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(
    fc.property(batches, fc.nat(4_000), fc.integer({ min: 1, max: 5 }), (stretches, limit, stride) => {
      file.run("DELETE FROM block");
      events.forget();
      const all = new Set<number>();
      for (const [from, count, step] of stretches) {
        const ids = Array.from({ length: count }, (_, i) => from + i * step).filter((id) => !all.has(id));
        events.put(ids.map(row));
        for (const id of ids) all.add(id);
      }
      assertHolds(all);
      events.keep(limit, ({ id }) => id % stride === 0);
      for (const id of all) if (id < limit && id % stride !== 0) all.delete(id);
      assertHolds(all);
    }),
    { numRuns: 60 },
  );

  function assertHolds(expected: ReadonlySet<number>) {
    const ids = ascending(expected);
    // One that reads has seen nothing of what was done.
    for (const reading of [events, new EventTable(file)]) {
      assert.equal(reading.first()?.id, ids[0]);
      assert.deepEqual([...reading.blocks(0, 1e6)].flat(), ids.map(row));
      const within = ids.filter((id) => id >= 700 && id < 1_500);
      assert.deepEqual([...reading.blocks(700, 1_500)].flat(), within.map(row));
      for (let id = 0; id < 4_000; id += 37) {
        assert.deepEqual(reading.at(id), expected.has(id) ? row(id) : undefined);
        assert.equal(
          reading.below(id)?.id,
          ids.findLast((other) => other < id),
        );
      }
    }
  }
});

test("numbers: each once, in the event's slot, or after it when that is full", (t) => {
  const { events } = table(t);
  const second = secondStart(1_800_000_000);
  const millisecond = (n: number) => ({ from: second + n * 1024, end: second + (n + 1) * 1024, byEventId: true });
  const whole = { from: second, end: secondStart(1_800_000_001), byEventId: false };
  const taken = new Set<number>();
  const give = (numbers: EventNumbers, slot: typeof whole) => {
    const id = numbers.give(slot);
    assert.ok(id >= slot.from && !taken.has(id), `${id} in ${slot.from} … ${slot.end}`);
    taken.add(id);
    return id;
  };
  const batch = (slots: (typeof whole)[]) => {
    const numbers = new EventNumbers(events);
    const given = slots.map((slot) => give(numbers, slot));
    events.put(ascending(given).map(row));
    return given;
  };
  assert.deepEqual(batch([whole, whole, millisecond(0), whole, millisecond(2)]), [
    ...[second, second + 1, second + 2, second + 3, second + 2048],
  ]);
  assert.deepEqual(batch([millisecond(0), millisecond(0), millisecond(1), whole]), [
    ...[second + 4, second + 5, second + 1024, second + 2049],
  ]);
  // More in one millisecond than it has numbers.
  const many = batch(Array.from({ length: 1_100 }, () => millisecond(5)));
  assert.equal(many.filter((id) => id < millisecond(5).end).length, 1_024);
  batch([...Array.from({ length: 1_100 }, () => millisecond(5)), millisecond(6), whole]);
  assert.equal([...events.blocks(0, Number.MAX_SAFE_INTEGER)].flat().length, taken.size);
});
