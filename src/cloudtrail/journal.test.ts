import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { entriesIn, eventsIn, journalDirectory, verificationOf } from "../../test/cloudtrail/journalReading.ts";
import { Journal, type JournalReport, JournalUnavailable } from "./journal.ts";
import { EVENT_LENGTH_MAX, parseBody, parseHeader, segmentName } from "./segment.ts";
import { StreamLocked } from "./streamLock.ts";

const stream = "00";

for (const mode of ["strict", "batched"] as const) {
  test(`${mode}: what was appended is there, in its order, and the journal goes on after it`, async (t) => {
    const directory = journalDirectory(t);
    const first = await Journal.open({ directory, stream, mode });
    assert.equal(first.head().sequence, 1);
    await Promise.all(Array.from({ length: 500 }, (_, number) => first.append(JSON.stringify({ number }))));
    await first.close();
    assert.equal(first.head().sequence, 501);
    const second = await Journal.open({ directory, stream, mode });
    await second.append('{"number":500}');
    await second.close();
    assert.equal(second.head().sequence, 503);
    assert.deepEqual(
      await eventsIn(directory),
      Array.from({ length: 501 }, (_, number) => ({ number })),
    );
    const { divergence, segments, head, sealedOff } = await verificationOf(directory);
    assert.deepEqual(
      { divergence, segments, sequence: head.sequence, sealedOff },
      { divergence: undefined, segments: 2, sequence: 503, sealedOff: 0 },
    );
  });
}

test("batched: what was acknowledged when written is durable soon after", async (t) => {
  const journal = await Journal.open({ directory: journalDirectory(t), stream, mode: "batched" });
  await journal.append("{}");
  assert.equal(journal.head().sequence, 1);
  while (journal.head().sequence < 2) await new Promise((resolve) => setTimeout(resolve, 20));
  await journal.close();
});

test("hostile strings come back as they were", async (t) => {
  const directory = journalDirectory(t);
  const journal = await Journal.open({ directory, stream });
  const strings = fc.sample(fc.string({ unit: "binary", maxLength: 300 }), 300);
  const hostile = [
    ...strings,
    "\n",
    "\r\n",
    "\0",
    "\u2028\u2029\u0085",
    "\ud800",
    '"}}\n{"hash":"',
    "x\ny".repeat(3000),
  ];
  await Promise.all(hostile.map((userAgent) => journal.append(JSON.stringify({ userAgent }))));
  await journal.close();
  assert.deepEqual(
    await eventsIn(directory),
    hostile.map((userAgent) => ({ userAgent })),
  );
  const text = readFileSync(join(directory, stream, segmentName(1)), "utf8");
  assert.equal(text.split(/[\n\r\u0085\u2028\u2029]/).length, hostile.length + 2);
  assert.equal((await verificationOf(directory)).divergence, undefined);
});

test("what is no event is refused, and nothing else with it", async (t) => {
  const journal = await Journal.open({ directory: journalDirectory(t), stream });
  const long = JSON.stringify({ pad: "x".repeat(EVENT_LENGTH_MAX - 10) });
  const [good, ...others] = await Promise.allSettled([
    journal.append(long),
    ...[
      "",
      "null",
      "[]",
      '{"a":1}\n',
      '{"a":\n1}',
      '{"a":"\r"}',
      '{"a":"\0"}',
      ` ${long}`,
      `${long.slice(0, -2)}x"}`,
    ].map((event) => journal.append(event)),
  ]);
  assert.equal(good?.status, "fulfilled");
  for (const result of others) assert(result.status === "rejected" && result.reason instanceof RangeError);
  assert.equal(journal.fault, undefined);
  await journal.close();
});

test("segments follow each other by size and by age, each chained to the last", async (t) => {
  const directory = journalDirectory(t);
  const bySize = await Journal.open({ directory, stream, segmentBytes: 1_000 });
  for (let number = 0; number < 30; number++) await bySize.append(JSON.stringify({ number }));
  await bySize.close();
  const byAge = await Journal.open({ directory, stream, segmentAge: 50 });
  await byAge.append('{"number":30}');
  await new Promise((resolve) => setTimeout(resolve, 60));
  await byAge.append('{"number":31}');
  await byAge.close();
  const headers = (await entriesIn(directory)).map(parseHeader).filter((header) => header !== undefined);
  assert(headers.length > 5, `${headers.length} segments`);
  assert.equal(headers[0]?.after, null);
  assert(headers.slice(1).every(({ after }) => after?.how === "closed" && after.left === 0));
  const { divergence, segments, events } = await verificationOf(directory);
  assert.deepEqual({ divergence, segments, events }, { divergence: undefined, segments: headers.length, events: 32 });
});

test("a stream has one writer", async (t) => {
  const directory = journalDirectory(t);
  const journal = await Journal.open({ directory, stream });
  await assert.rejects(Journal.open({ directory, stream }), StreamLocked);
  const other = await Journal.open({ directory, stream: "01" });
  await journal.close();
  await (await Journal.open({ directory, stream })).close();
  await other.close();
});

test("a stream's name is no path", async (t) => {
  const directory = journalDirectory(t);
  for (const stream of ["", ".", "..", "../x", "a/b", "A", "a\n", "a".repeat(33)]) {
    await assert.rejects(Journal.open({ directory, stream }), RangeError, stream);
  }
});

