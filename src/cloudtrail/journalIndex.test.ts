import assert from "node:assert/strict";
import { randomUUID, randomUUIDv7 } from "node:crypto";
import {
  copyFileSync,
  cpSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { journalDirectory } from "../../test/cloudtrail/journalReading.ts";
import { decodeBlock, type EventRow, encodeBlock } from "./eventBlocks.ts";
import { type IndexReport, indexPath } from "./indexer.ts";
import type { AttributeKey, EventQuery } from "./indexSearch.ts";
import { verifyIndex } from "./indexVerification.ts";
import { Journal } from "./journal.ts";
import { JournalIndex } from "./journalIndex.ts";
import { compressSegments, expireSegments } from "./retention.ts";

const ACCOUNT = "111122223333";
const OTHER = "444455556666";
const NOON = Date.parse("2026-11-23T12:00:00Z");
const HOUR = 3_600_000;
const EVERYTHING: EventQuery = { attributes: [] };

interface Made {
  readonly id?: string;
  readonly at?: number;
  readonly name?: string;
  readonly user?: string;
  readonly key?: string;
  readonly account?: string;
  readonly region?: string;
  readonly error?: string;
}

const keyArn = (key: string, account = ACCOUNT) => `arn:aws:kms:us-east-1:${account}:key/${key}`;

function record({ id = randomUUID(), at = NOON, name = "Decrypt", user = "bob", ...rest }: Made): string {
  const { key = "k1", account = ACCOUNT, region = "us-east-1", error } = rest;
  return JSON.stringify({
    userIdentity: { type: "IAMUser", userName: user, accessKeyId: `AKIA${user}` },
    eventTime: `${new Date(at).toISOString().slice(0, 19)}Z`,
    eventSource: "kms.amazonaws.com",
    eventName: name,
    awsRegion: region,
    errorCode: error,
    eventID: id,
    readOnly: true,
    resources: [{ accountId: account, type: "AWS::KMS::Key", ARN: keyArn(key, account) }],
    recipientAccountId: account,
  });
}

/** A journal with an index behind it. */
async function world(t: TestContext, { segmentBytes = 1 << 20, streams = ["00"] } = {}) {
  const directory = journalDirectory(t);
  const journals = await Promise.all(streams.map((stream) => Journal.open({ directory, stream, segmentBytes })));
  const reports: IndexReport[] = [];
  const open = (writes = true) => {
    const index = new JournalIndex({
      directory,
      writes,
      hurries: true,
      clock: () => NOON + 24 * HOUR,
      report: (report) => reports.push(report),
    });
    t.after(() => index.close());
    return index;
  };
  t.after(() => Promise.all(journals.map((journal) => journal.close())));
  return {
    directory,
    journals,
    journal: journals[0] as Journal,
    reports,
    open,
    index: open(),
    put: (made: Made, stream = 0) => (journals[stream] as Journal).append(record(made)),
    verify: () => verifyIndex(directory, NOON + 24 * HOUR),
    sql: (text: string) => {
      const database = new DatabaseSync(indexPath(directory));
      database.exec(text);
      database.close();
    },
  };
}

const by = (key: AttributeKey, value: string, more: Partial<EventQuery> = {}): EventQuery => ({
  attributes: [[key, value]],
  ...more,
});

async function ids(index: JournalIndex, query: EventQuery, pageSize = 50): Promise<string[]> {
  const found: string[] = [];
  for (let before: number | undefined; ; ) {
    const page = await index.find(query, pageSize, before);
    assert.ok(page.events.length <= pageSize);
    found.push(...page.events.map(({ event }) => event.eventId));
    if (page.next === undefined) return found;
    before = page.next;
  }
}

test("events are found by whatever they have, newest first, in pages of any size", async (t) => {
  const { index, put, verify } = await world(t);
  const made: (Required<Pick<Made, "id" | "user" | "name" | "key">> & Made)[] = Array.from({ length: 700 }, (_, i) => ({
    id: i % 2 === 0 ? randomUUID() : randomUUIDv7(),
    at: NOON + i * 1_000,
    user: `user-${i % 3}`,
    name: i % 5 === 0 ? "Encrypt" : "Decrypt",
    key: `key-${i % 7}`,
    error: i % 11 === 0 ? "AccessDenied" : undefined,
  }));
  await Promise.all(made.map((each) => put(each)));
  await index.catchUp();
  const expected = (keep: (each: (typeof made)[number]) => boolean) =>
    made
      .filter(keep)
      .map(({ id }) => id)
      .reverse();
  for (const [query, keep] of [
    [EVERYTHING, () => true],
    [by("Username", "user-1"), ({ user }) => user === "user-1"],
    [by("AccessKeyId", "AKIAuser-2"), ({ user }) => user === "user-2"],
    [by("EventName", "Encrypt"), ({ name }) => name === "Encrypt"],
    [by("ResourceName", keyArn("key-3")), ({ key }) => key === "key-3"],
    [by("ResourceName", "key-3"), ({ key }) => key === "key-3"],
    [by("ResourceName", keyArn("key-3", OTHER)), () => false],
    [by("ResourceType", "AWS::KMS::Key"), () => true],
    [by("EventSource", "kms.amazonaws.com"), () => true],
    [by("ReadOnly", "true"), () => true],
    [by("ReadOnly", "false"), () => false],
    [by("EventName", "encrypt"), () => false],
    [by("EventId", made[10]!.id), ({ id }) => id === made[10]!.id],
    [by("EventId", made[11]!.id), ({ id }) => id === made[11]!.id],
    [by("EventId", randomUUID()), () => false],
    [{ attributes: [], failed: true }, ({ error }) => error !== undefined],
    [
      {
        attributes: [
          ["Username", "user-1"],
          ["ResourceName", "key-3"],
        ],
        failed: true,
      },
      ({ user, key, error }) => user === "user-1" && key === "key-3" && error !== undefined,
    ],
    [
      by("Username", "user-1", { from: NOON / 1000 + 100, through: NOON / 1000 + 200 }),
      ({ user, at = 0 }) => user === "user-1" && at >= NOON + 100_000 && at <= NOON + 200_000,
    ],
  ] as [EventQuery, (each: (typeof made)[number]) => boolean][]) {
    for (const size of [1, 7, 50])
      assert.deepEqual(await ids(index, query, size), expected(keep), JSON.stringify(query));
  }
  assert.deepEqual(await verify(), { events: 700, findings: [], findingCount: 0 });
});

test("accounts and Regions are walls", async (t) => {
  const { index, put } = await world(t);
  const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()];
  await put({ id: a });
  await put({ id: b, account: OTHER });
  await put({ id: c, region: "eu-west-1" });
  await index.catchUp();
  const seen = (account?: string, region?: string, attributes: EventQuery["attributes"] = [["Username", "bob"]]) =>
    ids(index, { account, region, attributes }).then((found) => found.sort());
  assert.deepEqual(await seen(ACCOUNT, "us-east-1"), [a]);
  assert.deepEqual(await seen(OTHER, "us-east-1"), [b]);
  assert.deepEqual(await seen(ACCOUNT, "us-east-1", []), [a]);
  assert.deepEqual(await seen(OTHER, "eu-west-1", []), []);
  assert.deepEqual(await seen(ACCOUNT), [a, c].sort());
  assert.deepEqual(await seen(undefined, "us-east-1", []), [a, b].sort());
  assert.deepEqual(await seen(), [a, b, c].sort());
});

