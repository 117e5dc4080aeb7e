import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { until } from "../../test/process.ts";
import { Journal } from "../cloudtrail/journal.ts";
import { verifyJournal } from "../cloudtrail/journalVerification.ts";
import type { Retention } from "../cloudtrail/retention.ts";
import type { Store } from "../store/store.ts";
import { keepJournal } from "./retention.ts";

const DAY = 86_400_000;
const directory = mkdtempSync(join(tmpdir(), "strongroom-retention-"));
after(() => rmSync(directory, { recursive: true }));

/** No trail waits for anything. */
const store = { trails: async () => [] } as unknown as Store;

/** A journal whose every segment is full after two events, and what keeps it. */
async function kept(
  name: string,
  retention: Pick<Retention, "maxAge" | "maxBytes">,
  of: Store = store,
  orphans = false,
  segmentAge = 3_600_000,
) {
  let now = Date.parse("2026-11-25T08:00:00Z");
  const clock = () => now;
  const options = { directory: join(directory, name), stream: "00", segmentBytes: 600, segmentAge, clock };
  const journal = await Journal.open(options);
  const failures: unknown[] = [];
  const failed = (error: unknown) => failures.push(error);
  let removed = 0;
  const removedOf: Record<string, number> = {};
  const expired = (segments: number, stream: string) => {
    removed += segments;
    removedOf[stream] = (removedOf[stream] ?? 0) + segments;
  };
  const keeping = keepJournal({ journal, orphans, store: of, retention, clock, failed, expired }, DAY);
  return {
    keeping,
    failures,
    removed: () => removed,
    removedOf,
    /** a stream of a process that is no more */
    async orphan(stream: string) {
      const path = join(directory, name);
      const left = await Journal.open({ directory: path, stream, segmentBytes: 600, clock });
      for (let n = 0; n < 6; n++) await left.append(JSON.stringify({ n, pad: "x".repeat(200) }));
      await left.close();
      return join(path, stream);
    },
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
    async events(count: number) {
      for (let n = 0; n < count; n++) await journal.append(JSON.stringify({ n, pad: "x".repeat(200) }));
    },
    segments: () => readdirSync(journal.directory).filter((file) => file.includes(".jsonl")),
    verified: async () => (await verifyJournal(join(directory, name)))[0],
    async close() {
      await keeping.stop();
      await journal.close();
    },
  };
}

test("closed segments are compressed, and nothing else happens unless it is asked for", async () => {
  const journal = await kept("all", {});
  await journal.events(6);
  journal.pass(1000 * DAY);
  await journal.keeping.runAll();
  const segments = journal.segments();
  assert.ok(segments.length >= 3, `${segments}`);
  assert.equal(segments.filter((name) => !name.endsWith(".gz")).length, 1, "the one that is being written");
  const verified = await journal.verified();
  assert.deepEqual([verified?.events, verified?.divergence, verified?.expiredThrough], [6, undefined, 0]);
  await journal.close();
  assert.deepEqual(journal.failures, []);
});

test("what is older than it is to be goes, and the journal says so", async () => {
  const journal = await kept("age", { maxAge: 90 * DAY });
  await journal.events(6);
  journal.pass(91 * DAY);
  await journal.events(3);
  const [oldest] = journal.segments();
  await journal.keeping.runAll();
  assert.ok(journal.removed() > 0);
  assert.ok(!journal.segments().includes(oldest as string) && !journal.segments().includes(`${oldest}.gz`));
  const verified = await journal.verified();
  assert.equal(verified?.divergence, undefined);
  assert.ok((verified?.expiredThrough ?? 0) > 0);
  await journal.close();
  assert.deepEqual(journal.failures, []);
});

test("a process that writes nothing any more closes its last segment by and by, once, so that it is compressed and expires", async () => {
  const journal = await kept("idle", { maxAge: 90 * DAY }, store, false, 50);
  await journal.events(1);
  const [segment] = journal.segments();
  await delay(100);
  await journal.keeping.runAll();
  await until(() => journal.segments().length === 2, "it is followed by another one");
  await delay(100);
  for (let n = 0; n < 3; n++) {
    await journal.keeping.runAll();
    await delay(10);
  }
  assert.deepEqual(journal.segments(), [`${segment}.gz`, "0000000000000003.jsonl"], "one without events is not closed");
  journal.pass(91 * DAY);
  await journal.keeping.runAll();
  assert.equal(journal.removed(), 1);
  assert.equal((await journal.verified())?.divergence, undefined);
  await journal.close();
  assert.deepEqual(journal.failures, []);
});

test("what a trail has not got yet stays, however old", async () => {
  const waiting = {
    trails: async () => [{ account: "0", homeRegion: "us-east-1", name: "t" }],
    delivery: async () => ({ idle: false, positions: { "00": 1 } }),
  } as unknown as Store;
  const journal = await kept("trail", { maxAge: DAY, maxBytes: 1 }, waiting);
  await journal.events(6);
  journal.pass(10 * DAY);
  await journal.events(3);
  await journal.keeping.runAll();
  assert.equal(journal.removed(), 0);
  await journal.close();
  assert.deepEqual(journal.failures, []);
});

test("beyond its size the oldest goes first", async () => {
  const journal = await kept("size", { maxBytes: 2000 });
  await journal.events(40);
  await journal.keeping.runAll();
  assert.ok(journal.removed() > 0);
  const verified = await journal.verified();
  assert.equal(verified?.divergence, undefined);
  await journal.close();
});

test("streams whose processes are no more are kept, too, by the process that is told to, each as far as trails have it", async () => {
  const waiting = {
    trails: async () => [{ account: "0", homeRegion: "us-east-1", name: "t" }],
    delivery: async () => ({ idle: false, positions: { "00": 1e6, "01": 1e6, "02": 1 } }),
  } as unknown as Store;
  for (const orphans of [false, true]) {
    const journal = await kept(`orphans-${orphans}`, { maxAge: DAY }, waiting, orphans);
    const streams = ["01", "02", "03"];
    const paths: string[] = [];
    for (const stream of streams) paths.push(await journal.orphan(stream));
    const before = paths.map((path) => readdirSync(path));
    journal.pass(2 * DAY);
    await journal.keeping.runAll();
    journal.pass(2 * DAY);
    await journal.keeping.runAll();
    await journal.keeping.runAll();
    if (orphans) {
      assert.deepEqual(Object.keys(journal.removedOf), ["01"], "a trail waits for what is in the others");
      const plain = paths.map((path) => readdirSync(path).filter((file) => file.endsWith(".jsonl")).length);
      assert.deepEqual(plain, [1, 1, 1]);
    } else {
      assert.deepEqual(journal.removedOf, {});
      assert.deepEqual(
        paths.map((path) => readdirSync(path)),
        before,
      );
    }
    for (const { divergence } of await verifyJournal(join(directory, `orphans-${orphans}`))) {
      assert.equal(divergence, undefined);
    }
    await journal.close();
    assert.deepEqual(journal.failures, []);
  }
});

test("a stream that cannot be kept keeps nobody from the others", async () => {
  const journal = await kept("failing", { maxAge: DAY }, store, true);
  const broken = await journal.orphan("01");
  await journal.orphan("02");
  mkdirSync(join(broken, "in-the-way.new"));
  journal.pass(2 * DAY);
  await journal.keeping.runAll();
  journal.pass(2 * DAY);
  await journal.keeping.runAll();
  assert.deepEqual(Object.keys(journal.removedOf), ["02"]);
  assert.ok(journal.failures.length > 0);
  await journal.close();
});
