import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { CreateKeyCommand, DescribeKeyCommand, DisableKeyCommand, type KMSClient } from "@aws-sdk/client-kms";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { seedService } from "../src/cli/seeding.ts";
import { failure, startTestServer, type TestServer } from "./harness.ts";
import { ServerProcess } from "./process.ts";

let now = 0;
let server: TestServer;
const other = { accessKeyId: "AKIAOTHERACCOUNT0000", secretAccessKey: "secretOfTheOther" };
before(async () => {
  server = await startTestServer({ quotas: { now: () => now } });
  await seedService(server.service.kms, { accounts: [{ id: "111122223333", accessKeys: [other] }], keys: [] }, "");
});
after(() => server.stop());

const createKey = (client: KMSClient) => client.send(new CreateKeyCommand({}));
const throttled = {
  name: "ThrottlingException",
  message: "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
  status: 400,
};

test("CreateKey: five at once, then one each 200 ms; other operations, Regions and accounts go on", async () => {
  const client = server.client();
  const made = await Promise.all(Array.from({ length: 5 }, () => createKey(client)));
  assert.deepEqual(await failure(createKey(client)), throttled);
  const { KeyId } = made[0]!.KeyMetadata!;
  await client.send(new DescribeKeyCommand({ KeyId }));
  await client.send(new DisableKeyCommand({ KeyId }));
  await createKey(server.client({ region: "eu-west-1" }));
  await createKey(server.client({ credentials: other }));
  now += 200;
  await createKey(client);
  assert.deepEqual(await failure(createKey(client)), throttled);
});

test("clients of AWS take it for what it is, and try again by themselves", async () => {
  now += 1000;
  const client = server.client();
  await Promise.all(Array.from({ length: 5 }, () => createKey(client)));
  const patient = server.client({ maxAttempts: 5 });
  const refill = (error: unknown) => {
    now += 200;
    throw error;
  };
  const refilledOnceRefused = { step: "deserialize", priority: "high" } as const;
  patient.middlewareStack.add((next) => (args) => next(args).catch(refill), refilledOnceRefused);
  const { $metadata } = await createKey(patient);
  assert.equal($metadata.attempts, 2);
});

test("who does not sign well is refused before anything is counted", async () => {
  now += 10_000;
  const client = server.client();
  const forger = server.client({ credentials: { ...server.credentials, secretAccessKey: "wrong" } });
  for (let i = 0; i < 10; i++) assert.equal((await failure(createKey(forger))).name, "InvalidSignatureException");
  await Promise.all(Array.from({ length: 5 }, () => createKey(client)));
});

test("STS: 600 a second", async () => {
  now += 10_000;
  const client = new STSClient({
    endpoint: server.endpoint,
    region: "us-east-1",
    credentials: server.credentials,
    maxAttempts: 1,
  });
  const ask = () => client.send(new GetCallerIdentityCommand({}));
  for (let i = 0; i < 6; i++) await Promise.all(Array.from({ length: 100 }, ask));
  assert.deepEqual(await failure(ask()), { name: "Throttling", message: "Rate exceeded", status: 400 });
  now += 2;
  await ask();
  client.destroy();
});

test("without --quotas there are none", async () => {
  const free = await startTestServer();
  try {
    const client = free.client();
    await Promise.all(Array.from({ length: 50 }, () => createKey(client)));
  } finally {
    await free.stop();
  }
});

test("serve --quotas aws, with workers too", async () => {
  const data = mkdtempSync(join(tmpdir(), "strongroom-quotas-"));
  try {
    for (const args of [[], ["--workers", "2"]]) {
      const process = await ServerProcess.start(data, ["--quotas", "aws", ...args]);
      const outcomes = await Promise.allSettled(Array.from({ length: 60 }, () => createKey(process.client())));
      const refused = outcomes.filter(({ status }) => status === "rejected");
      assert.ok(refused.length > 0 && refused.length <= 55, String(refused.length));
      for (const { reason } of refused as PromiseRejectedResult[]) assert.equal(reason.name, throttled.name);
      await process.stop();
    }
  } finally {
    rmSync(data, { recursive: true });
  }
});