test("several streams, clocks that step, and one second with everything in it", async (t) => {
  const { index, put, verify } = await world(t, { streams: ["00", "01"] });
  const made: { id: string; at: number }[] = [];
  for (let i = 0; i < 900; i++) {
    const at = NOON + (i % 300 < 100 ? 0 : ((i * 7919) % 900) * 1_000);
    const id = randomUUID();
    made.push({ id, at });
    await put({ id, at }, i % 2);
    if (i % 250 === 0) await index.catchUp();
  }
  await index.catchUp();
  const found = await ids(index, by("Username", "bob"), 13);
  const at = new Map(made.map((each) => [each.id, each.at]));
  assert.deepEqual([...found].sort(), made.map(({ id }) => id).sort());
  assert.ok(found.every((id, i) => i === 0 || at.get(id)! <= at.get(found[i - 1]!)!));
  assert.deepEqual(await ids(index, EVERYTHING), found);
  assert.deepEqual(await verify(), { events: 900, findings: [], findingCount: 0 });
});

test("compressed segments are read where the event is", async (t) => {
  const { index, put, directory, open } = await world(t, { segmentBytes: 20_000 });
  const made: string[] = [];
  for (let i = 0; i < 300; i++) {
    made.unshift(randomUUID());
    await put({ id: made[0]!, at: NOON + i * 1_000 });
  }
  await index.catchUp();
  assert.deepEqual(await ids(index, EVERYTHING), made);
  assert.ok((await compressSegments(join(directory, "00"))) > 5);
  assert.deepEqual(await ids(index, EVERYTHING), made);
  assert.deepEqual(await ids(open(false), by("EventId", made[200]!)), [made[200]]);
  rmSync(indexPath(directory));
  await index.catchUp();
  assert.deepEqual(await ids(index, EVERYTHING), made);
});

