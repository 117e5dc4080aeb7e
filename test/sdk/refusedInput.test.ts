import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as sdk from "@aws-sdk/client-kms";
import { recordsIn } from "../audit/journal.ts";
import { failure, startTestServer, type TestServer } from "../harness.ts";

/** The records of requests that the model forbids: which key was tried, and nothing else. */

let server: TestServer;
let kms: sdk.KMSClient;
before(async () => {
  server = await startTestServer();
  kms = server.client();
});
after(() => server.stop());

async function parametersOf(call: Promise<unknown>): Promise<unknown> {
  assert.equal((await failure(call)).name, "ValidationException");
  const record = recordsIn(server.data).at(-1);
  assert.equal(record.errorCode, "ValidationException");
  return record.requestParameters;
}

test("the key is on record, though another member was not valid", async () => {
  const KeyId = "alias/é-tried";
  const Plaintext = Buffer.alloc(5000, "secret");
  const encrypt = kms.send(new sdk.EncryptCommand({ KeyId, Plaintext, EncryptionContext: { a: "b" } }));
  assert.deepEqual(await parametersOf(encrypt), { keyId: KeyId });
  const rotate = kms.send(new sdk.EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 1 }));
  assert.deepEqual(await parametersOf(rotate), { keyId: KeyId });
});

test("nothing is on record of a key that is too long, of none, and of an operation that is about none", async () => {
  const describe = (KeyId: string | undefined) => kms.send(new sdk.DescribeKeyCommand({ KeyId }));
  assert.deepEqual(await parametersOf(describe("k".repeat(2048 + 1))), null);
  assert.deepEqual(await parametersOf(describe(undefined)), null);
  assert.deepEqual(await parametersOf(kms.send(new sdk.GenerateRandomCommand({ NumberOfBytes: 5000 }))), null);
});
