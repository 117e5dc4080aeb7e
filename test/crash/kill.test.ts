import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, watch } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { CreateKeyCommand, DecryptCommand, EncryptCommand, ListKeysCommand } from "@aws-sdk/client-kms";
import { recordsIn } from "../audit/journal.ts";
import { childrenOf, isRunning, ServerProcess, until } from "../process.ts";
import { checkAll, holdingsOf, Workload } from "./workload.ts";

const ROUNDS = Number(process.env.STRONGROOM_CRASH_ROUNDS ?? 12);
const CLIENTS = 8;
const directory = mkdtempSync(join(tmpdir(), "strongroom-kill-"));
after(() => rmSync(directory, { recursive: true }));
const workloadsOf = (name: string) => Array.from({ length: CLIENTS }, (_, i) => new Workload(`${name}${i}`));

function figures(workloads: readonly Workload[]): string {
  const sum = (of: (workload: Workload) => number) => workloads.reduce((total, workload) => total + of(workload), 0);
  return [
    `${sum((workload) => workload.acknowledged)} requests acknowledged`,
    `${sum((workload) => workload.keyIds.size)} keys`,
    `${sum((workload) => workload.ciphertexts)} ciphertexts`,
    `unanswered changes: ${sum((workload) => workload.unanswered.done)} done, ${sum((workload) => workload.unanswered.undone)} not`,
  ].join(", ");
}

/** Every answer that a client got has its record, once, of the operation that it was. */
function assertOnRecord(data: string, workloads: readonly Workload[]): number {
  const recorded = new Map<string, string>();
  for (const { requestID, eventName, errorCode } of recordsIn(data)) {
    if (errorCode !== undefined || requestID === undefined) continue;
    assert.ok(!recorded.has(requestID), `${requestID} is on record twice`);
    recorded.set(requestID, eventName);
  }
  const answered = new Map(workloads.flatMap((workload) => [...workload.answered]));
  for (const [requestId, operation] of answered) assert.equal(recorded.get(requestId), operation, requestId);
  return answered.size;
}

/** Only a database that was not torn passes this. */
function assertSound(data: string): void {
  const database = new DatabaseSync(join(data, "strongroom.db"), { readOnly: true });
  assert.deepEqual(
    database
      .prepare("PRAGMA integrity_check")
      .all()
      .map((row) => row.integrity_check),
    ["ok"],
  );
  assert.deepEqual(database.prepare("PRAGMA foreign_key_check").all(), []);
  database.close();
}

test(`kill -9 under load, ${ROUNDS} times: nothing acknowledged is lost, nothing is half done`, async (t) => {
  const data = join(directory, "load");
  const workloads = workloadsOf("client");
  for (let round = 0; round < ROUNDS; round++) {
    if (round % 3 === 2) {
      // Killed while it takes up what the last one left.
      const early = new ServerProcess(data);
      await delay(randomInt(50, 700));
      await early.kill("SIGKILL");
    }
    const server = await ServerProcess.start(data);
    await checkAll(workloads, () => server.client());
    const before = workloads.map((workload) => workload.acknowledged);
    const runs = Promise.all(workloads.map((workload) => workload.run(server.client(), () => false)));
    // However slow the machine, something is under way when the server dies.
    const underWay = until(() => workloads.some((workload, i) => workload.acknowledged > before[i]!), "there is load");
    await Promise.race([Promise.all([delay(randomInt(50, 700)), underWay]), runs]);
    server.child.kill("SIGKILL");
    assert.deepEqual(new Set(await runs), new Set(["cut off"]));
    assert.deepEqual(await server.kill("SIGKILL"), { code: null, signal: "SIGKILL" });
  }
  const server = await ServerProcess.start(data);
  await checkAll(workloads, () => server.client(), true);
  await Promise.all(workloads.map((workload) => workload.enableAll(server.client())));
  await checkAll(workloads, () => server.client(), true);
  await server.stop();
  assertSound(data);
  t.diagnostic(`${figures(workloads)}, ${assertOnRecord(data, workloads)} of the answers on record`);
});

/** The first start writes these, in this order. */
const FILES = [
  "strongroom.db",
  "strongroom.db-wal",
  "root.key.new",
  "root.key",
  "credentials.new",
  "credentials",
  "endpoint.json",
];
const MOMENTS = [20, 60, 100, 200, 300, 400, 500, 600];

async function killAtFile(data: string, file: string): Promise<void> {
  const server = new ServerProcess(data);
  const watcher = watch(data);
  await new Promise<void>((resolve) => watcher.on("change", (_, name) => name === file && resolve()));
  await server.kill("SIGKILL");
  watcher.close();
}

