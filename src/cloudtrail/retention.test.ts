import assert from "node:assert/strict";
import { copyFileSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { entriesIn, eventsIn, journalDirectory, verificationOf } from "../../test/cloudtrail/journalReading.ts";
import { Journal } from "./journal.ts";
import { verifyStream } from "./journalVerification.ts";
import { compressSegments, expireSegments } from "./retention.ts";
import { type Entry, entryLine, segmentName, segmentsOf } from "./segment.ts";

const stream = "00";
const HOUR = 3_600_000;
const START = Date.parse("2026-11-23T00:00:00Z");

/** A journal of ten segments of one event each, one an hour. */
async function tenHours(t: TestContext) {
  const directory = journalDirectory(t);
  let now = START;
  const journal = await Journal.open({ directory, stream, segmentBytes: 1, clock: () => now });
  for (let number = 1; number < 10; number++) {
    now = START + number * HOUR;
    await journal.append(JSON.stringify({ number, pad: "x".repeat(500) }));
  }
  t.after(() => journal.close());
  const path = join(directory, stream);
  return {
    directory,
    path,
    journal,
    files: () =>
      readdirSync(path)
        .filter((name) => name !== "lock")
        .sort(),
  };
}

test("closed segments are compressed; what is read of them stays the same", async (t) => {
  const { directory, path, files } = await tenHours(t);
  const before = await entriesIn(directory);
  const first = readFileSync(join(path, segmentName(1)));
  assert.equal(await compressSegments(path), 9);
  assert.deepEqual(
    files().map((name) => name.endsWith(".gz")),
    [...Array(9).fill(true), false],
  );
  assert.deepEqual(gunzipSync(readFileSync(join(path, `${segmentName(1)}.gz`))), first);
  assert.equal(statSync(join(path, `${segmentName(1)}.gz`)).mode & 0o777, 0o600);
  assert.deepEqual(await entriesIn(directory), before);
  assert.equal((await verificationOf(directory)).divergence, undefined);
  assert.equal(await compressSegments(path), 0);
});

test("a crash while compressing leaves nothing that is in the way", async (t) => {
  const { directory, path, files } = await tenHours(t);
  const name = segmentName(2);
  writeFileSync(join(path, `${name}.gz.new`), "half");
  writeFileSync(join(path, `${name}.gz`), gzipSync(readFileSync(join(path, name))));
  assert.equal((await eventsIn(directory)).length, 9);
  assert.equal((await verificationOf(directory)).divergence, undefined);
  assert.equal(await compressSegments(path), 9);
  assert.equal(files().length, 10);
  assert.equal((await verificationOf(directory)).divergence, undefined);
});

test("segments expire by age, and the journal says so", async (t) => {
  const { directory, path, journal } = await tenHours(t);
  const anchors = (await entriesIn(directory)).map(({ sequence, hash }) => ({ stream, sequence, hash }));
  await compressSegments(path);
  const now = START + 9 * HOUR;
  // The third segment's event is of 02:00, what follows it of 03:00.
  assert.deepEqual(await expireSegments(journal, { maxAge: 5 * HOUR }, now), { segments: 3, through: 5 });
  assert.deepEqual(await expireSegments(journal, { maxAge: 5 * HOUR }, now), { segments: 0, through: 0 });
  assert.equal((await entriesIn(directory))[0]?.sequence, 6);
  assert.deepEqual((await eventsIn(directory))[0], { number: 3, pad: "x".repeat(500) });
  const { divergence, expiredThrough, anchorsHeld, anchorsExpired } = await verifyStream(directory, stream, anchors);
  // The entry just before those that are left is known by its hash.
  assert.deepEqual(
    { divergence, expiredThrough, anchorsHeld, anchorsExpired },
    { divergence: undefined, expiredThrough: 5, anchorsHeld: anchors.length - 4, anchorsExpired: 4 },
  );
  await expireSegments(journal, { maxAge: HOUR }, now);
  const later = await verificationOf(directory);
  assert.deepEqual([later.divergence, later.expiredThrough], [undefined, 13]);
});

test("segments expire by size, the oldest first, and never the one being written", async (t) => {
  const { directory, path, journal, files } = await tenHours(t);
  const size = () => files().reduce((sum, name) => sum + statSync(join(path, name)).size, 0);
  await expireSegments(journal, { maxBytes: size() }, START);
  assert.equal(files().length, 10);
  const half = size() / 2;
  await expireSegments(journal, { maxBytes: half }, START);
  assert(size() < half + 1_000 && files().length > 4, `${files().length} of ${size()} bytes`);
  await expireSegments(journal, { maxBytes: 0 }, START);
  // The one that was being written, and the one that the entry about it went to.
  assert.equal(files().length, 2);
  assert.equal((await verificationOf(directory)).divergence, undefined);
});

test("what is needed still does not expire", async (t) => {
  const { directory, journal } = await tenHours(t);
  const expiry = await expireSegments(journal, { maxAge: 0, through: 8 }, START + 24 * HOUR);
  // The entries 6 and 7 are a segment, 8 and 9 the next one.
  assert.deepEqual(expiry, { segments: 4, through: 7 });
  assert.equal((await verificationOf(directory)).divergence, undefined);
});

test("what is damaged does not expire", async (t) => {
  const { path, journal } = await tenHours(t);
  const damaged = join(path, segmentName(6));
  writeFileSync(damaged, readFileSync(damaged, "utf8").replace("2026-", "2025-"));
  assert.deepEqual(await expireSegments(journal, { maxAge: 0 }, START + 24 * HOUR), { segments: 2, through: 3 });
});

test("a crash between the segments that expire", async (t) => {
  const { directory, path, journal, files } = await tenHours(t);
  const kept = journalDirectory(t);
  for (const name of files()) copyFileSync(join(path, name), join(kept, name));
  await expireSegments(journal, { maxAge: 5 * HOUR }, START + 9 * HOUR);
  for (const [sequence, first] of [
    [4, 4],
    [2, 2],
    [1, 1],
  ] as const) {
    copyFileSync(join(kept, segmentName(sequence)), join(path, segmentName(sequence)));
    const { divergence, expiredThrough } = await verificationOf(directory);
    assert.deepEqual([divergence, expiredThrough, (await entriesIn(directory))[0]?.sequence], [undefined, 5, first]);
  }
  assert.deepEqual(await expireSegments(journal, { maxAge: 5 * HOUR }, START + 9 * HOUR), { segments: 3, through: 5 });
  assert.equal((await verificationOf(directory)).divergence, undefined);
});

test("more is removed than expired", async (t) => {
  const { directory, path, journal, files } = await tenHours(t);
  await expireSegments(journal, { maxAge: 5 * HOUR }, START + 9 * HOUR);
  rmSync(join(path, files()[0] as string));
  assert.equal((await verificationOf(directory)).divergence?.kind, "beginningRemoved");
});

test("an entry that says what cannot be is no excuse", async (t) => {
  for (const forge of [
    (last: Entry) => ({ through: last.sequence + 5, hash: last.hash }),
    (last: Entry) => ({ through: 7, hash: last.hash }),
    (last: Entry) => ({ through: 8, hash: last.hash }),
    () => ({ through: "7" }),
    () => ({}),
  ]) {
    const { directory, path, journal } = await tenHours(t);
    await journal.close();
    const last = (await entriesIn(directory)).at(-1) as Entry;
    const { line } = entryLine(last, "expired", JSON.stringify(forge(last)));
    const segments = segmentsOf(readdirSync(path));
    const newest = join(path, segments.at(-1)?.name as string);
    writeFileSync(newest, readFileSync(newest, "utf8") + line);
    for (const { name } of segments.slice(0, 2)) rmSync(join(path, name));
    assert.equal((await verificationOf(directory)).divergence?.kind, "expiryForged");
  }
});
