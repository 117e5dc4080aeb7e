import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { AlgorithmSuiteIdentifier, buildClient, KmsKeyringNode } from "@aws-crypto/client-node";
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DisableKeyCommand,
  type KMSClient,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import { failure, startTestServer, type TestServer } from "../harness.ts";
import { exportEnvironment } from "./environment.ts";

/** The AWS Encryption SDK for JavaScript, as it is published, with KMS clients of its own making. */

/** Requires key commitment of what it encrypts and decrypts, which is what the library does by itself. */
const { encrypt, decrypt, encryptStream, decryptStream } = buildClient();
const context = { purpose: "payments", origin: "us-east-1" };

let server: TestServer;
let kms: KMSClient;
before(async () => {
  server = await startTestServer();
  kms = server.client();
  exportEnvironment(server);
});
after(() => server.stop());

const newKey = async () => (await kms.send(new CreateKeyCommand({}))).KeyMetadata!.Arn!;
const discovery = (accountIDs = ["000000000000"]) =>
  new KmsKeyringNode({ discovery: true, discoveryFilter: { accountIDs, partition: "aws" } });
const wrappedBy = ({ encryptedDataKeys }: { encryptedDataKeys: readonly { providerInfo: string }[] }) =>
  encryptedDataKeys.map(({ providerInfo }) => providerInfo);

test("1 MB under two keys: each of them alone decrypts it", async () => {
  const [generatorKeyId, additional] = [await newKey(), await newKey()];
  const keyring = new KmsKeyringNode({ generatorKeyId, keyIds: [additional] });
  const plaintext = randomBytes(1_000_000);
  const { result, messageHeader } = await encrypt(keyring, plaintext, { encryptionContext: context });
  assert.deepEqual(wrappedBy(messageHeader), [generatorKeyId, additional]);
  assert.equal(
    messageHeader.suiteId,
    AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY_ECDSA_P384,
  );
  assert.ok(!result.includes(plaintext.subarray(0, 64)));

  for (const keyId of [generatorKeyId, additional]) {
    const opened = await decrypt(new KmsKeyringNode({ keyIds: [keyId] }), result);
    assert.ok(opened.plaintext.equals(plaintext));
    const { purpose, origin } = opened.messageHeader.encryptionContext;
    assert.deepEqual({ purpose, origin }, context);
  }
  await kms.send(new DisableKeyCommand({ KeyId: generatorKeyId }));
  assert.ok((await decrypt(keyring, result)).plaintext.equals(plaintext), "the additional key is asked next");
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: additional }));
  const { message } = await failure(decrypt(keyring, result));
  assert.match(message, /DisabledException/);
  assert.match(message, /KMSInvalidStateException/);
});

test("streams", async () => {
  const keyring = new KmsKeyringNode({ generatorKeyId: await newKey() });
  const plaintext = randomBytes(200_000);
  const encrypted = await buffer(Readable.from([plaintext]).pipe(encryptStream(keyring, { frameLength: 1024 })));
  const decrypted = await buffer(Readable.from([encrypted]).pipe(decryptStream(keyring)));
  assert.ok(decrypted.equals(plaintext));
});

test("the service refuses a message whose encryption context is another one", async () => {
  const keyring = new KmsKeyringNode({ generatorKeyId: await newKey() });
  const { result } = await encrypt(keyring, "text", { encryptionContext: context });
  const at = result.indexOf("payments");
  assert.ok(at > 0, "the context stands in the header");
  const altered = Buffer.from(result);
  altered.write("payroll!", at);
  const { message } = await failure(decrypt(keyring, altered));
  assert.match(message, /InvalidCiphertextException/);
  assert.equal((await decrypt(keyring, result)).plaintext.toString(), "text");
});

test("discovery: whichever key of the account wrapped the data key", async () => {
  const generatorKeyId = await newKey();
  await kms.send(new CreateAliasCommand({ AliasName: "alias/esdk", TargetKeyId: generatorKeyId }));
  const alias = generatorKeyId.replace(/key\/.*/, "alias/esdk");
  const { result, messageHeader } = await encrypt(new KmsKeyringNode({ generatorKeyId: alias }), "text");
  assert.deepEqual(wrappedBy(messageHeader), [generatorKeyId], "the answer names the key, not the alias");
  assert.equal((await decrypt(discovery(), result)).plaintext.toString(), "text");
  assert.match((await failure(decrypt(discovery(["111122223333"]), result))).message, /unencryptedDataKey/i);
  const stranger = new KmsKeyringNode({ keyIds: [await newKey()] });
  assert.match((await failure(decrypt(stranger, result))).message, /unencryptedDataKey/i);
});
