import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { CloudTrailClient, LookupEventsCommand } from "@aws-sdk/client-cloudtrail";
import { CreateKeyCommand, EncryptCommand, GenerateRandomCommand } from "@aws-sdk/client-kms";
import { pino } from "pino";
import { startTestServer } from "../harness.ts";
import { childrenOf, credentialsOf, ServerProcess, until } from "../process.ts";
import { strongroom } from "./strongroom.ts";

const directory = mkdtempSync(join(tmpdir(), "strongroom-workers-audit-"));
after(() => rmSync(directory, { recursive: true, force: true }));

const ROUNDS = 40;
const DAY = 86_400_000;

/** With a connection of its own, which stays with one worker. */
function trailClient(server: ServerProcess): CloudTrailClient {
  return new CloudTrailClient({
    endpoint: server.endpoint,
    region: "us-east-1",
    credentials: credentialsOf(server.data),
    maxAttempts: 1,
    requestHandler: { httpAgent: { keepAlive: true, maxSockets: 1 } },
  });
}

test("with workers, LookupEvents has what was answered just before, whichever worker answered", async (t) => {
  const server = await ServerProcess.start(join(directory, "lookup"), ["--workers", "2", "--log-level", "debug"]);
  const pids = childrenOf(server.pid);
  const kms = Array.from({ length: 3 }, () => server.client());
  const trails = Array.from({ length: 3 }, () => trailClient(server));
  t.after(() => trails.forEach((client) => void client.destroy()));
  const { KeyMetadata } = await kms[0]!.send(new CreateKeyCommand({}));
  const newest = async (client: CloudTrailClient) => {
    const [event] = (
      await client.send(
        new LookupEventsCommand({
          LookupAttributes: [{ AttributeKey: "EventName", AttributeValue: "Encrypt" }],
          MaxResults: 1,
        }),
      )
    ).Events!;
    return event && JSON.parse(event.CloudTrailEvent!).requestID;
  };
  // The first lookup starts what indexes.
  const encrypt = (i: number) =>
    kms[i % kms.length]!.send(new EncryptCommand({ KeyId: KeyMetadata!.KeyId, Plaintext: Buffer.from("text") }));
  await encrypt(0);
  await until(async () => (await newest(trails[0]!)) !== undefined, "what indexes has begun");
  let missed = 0;
  let longest = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const { $metadata } = await encrypt(round);
    const started = performance.now();
    // A machine that has other things to do may take longer than an answer waits.
    if ((await newest(trails[(round >> 1) % trails.length]!)) !== $metadata.requestId) missed++;
    longest = Math.max(longest, performance.now() - started);
  }
  t.diagnostic(`${missed} of ${ROUNDS} missed; the longest answer took ${Math.round(longest)} ms`);
  assert.ok(missed <= ROUNDS / 10, `${missed} of ${ROUNDS} missed`);
  for (const operation of ["LookupEvents", "Encrypt"]) {
    const answering = server.stderr.split("\n").filter((line) => line.includes(`"operation":"${operation}"`));
    assert.deepEqual(new Set(answering.map((line) => JSON.parse(line).pid)), new Set(pids), operation);
  }
  // Nor does an answer wait for ever for a primary that does nothing.
  server.child.kill("SIGSTOP");
  try {
    const started = performance.now();
    assert.notEqual(await newest(trails[0]!), undefined);
    const waited = performance.now() - started;
    assert.ok(waited > 150 && waited < 5_000, `${waited}`);
  } finally {
    server.child.kill("SIGCONT");
  }
  await server.stop();
});

test("fewer workers than before: what the others wrote is compressed and expires, and verification agrees", async () => {
  const data = join(directory, "fewer");
  const server = await ServerProcess.start(data, ["--workers", "3"]);
  await Promise.all(
    Array.from({ length: 9 }, () => server.client().send(new GenerateRandomCommand({ NumberOfBytes: 1 }))),
  );
  await server.stop();
  const segments = (stream: string) =>
    readdirSync(join(data, "audit", stream)).filter((name) => name.includes(".jsonl"));
  const streams = ["01", "02", "03"];
  for (const stream of streams) assert.equal(segments(stream).length, 1, stream);
  let moved = DAY;
  const alone = await startTestServer({
    data,
    clock: () => Date.now() + moved,
    auditRetention: { maxAge: 90 * DAY },
    log: pino({ level: "silent" }),
  });
  const runAll = async () => {
    await alone.jobs!.runAll();
    await alone.jobs!.runAll();
  };
  await runAll();
  for (const stream of streams) {
    assert.deepEqual(
      segments(stream).map((name) => name.endsWith(".gz")),
      [true, false],
      stream,
    );
  }
  const verified = () => strongroom(["audit", "verify", "--data", data]);
  const { code, stdout } = await verified();
  assert.equal(code, 0, stdout);
  const events = [...stdout.matchAll(/^journal, stream 0[123]: (\d+) events valid/gm)].map(([, count]) => count);
  assert.equal(events.length, 3, stdout);
  assert.equal(
    events.reduce((sum, count) => sum + Number(count), 0),
    9,
  );
  moved += 91 * DAY;
  await runAll();
  const later = await verified();
  assert.equal(later.code, 0, later.stdout);
  for (const stream of streams) {
    assert.match(
      later.stdout,
      new RegExp(`^journal, stream ${stream}: 0 events valid.*; expired up to entry \\d+`, "m"),
    );
  }
  await alone.stop();
});
