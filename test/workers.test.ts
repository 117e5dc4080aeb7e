import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { promisify } from "node:util";
import * as sdk from "@aws-sdk/client-kms";
import { failure } from "./harness.ts";
import { childrenOf, get, isRunning, main, ServerProcess, until } from "./process.ts";

const directory = mkdtempSync(join(tmpdir(), "strongroom-workers-"));
after(() => rmSync(directory, { recursive: true, force: true }));
const bytes = Buffer.from("text");
const ROUNDS = Number(process.env.STRONGROOM_WORKER_ROUNDS ?? 75);

const encrypt = (kms: sdk.KMSClient, KeyId: string) => kms.send(new sdk.EncryptCommand({ KeyId, Plaintext: bytes }));
const newKey = async (kms: sdk.KMSClient) => (await kms.send(new sdk.CreateKeyCommand({}))).KeyMetadata!;

/** How many requests each process answered, by its log. */
function answeredBy(server: ServerProcess, operation: string): Map<number, number> {
  const answered = new Map<number, number>();
  for (const line of server.stderr.split("\n")) {
    if (!line.includes(`"operation":"${operation}"`)) continue;
    const { pid } = JSON.parse(line);
    answered.set(pid, (answered.get(pid) ?? 0) + 1);
  }
  return answered;
}

