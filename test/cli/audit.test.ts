import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { DELIVERY_PLACE } from "../../src/cli/auditOptions.ts";
import { indexPath } from "../../src/cloudtrail/indexer.ts";
import { JournalIndex } from "../../src/cloudtrail/journalIndex.ts";
import { entryLine, GENESIS, parseLine } from "../../src/cloudtrail/segment.ts";
import { DeliveryWorld, HOUR, MINUTE, trailRecord } from "../cloudtrail/deliveryWorld.ts";
import { strongroom } from "./strongroom.ts";

let world: DeliveryWorld;

before(async () => {
  world = await DeliveryWorld.open();
  await world.put(trailRecord());
  await world.pass(MINUTE);
  await world.event();
  await world.pass(2 * HOUR);
});
after(() => world.close());

test("audit verify: journal, digests and log files of a data directory", async () => {
  const { code, stdout, stderr } = await strongroom(["audit", "verify", "--data", world.directory]);
  assert.equal(code, 0, stdout + stderr);
  assert.match(
    stdout,
    /^arn:aws:cloudtrail:us-east-1:000000000000:trail\/all in us-east-1: 2\/2 digest files valid, 1\/1 log files valid, 2026-11-23T10:00:00Z to 2026-11-23T12:00:00Z$/m,
  );
  assert.match(stdout, /^journal, stream 00: 1 events valid, up to entry 2; 2 anchors of digests held$/m);
});

test("audit public-keys, and what an auditor needs besides: copies of the files", async () => {
  const keys = await strongroom(["audit", "public-keys", "--data", world.directory]);
  assert.equal(keys.code, 0, keys.stderr);
  assert.match(keys.stdout, /^# us-east-1, fingerprint [0-9a-f]{32}\n-----BEGIN PUBLIC KEY-----\n/);
  const file = join(world.directory, "auditor.pem");
  writeFileSync(file, keys.stdout);
  const { code, stdout } = await strongroom(["audit", "verify", "--delivered", world.delivered, "--public-key", file]);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /2\/2 digest files valid/);
  assert.doesNotMatch(stdout, /journal/);
});

test("audit verify: status 1, and what is wrong on the first lines", async () => {
  const segment = readdirSync(join(world.directory, "audit", "00")).find((name) => name.endsWith(".jsonl"))!;
  const path = join(world.directory, "audit", "00", segment);
  const [log] = world.logs();
  const kept = [readFileSync(path), readFileSync(join(world.delivered, "logs", log!))] as const;
  writeFileSync(path, kept[0].toString("utf8").replace("Encrypt", "Decrypt"));
  writeFileSync(join(world.delivered, "logs", log!), "\u001b[2J");
  const { code, stdout } = await strongroom(["audit", "verify", "--data", world.directory]);
  writeFileSync(path, kept[0]);
  writeFileSync(join(world.delivered, "logs", log!), kept[1]);
  assert.equal(code, 1);
  const lines = stdout.split("\n");
  assert.match(lines[0]!, /^INVALID {2}logs\/AWSLogs\/.*: log file: invalid format$/);
  assert.match(lines[1]!, /^INVALID {2}journal, stream 00, 0000000000000001\.jsonl, line 2, entry 2: edited: /);
});

test("audit verify: an index that says something else than the journal", async () => {
  const directory = join(world.directory, "audit");
  const index = new JournalIndex({ directory, writes: true });
  await index.catchUp();
  await index.close();
  const verified = await strongroom(["audit", "verify", "--data", world.directory]);
  assert.equal(verified.code, 0, verified.stdout);
  assert.match(verified.stdout, /^index: 1 events as in the journal$/m);
  const database = new DatabaseSync(indexPath(directory));
  database.exec("DELETE FROM block");
  database.close();
  const poisoned = await strongroom(["audit", "verify", "--data", world.directory]);
  assert.equal(poisoned.code, 1);
  assert.match(poisoned.stdout, /^INVALID {2}index: missing: /);
  const without = await strongroom(["audit", "verify", "--data", world.directory, "--no-index"]);
  assert.equal(without.code, 0, without.stdout);
  rmSync(indexPath(directory));
});

test("audit verify: the last digest, which the store knows, is gone", async () => {
  const last = join(world.delivered, "logs", world.digests().at(-1)!);
  const kept = readFileSync(last);
  rmSync(last);
  const { code, stdout } = await strongroom(["audit", "verify", "--data", world.directory]);
  writeFileSync(last, kept);
  assert.equal(code, 1);
  assert.match(stdout, /^INVALID {2}logs\/.*: digest file: not found; it was the last one delivered$/m);
});

test("audit verify: all that was delivered is gone", async () => {
  const moved = join(world.directory, "moved");
  for (const gone of [world.delivered, join(world.delivered, "logs")]) {
    renameSync(gone, moved);
    const { code, stdout } = await strongroom(["audit", "verify", "--data", world.directory]);
    renameSync(moved, gone);
    assert.equal(code, 1, gone);
    assert.match(stdout, /^INVALID {2}logs\/.*: digest file: not found/);
  }
});

