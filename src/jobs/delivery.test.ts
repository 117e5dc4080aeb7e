import assert from "node:assert/strict";
import { createHash, verify } from "node:crypto";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import {
  ACCOUNT,
  DeliveryError,
  DeliveryWorld,
  HOUR,
  MINUTE,
  TEN,
  trailRecord,
} from "../../test/cloudtrail/deliveryWorld.ts";
import { givenSelectors } from "../cloudtrail/eventSelectors.ts";
import { Journal } from "../cloudtrail/journal.ts";
import { readPublicKeys } from "../cloudtrail/publicKeyFiles.ts";
import { verifyDelivered } from "../cloudtrail/verification/verification.ts";
import { rewrapAll } from "./rewrap.ts";

let world: DeliveryWorld;
beforeEach(async () => {
  world = await DeliveryWorld.open();
});
afterEach(() => world.close());

const delivery = (arn: string) => world.service.kms.store.delivery(arn);

test("log files each five minutes, of all Regions, in CloudTrail's layout", async () => {
  await world.put(trailRecord());
  await world.pass(MINUTE);
  const ids = [await world.event(), await world.event({ awsRegion: "eu-west-1" }), await world.event()];
  await world.pass(3 * MINUTE);
  assert.deepEqual(world.logs(), []);
  await world.pass(MINUTE);
  const [ireland, virginia] = world.logs() as [string, string];
  assert.equal(world.logs().length, 2);
  assert.match(
    virginia,
    /^AWSLogs\/000000000000\/CloudTrail\/us-east-1\/2026\/11\/23\/000000000000_CloudTrail_us-east-1_20261123T1005Z_[A-Za-z0-9]{16}\.json\.gz$/,
  );
  assert.deepEqual([world.eventIds([virginia]), world.eventIds([ireland])], [[ids[0], ids[2]], [ids[1]]]);
  assert.match(world.text(virginia), /^\{"Records":\[\{"eventVersion":"1\.11",.*\}\]\}$/);
  await world.pass(10 * MINUTE);
  assert.equal(world.logs().length, 2, "nothing new, no file");
});

test("which events a trail delivers", async () => {
  const other = "111111111111";
  await world.put(trailRecord({ name: "home", multiRegion: false, prefix: "h" }));
  await world.put(trailRecord({ name: "no-iam", multiRegion: false, globalServiceEvents: false, prefix: "g" }));
  await world.put(trailRecord({ name: "ireland", region: "eu-west-1", multiRegion: false, prefix: "i" }));
  const selectors = givenSelectors([{ ExcludeManagementEventSources: ["kms.amazonaws.com"] }], undefined);
  await world.put(trailRecord({ name: "no-kms", prefix: "k", selectors }));
  await world.put(trailRecord({ name: "stopped", prefix: "s", logging: [] }));
  await world.pass(MINUTE);
  const kms = await world.event();
  const iam = await world.event({ eventSource: "iam.amazonaws.com", eventName: "CreateUser", readOnly: false });
  const ireland = await world.event({ awsRegion: "eu-west-1" });
  await world.event({ recipientAccountId: other });
  await world.pass(5 * MINUTE);
  const of = (prefix: string) => world.eventIds(world.logs().filter((key) => key.startsWith(`${prefix}/`)));
  assert.deepEqual(of("h"), [kms, iam]);
  assert.deepEqual(of("g"), [kms]);
  assert.deepEqual(of("i"), [ireland]);
  assert.deepEqual(of("k"), [iam]);
  assert.deepEqual(of("s"), []);
});

test("what was before StartLogging and after StopLogging is not delivered, what was between is, once", async () => {
  await world.event();
  await world.pass(20 * MINUTE);
  await world.event();
  await world.pass(MINUTE);
  const start = world.now;
  const trail = trailRecord({ logging: [{ from: start, to: null }] });
  const arn = await world.put(trail);
  const first = await world.event();
  await world.pass(7 * MINUTE);
  const second = await world.event();
  const stop = world.now;
  await world.put({ ...trail, logging: [{ from: start, to: stop }] });
  await world.pass(MINUTE);
  await world.event();
  await world.pass(15 * MINUTE);
  assert.deepEqual(world.eventIds(), [first, second]);
  assert.equal((await delivery(arn))?.idle, true);
  await world.event();
  const again = world.now + 30_000;
  world.now = again;
  await world.put({
    ...trail,
    logging: [
      { from: again, to: null },
      { from: start, to: stop },
    ],
  });
  const third = await world.event();
  await world.pass(10 * MINUTE);
  assert.deepEqual(world.eventIds(), [first, second, third]);
});

