import assert from "node:assert/strict";
import { cpSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { eventsIn, journalDirectory, verificationOf } from "../../test/cloudtrail/journalReading.ts";
import { Journal, type JournalReport } from "./journal.ts";
import { readEntries } from "./journalReader.ts";
import { type Segment, segmentName, segmentsOf, soundEntry } from "./segment.ts";
import { type Disk, disk } from "./segmentFile.ts";
import { readLines } from "./segmentLines.ts";

const stream = "00";
const skip = process.platform !== "linux" && "segments get room where writes can sync";
/** An event of 1 KB. */
const event = (number: number) => JSON.stringify({ number, pad: "x".repeat(900) });
const isZeros = (length: number) => length >= 1 << 19;

async function append(journal: Journal, from: number, to: number): Promise<void> {
  for (let number = from; number < to; number += 20) {
    await Promise.all(Array.from({ length: 20 }, (_, i) => journal.append(event(number + i))));
  }
}

function segmentsIn(directory: string): { path: string; size: number; written: number }[] {
  return readdirSync(join(directory, stream))
    .filter((name) => name.endsWith(".jsonl"))
    .map((name) => {
      const path = join(directory, stream, name);
      return { path, size: statSync(path).size, written: readFileSync(path).lastIndexOf("\n") + 1 };
    });
}

/** Waits until the disk has no more zeros to write. */
async function roomIn(directory: string): Promise<void> {
  while (segmentsIn(directory).at(-1)?.size === segmentsIn(directory).at(-1)?.written) await sleep(5);
}

async function numbersIn(directory: string): Promise<number[]> {
  return (await eventsIn(directory)).map((found) => (found as { number: number }).number);
}

const upTo = (count: number) => Array.from({ length: count }, (_, number) => number);

test("a segment has room behind its end while it is written, and none when it is complete", { skip }, async (t) => {
  const directory = journalDirectory(t);
  const journal = await Journal.open({ directory, stream, segmentBytes: 500_000 });
  await append(journal, 0, 40);
  assert.deepEqual(
    segmentsIn(directory).map(({ size, written }) => size - written),
    [0],
    "a small segment has none",
  );
  await append(journal, 40, 400);
  await roomIn(directory);
  await append(journal, 400, 2_000);
  const [last, ...before] = segmentsIn(directory).reverse();
  assert.ok(before.length >= 3);
  assert.deepEqual(
    before.map(({ size, written }) => size - written),
    before.map(() => 0),
  );
  const { divergence, events } = await verificationOf(directory);
  assert.deepEqual({ divergence, events }, { divergence: undefined, events: 2_000 }, "room is no damage");
  await journal.close();
  assert.equal(statSync(last?.path ?? "").size, segmentsIn(directory).at(-1)?.written);
  assert.deepEqual(await numbersIn(directory), upTo(2_000));
  assert.equal((await verificationOf(directory)).sealedOff, 0);
});

test("what a crash leaves of the room is sealed off", { skip }, async (t) => {
  const directory = journalDirectory(t);
  const crashed = journalDirectory(t);
  const journal = await Journal.open({ directory, stream });
  await append(journal, 0, 200);
  await roomIn(directory);
  cpSync(directory, crashed, { recursive: true, filter: (path) => !path.endsWith("lock") });
  await journal.close();
  const reports: JournalReport[] = [];
  const next = await Journal.open({ directory: crashed, stream, report: (report) => reports.push(report) });
  await next.append(event(200));
  await next.close();
  assert.deepEqual(
    reports.map(({ kind }) => kind),
    ["torn"],
  );
  assert.deepEqual(await numbersIn(crashed), upTo(201));
  const { divergence, sealedOff } = await verificationOf(crashed);
  assert.deepEqual({ divergence, sealedOff }, { divergence: undefined, sealedOff: 1 });
});

test("who reads while lines take the place of NULs reads lines", { skip }, async (t) => {
  const directory = journalDirectory(t);
  const journal = await Journal.open({ directory, stream });
  const following = new AbortController();
  const followed: number[] = [];
  const follow = async () => {
    for await (const entry of readEntries(join(directory, stream), { follow: following.signal })) {
      if (entry.kind === "event") followed.push((JSON.parse(entry.body) as { number: number }).number);
      if (followed.length === 6_000) return;
    }
  };
  const verify = async () => {
    for (let i = 0; i < 20; i++) assert.equal((await verificationOf(directory)).divergence, undefined);
  };
  await Promise.all([append(journal, 0, 6_000), follow(), verify()]);
  following.abort();
  await journal.close();
  assert.deepEqual(followed, upTo(6_000));
});

test("lines that come between two reads of a file are read, and nothing else in their place", { skip }, async (t) => {
  const directory = journalDirectory(t);
  const journal = await Journal.open({ directory, stream });
  await append(journal, 0, 320);
  await roomIn(directory);
  const numbers: number[] = [];
  for await (const { bytes, ended } of readLines(join(directory, stream), segmentsOf([segmentName(1)])[0] as Segment)) {
    if (!ended) continue;
    const entry = soundEntry(bytes);
    assert.ok(entry, `line ${numbers.length + 1} is an entry`);
    if (entry.kind !== "event") continue;
    const { number } = JSON.parse(entry.body) as { number: number };
    numbers.push(number);
    if (number === 319) await append(journal, 320, 1_000);
  }
  await journal.close();
  assert.deepEqual(numbers, upTo(1_000));
});

test("zeros are never written over lines, however late they come", { skip }, async (t) => {
  const directory = journalDirectory(t);
  let late = 0;
  const slow: Disk = {
    ...disk,
    async write(fd, bytes, offset, length, position) {
      if (isZeros(length)) {
        late++;
        await sleep(60);
      }
      return disk.write(fd, bytes, offset, length, position);
    },
  };
  const journal = await Journal.open({ directory, stream, disk: slow });
  await append(journal, 0, 5_000);
  await journal.close();
  assert.ok(late >= 3);
  assert.deepEqual(await numbersIn(directory), upTo(5_000));
  assert.equal((await verificationOf(directory)).divergence, undefined);
});

test("a disk without room for zeros has room for lines", { skip }, async (t) => {
  const directory = journalDirectory(t);
  let refused = 0;
  const nearlyFull: Disk = {
    ...disk,
    async write(fd, bytes, offset, length, position) {
      if (!isZeros(length)) return disk.write(fd, bytes, offset, length, position);
      refused++;
      // Some of it was written.
      await disk.write(fd, bytes, offset, 100_000, position);
      throw Object.assign(new Error("ENOSPC: write"), { code: "ENOSPC" });
    },
  };
  const journal = await Journal.open({ directory, stream, disk: nearlyFull });
  await append(journal, 0, 1_500);
  assert.equal(journal.fault, undefined);
  await journal.close();
  assert.equal(refused, 1);
  assert.deepEqual(await numbersIn(directory), upTo(1_500));
  assert.equal((await verificationOf(directory)).divergence, undefined);
  assert.equal(segmentsIn(directory)[0]?.size, segmentsIn(directory)[0]?.written);
});
