import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
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
async function kept(name: string, retention: Pick<Retention, "maxAge" | "maxBytes">, of: Store = store) {
  let now = Date.parse("2026-11-25T08:00:00Z");
  const clock = () => now;
  const journal = await Journal.open({ directory: join(directory, name), stream: "00", segmentBytes: 600, clock });
  const failures: unknown[] = [];
  const failed = (error: unknown) => failures.push(error);
  let removed = 0;
  const expired = (segments: number) => {
    removed += segments;
  };
  const keeping = keepJournal({ journal, store: of, retention, clock, failed, expired }, DAY);
  return {
    keeping,
    failures,
    removed: () => removed,
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