test("digests each hour, signed and chained, and empty ones too", async () => {
  await world.put(trailRecord({ logging: [{ from: TEN + 1000, to: null }], validatedSince: TEN }));
  await world.pass(30 * MINUTE);
  await world.event();
  await world.pass(3 * HOUR);
  const keys = world.digests();
  assert.equal(keys.length, 3);
  const name =
    "AWSLogs/000000000000/CloudTrail-Digest/us-east-1/2026/11/23/000000000000_CloudTrail-Digest_us-east-1_all_us-east-1_";
  assert.deepEqual(
    keys,
    ["110000", "120000", "130000"].map((time) => `${name}20261123T${time}Z.json.gz`),
  );
  const { key } = (await readPublicKeys(world.publicKeys))[0]!;
  let previous: { key: string; hash: string; signature: string } | undefined;
  for (const digest of keys) {
    const json = world.json(digest);
    const hash = createHash("sha256").update(world.text(digest)).digest("hex");
    const beside = JSON.parse(readFileSync(join(world.delivered, "logs", `${digest}.signature`), "utf8"));
    assert.equal(beside["signature-algorithm"], "SHA256withRSA");
    assert.equal(json.digestPublicKeyFingerprint, key.fingerprint);
    const text = `${json.digestEndTime}\nlogs/${digest}\n${hash}\n${previous?.signature ?? "null"}`;
    assert.ok(verify("sha256", Buffer.from(text), key.key, Buffer.from(beside.signature, "hex")), digest);
    assert.equal(json.previousDigestS3Object, previous?.key ?? null);
    assert.equal(json.previousDigestHashValue, previous?.hash ?? null);
    assert.equal(json.previousDigestSignature, previous?.signature ?? null);
    previous = { key: digest, hash, signature: beside.signature };
  }
  const [first, second] = keys.map((digest) => world.json(digest));
  assert.deepEqual(
    [first.digestStartTime, first.digestEndTime, second.digestStartTime],
    ["2026-11-23T10:00:01Z", "2026-11-23T11:00:00Z", "2026-11-23T11:00:00Z"],
  );
  const [log] = world.logs() as [string];
  assert.deepEqual(first.logFiles, [
    {
      s3Bucket: "logs",
      s3Object: log,
      hashValue: createHash("sha256").update(world.text(log)).digest("hex"),
      hashAlgorithm: "SHA-256",
      newestEventTime: "2026-11-23T10:30:00Z",
      oldestEventTime: "2026-11-23T10:30:00Z",
    },
  ]);
  assert.deepEqual([second.logFiles, second.newestEventTime], [[], null]);
  assert.deepEqual(second.strongroomJournal, [world.journal.head()]);
});

test("what cannot be delivered is kept, told, and delivered later", async () => {
  const arn = await world.put(trailRecord());
  await world.pass(MINUTE);
  const id = await world.event();
  world.failing = new DeliveryError("NoSuchBucket", "The specified bucket does not exist");
  await world.pass(2 * HOUR);
  assert.equal((await delivery(arn))?.latestError, "NoSuchBucket");
  assert.equal(world.logs().length, 0);
  assert.ok(world.failures.length > 5 && world.failures.length < 120, `${world.failures.length} attempts`);
  const later = await world.event();
  world.failing = undefined;
  await world.pass(15 * MINUTE);
  assert.deepEqual(world.eventIds(), [id, later]);
  const state = await delivery(arn);
  assert.deepEqual([state?.latestError, state?.latestDigestError], [null, null]);
  assert.deepEqual(world.digests().length, 2);
});

