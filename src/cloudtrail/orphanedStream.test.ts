import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { eventsIn, journalDirectory, verificationOf } from "../../test/cloudtrail/journalReading.ts";
import { Journal, JournalUnavailable } from "./journal.ts";
import { keepOrphanedStream } from "./orphanedStream.ts";
import type { Retention } from "./retention.ts";
import { segmentName } from "./segment.ts";

const stream = "00";
const HOUR = 3_600_000;
const START = Date.parse("2026-11-23T00:00:00Z");
const appendForever = fileURLToPath(new URL("../../test/cloudtrail/appendForever.ts", import.meta.url));

/** A stream of segments of one event each, one an hour, the first of 00:00, that its process has left at 04:00. */
async function orphaned(t: TestContext) {
  const directory = journalDirectory(t);
  let now = START;
  const clock = () => now;
  const journal = await Journal.open({ directory, stream, segmentBytes: 1, clock });
  for (let number = 0; number < 5; number++) {
    now = START + number * HOUR;
    await journal.append(JSON.stringify({ number, pad: "x".repeat(500) }));
  }
  await journal.close();
  const reports: string[] = [];
  return {
    directory,
    path: join(directory, stream),
    reports,
    pass: (time: number) => {
      now += time;
    },
    keep: (retention: Retention = {}) =>
      keepOrphanedStream({ directory, stream, retention, clock, report: ({ kind }) => reports.push(kind) }),
    files: () =>
      readdirSync(join(directory, stream))
        .filter((name) => name !== "lock")
        .sort(),
    numbers: async () => (await eventsIn(directory)).map((event) => (event as { number: number }).number),
  };
}

test("an orphaned stream's last segment is closed when it is an hour old, and all are compressed", async (t) => {
  const { directory, keep, pass, files, numbers, reports } = await orphaned(t);
  await keep();
  const before = files();
  assert.equal(before.length, 6);
  assert.deepEqual(
    before.filter((name) => !name.endsWith(".gz")),
    [segmentName(10)],
    "it is not old yet",
  );
  pass(HOUR);
  await keep();
  await keep();
  assert.deepEqual(
    files().filter((name) => !name.endsWith(".gz")),
    [segmentName(12)],
  );
  const closed = files();
  pass(1000 * HOUR);
  await keep();
  assert.deepEqual(files(), closed, "a segment without events is followed by none");
  assert.deepEqual(await numbers(), [0, 1, 2, 3, 4]);
  const { divergence, events, sealedOff } = await verificationOf(directory);
  assert.deepEqual([divergence, events, sealedOff], [undefined, 5, 0]);
  assert.deepEqual(reports, []);
});

test("an orphaned stream expires as a living one does, to its last event, and says so", async (t) => {
  const { directory, keep, pass, files, numbers } = await orphaned(t);
  const days = (count: number): Retention => ({ maxAge: count * 24 * HOUR });
  pass(HOUR);
  assert.equal(await keep(days(1)), 0);
  pass(19 * HOUR);
  assert.equal(await keep(days(1)), 0, "none is older than a day");
  pass(2 * HOUR + 1);
  // The header of the first, then its event and the header of the next: of 00:00, 01:00, 02:00.
  assert.equal(await keep(days(1)), 3);
  assert.deepEqual(await numbers(), [2, 3, 4]);
  const { divergence, expiredThrough } = await verificationOf(directory);
  assert.deepEqual([divergence, expiredThrough], [undefined, 5]);
  pass(24 * HOUR);
  assert.ok((await keep(days(1))) > 0);
  assert.deepEqual(await numbers(), []);
  const left = files();
  for (let day = 0; day < 5; day++) {
    pass(24 * HOUR);
    assert.equal(await keep(days(1)), 0);
  }
  assert.deepEqual(
    files().map((name) => name.replace(".gz", "")),
    left.map((name) => name.replace(".gz", "")),
    "what says that they have expired does not expire after it",
  );
  const later = await verificationOf(directory);
  assert.deepEqual([later.divergence, later.events], [undefined, 0]);
  // Whoever takes it up goes on after all that was.
  const journal = await Journal.open({ directory, stream });
  await journal.append("{}");
  await journal.close();
  const { divergence: none, events } = await verificationOf(directory);
  assert.deepEqual([none, events], [undefined, 1]);
});

test("an orphaned stream expires by size, and keeps what a trail has not got yet", async (t) => {
  const { directory, keep, pass, numbers } = await orphaned(t);
  assert.equal(await keep({ maxBytes: 1, through: 5 }), 3);
  assert.deepEqual(await numbers(), [2, 3, 4]);
  pass(HOUR);
  await keep({ maxBytes: 1 });
  assert.deepEqual(await numbers(), []);
  assert.equal((await verificationOf(directory)).divergence, undefined);
});