test("a segment that is broken keeps nobody from the events of others, old and new", async (t) => {
  const { index, put, directory, open } = await world(t, { segmentBytes: 20_000 });
  for (let i = 0; i < 200; i++) await put({ at: NOON + i * 1_000 });
  await compressSegments(join(directory, "00"));
  await index.catchUp();
  const all = await ids(index, EVERYTHING);
  const [segment] = readdirSync(join(directory, "00")).filter((name) => name.endsWith(".gz"));
  const file = join(directory, "00", segment!);
  const bytes = readFileSync(file);
  bytes[500] = bytes[500]! ^ 1;
  writeFileSync(file, bytes);
  const left = await ids(open(false), EVERYTHING);
  assert.ok(left.length > 100 && left.length < 200);
  assert.deepEqual(left, all.slice(0, left.length));
  rmSync(indexPath(directory));
  await index.catchUp();
  assert.deepEqual(await ids(index, EVERYTHING), left);
});

test("a process that does not index sees what another one has, and an index that was made anew", async (t) => {
  const { index, put, directory, open } = await world(t);
  const reader = open(false);
  await put({});
  await reader.catchUp();
  assert.deepEqual(await reader.find(EVERYTHING, 10), { events: [], next: undefined });
  await index.catchUp();
  assert.equal((await ids(reader, EVERYTHING)).length, 1);
  for (const end of ["", "-wal", "-shm"]) rmSync(indexPath(directory) + end, { force: true });
  await put({});
  await index.catchUp();
  assert.equal((await ids(reader, EVERYTHING)).length, 2);
});

test("two processes that index do not disturb each other", async (t) => {
  const { index, put, open, verify } = await world(t);
  const other = open();
  for (let i = 0; i < 60; i++) {
    await put({ at: NOON + i * 1_000 });
    await Promise.all([index.catchUp(), i % 3 === 0 && other.catchUp()]);
  }
  await Promise.all([index.catchUp(), other.catchUp()]);
  await index.catchUp();
  assert.equal((await ids(other, EVERYTHING)).length, 60);
  assert.deepEqual(await verify(), { events: 60, findings: [], findingCount: 0 });
});