test("one trail's trouble is no other's", async () => {
  await world.put(trailRecord({ name: "away", bucket: "away-bucket" }));
  await world.put(trailRecord({ name: "fine" }));
  await world.pass(MINUTE);
  const id = await world.event();
  await world.pass(10 * MINUTE);
  assert.deepEqual(world.eventIds(), [id]);
  mkdirSync(join(world.delivered, "away-bucket"));
  await world.pass(10 * MINUTE);
  assert.equal(world.logs("away-bucket").length, 1);
});

test("a crash at any put leaves what a run without it leaves", async () => {
  await world.put(trailRecord());
  await world.pass(MINUTE);
  const ids: string[] = [];
  for (let i = 0; i < 6; i++)
    ids.push(await world.event({ awsRegion: ["us-east-1", "eu-west-1", "eu-north-1"][i % 3] }));
  world.now += 5 * MINUTE;
  for (let survived = 0; survived < 3; survived++) {
    // It dies between a put and what the store is told of it.
    const put = world.puts.length;
    const store = world.service.kms.store;
    const transaction = store.transaction;
    store.transaction = (run) => {
      if (world.puts.length > put) throw new Error("the process dies");
      return transaction.call(store, run) as never;
    };
    await assert.rejects(world.delivery.run(), /dies/);
    store.transaction = transaction;
    world.restarted();
    world.now += 20_000;
    ids.push(await world.event());
  }
  await world.delivery.run();
  const [first, second, third, ...again] = world.puts;
  assert.deepEqual(again.slice(0, 9), [first, second, third, first, second, third, first, second, third]);
  await world.pass(6 * MINUTE);
  assert.deepEqual(world.eventIds().sort(), ids.sort());
});

test("a journal of many events is delivered in rounds, each event once", async () => {
  const count = 5_000;
  await world.put(trailRecord());
  await world.pass(MINUTE);
  await Promise.all(Array.from({ length: count }, () => world.event()));
  await world.pass(5 * MINUTE);
  assert.deepEqual(new Set(world.eventIds()).size, count);
});

test("digest keys: one for a Region, followed by another before its end, gone when its time is over", async () => {
  const { store } = world.service.kms;
  world.digestInterval = 24 * HOUR;
  world.restarted();
  await world.put(trailRecord());
  await world.pass(24 * HOUR, HOUR);
  const [first, ...none] = await store.digestKeys("us-east-1", 0, Number.MAX_SAFE_INTEGER);
  assert.deepEqual(none, []);
  await world.pass(100 * 24 * HOUR, 24 * HOUR);
  const keys = await store.digestKeys("us-east-1", 0, Number.MAX_SAFE_INTEGER);
  assert.equal(keys.length, 2);
  assert.ok(keys[1]!.validFrom < first!.validTo, "they overlap");
  assert.equal(world.json(world.digests().at(-1)!).digestPublicKeyFingerprint, keys[1]!.fingerprint);
  await world.pass(100 * 24 * HOUR, 24 * HOUR);
  const later = await store.digestKeys("us-east-1", 0, Number.MAX_SAFE_INTEGER);
  assert.deepEqual(
    later.map(({ wrapped }) => wrapped === null),
    [true, false, false],
  );
  assert.equal((await readPublicKeys(world.publicKeys)).length, 3);
});

