import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import * as sdk from "@aws-sdk/client-kms";
import { startTestServer, type TestServer } from "../harness.ts";
import { importInto } from "./importing.ts";

/** When a key of imported materials expires: reference/kms-operations.md §6, and KeyMetadata in the model. */

let server: TestServer;
let kms: sdk.KMSClient;
before(async () => {
  server = await startTestServer();
  kms = server.client();
});
after(() => server.stop());

const DAY = 86_400_000;
const inDays = (days: number) => new Date((Math.floor(Date.now() / 1000) + (days * DAY) / 1000) * 1000);

async function newKey(of: sdk.CreateKeyRequest = {}): Promise<string> {
  const { KeyMetadata } = await kms.send(new sdk.CreateKeyCommand({ ...of, Origin: "EXTERNAL" }));
  return KeyMetadata?.KeyId as string;
}

async function expiry(KeyId: string) {
  const { KeyMetadata } = await kms.send(new sdk.DescribeKeyCommand({ KeyId }));
  return [KeyMetadata?.ExpirationModel, KeyMetadata?.ValidTo];
}

const EXPIRES = "KEY_MATERIAL_EXPIRES";
const DOES_NOT = "KEY_MATERIAL_DOES_NOT_EXPIRE";

test("a key expires when the first of its materials does, whichever is current", async () => {
  const id = await newKey();
  const [one, two] = [randomBytes(32), randomBytes(32)];
  const [early, late] = [inDays(1), inDays(9)];
  const first = await importInto(kms, id, one, { ValidTo: early });
  assert.deepEqual(await expiry(id), [EXPIRES, early]);
  const isNew = { ImportType: "NEW_KEY_MATERIAL" } as const;
  await importInto(kms, id, two, { ...isNew, ValidTo: new Date(early.getTime() - 60_000) });
  assert.deepEqual(await expiry(id), [EXPIRES, early], "what waits for its rotation is not the key's yet");
  await importInto(kms, id, two, isNew);
  await kms.send(new sdk.RotateKeyOnDemandCommand({ KeyId: id }));
  assert.deepEqual(await expiry(id), [EXPIRES, early], "the current one does not expire, the former does");
  await importInto(kms, id, two, { ValidTo: late });
  assert.deepEqual(await expiry(id), [EXPIRES, early]);
  await kms.send(new sdk.DeleteImportedKeyMaterialCommand({ KeyId: id, KeyMaterialId: first.KeyMaterialId }));
  assert.deepEqual(await expiry(id), [EXPIRES, late], "what is away does not expire");
  await importInto(kms, id, one);
  assert.deepEqual(await expiry(id), [EXPIRES, late]);
  await importInto(kms, id, two);
  assert.deepEqual(await expiry(id), [DOES_NOT, undefined]);
});

test("without material there is nothing to expire; nor in a key that AWS KMS made", async () => {
  const id = await newKey({ KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC" });
  assert.deepEqual(await expiry(id), [undefined, undefined]);
  const ValidTo = inDays(1);
  await importInto(kms, id, randomBytes(32), { ValidTo });
  assert.deepEqual(await expiry(id), [EXPIRES, ValidTo]);
  await kms.send(new sdk.DeleteImportedKeyMaterialCommand({ KeyId: id }));
  assert.deepEqual(await expiry(id), [undefined, undefined]);
  const { KeyMetadata } = await kms.send(new sdk.CreateKeyCommand({}));
  assert.deepEqual(await expiry(KeyMetadata?.KeyId as string), [undefined, undefined]);
});
