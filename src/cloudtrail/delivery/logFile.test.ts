import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { type LogFile, LogFileGatherer } from "./logFile.ts";

const text = ({ body }: LogFile) => gunzipSync(body).toString("utf8");

async function gather(
  events: readonly (readonly [name: string, event: string, time: string])[],
  limits: { file: number; all: number },
) {
  const gatherer = new LogFileGatherer<string>(limits);
  const files: [string, LogFile][] = [];
  for (const [name, event, time] of events) {
    const full = await gatherer.add(name, name, event, time);
    if (full !== undefined) files.push([full.key, full.file]);
  }
  for await (const { key, file } of gatherer.rest()) files.push([key, file]);
  return files;
}

test("events are put together as they are, with their times and the hash of what is in the file", async () => {
  const [file, ...none] = await gather(
    [
      ["a", '{"n":1}', "2026-11-23T10:00:02Z"],
      ["a", '{"n":"\u{1f511}"}', "2026-11-23T10:00:01Z"],
    ],
    { file: 1000, all: 1000 },
  );
  assert.deepEqual(none, []);
  const content = '{"Records":[{"n":1},{"n":"\u{1f511}"}]}';
  assert.equal(text(file![1]), content);
  assert.deepEqual(file![1].hash, createHash("sha256").update(content).digest("hex"));
  assert.deepEqual(
    [file![1].oldestEventTime, file![1].newestEventTime],
    ["2026-11-23T10:00:01Z", "2026-11-23T10:00:02Z"],
  );
});

test("a file that is full is followed by another, and the longest goes when there is too much in all", async () => {
  const events = ["a", "b", "a", "a", "b", "c", "a"].map((name, i) => [name, `{"n":${i}}`, "t"] as const);
  const records = (files: [string, LogFile][]) =>
    files.map(([name, file]) => [name, JSON.parse(text(file)).Records.map(({ n }: { n: number }) => n)]);
  const full = records(await gather(events, { file: 14, all: 1000 }));
  assert.deepEqual(full, [
    ["a", [0, 2]],
    ["b", [1, 4]],
    ["a", [3, 6]],
    ["c", [5]],
  ]);
  const much = records(await gather(events, { file: 1000, all: 28 }));
  assert.deepEqual(much[0], ["a", [0, 2, 3]]);
  assert.deepEqual(much.flatMap(([, numbers]) => numbers as number[]).sort(), [0, 1, 2, 3, 4, 5, 6]);
});

test("the same events make the same bytes", async () => {
  const events = Array.from({ length: 500 }, (_, i) => ["a", `{"n":${i}}`, "t"] as const);
  const [[, one]] = (await gather(events, { file: 1e6, all: 1e6 })) as [[string, LogFile]];
  const [[, two]] = (await gather(events, { file: 1e6, all: 1e6 })) as [[string, LogFile]];
  assert.deepEqual(one.body, two.body);
});