test("after close nothing is appended", async (t) => {
  const journal = await Journal.open({ directory: journalDirectory(t), stream });
  const last = journal.append("{}");
  await journal.close();
  await last;
  assert.equal(journal.head().sequence, 2);
  await assert.rejects(journal.append("{}"), JournalUnavailable);
  await journal.close();
});

test("a clock that goes back is on record, and changes no order", async (t) => {
  const directory = journalDirectory(t);
  let now = Date.parse("2026-11-23T10:00:00Z");
  const journal = await Journal.open({ directory, stream, clock: () => now });
  await journal.append('{"number":0}');
  now -= 3_600_000;
  await journal.append('{"number":1}');
  now -= 500;
  await journal.append('{"number":2}');
  await journal.close();
  now -= 3_600_000;
  await (await Journal.open({ directory, stream, clock: () => now })).close();
  const entries = await entriesIn(directory);
  assert.deepEqual(
    entries.map(({ kind }) => kind),
    ["segment", "event", "clock", "event", "event", "segment", "clock"],
  );
  assert.deepEqual(parseBody(entries[2]!), { from: "2026-11-23T10:00:00.000Z", to: "2026-11-23T09:00:00.000Z" });
  assert.deepEqual(await eventsIn(directory), [{ number: 0 }, { number: 1 }, { number: 2 }]);
  assert.equal((await verificationOf(directory)).clockSteps, 2);
});

/** Of a journal with one segment of five events. */
async function reopenedAfter(directory: string, change: (path: string) => void): Promise<JournalReport[]> {
  const journal = await Journal.open({ directory, stream });
  for (let number = 0; number < 5; number++) await journal.append(JSON.stringify({ number }));
  await journal.close();
  change(join(directory, stream, segmentName(1)));
  const reports: JournalReport[] = [];
  const next = await Journal.open({ directory, stream, report: (report) => reports.push(report) });
  await next.append('{"number":5}');
  await next.close();
  return reports;
}

test("a torn line is sealed off wherever it was torn, and nothing before it is lost", async (t) => {
  const line = `{"hash":"${"0".repeat(64)}","prev":"${"0".repeat(64)}","seq":7,"event":{"number":9}}`;
  for (const left of [
    line,
    line.slice(0, 1),
    line.slice(0, 70),
    line.slice(0, -1),
    "\0".repeat(500),
    // A block that was never written, before one that was.
    (size: number) => `${"\0".repeat(1024 - (size % 512))}7}\n{}\n`,
  ]) {
    const directory = journalDirectory(t);
    const reports = await reopenedAfter(directory, (path) =>
      appendFileSync(path, typeof left === "string" ? left : left(statSync(path).size)),
    );
    assert.deepEqual(
      reports.map(({ kind }) => kind),
      ["torn"],
    );
    assert.deepEqual(
      await eventsIn(directory),
      [0, 1, 2, 3, 4, 5].map((number) => ({ number })),
    );
    const { divergence, sealedOff } = await verificationOf(directory);
    assert.deepEqual({ divergence, sealedOff }, { divergence: undefined, sealedOff: 1 });
  }
});

const blanked = (line: string) => "\0".repeat(line.length);

test("after damage the journal goes on, and the damage stays to be found", async (t) => {
  const damages: [string, (path: string) => void][] = [
    ["damaged", (path) => writeFileSync(path, readFileSync(path, "utf8").replace('"number":2', '"number":3'))],
    ["damaged", (path) => writeFileSync(path, readFileSync(path, "utf8").replace('"number":4', '"number":5'))],
    ["damaged", (path) => appendFileSync(path, "garbage\n")],
    ["damaged", (path) => writeFileSync(path, readFileSync(path, "utf8").replace(/(?<=\n).*"number":3.*/, blanked))],
    ["damaged", (path) => writeFileSync(path, readFileSync(path, "utf8").replace(/(?<=\n).*"number":3.*\n/, blanked))],
    ["damaged", (path) => writeFileSync(path, readFileSync(path, "utf8").replace(/(?<=\n).*"number":4.*/, blanked))],
    ["damaged", (path) => writeFileSync(path, "")],
    ["damaged", (path) => writeFileSync(path, "\0".repeat(1000))],
    ["damaged", (path) => writeFileSync(path, "x".repeat(10_000_000))],
  ];
  for (const [kind, damage] of damages) {
    const directory = journalDirectory(t);
    const reports = await reopenedAfter(directory, damage);
    assert.deepEqual(
      reports.map((report) => report.kind),
      [kind],
    );
    assert.deepEqual((await eventsIn(directory)).at(-1), { number: 5 });
    assert.notEqual((await verificationOf(directory)).divergence, undefined);
  }
});

test("what was never finished is removed", async (t) => {
  const directory = journalDirectory(t);
  mkdirSync(join(directory, stream));
  writeFileSync(join(directory, stream, `${segmentName(1)}.new`), "half");
  await (await Journal.open({ directory, stream })).close();
  assert.deepEqual(readdirSync(join(directory, stream)).sort(), [segmentName(1), "lock"]);
});
