import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { Journal } from "../journal.ts";
import { compressSegments } from "../retention.ts";
import { journalSource } from "./journalSource.ts";
import { mergedEvents } from "./merge.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "strongroom-source-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const event = (n: number, second = 0) =>
  JSON.stringify({ n, eventTime: `2026-11-23T10:00:${String(second).padStart(2, "0")}Z` });

test("heads are where the writers are, whatever stands beside the streams", async () => {
  const source = journalSource(directory);
  assert.deepEqual(await source.heads(), []);
  mkdirSync(join(directory, "delivered"));
  const journals = await Promise.all(["00", "01"].map((stream) => Journal.open({ directory, stream })));
  for (let n = 0; n < 3; n++) {
    assert.deepEqual(
      await source.heads(),
      journals.map((journal) => journal.head()),
    );
    for (const journal of journals) await journal.append(JSON.stringify({ n, padding: "x".repeat(100_000 * n) }));
  }
  for (const journal of journals) await journal.close();
});

test("a line that is being written, or was left over, is no head", async () => {
  const journal = await Journal.open({ directory, stream: "00" });
  await journal.append(event(1));
  const path = join(directory, "00", readdirSync(join(directory, "00")).find((name) => name.endsWith(".jsonl"))!);
  appendFileSync(path, `{"hash":"${"0".repeat(64)}","prev":`);
  assert.deepEqual(await journalSource(directory).heads(), [journal.head()]);
  appendFileSync(path, `\nnonsense\n${"y".repeat(200_000)}\n`);
  assert.deepEqual(await journalSource(directory).heads(), [journal.head()]);
  await journal.close();
});

test("a stream all of whose segments are compressed, or that ends in an empty one", async () => {
  const journal = await Journal.open({ directory, stream: "00", segmentBytes: 1 });
  for (let n = 0; n < 5; n++) await journal.append(event(n));
  const head = journal.head();
  await journal.close();
  await compressSegments(join(directory, "00"));
  assert.deepEqual(await journalSource(directory).heads(), [head]);
  const events: string[] = [];
  for await (const text of journalSource(directory).events("00", 0, head.sequence)) events.push(text);
  assert.deepEqual(
    events,
    [0, 1, 2, 3, 4].map((n) => event(n)),
  );
});

test("events of all streams by their time, each stream in its own order, from and up to where they are wanted", async () => {
  const [a, b] = (await Promise.all(["00", "01"].map((stream) => Journal.open({ directory, stream })))) as [
    Journal,
    Journal,
  ];
  const from = [a.head(), b.head()];
  for (const [journal, n, second] of [
    [a, 1, 1],
    [b, 2, 1],
    [a, 3, 5],
    [b, 4, 3],
    [a, 5, 4],
    [b, 6, 9],
  ] as const) {
    await journal.append(event(n, second));
  }
  const source = journalSource(directory);
  const read = async (start: Record<string, number>, end: Record<string, number>) => {
    const numbers: number[] = [];
    for await (const { text } of mergedEvents(source, start, end)) numbers.push(JSON.parse(text).n);
    return numbers;
  };
  const to = { "00": a.head().sequence, "01": b.head().sequence };
  const start = { "00": from[0]!.sequence, "01": from[1]!.sequence };
  assert.deepEqual(await read(start, to), [1, 2, 4, 3, 5, 6]);
  assert.deepEqual(await read({}, to), [1, 2, 4, 3, 5, 6]);
  assert.deepEqual(await read({ ...start, "00": start["00"] + 2 }, { ...to, "01": to["01"] - 1 }), [2, 4, 5]);
  assert.deepEqual(await read(to, to), []);
  await a.close();
  await b.close();
});
