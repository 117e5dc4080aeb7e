import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as sdk from "@aws-sdk/client-kms";
import { recordsIn } from "../audit/journal.ts";
import { A, B, makeWorld, policy, type World } from "../authorization/world.ts";

/** GetKeyLastUsage names the record of the use: reference/kms-operations.md §15. */

let world: World;
let a: sdk.KMSClient;
let b: sdk.KMSClient;
before(async () => {
  world = await makeWorld();
  a = world.kms(world.rootOf.A);
  b = world.kms(world.rootOf.B);
});
after(() => world.stop());

const Plaintext = Buffer.from("text");
const open = (owner: string) =>
  policy(
    { Effect: "Allow", Principal: { AWS: owner }, Action: "kms:*", Resource: "*" },
    { Effect: "Allow", Principal: { AWS: [A, B] }, Action: ["kms:Encrypt", "kms:ReEncrypt*"], Resource: "*" },
  );

async function newKey(owner: sdk.KMSClient, Policy?: string): Promise<string> {
  return (await owner.send(new sdk.CreateKeyCommand({ ...(Policy && { Policy }) }))).KeyMetadata?.Arn as string;
}

const lastUsage = async (owner: sdk.KMSClient, KeyId: string) =>
  (await owner.send(new sdk.GetKeyLastUsageCommand({ KeyId }))).KeyLastUsage as sdk.KeyLastUsageData;

/** By the account that has each, the ids of a request's records. */
function eventIds(requestId: string | undefined): Record<string, string> {
  const records = recordsIn(world.server.data).filter(({ requestID }) => requestID === requestId);
  const ids = records.map(({ recipientAccountId, eventID }) => [recipientAccountId, eventID] as const);
  assert.equal(new Set(ids.map(([, id]) => id)).size, ids.length, "each record has an id of its own");
  return Object.fromEntries(ids);
}

test("the last use of a key, with the ids of its request and of its record", async () => {
  const KeyId = await newKey(a);
  assert.deepEqual(await lastUsage(a, KeyId), {});
  for (const command of [
    new sdk.EncryptCommand({ KeyId, Plaintext }),
    new sdk.GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256" }),
  ] as sdk.EncryptCommand[]) {
    const { $metadata } = await a.send(command);
    const { Timestamp, ...last } = await lastUsage(a, KeyId);
    assert.ok(Timestamp instanceof Date);
    assert.deepEqual(last, {
      Operation: command.constructor.name.replace("Command", ""),
      CloudTrailEventId: eventIds($metadata.requestId)[A],
      KmsRequestId: $metadata.requestId,
    });
  }
});

test("an account is told of its own record, whoever used its key", async () => {
  const KeyId = await newKey(a, open(A));
  const { $metadata } = await b.send(new sdk.EncryptCommand({ KeyId, Plaintext }));
  const ids = eventIds($metadata.requestId);
  assert.deepEqual(Object.keys(ids).sort(), [A, B]);
  assert.equal((await lastUsage(a, KeyId)).CloudTrailEventId, ids[A]);
});

test("ReEncrypt is a use of both keys, each by its account's record", async () => {
  const own = await newKey(a, open(A));
  const theirs = await newKey(b, open(B));
  const { CiphertextBlob } = await a.send(new sdk.EncryptCommand({ KeyId: own, Plaintext }));
  const across = await a.send(new sdk.ReEncryptCommand({ CiphertextBlob, DestinationKeyId: theirs }));
  const ids = eventIds(across.$metadata.requestId);
  assert.deepEqual(Object.keys(ids).sort(), [A, B]);
  assert.equal((await lastUsage(a, own)).CloudTrailEventId, ids[A]);
  assert.equal((await lastUsage(b, theirs)).CloudTrailEventId, ids[B]);
  const within = await a.send(new sdk.ReEncryptCommand({ CiphertextBlob, DestinationKeyId: own }));
  assert.equal((await lastUsage(a, own)).CloudTrailEventId, eventIds(within.$metadata.requestId)[A]);
});
