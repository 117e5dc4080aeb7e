import assert from "node:assert/strict";
import { copyFileSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { entriesIn, eventsIn, journalDirectory, verificationOf } from "../../test/cloudtrail/journalReading.ts";
import { Journal, type JournalReport, JournalUnavailable } from "./journal.ts";
import { parseHeader } from "./segment.ts";
import { type Disk, disk } from "./segmentFile.ts";

const stream = "00";

/** A disk of which the named calls fail while `fault` has them. */
function failingDisk() {
  const fault: { calls: (keyof Disk)[]; code: string; afterBytes?: number } = { calls: [], code: "ENOSPC" };
  const check = (call: keyof Disk) => {
    if (fault.calls.includes(call)) throw Object.assign(new Error(`${fault.code}: ${call}`), { code: fault.code });
  };
  const failing: Disk = {
    ...disk,
    async open(path, flags, mode) {
      if (flags !== 0) check("open");
      return disk.open(path, flags, mode);
    },
    async write(fd, bytes, offset, length, position) {
      if (fault.calls.includes("write") && fault.afterBytes !== undefined) {
        await disk.write(fd, bytes, offset, Math.min(length, fault.afterBytes), position);
      }
      check("write");
      // A write may be a short one at any time.
      return disk.write(fd, bytes, offset, Math.min(length, Math.max(1000, length >> 1)), position);
    },
    async fdatasync(fd) {
      await disk.fdatasync(fd);
      check("fdatasync");
    },
    async ftruncate(fd, bytes) {
      check("ftruncate");
      return disk.ftruncate(fd, bytes);
    },
    async rename(from, to) {
      check("rename");
      return disk.rename(from, to);
    },
  };
  return { disk: failing, fault };
}

async function opened(directory: string, options: { mode?: "strict" | "batched"; segmentBytes?: number } = {}) {
  const { disk, fault } = failingDisk();
  const reports: JournalReport[] = [];
  const journal = await Journal.open({ directory, stream, disk, report: (report) => reports.push(report), ...options });
  return { journal, fault, reports };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

const unavailable = (error: unknown) => error instanceof JournalUnavailable && error.reason.startsWith("ENOSPC");

for (const [name, calls, afterBytes] of [
  ["nothing of the group is written", ["write"], 0],
  ["a part of it is written", ["write"], 700],
  ["a part is written and cannot be cut off", ["write", "ftruncate"], 700],
  ["more is written than one entry, and cannot be cut off", ["write", "ftruncate"], 5_000],
] as const) {
  test(`a full disk: ${name}`, async (t) => {
    const directory = journalDirectory(t);
    const { journal, fault, reports } = await opened(directory);
    await journal.append('{"number":0}');
    Object.assign(fault, { calls, afterBytes });
    const group = Array.from({ length: 40 }, (_, i) => journal.append(JSON.stringify({ number: i + 1 })));
    for (const append of group) await assert.rejects(append, unavailable);
    assert.match(journal.fault ?? "", /^ENOSPC/);
    await assert.rejects(journal.append('{"number":41}'), unavailable);
    assert.equal(journal.head().sequence, 2);

    await new Promise((resolve) => setTimeout(resolve, 1_200));
    assert.match(journal.fault ?? "", /^ENOSPC/, "a retry finds the disk full still");
    fault.calls = [];
    await until(() => journal.fault === undefined);
    await journal.append('{"number":42}');
    await journal.close();
    assert.deepEqual(reports, [
      { kind: "unavailable", reason: "ENOSPC: write" },
      { kind: "resumed", unrecorded: 0 },
    ]);
    assert.deepEqual(
      await eventsIn(directory),
      Array.from({ length: 43 }, (_, number) => ({ number })),
    );
    const { divergence, sealedOff, segments } = await verificationOf(directory);
    assert.deepEqual({ divergence, sealedOff, segments }, { divergence: undefined, sealedOff: 1, segments: 2 });
  });
}

test("a disk that cannot sync is not believed: what it did not acknowledge is written again, elsewhere", async (t) => {
  const directory = journalDirectory(t);
  const { journal, fault, reports } = await opened(directory, { mode: "batched" });
  for (let number = 0; number < 5; number++) await journal.append(JSON.stringify({ number }));
  await until(() => journal.head().sequence === 6);
  for (let number = 5; number < 9; number++) await journal.append(JSON.stringify({ number }));
  fault.code = "EIO";
  fault.calls = ["fdatasync"];
  await until(() => journal.fault !== undefined);
  await assert.rejects(journal.append('{"number":9}'), JournalUnavailable);
  fault.calls = [];
  await until(() => journal.fault === undefined);
  await journal.close();
  assert.deepEqual(
    reports.map(({ kind }) => kind),
    ["unavailable", "resumed"],
  );
  const entries = await entriesIn(directory);
  assert.deepEqual(parseHeader(entries[6]!)?.after?.how, "failed");
  assert.equal(entries[6]?.sequence, 7);
  assert.deepEqual(
    await eventsIn(directory),
    Array.from({ length: 10 }, (_, number) => ({ number })),
  );
  assert.equal((await verificationOf(directory)).divergence, undefined);
});

test("a segment that cannot be followed by another", async (t) => {
  for (const call of ["open", "rename"] as const) {
    const directory = journalDirectory(t);
    const { journal, fault } = await opened(directory, { mode: "batched", segmentBytes: 500 });
    await journal.append('{"number":0}');
    await journal.append('{"number":1}');
    fault.calls = [call];
    await assert.rejects(journal.append('{"number":2}'), unavailable);
    fault.calls = [];
    await until(() => journal.fault === undefined);
    await journal.append('{"number":3}');
    await journal.close();
    assert.deepEqual(
      await eventsIn(directory),
      [0, 1, 2, 3].map((number) => ({ number })),
    );
    assert.equal((await verificationOf(directory)).divergence, undefined);
  }
});

/** Longer than a journal believes that its segment is there. */
const unseen = () => new Promise((resolve) => setTimeout(resolve, 1_050));

for (const mode of ["strict", "batched"] as const) {
  for (const [name, remove] of [
    ["removed", (path: string) => rmSync(path)],
    [
      "replaced by a copy",
      (path: string) => {
        copyFileSync(path, `${path}.copy`);
        renameSync(`${path}.copy`, path);
      },
    ],
  ] as const) {
    test(`${mode}: a segment that is ${name} while it is written is followed by another`, async (t) => {
      const directory = journalDirectory(t);
      const { journal, reports } = await opened(directory, { mode });
      await journal.append('{"number":0}');
      const path = join(directory, stream, "0000000000000001.jsonl");
      const { size } = statSync(path);
      remove(path);
      await unseen();
      for (let number = 1; number < 4; number++) await journal.append(JSON.stringify({ number }));
      assert.equal(journal.fault, undefined);
      await journal.close();
      assert.deepEqual(reports, [{ kind: "removed", segment: "0000000000000001.jsonl", bytes: size }]);
      const [header, ...events] = (await entriesIn(directory)).filter(({ sequence }) => sequence > 2);
      assert.deepEqual(parseHeader(header!)?.after, {
        segment: "0000000000000001.jsonl",
        bytes: size,
        left: 0,
        how: "closed",
      });
      assert.deepEqual(
        events.map(({ body }) => JSON.parse(body).number),
        [1, 2, 3],
        "nothing is acknowledged any more that only the unlinked file has",
      );
      const { divergence } = await verificationOf(directory);
      assert.equal(divergence?.kind, name === "removed" ? "beginningRemoved" : undefined);
    });
  }
}

test("a segment that is removed while nothing is written is missed when the journal is looked after", async (t) => {
  const directory = journalDirectory(t);
  const { journal, reports } = await opened(directory);
  await journal.append("{}");
  rmSync(join(directory, stream, "0000000000000001.jsonl"));
  await unseen();
  journal.closeOld();
  await until(() => reports.length > 0);
  await journal.close();
  assert.equal(reports[0]?.kind, "removed");
  assert.deepEqual(
    readdirSync(join(directory, stream)).filter((file) => file.endsWith(".jsonl")),
    ["0000000000000003.jsonl"],
  );
});

test("where the stream's directory is gone nothing is acknowledged", async (t) => {
  const directory = journalDirectory(t);
  const { journal, reports } = await opened(directory);
  await journal.append("{}");
  rmSync(join(directory, stream), { recursive: true });
  await unseen();
  await assert.rejects(journal.append("{}"), JournalUnavailable);
  assert.deepEqual(
    reports.map(({ kind }) => kind),
    ["removed", "unavailable"],
  );
  await journal.close();
});

test("a journal that cannot be written when it is opened opens with a fault, and gets over it", async (t) => {
  const directory = journalDirectory(t);
  const { disk, fault } = failingDisk();
  fault.calls = ["write"];
  const journal = await Journal.open({ directory, stream, disk });
  assert.match(journal.fault ?? "", /^ENOSPC/);
  assert.deepEqual(journal.head().sequence, 0);
  await assert.rejects(journal.append('{"number":0}'), unavailable);
  fault.calls = [];
  await until(() => journal.fault === undefined);
  await journal.append('{"number":1}');
  await journal.close();
  assert.deepEqual(await eventsIn(directory), [{ number: 0 }, { number: 1 }]);
});

test("what nobody could write and memory could not hold is counted, and told by the journal", async (t) => {
  const directory = journalDirectory(t);
  const { journal, fault, reports } = await opened(directory);
  fault.calls = ["write"];
  const event = JSON.stringify({ pad: "x".repeat(1_000_000) });
  for (let i = 0; i < 20; i++) await assert.rejects(journal.append(event), unavailable);
  fault.calls = [];
  await until(() => journal.fault === undefined);
  await journal.close();
  assert.deepEqual(reports.at(-1), { kind: "resumed", unrecorded: 4 });
  const { divergence, events, unrecorded } = await verificationOf(directory);
  assert.deepEqual({ divergence, events, unrecorded }, { divergence: undefined, events: 16, unrecorded: 4 });
});

test("closing while nothing can be written ends, and tries once more", async (t) => {
  for (const healed of [true, false]) {
    const directory = journalDirectory(t);
    const { journal, fault } = await opened(directory);
    fault.calls = ["write"];
    await assert.rejects(journal.append("{}"), unavailable);
    if (healed) fault.calls = [];
    await journal.close();
    assert.equal((await eventsIn(directory)).length, healed ? 1 : 0);
    assert.equal((await verificationOf(directory)).divergence, undefined);
    const files = readdirSync(join(directory, stream)).filter((name) => name.endsWith(".jsonl"));
    assert(files.every((name) => statSync(join(directory, stream, name)).mode % 0o100 === 0));
  }
});