test("a chain of digests ends after StopLogging, and another begins after StartLogging", async () => {
  const trail = trailRecord({ multiRegion: true });
  await world.put(trail);
  await world.pass(25 * MINUTE);
  await world.event({ awsRegion: "eu-west-1" });
  await world.event();
  const stop = world.now;
  await world.put({ ...trail, logging: [{ from: TEN, to: stop }] });
  await world.pass(10 * MINUTE);
  assert.equal(world.digests().length, 2, "the last for each Region, which need not wait for the hour's end");
  assert.deepEqual(
    world
      .digests()
      .flatMap((digest) => world.json(digest).logFiles.map((file: { s3Object: string }) => file.s3Object))
      .sort(),
    world.logs(),
    "every log file is in one",
  );
  await world.pass(4 * HOUR - 10 * MINUTE);
  assert.equal(world.digests().length, 2, "none for hours after");
  const start = world.now;
  await world.put({ ...trail, multiRegion: false, logging: [{ from: start, to: null }] });
  await world.pass(MINUTE);
  const later = await world.event();
  await world.event({ awsRegion: "eu-west-1" });
  await world.pass(2 * HOUR);
  const digests = world.digests().filter((digest) => digest.includes("/us-east-1/"));
  assert.equal(digests.length, world.digests().length - 1);
  assert.deepEqual(
    digests.map((digest) => world.json(digest).previousDigestS3Object),
    [null, null, digests[1]],
  );
  assert.equal(world.json(digests[1]!).digestStartTime, "2026-11-23T14:25:00Z");
  assert.equal(world.eventIds([world.json(digests[1]!).logFiles[0].s3Object])[0], later);
  const keys = (await readPublicKeys(world.publicKeys)).map(({ key }) => key);
  const { findings, chains } = await verifyDelivered(world.delivered, { keys });
  assert.deepEqual(findings, []);
  assert.deepEqual(
    chains.map(({ gaps }) => gaps),
    [[], [{ from: "2026-11-23T10:31:00Z", to: "2026-11-23T14:25:00Z" }]],
  );
});

test("a digest names the streams that began while log files were being delivered, before its period's end", async () => {
  await world.put(trailRecord({ multiRegion: false }));
  await world.pass(54 * MINUTE);
  await world.event();
  world.now = TEN + HOUR - 1_000;
  const { store } = world.service.kms;
  const transaction = store.transaction;
  const directory = join(world.directory, "audit");
  const before = world.puts.length;
  store.transaction = async (run) => {
    if (world.puts.length > before) {
      store.transaction = transaction;
      const journal = await Journal.open({ directory, stream: "01", clock: () => world.now });
      await journal.close();
      world.now = TEN + HOUR + 1_000;
    }
    return transaction.call(store, run) as never;
  };
  await world.delivery.run();
  const [digest] = world.digests();
  assert.deepEqual(
    world.json(digest!).strongroomJournal.map(({ stream }: { stream: string }) => stream),
    ["00", "01"],
  );
});

test("a trail that becomes one Region's has no further digests of others", async () => {
  const trail = trailRecord();
  await world.put(trail);
  await world.pass(MINUTE);
  await world.event({ awsRegion: "eu-west-1" });
  await world.pass(HOUR);
  await world.put({ ...trail, multiRegion: false });
  await world.pass(3 * HOUR);
  assert.equal(world.digests().filter((digest) => digest.includes("/eu-west-1/")).length, 1);
});

test("digest keys are sealed anew when the domain key is rotated, and go on signing", async () => {
  const { kms } = world.service;
  await world.put(trailRecord());
  await world.pass(HOUR);
  const record = await kms.hsm.generateDomainKey(2, world.now);
  await kms.store.transaction((transaction) => transaction.putDomainKey(record));
  await rewrapAll(kms);
  const [key] = await kms.store.digestKeys("us-east-1", 0, Number.MAX_SAFE_INTEGER);
  assert.equal(key!.wrapped!.domainKey, 2);
  await world.pass(HOUR);
  assert.deepEqual(
    world.digests().map((digest) => world.json(digest).digestPublicKeyFingerprint),
    [key!.fingerprint, key!.fingerprint],
  );
});

test("a trail without validation has no digests; one that is deleted has nothing more", async () => {
  const arn = await world.put(trailRecord({ validatedSince: null }));
  await world.pass(MINUTE);
  await world.event();
  await world.pass(HOUR);
  assert.deepEqual([world.digests().length, world.logs().length], [0, 1]);
  await world.service.kms.store.transaction((transaction) => transaction.deleteTrail(arn));
  await world.event();
  await world.pass(HOUR);
  assert.equal(world.logs().length, 1);
});

test("a bucket that is gone is not made", async () => {
  const arn = await world.put(trailRecord({ account: ACCOUNT }));
  await world.pass(MINUTE);
  await world.event();
  rmSync(join(world.delivered, "logs"), { recursive: true });
  await world.pass(6 * MINUTE);
  assert.equal((await delivery(arn))?.latestError, "NoSuchBucket");
});