test("a stream that a process writes is left alone, and so is a directory that is no stream", async (t) => {
  const { directory, keep, pass, files } = await orphaned(t);
  const journal = await Journal.open({ directory, stream, clock: () => START + 5 * HOUR });
  pass(1000 * HOUR);
  const before = files();
  assert.equal(await keep({ maxAge: 0 }), 0);
  assert.deepEqual(files(), before);
  await journal.close();
  const other = join(directory, "public-keys");
  mkdirSync(other);
  writeFileSync(join(other, "us-east-1.pem"), "");
  await keepOrphanedStream({ directory, stream: "public-keys", retention: { maxAge: 0 }, clock: Date.now });
  assert.deepEqual(readdirSync(other), ["us-east-1.pem"]);
});

test("what a process that was killed left is sealed off, and is told", async (t) => {
  const { path, directory, keep, pass, reports, numbers } = await orphaned(t);
  const last = join(path, segmentName(10));
  writeFileSync(last, `${readFileSync(last, "utf8")}{"hash":"12`);
  pass(HOUR);
  await keep();
  assert.deepEqual(reports, ["torn"]);
  assert.deepEqual(await numbers(), [0, 1, 2, 3, 4]);
  const { divergence, sealedOff } = await verificationOf(directory);
  assert.deepEqual([divergence, sealedOff], [undefined, 1]);
});

test("nothing is removed of a stream to which nothing can be written", async (t) => {
  const { path, directory, keep, pass, numbers } = await orphaned(t);
  const inTheWay = join(path, "a.new");
  mkdirSync(inTheWay);
  pass(1000 * HOUR);
  await assert.rejects(keep({ maxAge: HOUR }), JournalUnavailable);
  assert.deepEqual(await numbers(), [0, 1, 2, 3, 4]);
  rmdirSync(inTheWay);
  await keep({ maxAge: HOUR });
  assert.equal((await verificationOf(directory)).divergence, undefined);
});

/** A process that appends to stream 00 until it is killed, and what it has acknowledged. */
function writer(directory: string, first: number, acknowledged: Set<number>) {
  const child = spawn(process.execPath, [appendForever, directory, String(first)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (piece) => {
    text += piece;
  });
  child.stderr.setEncoding("utf8").on("data", (piece) => {
    errors += piece;
  });
  return {
    child,
    writes: () => text.includes("\n"),
    async ended() {
      await once(child, "close");
      for (const line of text.split("\n").slice(0, -1)) acknowledged.add(Number(line));
      return errors;
    },
  };
}

/** Processes that take the stream, one after the other; when so many have had it, everything expires. */
const WRITERS = 6;
const EXPIRING_AFTER = 3;

test("processes take the stream up while it is being kept: the one or the other has it", async (t) => {
  const directory = journalDirectory(t);
  // As one that has been dead for two hours.
  const clock = () => Date.now() + 2 * HOUR;
  const acknowledged = new Set<number>();
  let before = 0;
  let [removed, kept, refused] = [0, 0, 0];
  for (let writers = 0; writers < WRITERS; ) {
    const retention: Retention = writers === EXPIRING_AFTER ? { maxBytes: 0 } : {};
    if (writers === EXPIRING_AFTER) before = acknowledged.size;
    const writing = writer(directory, (writers + refused) * 1_000_000, acknowledged);
    const ended = writing.ended();
    while (!writing.writes() && writing.child.exitCode === null) {
      removed += await keepOrphanedStream({ directory, stream, retention, clock });
      kept++;
      await sleep(Math.random() * 10);
    }
    await sleep(40);
    writing.child.kill("SIGKILL");
    const errors = await ended;
    if (errors === "") writers++;
    else {
      assert.match(errors, /is being written by another process/);
      refused++;
    }
    assert.equal((await verificationOf(directory)).divergence, undefined);
  }
  const numbers = (await eventsIn(directory)).map((event) => (event as { number: number }).number);
  assert.ok(before > 0 && removed > 0);
  // Of the killed ones there is also what they were not told of.
  assert.equal(new Set(numbers).size, numbers.length, "no event twice");
  const lost = [...acknowledged].filter((number) => !numbers.includes(number));
  assert.equal(lost.length, before);
  t.diagnostic(`kept ${kept} times, ${removed} segments removed, ${refused} processes found it locked`);
});
