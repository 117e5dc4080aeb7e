import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  AwsKmsMrkAwareSymmetricDiscoveryKeyringNode,
  buildAwsKmsMrkAwareDiscoveryMultiKeyringNode,
  buildAwsKmsMrkAwareStrictMultiKeyringNode,
  buildClient,
  KMS,
  KmsKeyringNode,
} from "@aws-crypto/client-node";
import {
  CreateKeyCommand,
  DisableKeyCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  UpdatePrimaryRegionCommand,
} from "@aws-sdk/client-kms";
import { failure, startTestServer, type TestServer } from "../harness.ts";
import { exportEnvironment } from "./environment.ts";

/** The AWS Encryption SDK's keyrings that know multi-Region keys: a message of one Region is opened in another. */

const [HERE, THERE, ELSEWHERE] = ["us-east-1", "eu-west-1", "ap-northeast-2"] as const;
const { encrypt, decrypt } = buildClient();
const encryptionContext = { purpose: "backup" };
const discoveryFilter = { accountIDs: ["000000000000"], partition: "aws" };

let server: TestServer;
const made: KMS[] = [];
before(async () => {
  server = await startTestServer();
  exportEnvironment(server);
});
after(async () => {
  for (const client of made) client.destroy();
  await server.stop();
});

const kms = (region: string) => server.client({ region });

/** A primary key here and a replica of it there. */
async function replicated(): Promise<{ here: string; there: string }> {
  const { KeyMetadata } = await kms(HERE).send(new CreateKeyCommand({ MultiRegion: true }));
  const here = KeyMetadata!.Arn!;
  const { ReplicaKeyMetadata } = await kms(HERE).send(new ReplicateKeyCommand({ KeyId: here, ReplicaRegion: THERE }));
  return { here, there: ReplicaKeyMetadata!.Arn! };
}

const strict = (generatorKeyId: string, ...keyIds: string[]) =>
  buildAwsKmsMrkAwareStrictMultiKeyringNode({ generatorKeyId, keyIds });
function discovery(region: string) {
  const client = new KMS({ region });
  made.push(client);
  return new AwsKmsMrkAwareSymmetricDiscoveryKeyringNode({ client, discoveryFilter });
}
const opened = async (keyring: Parameters<typeof decrypt>[0], message: Uint8Array) => {
  const { plaintext, messageHeader } = await decrypt(keyring, message);
  assert.equal(messageHeader.encryptionContext.purpose, "backup");
  return plaintext.toString();
};

test("strict: encrypted under the primary, decrypted under the replica, and the other way round", async () => {
  const { here, there } = await replicated();
  const { result } = await encrypt(strict(here), "text", { encryptionContext });
  assert.equal(await opened(strict(there), result), "text");
  const back = await encrypt(strict(there), "answer", { encryptionContext });
  assert.equal(await opened(strict(here), back.result), "answer");
  const unaware = new KmsKeyringNode({ keyIds: [there] });
  assert.match((await failure(decrypt(unaware, result))).message, /unencryptedDataKey/i);
});

test("strict: a multi-Region key beside a single-Region one", async () => {
  const { here, there } = await replicated();
  const { KeyMetadata } = await kms(ELSEWHERE).send(new CreateKeyCommand({}));
  const single = KeyMetadata!.Arn!;
  const { result, messageHeader } = await encrypt(strict(here, single), "text", { encryptionContext });
  assert.deepEqual(
    messageHeader.encryptedDataKeys.map(({ providerInfo }) => providerInfo),
    [here, single],
  );
  for (const keyId of [here, there, single]) assert.equal(await opened(strict(keyId), result), "text");
});

test("discovery: in a Region with a replica, and in none without", async () => {
  const { here } = await replicated();
  const { result } = await encrypt(strict(here), "text", { encryptionContext });
  for (const region of [HERE, THERE]) assert.equal(await opened(discovery(region), result), "text");
  const { message } = await failure(decrypt(discovery(ELSEWHERE), result));
  assert.match(message, /NotFoundException/);
  assert.ok(message.includes(here.replace(HERE, ELSEWHERE)), "asked for the key by its ARN there");
  const anywhere = buildAwsKmsMrkAwareDiscoveryMultiKeyringNode({ regions: [ELSEWHERE, THERE], discoveryFilter });
  assert.equal(await opened(anywhere, result), "text");
});

test("each Region's key has a state of its own; what it rotates to, all have", async () => {
  const { here, there } = await replicated();
  const old = await encrypt(strict(here), "old", { encryptionContext });
  await kms(HERE).send(new RotateKeyOnDemandCommand({ KeyId: here }));
  const rotated = await encrypt(strict(here), "rotated", { encryptionContext });
  await kms(HERE).send(new DisableKeyCommand({ KeyId: here }));
  assert.match((await failure(decrypt(strict(here), rotated.result))).message, /DisabledException/);
  assert.equal(await opened(strict(there), old.result), "old");
  assert.equal(await opened(strict(there), rotated.result), "rotated");
});

test("the replica becomes the primary, and nobody who encrypts or decrypts is told", async () => {
  const { here, there } = await replicated();
  const { result } = await encrypt(strict(here), "text", { encryptionContext });
  await kms(HERE).send(new UpdatePrimaryRegionCommand({ KeyId: here, PrimaryRegion: THERE }));
  for (const region of [HERE, THERE]) assert.equal(await opened(discovery(region), result), "text");
  const next = await encrypt(strict(here), "next", { encryptionContext });
  assert.equal(await opened(strict(there), next.result), "next");
});