test("an index that is damaged, of another version or of another journal is made anew", async (t) => {
  const { index, put, directory, open, reports, sql, verify } = await world(t);
  for (let i = 0; i < 50; i++) await put({ at: NOON + i * 1_000 });
  await index.catchUp();
  await index.close();
  const path = indexPath(directory);
  for (const [what, damage] of Object.entries({
    "no database": () => writeFileSync(path, "not a database, whatever its name says".repeat(200)),
    "cut off": () => truncateSync(path, statSync(path).size / 2),
    "another version": () => sql("PRAGMA user_version = 99"),
    "somebody else's": () => sql("PRAGMA application_id = 7"),
    "without a table": () => sql("DROP TABLE piece"),
    "a block that decodes to nothing": () => sql("UPDATE block SET rest = x'00'"),
    "bytes that decode to nothing": () => sql("UPDATE piece SET rest = x'00'"),
    "numbers that are none of ours": () => sql("UPDATE piece SET first = 9223372036854775807"),
    "another journal": () => sql(`UPDATE stream SET hash = '${"0".repeat(64)}'`),
    "ahead of the journal": () => sql("UPDATE stream SET offset = 1000000000"),
  })) {
    damage();
    reports.length = 0;
    const next = open();
    await put({ at: NOON + HOUR });
    await next.catchUp();
    await next.find(EVERYTHING, 1);
    await next.find(by("Username", "bob"), 1);
    await next.catchUp();
    const count = (await ids(next, by("Username", "bob"))).length;
    await next.close();
    assert.ok(count > 50, `${what}: ${count}`);
    assert.deepEqual((await verify())?.findings, [], what);
    assert.equal((await verify())?.events, count, what);
    assert.ok(
      reports.some(({ kind }) => kind === "rebuilding"),
      what,
    );
  }
});

test("a poisoned index: verification finds it, and lookups show nothing that the journal does not say", async (t) => {
  const { index, put, directory, sql, verify } = await world(t);
  const secret = randomUUID();
  for (let i = 0; i < 40; i++) await put({ at: NOON + i * 1_000, user: i % 2 === 0 ? "bob" : "eve" });
  await put({ id: secret, at: NOON + 100_000, account: OTHER, user: "eve" });
  await index.catchUp();
  await index.close();
  cpSync(join(directory, "00"), join(directory, "elsewhere", "00"), { recursive: true });
  const pristine = new DatabaseSync(indexPath(directory));
  const backup = `${directory}/pristine`;
  pristine.exec(`VACUUM INTO '${backup}'`);
  pristine.close();
  const listId = (kind: number, value: string, account = ACCOUNT) =>
    `(SELECT id FROM list WHERE kind = ${kind} AND value = '${value}' AND account = '${account}')`;
  /** The events are of one block. */
  const events = (change: (rows: EventRow[]) => EventRow[]) => () => {
    const database = new DatabaseSync(indexPath(directory));
    const [block, ...others] = database.prepare("SELECT first, rest FROM block").all();
    assert.deepEqual(others, []);
    const rows = change(decodeBlock(block!.first as number, block!.rest as Uint8Array));
    const sql = "UPDATE block SET first = ?, rest = ?";
    database.prepare(sql).run(rows[0]!.id, encodeBlock(rows));
    database.close();
  };
  for (const [what, poison, kind] of [
    ["an event hidden", events((rows) => rows.slice(1)), "missing"],
    ["all events hidden", "DELETE FROM block", "missing"],
    ["events at another one's place", events((rows) => rows.map((row) => ({ ...row, offset: 0 }))), "misplaced"],
    ["an event at another time", events(([first, ...rows]) => [{ ...first!, id: 5 }, ...rows]), "missing"],
    ["an event of another id", events(([first, ...rows]) => [{ ...first!, tag: 5 }, ...rows]), "misplaced"],
    [
      "events where nobody looks",
      "INSERT INTO block SELECT first + 1, x'0001000000000000' FROM block ORDER BY first LIMIT 1",
      "unusable",
    ],
    ["events hidden from a list", `DELETE FROM piece WHERE list = ${listId(3, "eve")}`, "unlisted"],
    ["a list renamed", "UPDATE list SET value = 'nobody' WHERE value = 'eve'", "unlisted"],
    ["a list of another account", `UPDATE list SET account = 'x' WHERE account = '${OTHER}'`, "unlisted"],
    [
      "two lists swapped",
      `UPDATE piece SET list = CASE list WHEN ${listId(3, "eve")} THEN ${listId(3, "bob")} ELSE ${listId(3, "eve")} END WHERE list IN (${listId(3, "eve")}, ${listId(3, "bob")})`,
      "unlisted",
    ],
    [
      "an event put into a list",
      `INSERT INTO piece (list, first, rest) VALUES (${listId(3, "bob")}, (SELECT max(first) FROM piece), x'')`,
      "forged",
    ],
    [
      "an event made up",
      events(([first, ...rows]) => [first!, { ...first!, id: first!.id + 1, sequence: 1_000 }, ...rows]),
      "forged",
    ],
    ["an event twice", events(([first, ...rows]) => [first!, { ...first!, id: first!.id + 1 }, ...rows]), "forged"],
    ["a stream that is elsewhere", "UPDATE stream SET name = 'elsewhere/00'", "forged"],
  ] as const) {
    for (const end of ["", "-wal", "-shm"]) rmSync(indexPath(directory) + end, { force: true });
    copyFileSync(backup, indexPath(directory));
    assert.deepEqual((await verify())?.findings, []);
    if (typeof poison === "string") sql(poison);
    else poison();
    const found = await verify();
    assert.ok(
      found!.findings.some((finding) => finding.kind === kind),
      `${what}: ${JSON.stringify(found?.findings.slice(0, 3))}`,
    );
    const reader = new JournalIndex({ directory, writes: false });
    if (what === "a stream that is elsewhere") assert.deepEqual((await reader.find(EVERYTHING, 5)).events, []);
    const bobs = await reader.find({ account: ACCOUNT, region: "us-east-1", attributes: [["Username", "bob"]] }, 50);
    assert.ok(
      bobs.events.every(({ event }) => event.username === "bob" && event.eventId !== secret),
      what,
    );
    await reader.close();
  }
});