async function killAfter(data: string, milliseconds: number): Promise<void> {
  const server = new ServerProcess(data);
  await delay(milliseconds);
  await server.kill("SIGKILL");
}

/** Starts where a first start was killed: what that one had made is kept. */
async function assertStarts(data: string): Promise<void> {
  const read = (file: string) => (existsSync(join(data, file)) ? readFileSync(join(data, file), "utf8") : undefined);
  const left = { rootKey: read("root.key"), credentials: read("credentials") };
  const server = await ServerProcess.start(data);
  assert.equal(read("root.key"), left.rootKey ?? read("root.key"), "a root key is never replaced");
  assert.equal(read("credentials"), left.credentials ?? read("credentials"), "credentials are kept");
  for (const file of ["strongroom.db", "root.key", "credentials"])
    assert.equal(statSync(join(data, file)).mode & 0o777, 0o600, `mode of ${file}`);
  const kms = server.client();
  assert.deepEqual((await kms.send(new ListKeysCommand({}))).Keys, []);
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  const Plaintext = Buffer.from("text");
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: KeyMetadata!.KeyId, Plaintext }));
  const opened = await kms.send(new DecryptCommand({ CiphertextBlob }));
  assert.deepEqual(Buffer.from(opened.Plaintext!), Plaintext);
  await server.stop();
}

test("kill -9 during the very first start: the next start goes on from there", { concurrency: 2 }, async (t) => {
  const cases = [
    ...FILES.map((file) => [`when ${file} appears`, (data: string) => killAtFile(data, file)] as const),
    ...MOMENTS.map((ms) => [`after ${ms} ms`, (data: string) => killAfter(data, ms)] as const),
  ];
  await Promise.all(
    cases.map(([title, kill]) =>
      t.test(title, async () => {
        const data = join(directory, title.replaceAll(" ", "-"));
        mkdirSync(data, { mode: 0o700 });
        await kill(data);
        await assertStarts(data);
      }),
    ),
  );
  await t.test("at one point after another, in the same directory", async () => {
    const data = join(directory, "again and again");
    mkdirSync(data, { mode: 0o700 });
    for (const file of FILES.filter((file) => !file.endsWith(".new"))) {
      const server = new ServerProcess(data);
      await until(() => existsSync(join(data, file)), `${file} is there`);
      await server.kill("SIGKILL");
    }
    await assertStarts(data);
  });
});

test("kill -9 of a worker under load: service goes on, another takes its place, nothing is lost", async (t) => {
  const server = await ServerProcess.start(join(directory, "workers"), ["--workers", "2", "--log-level", "debug"]);
  const workloads = workloadsOf("client");
  /** The next kill may cut off the one who looks, too. */
  const patient = () => server.client({ maxAttempts: 5 });
  let stopped = false;
  let cutOff = 0;
  const runs = Promise.all(
    workloads.map(async (workload) => {
      // Cut off, it does what any client does: it looks how far it came, and goes on over a new connection.
      while ((await workload.run(server.client(), () => stopped)) === "cut off") {
        cutOff++;
        const client = patient();
        await workload.check(client, await holdingsOf(client));
      }
    }),
  );
  for (let i = 0; i < 3; i++) {
    await Promise.race([delay(randomInt(100, 500)), runs]);
    const before = childrenOf(server.pid);
    assert.equal(before.length, 2);
    const victim = before[randomInt(2)]!;
    process.kill(victim, "SIGKILL");
    await until(() => !isRunning(victim), "the victim is dead", 5_000);
    await patient().send(new ListKeysCommand({}));
    await until(() => childrenOf(server.pid).filter((pid) => pid !== victim).length === 2, "another worker", 10_000);
    const fresh = childrenOf(server.pid).find((pid) => !before.includes(pid));
    await until(
      async () => {
        await patient().send(new ListKeysCommand({ Limit: 1 }));
        return server.stderr.includes(`"pid":${fresh},"requestId"`);
      },
      "the new worker answers requests",
      10_000,
    );
  }
  await delay(300);
  stopped = true;
  await runs;
  assert.ok(cutOff > 0, "a kill under load cuts somebody off");
  await checkAll(workloads, () => server.client());
  await Promise.all(workloads.map((workload) => workload.enableAll(server.client())));
  const pids = [server.pid, ...childrenOf(server.pid)];
  await server.stop();
  assert.deepEqual(pids.filter(isRunning), []);
  assertSound(server.data);
  const again = await ServerProcess.start(server.data);
  await checkAll(workloads, () => again.client(), true);
  await again.stop();
  assertOnRecord(server.data, workloads);
  t.diagnostic(`${figures(workloads)}, cut off ${cutOff} times`);
});