test("audit verify: all that was delivered of a trail that has stopped is gone", async () => {
  const stopped = await DeliveryWorld.open();
  try {
    const trail = trailRecord();
    await stopped.put(trail);
    await stopped.pass(MINUTE);
    await stopped.event();
    await stopped.put({ ...trail, logging: trail.logging.map(({ from }) => ({ from, to: stopped.now })) });
    await stopped.pass(HOUR);
    const verify = (...args: string[]) => strongroom(["audit", "verify", "--data", stopped.directory, ...args]);
    const before = await verify();
    assert.equal(before.code, 0, before.stdout);
    assert.match(before.stdout, /1\/1 digest files valid, 1\/1 log files valid/);
    rmSync(stopped.delivered, { recursive: true });
    const { code, stdout } = await verify();
    assert.equal(code, 1, stdout);
    assert.match(
      stdout,
      /^INVALID {2}arn:.*:trail\/all: digest files: none is there, and they were delivered until 2026-11-23T10:/,
    );
    assert.equal((await verify("--since", "2026-11-24")).code, 0, "older files need not be there");
  } finally {
    await stopped.close();
  }
});

test("audit verify: where digests are elsewhere, what the store knows of the last ones holds for the journal", async () => {
  const { store } = world.service.kms;
  const put = (text: string) => store.transaction((transaction) => transaction.putSetting(DELIVERY_PLACE, text));
  const directory = join(world.directory, "audit", "00");
  const path = join(directory, readdirSync(directory).find((name) => name.endsWith(".jsonl"))!);
  const kept = readFileSync(path, "utf8");
  const verify = () => strongroom(["audit", "verify", "--data", world.directory, "--no-index"]);
  await put('{"url":"https://s3.example.org"}');
  const sound = await verify();
  writeFileSync(path, kept.slice(0, kept.indexOf("\n") + 1));
  const cut = await verify();
  writeFileSync(path, kept);
  await put("{}");
  assert.equal(sound.code, 0, sound.stdout);
  assert.match(sound.stdout, /^log files and digests were delivered to https:\/\/s3.example.org, and not checked: /m);
  assert.equal(cut.code, 1, cut.stdout);
  assert.match(cut.stdout, /^INVALID {2}journal, stream 00, entry 2: cutOff: /);
});

test("audit verify: a stream that was made up, with a chain of its own", async () => {
  const audit = join(world.directory, "audit");
  const [name] = readdirSync(join(audit, "00")).filter((file) => file.endsWith(".jsonl"));
  const [header, event] = readFileSync(join(audit, "00", name!), "utf8").split("\n");
  const bodyOf = (line: string | undefined) => parseLine(Buffer.from(line!))!.entry.body;
  mkdirSync(join(audit, "03"));
  // It may say that it is younger than the digests: its event is not.
  for (const [time, found] of [
    ["2026-11-23T09:00:00.000Z", "line 1, entry 1: backdated: "],
    ["2026-11-23T13:00:00.000Z", "line 2, entry 2: backdated: "],
  ] as const) {
    const forgedHeader = bodyOf(header)
      .replace('"stream":"00"', '"stream":"03"')
      .replace(/"time":"[^"]*"/, `"time":"${time}"`);
    const first = entryLine(GENESIS, "segment", forgedHeader);
    const second = entryLine(first, "event", bodyOf(event).replace("Encrypt", "DeleteX"));
    writeFileSync(join(audit, "03", name!), first.line + second.line);
    const { code, stdout } = await strongroom(["audit", "verify", "--data", world.directory, "--no-index"]);
    assert.equal(code, 1, stdout);
    assert.ok(stdout.startsWith(`INVALID  journal, stream 03, ${name}, ${found}`), stdout);
  }
  rmSync(join(audit, "03"), { recursive: true });
});

test("audit verify: what cannot be verified is said", async () => {
  const empty = join(world.directory, "empty");
  mkdirSync(empty);
  for (const [args, message] of [
    [["--data", join(world.directory, "none")], /there is no data directory/],
    [["--delivered", join(world.directory, "none")], /there is no directory/],
    [["--delivered", empty], /--public-key is needed/],
    [["--delivered", empty, "--public-key", join(world.directory, "root.key")], /there is no RSA public key in it/],
    [["--since", "yesterday"], /A time such as/],
  ] as const) {
    const { code, stderr } = await strongroom(["audit", "verify", ...args]);
    assert.equal(code, 1);
    assert.match(stderr, message);
  }
  const key = join(world.directory, "auditor.pem");
  for (const args of [
    ["--data", empty],
    ["--delivered", empty, "--public-key", key],
  ]) {
    const { code, stdout } = await strongroom(["audit", "verify", ...args]);
    assert.equal(code, 1, args.join(" "));
    assert.match(stdout, /^INVALID {2}nothing: there is neither a journal nor a digest to verify$/m);
  }
  const nothing = await strongroom(["audit", "public-keys", "--data", empty]);
  assert.equal(nothing.code, 1);
});