test("what has expired in the journal goes from the index, and so does what is older than 90 days", async (t) => {
  const { index, put, journal, verify, open, directory } = await world(t, { segmentBytes: 10_000 });
  await put({ at: NOON - 200 * 24 * HOUR, user: "old" });
  for (let i = 0; i < 100; i++) await put({ at: NOON + i * 1_000, user: `user-${i}` });
  await index.catchUp();
  assert.deepEqual(await ids(index, by("Username", "old")), []);
  const { through } = await expireSegments(journal, { maxBytes: 20_000 });
  assert.ok(through > 50);
  await index.catchUp();
  const left = await ids(index, EVERYTHING);
  assert.ok(left.length > 0 && left.length < 50);
  assert.deepEqual(await ids(index, by("Username", "user-3")), []);
  assert.equal((await verify())?.findingCount, 0);
  await index.close();
  const database = new DatabaseSync(indexPath(directory), { readOnly: true });
  assert.equal(database.prepare("SELECT count(*) AS n FROM list WHERE value = 'user-3'").get()?.n, 0);
  const blocks = database.prepare("SELECT first, rest FROM block").all();
  const rows = blocks.flatMap(({ first, rest }) => decodeBlock(first as number, rest as Uint8Array));
  assert.equal(rows.length, left.length);
  database.close();
  // A quarter of a year later.
  const later = new JournalIndex({ directory, writes: true, clock: () => NOON + 100 * 24 * HOUR });
  await later.catchUp();
  assert.deepEqual(await ids(later, EVERYTHING), []);
  await later.close();
  assert.deepEqual(await ids(open(false), EVERYTHING), []);
});

test("following: what is written is there soon, and nothing runs after close", async (t) => {
  const { index, put } = await world(t);
  index.follow();
  await put({});
  const started = performance.now();
  while ((await ids(index, EVERYTHING)).length === 0) {
    assert.ok(performance.now() - started < 10_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await index.close();
  await put({});
  await index.catchUp();
});

test("an index that cannot be written is reported once, and searching goes on", async (t) => {
  const { put, directory, reports, open } = await world(t);
  const index = open();
  await put({});
  const blocked = new JournalIndex({
    directory: join(directory, "absent"),
    writes: true,
    report: (report) => reports.push(report),
  });
  await blocked.catchUp();
  await blocked.catchUp();
  assert.deepEqual(
    reports.map(({ kind }) => kind),
    ["failing"],
  );
  assert.deepEqual(await blocked.find(EVERYTHING, 5), { events: [], next: undefined });
  await blocked.close();
  await index.catchUp();
  assert.equal((await ids(index, EVERYTHING)).length, 1);
});
