import assert from "node:assert/strict";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { entriesIn, eventsIn, journalDirectory } from "../../test/cloudtrail/journalReading.ts";
import { Journal } from "./journal.ts";
import { listSegments, listStreams, readEntries } from "./journalReader.ts";
import { compressSegments } from "./retention.ts";
import { LINE_BYTES_MAX, segmentName } from "./segment.ts";

const stream = "00";

async function writtenTo(directory: string, count: number, segmentBytes = 1_000): Promise<void> {
  const journal = await Journal.open({ directory, stream, segmentBytes });
  for (let number = 0; number < count; number++) await journal.append(JSON.stringify({ number }));
  await journal.close();
}

test("a stream is read from any entry to any other, compressed or not", async (t) => {
  const directory = journalDirectory(t);
  await writtenTo(directory, 30);
  const all = await entriesIn(directory);
  assert.deepEqual(
    all.map(({ sequence }) => sequence),
    Array.from(all, (_, i) => i + 1),
  );
  for (const compressed of [false, true]) {
    if (compressed) assert((await compressSegments(join(directory, stream))) > 4);
    for (let after = 0; after <= all.length + 1; after++) {
      assert.deepEqual(await entriesIn(directory, { after }), all.slice(after));
      const through = after + 7;
      assert.deepEqual(await entriesIn(directory, { after, through }), all.slice(after, through));
    }
  }
});

test("there may be nothing to read", async (t) => {
  const directory = journalDirectory(t);
  assert.deepEqual(await entriesIn(directory), []);
  assert.deepEqual(await listStreams(join(directory, "absent")), []);
  assert.deepEqual(await listSegments(join(directory, "absent")), []);
  writeFileSync(join(directory, "02"), "no stream");
  for (const stream of ["01", "00"]) await (await Journal.open({ directory, stream })).close();
  assert.deepEqual(await listStreams(directory), ["00", "01"]);
});

test("lines that are no sound entries are passed over", async (t) => {
  const directory = journalDirectory(t);
  await writtenTo(directory, 4, 1 << 20);
  const path = join(directory, stream, segmentName(1));
  const text = readFileSync(path, "utf8")
    .replace('"number":1', '"number":7')
    .replace('"event":{"number":2', '"event":"number":2');
  writeFileSync(path, text);
  appendFileSync(path, `${"x".repeat(2 * LINE_BYTES_MAX)}\n\n{}\n`);
  assert.deepEqual(await eventsIn(directory), [{ number: 0 }, { number: 3 }]);
});

test("events of 1 MB, of characters of three bytes, are read across the pieces in which files are read", async (t) => {
  const directory = journalDirectory(t);
  const journal = await Journal.open({ directory, stream });
  const events = [1, 1 << 20, 3, (1 << 20) - 1].map((length) => ({
    pad: "\u20ac".repeat(length - 10 > 0 ? length - 10 : 1),
  }));
  await Promise.all(events.map((event) => journal.append(JSON.stringify(event))));
  await journal.close();
  assert.deepEqual(await eventsIn(directory), events);
});

test("who follows a journal reads each event once, through segments that come, are closed and compressed", async (t) => {
  const directory = journalDirectory(t);
  const following = new AbortController();
  const read: number[] = [];
  const reading = (async () => {
    for await (const { kind, body } of readEntries(join(directory, stream), { follow: following.signal })) {
      if (kind === "event") read.push(JSON.parse(body).number);
    }
  })();
  await sleep(50);
  const journal = await Journal.open({ directory, stream, segmentBytes: 1_000 });
  for (let number = 0; number < 40; number++) {
    await journal.append(JSON.stringify({ number }));
    if (number % 10 === 9) await compressSegments(join(directory, stream));
    if (number % 4 === 3) await sleep(60);
  }
  await journal.close();
  while (read.length < 40) await sleep(50);
  following.abort();
  await reading;
  assert.deepEqual(
    read,
    Array.from({ length: 40 }, (_, number) => number),
  );
});
