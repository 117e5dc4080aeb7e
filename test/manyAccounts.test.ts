import assert from "node:assert/strict";
import { after, test } from "node:test";
import { CreateKeyCommand, DescribeKeyCommand, type KMSClient, ListKeysCommand } from "@aws-sdk/client-kms";
import { newAccount, rootAccessKey } from "../src/iam/account.ts";
import { uniqueId } from "../src/iam/entities.ts";
import { startTestServer, type TestServer } from "./harness.ts";

const ACCOUNTS = 10_000;
const ROUNDS = 300;

const servers: TestServer[] = [];
after(async () => {
  for (const server of servers) await server.stop();
});

/** A server with this many accounts more, made in one transaction; how their roots sign. */
async function serverWith(accounts: number) {
  const server = await startTestServer();
  servers.push(server);
  const { store, hsm, clock } = server.service.iam;
  const credentials = await store.transaction(async (transaction) => {
    const made: { accessKeyId: string; secretAccessKey: string }[] = [];
    for (let i = 0; i < accounts; i++) {
      const account = String(300_000_000_000 + i);
      const accessKeyId = uniqueId("accessKey");
      const { secret, wrapped } = hsm.newAccessKeySecret(accessKeyId);
      await transaction.putAccount(newAccount(account, "", clock()));
      await transaction.putAccessKey(rootAccessKey(accessKeyId, account, wrapped, clock()));
      made.push({ accessKeyId, secretAccessKey: secret });
    }
    return made;
  });
  return { server, credentials };
}

/** Milliseconds, of the one in the middle: what else the machine does at times does not count. */
async function median(calls: readonly (() => Promise<unknown>)[]): Promise<number> {
  const times: number[] = [];
  for (const call of calls) {
    const started = performance.now();
    await call();
    times.push(performance.now() - started);
  }
  return times.sort((a, b) => a - b)[times.length >> 1] as number;
}

const rounds = (call: () => Promise<unknown>) => Array.from({ length: ROUNDS }, () => call);
const list = (client: KMSClient) => () => client.send(new ListKeysCommand({}));

async function describing(client: KMSClient): Promise<() => Promise<unknown>> {
  const { KeyMetadata } = await client.send(new CreateKeyCommand({}));
  return () => client.send(new DescribeKeyCommand({ KeyId: KeyMetadata!.KeyId! }));
}

test(`a server with ${ACCOUNTS} accounts answers as fast as one with one, whoever asks`, async (t) => {
  const one = await serverWith(0);
  const many = await serverWith(ACCOUNTS);
  const alone = one.server.client();
  const first = many.server.client();
  const other = many.server.client({ credentials: many.credentials[ACCOUNTS >> 1]! });
  const [describeAlone, describeFirst, describeOther] = await Promise.all([alone, first, other].map(describing));
  await median([...rounds(describeAlone!), ...rounds(describeFirst!), ...rounds(describeOther!)]); // let the compiler warm up
  const figures = {
    "DescribeKey, one account": await median(rounds(describeAlone!)),
    "DescribeKey, the first of many": await median(rounds(describeFirst!)),
    "DescribeKey, another of many": await median(rounds(describeOther!)),
    "ListKeys, one account": await median(rounds(list(alone))),
    "ListKeys, another of many": await median(rounds(list(other))),
    // Read from the store, secret opened, signing key derived: on a connection of their own, so that only that differs.
    "ListKeys, each time the first request of another account": await median(
      many.credentials.slice(0, ROUNDS).map((credentials) => {
        const client = many.server.client({ credentials, requestHandler: other.config.requestHandler });
        return list(client);
      }),
    ),
  };
  for (const [what, time] of Object.entries(figures)) t.diagnostic(`${what}: ${time.toFixed(3)} ms`);
  const bound = (base: number) => 3 * base + 1;
  assert.ok(figures["DescribeKey, the first of many"] < bound(figures["DescribeKey, one account"]));
  assert.ok(figures["DescribeKey, another of many"] < bound(figures["DescribeKey, one account"]));
  assert.ok(figures["ListKeys, another of many"] < bound(figures["ListKeys, one account"]));
  assert.ok(
    figures["ListKeys, each time the first request of another account"] < 2 * bound(figures["ListKeys, one account"]),
  );
});