for (const count of [2, 3]) {
  test(`${count} workers: what one has acknowledged, all obey from then on`, async (t) => {
    const server = await ServerProcess.start(join(directory, `obey-${count}`), [
      "--workers",
      String(count),
      "--log-level",
      "debug",
    ]);
    const pids = childrenOf(server.pid);
    assert.equal(pids.length, count);
    // Connections are handed round, so that these reach every worker; each stays with its own.
    const clients = Array.from({ length: 2 * count }, () => server.client());
    const everywhere = <T>(call: (kms: sdk.KMSClient) => Promise<T>) => Promise.all(clients.map(call));
    const [{ Arn: one }, { Arn: two }] = [await newKey(clients[0]!), await newKey(clients[1]!)] as [
      sdk.KeyMetadata,
      sdk.KeyMetadata,
    ];
    await clients[0]!.send(new sdk.CreateAliasCommand({ AliasName: "alias/moving", TargetKeyId: one }));

    for (let round = 0; round < ROUNDS; round++) {
      const changer = clients[round % clients.length]!;
      await changer.send(new sdk.DisableKeyCommand({ KeyId: one }));
      for (const { name } of await everywhere((kms) => failure(encrypt(kms, one!))))
        assert.equal(name, "DisabledException", `round ${round}`);
      await changer.send(new sdk.EnableKeyCommand({ KeyId: one }));
      await everywhere((kms) => encrypt(kms, one!));

      const target = round % 2 === 0 ? two! : one!;
      await changer.send(new sdk.UpdateAliasCommand({ AliasName: "alias/moving", TargetKeyId: target }));
      for (const { KeyId } of await everywhere((kms) => encrypt(kms, "alias/moving")))
        assert.equal(KeyId, target, `round ${round}`);

      if (round % 3 !== 0) continue;
      const { Arn } = await newKey(changer);
      const AliasName = `alias/new-${round}`;
      await changer.send(new sdk.CreateAliasCommand({ AliasName, TargetKeyId: Arn }));
      const sealed = await everywhere((kms) => encrypt(kms, AliasName));
      await changer.send(new sdk.DeleteAliasCommand({ AliasName }));
      for (const { name } of await everywhere((kms) => failure(encrypt(kms, AliasName))))
        assert.equal(name, "NotFoundException");
      await changer.send(new sdk.ScheduleKeyDeletionCommand({ KeyId: Arn }));
      for (const { name } of await everywhere((kms) =>
        failure(kms.send(new sdk.DecryptCommand({ CiphertextBlob: sealed[0]!.CiphertextBlob }))),
      ))
        assert.equal(name, "KMSInvalidStateException");
    }

    for (const KeyId of [one!, two!]) {
      const old = await everywhere((kms) => encrypt(kms, KeyId));
      const seen = new Set<string>();
      for (let round = 0; round < 25; round++) {
        await clients[round % clients.length]!.send(new sdk.RotateKeyOnDemandCommand({ KeyId }));
        const made = await everywhere((kms) => kms.send(new sdk.GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256" })));
        const ids = new Set(made.map(({ KeyMaterialId }) => KeyMaterialId!));
        assert.equal(ids.size, 1, "one material is in use everywhere");
        const [id] = ids as unknown as [string];
        assert.ok(!seen.has(id), "and it is the new one");
        seen.add(id);
        const elsewhere = clients[(round + 1) % clients.length]!;
        const opened = await elsewhere.send(new sdk.DecryptCommand({ CiphertextBlob: made[0]!.CiphertextBlob }));
        assert.deepEqual(opened.Plaintext, made[0]!.Plaintext);
        assert.equal(opened.KeyMaterialId, id);
      }
      for (const { CiphertextBlob } of old)
        await everywhere((kms) => kms.send(new sdk.DecryptCommand({ CiphertextBlob })));
    }

    for (const operation of ["Encrypt", "DisableKey", "GenerateDataKey"]) {
      const answered = answeredBy(server, operation);
      assert.deepEqual(new Set(answered.keys()), new Set(pids), `every worker answered ${operation}`);
      t.diagnostic(`${operation}: ${[...answered.values()].join(" + ")}`);
    }
    await server.stop();
  });
}

test("/metrics tells the sum of all workers, whichever is asked", async () => {
  const server = await ServerProcess.start(join(directory, "metrics"), ["--workers", "3", "--log-level", "debug"]);
  const total = (text: string, series: string) =>
    Number(
      text
        .split("\n")
        .find((line) => line.startsWith(series))
        ?.split(" ")
        .at(-1) ?? 0,
    );
  const clients = Array.from({ length: 6 }, () => server.client());
  await Promise.all(
    clients.map(async (kms, i) => {
      for (let n = 0; n <= i; n++) await kms.send(new sdk.ListKeysCommand({}));
      await failure(encrypt(kms, "alias/none"));
    }),
  );
  assert.equal(answeredBy(server, "ListKeys").size, 3);
  const texts = await Promise.all(Array.from({ length: 6 }, () => get(`${server.endpoint}/metrics`)));
  for (const text of texts) {
    assert.equal(total(text, 'strongroom_requests_total{operation="ListKeys",error="none"}'), 21);
    assert.equal(total(text, 'strongroom_requests_total{operation="Encrypt",error="NotFoundException"}'), 6);
    assert.equal(total(text, 'strongroom_request_duration_seconds_count{operation="ListKeys"}'), 21);
  }
  await server.stop();
});

test("SIGTERM to the primary, and SIGINT to all as Ctrl-C sends it: status 0, nobody is left", async () => {
  const data = join(directory, "signals");
  for (const signal of ["SIGTERM", "SIGINT", "SIGINT"] as const) {
    const server = await ServerProcess.start(data, ["--workers", "3"], { detached: true });
    const pids = [server.pid, ...childrenOf(server.pid)];
    assert.equal(pids.length, 4);
    await newKey(server.client());
    if (signal === "SIGINT") process.kill(-server.pid, signal);
    assert.deepEqual(await server.kill(signal), { code: 0, signal: null }, server.stderr);
    assert.deepEqual(pids.filter(isRunning), []);
    assert.doesNotMatch(server.stderr, /a worker died/);
  }
});

test("kill -9 of the primary: its workers end by themselves, and the data can be served anew", async () => {
  const data = join(directory, "primary");
  const server = await ServerProcess.start(data, ["--workers", "2"]);
  const workers = childrenOf(server.pid);
  assert.equal(workers.length, 2);
  const clients = Array.from({ length: 4 }, () => server.client());
  const { KeyId } = await newKey(clients[0]!);
  for (const kms of clients) await encrypt(kms, KeyId!);
  process.kill(server.pid, "SIGKILL");
  await until(() => workers.filter(isRunning).length === 0, "the workers have ended", 5_000);
  await assert.rejects(get(`${server.endpoint}/healthz`), { code: "ECONNREFUSED" });
  assert.deepEqual(await server.kill("SIGKILL"), { code: null, signal: "SIGKILL" });
  const again = await ServerProcess.start(data, ["--workers", "2"]);
  await encrypt(again.client(), KeyId!);
  await again.stop();
});

for (const count of [1, 2]) {
  test(`rotate-domain-key beside a server of ${count} process(es) under load: no request fails`, async (t) => {
    const data = join(directory, `domain-${count}`);
    const args = ["--workers", String(count)];
    const server = await ServerProcess.start(data, args);
    const database = new DatabaseSync(join(data, "strongroom.db"), { readOnly: true });
    const rows = (sql: string) => database.prepare(sql).all();
    const sealed: { keyId: string; blob: Uint8Array }[] = [];
    let stopped = false;
    let answered = 0;
    const load = Promise.all(
      Array.from({ length: 6 }, async () => {
        const kms = server.client();
        while (!stopped) {
          const { KeyId } = await newKey(kms);
          const { CiphertextBlob } = await encrypt(kms, KeyId!);
          sealed.push({ keyId: KeyId!, blob: CiphertextBlob! });
          await kms.send(new sdk.RotateKeyOnDemandCommand({ KeyId }));
          const { Plaintext } = await kms.send(new sdk.DecryptCommand({ CiphertextBlob }));
          assert.deepEqual(Buffer.from(Plaintext!), bytes);
          const older = sealed[Math.floor(Math.random() * sealed.length)]!;
          await kms.send(new sdk.DecryptCommand({ CiphertextBlob: older.blob }));
          await encrypt(kms, older.keyId);
          answered += 6;
        }
      }),
    );
    await until(() => sealed.length >= 50, "there is something to seal anew");
    for (const id of [2, 3]) {
      const rotating = promisify(execFile)(process.execPath, [main, "rotate-domain-key", "--data", data]);
      const before = answered;
      const { stdout } = await Promise.race([rotating, load.then(() => assert.fail("the load has ended"))]);
      assert.match(stdout, new RegExp(`^domain key ${id} is in use; \\d+ materials and secrets were sealed anew\n$`));
      assert.ok(answered > before, "requests were answered meanwhile");
    }
    const behind = () =>
      Number(
        rows(
          "SELECT (SELECT count(*) FROM material WHERE domain_key <> 3) + (SELECT count(*) FROM access_key WHERE domain_key <> 3) AS n",
        )[0]!.n,
      );
    // What was being sealed just then is sealed anew within the jobs' interval.
    const late = behind();
    const waited = await until(() => behind() === 0, "everything is under the new domain key", 12_000);
    stopped = true;
    await load;
    assert.deepEqual(
      rows("SELECT id FROM domain_key ORDER BY id").map(({ id }) => id),
      [1, 2, 3],
    );
    const clients = Array.from({ length: 2 * count }, () => server.client());
    for (const kms of clients) await newKey(kms);
    assert.equal(behind(), 0, "new keys are under it from the start");
    const assertOpens = async (server: ServerProcess) => {
      const clients = Array.from({ length: 2 * count }, () => server.client());
      await Promise.all(
        clients.map(async (kms, i) => {
          for (const { blob, keyId } of sealed.filter((_, n) => n % clients.length === i)) {
            const opened = await kms.send(new sdk.DecryptCommand({ CiphertextBlob: blob }));
            assert.deepEqual(Buffer.from(opened.Plaintext!), bytes);
            assert.equal(opened.KeyId!.split("/")[1], keyId);
          }
        }),
      );
    };
    await assertOpens(server);
    database.close();
    assert.doesNotMatch(server.stderr, /"level":50/, "no error was logged");
    await server.stop();
    const again = await ServerProcess.start(data, args);
    await assertOpens(again);
    await again.stop();
    t.diagnostic(
      `${answered} requests during it, ${sealed.length} keys; ${late} rows behind, for ${Math.round(waited)} ms`,
    );
  });
}
