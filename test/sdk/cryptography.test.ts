import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GenerateRandomCommand,
  type KMSClient,
  ReEncryptCommand,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import { failure, startTestServer, type TestServer } from "../harness.ts";

let server: TestServer;
let kms: KMSClient;
let key: { id: string; arn: string };
let other: { id: string; arn: string };
const alias = "alias/crypto";

async function newKey() {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  return { id: KeyMetadata!.KeyId!, arn: KeyMetadata!.Arn! };
}

before(async () => {
  server = await startTestServer();
  kms = server.client();
  key = await newKey();
  other = await newKey();
  await kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: key.id }));
});
after(() => server.stop());

const bytes = (length: number) => Buffer.alloc(length, "strongroom");
const encrypt = async (plaintext: Uint8Array, context?: Record<string, string>, keyId = key.id) =>
  (await kms.send(new EncryptCommand({ KeyId: keyId, Plaintext: plaintext, EncryptionContext: context })))
    .CiphertextBlob!;
const decrypt = (blob: Uint8Array, context?: Record<string, string>, keyId?: string) =>
  kms.send(new DecryptCommand({ CiphertextBlob: blob, EncryptionContext: context, KeyId: keyId }));

test("Encrypt and Decrypt: 1 to 4,096 bytes", async () => {
  for (const length of [1, 2, 31, 32, 4095, 4096]) {
    const blob = await encrypt(bytes(length));
    assert.ok(blob.length <= 6144);
    const { Plaintext, KeyId, EncryptionAlgorithm, KeyMaterialId } = await decrypt(blob);
    assert.deepEqual(Buffer.from(Plaintext!), bytes(length));
    assert.equal(KeyId, key.arn);
    assert.equal(EncryptionAlgorithm, "SYMMETRIC_DEFAULT");
    assert.match(KeyMaterialId!, /^[0-9a-f]{64}$/);
  }
  assert.equal((await failure(encrypt(bytes(0)))).name, "ValidationException");
  assert.deepEqual(await failure(encrypt(bytes(4097))), {
    name: "ValidationException",
    message:
      "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4096",
    status: 400,
  });
});

test("Encrypt answers with the key's ARN, whichever of the four forms names it", async () => {
  for (const form of [key.id, key.arn, alias, `arn:aws:kms:us-east-1:000000000000:${alias}`]) {
    const output = await kms.send(new EncryptCommand({ KeyId: form, Plaintext: bytes(3) }));
    assert.equal(output.KeyId, key.arn);
    assert.equal(output.EncryptionAlgorithm, "SYMMETRIC_DEFAULT");
    assert.deepEqual(Buffer.from((await decrypt(output.CiphertextBlob!, undefined, form)).Plaintext!), bytes(3));
  }
});

test("the same plaintext never encrypts to the same ciphertext", async () => {
  const blobs = await Promise.all(Array.from({ length: 50 }, () => encrypt(bytes(8))));
  assert.equal(new Set(blobs.map((blob) => Buffer.from(blob).toString("base64"))).size, 50);
});

test("encryption context: order is free, all else is not; none and empty are the same", async () => {
  const blob = await encrypt(bytes(8), { a: "1", B: "2", é: "🔑" });
  await decrypt(blob, { é: "🔑", B: "2", a: "1" });
  const others: (Record<string, string> | undefined)[] = [
    undefined,
    {},
    { a: "1", B: "2" },
    { A: "1", B: "2", é: "🔑" },
    { a: "1", B: "2", é: "🔑", c: "" },
    { a: "2", B: "1", é: "🔑" },
  ];
  for (const context of others) {
    assert.equal((await failure(decrypt(blob, context))).name, "InvalidCiphertextException");
  }
  const bare = await encrypt(bytes(8), {});
  await decrypt(bare);
  await decrypt(bare, {});
  assert.equal((await failure(decrypt(bare, { a: "" }))).name, "InvalidCiphertextException");
  // The boundary between name and value is part of the context.
  assert.equal(
    (await failure(decrypt(await encrypt(bytes(8), { ab: "c" }), { a: "bc" }))).name,
    "InvalidCiphertextException",
  );
  const odd = JSON.parse('{"__proto__":"p","constructor":"c","":"e"}');
  await decrypt(await encrypt(bytes(8), odd), odd);
});

test("a damaged blob is an InvalidCiphertextException, each byte of it, and nothing more is said", async () => {
  const blob = await encrypt(bytes(5), { a: "b" });
  const outcomes = await Promise.all(
    Array.from(blob, (_, i) => {
      const changed = Buffer.from(blob);
      changed[i] = changed[i]! ^ (1 << (i % 8));
      return failure(decrypt(changed, { a: "b" }));
    }),
  );
  for (const [i, outcome] of outcomes.entries()) {
    assert.equal(outcome.name, "InvalidCiphertextException", `byte ${i}`);
    assert.equal(outcome.status, 400);
  }
  const truncated = await Promise.all(
    Array.from(blob, (_, i) => (i === 0 ? 0 : failure(decrypt(blob.subarray(0, i), { a: "b" })))),
  );
  for (const outcome of truncated.slice(1))
    assert.equal((outcome as { name: string }).name, "InvalidCiphertextException");
  assert.equal(
    (await failure(decrypt(Buffer.concat([blob, Buffer.from([0])]), { a: "b" }))).name,
    "InvalidCiphertextException",
  );
  const foreign = Buffer.from("AQICAHh6fBrbyFAKEFAKEFAKEFAKEFAKEFAKEFAKEFAKEFAKEFAKEFAKEFAKEFAKEFAKEFAK", "base64");
  assert.equal((await failure(decrypt(foreign))).name, "InvalidCiphertextException");
  assert.equal((await failure(decrypt(Buffer.alloc(6144)))).name, "InvalidCiphertextException");
  assert.equal((await failure(decrypt(Buffer.alloc(6145)))).name, "ValidationException");
  assert.equal((await failure(decrypt(Buffer.alloc(0)))).name, "ValidationException");
});

test("parts of two blobs do not make a third", async () => {
  const [a, b] = [Buffer.from(await encrypt(bytes(8))), Buffer.from(await encrypt(bytes(8), undefined, other.id))];
  for (const at of [63, 79, 91]) {
    for (const mixed of [
      Buffer.concat([a.subarray(0, at), b.subarray(at)]),
      Buffer.concat([b.subarray(0, at), a.subarray(at)]),
    ]) {
      assert.equal((await failure(decrypt(mixed))).name, "InvalidCiphertextException");
    }
  }
});

test("Decrypt with another key than the ciphertext's: IncorrectKeyException", async () => {
  const blob = await encrypt(bytes(8));
  for (const form of [other.id, other.arn]) {
    assert.deepEqual(await failure(decrypt(blob, undefined, form)), {
      name: "IncorrectKeyException",
      message: "The key ID in the request does not identify a CMK that can perform this operation.",
      status: 400,
    });
  }
  assert.equal(
    (await failure(decrypt(blob, undefined, "00000000-0000-4000-8000-000000000000"))).name,
    "NotFoundException",
  );
});

test("Decrypt of what a key that is not here made: AccessDeniedException, without the key's name", async () => {
  const blob = await encrypt(bytes(8));
  const elsewhere = server.client({ region: "eu-central-1" });
  const outcome = await failure(elsewhere.send(new DecryptCommand({ CiphertextBlob: blob })));
  assert.equal(outcome.name, "AccessDeniedException");
  assert.equal(outcome.status, 400);
  assert.match(
    outcome.message,
    /^User: arn:aws:iam::000000000000:root is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext because the resource does not exist in this Region/,
  );
  assert.doesNotMatch(outcome.message, new RegExp(key.id));
});

test("ReEncrypt: to another key, to another context, from the right source alone", async () => {
  const blob = await encrypt(bytes(100), { a: "1" });
  const output = await kms.send(
    new ReEncryptCommand({
      CiphertextBlob: blob,
      SourceEncryptionContext: { a: "1" },
      SourceKeyId: alias,
      DestinationKeyId: other.id,
      DestinationEncryptionContext: { b: "2" },
    }),
  );
  assert.equal(output.SourceKeyId, key.arn);
  assert.equal(output.KeyId, other.arn);
  assert.equal(output.SourceEncryptionAlgorithm, "SYMMETRIC_DEFAULT");
  assert.equal(output.DestinationEncryptionAlgorithm, "SYMMETRIC_DEFAULT");
  assert.match(output.SourceKeyMaterialId!, /^[0-9a-f]{64}$/);
  assert.match(output.DestinationKeyMaterialId!, /^[0-9a-f]{64}$/);
  const opened = await decrypt(output.CiphertextBlob!, { b: "2" });
  assert.deepEqual(Buffer.from(opened.Plaintext!), bytes(100));
  assert.equal(opened.KeyMaterialId, output.DestinationKeyMaterialId);

  const same = await kms.send(
    new ReEncryptCommand({ CiphertextBlob: blob, SourceEncryptionContext: { a: "1" }, DestinationKeyId: key.arn }),
  );
  assert.deepEqual(Buffer.from((await decrypt(same.CiphertextBlob!)).Plaintext!), bytes(100));

  const reEncrypt = (change: object) =>
    failure(
      kms.send(
        new ReEncryptCommand({
          CiphertextBlob: blob,
          SourceEncryptionContext: { a: "1" },
          DestinationKeyId: other.id,
          ...change,
        }),
      ),
    );
  assert.equal((await reEncrypt({ SourceEncryptionContext: {} })).name, "InvalidCiphertextException");
  assert.equal((await reEncrypt({ SourceKeyId: other.id })).name, "IncorrectKeyException");
  assert.equal((await reEncrypt({ DestinationKeyId: "alias/none" })).name, "NotFoundException");
  assert.equal((await reEncrypt({ SourceEncryptionAlgorithm: "RSAES_OAEP_SHA_256" })).name, "InvalidKeyUsageException");
});

test("GenerateDataKey: both lengths and any number of bytes, sealed as promised", async () => {
  for (const [request, length] of [
    [{ KeySpec: "AES_128" }, 16],
    [{ KeySpec: "AES_256" }, 32],
    [{ NumberOfBytes: 1 }, 1],
    [{ NumberOfBytes: 1024 }, 1024],
  ] as const) {
    const { Plaintext, CiphertextBlob, KeyId, KeyMaterialId } = await kms.send(
      new GenerateDataKeyCommand({ KeyId: alias, EncryptionContext: { p: "q" }, ...request }),
    );
    assert.equal(Plaintext!.length, length);
    assert.equal(KeyId, key.arn);
    const opened = await decrypt(CiphertextBlob!, { p: "q" });
    assert.deepEqual(opened.Plaintext, Plaintext);
    assert.equal(opened.KeyMaterialId, KeyMaterialId);
    const without = await kms.send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId: key.arn, ...request }));
    assert.equal((await decrypt(without.CiphertextBlob!)).Plaintext!.length, length);
    assert.equal("Plaintext" in without, false);
    assert.equal(without.KeyId, key.arn);
    assert.match(without.KeyMaterialId!, /^[0-9a-f]{64}$/);
  }
  for (const request of [{}, { KeySpec: "AES_256", NumberOfBytes: 32 }] as const) {
    assert.equal(
      (await failure(kms.send(new GenerateDataKeyCommand({ KeyId: key.id, ...request })))).name,
      "ValidationException",
    );
    assert.equal(
      (await failure(kms.send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId: key.id, ...request })))).name,
      "ValidationException",
    );
  }
  for (const NumberOfBytes of [0, 1025]) {
    assert.match(
      (await failure(kms.send(new GenerateDataKeyCommand({ KeyId: key.id, NumberOfBytes })))).message,
      /'numberOfBytes'/,
    );
  }
  assert.match(
    (await failure(kms.send(new GenerateDataKeyCommand({ KeyId: key.id, KeySpec: "AES_512" as never })))).message,
    /enum value set: \[AES_256, AES_128\]/,
  );
});

test("GenerateRandom", async () => {
  for (const NumberOfBytes of [1, 32, 1024]) {
    assert.equal((await kms.send(new GenerateRandomCommand({ NumberOfBytes }))).Plaintext!.length, NumberOfBytes);
  }
  assert.deepEqual(await failure(kms.send(new GenerateRandomCommand({}))), {
    name: "ValidationException",
    message: "NumberOfBytes is required.",
    status: 400,
  });
  assert.equal(
    (await failure(kms.send(new GenerateRandomCommand({ NumberOfBytes: 0 })))).message,
    "1 validation error detected: Value '0' at 'numberOfBytes' failed to satisfy constraint: Member must have value greater than or equal to 1",
  );
  assert.equal(
    (await failure(kms.send(new GenerateRandomCommand({ NumberOfBytes: 1025 })))).name,
    "ValidationException",
  );
  assert.equal(
    (await failure(kms.send(new GenerateRandomCommand({ NumberOfBytes: 8, CustomKeyStoreId: "cks-1" })))).name,
    "CustomKeyStoreNotFoundException",
  );
});

test("DryRun never succeeds, and fails as the call would", async () => {
  const blob = await encrypt(bytes(8));
  const dry = { DryRun: true, KeyId: key.id };
  for (const command of [
    new EncryptCommand({ ...dry, Plaintext: bytes(1) }),
    new DecryptCommand({ DryRun: true, CiphertextBlob: blob }),
    new GenerateDataKeyCommand({ ...dry, KeySpec: "AES_256" }),
    new GenerateDataKeyWithoutPlaintextCommand({ ...dry, KeySpec: "AES_256" }),
    new ReEncryptCommand({ DryRun: true, CiphertextBlob: blob, DestinationKeyId: other.id }),
    new DecryptCommand({ ...dry, DryRunModifiers: ["IGNORE_CIPHERTEXT"] }),
    new ReEncryptCommand({
      DryRun: true,
      SourceKeyId: key.id,
      DestinationKeyId: other.id,
      DryRunModifiers: ["IGNORE_CIPHERTEXT"],
    }),
  ]) {
    assert.deepEqual(await failure(kms.send(command as EncryptCommand)), {
      name: "DryRunOperationException",
      message: "The request would have succeeded, but the DryRun option is set.",
      status: 400,
    });
  }
  assert.equal(
    (await failure(kms.send(new DecryptCommand({ DryRun: true, CiphertextBlob: blob, EncryptionContext: { no: "" } }))))
      .name,
    "InvalidCiphertextException",
  );
  assert.equal(
    (await failure(kms.send(new DecryptCommand({ DryRun: true, DryRunModifiers: ["IGNORE_CIPHERTEXT"] })))).name,
    "ValidationException",
  );
  assert.equal(
    (await failure(kms.send(new DecryptCommand({ DryRunModifiers: ["IGNORE_CIPHERTEXT"], KeyId: key.id })))).name,
    "ValidationException",
  );
  assert.match((await failure(kms.send(new DecryptCommand({})))).message, /Value null at 'ciphertextBlob'/);
});

test("grant tokens: none has been given, so none is valid", async () => {
  const GrantTokens = ["AQpAM2RhZTk1MGMy"];
  for (const command of [
    new EncryptCommand({ KeyId: key.id, Plaintext: bytes(1), GrantTokens }),
    new DecryptCommand({ CiphertextBlob: await encrypt(bytes(1)), GrantTokens }),
    new DescribeKeyCommand({ KeyId: key.id, GrantTokens }),
    new GenerateDataKeyCommand({ KeyId: key.id, KeySpec: "AES_256", GrantTokens }),
  ]) {
    assert.equal((await failure(kms.send(command as EncryptCommand))).name, "InvalidGrantTokenException");
  }
  assert.equal(
    (
      await failure(
        kms.send(new EncryptCommand({ KeyId: key.id, Plaintext: bytes(1), GrantTokens: Array(11).fill("t") })),
      )
    ).name,
    "ValidationException",
  );
});

test("an algorithm of other keys: InvalidKeyUsageException", async () => {
  const outcome = await failure(
    kms.send(new EncryptCommand({ KeyId: key.id, Plaintext: bytes(1), EncryptionAlgorithm: "RSAES_OAEP_SHA_256" })),
  );
  assert.equal(outcome.name, "InvalidKeyUsageException");
});

test("a key reference that names nothing", async () => {
  const attempt = (KeyId: string) => failure(kms.send(new EncryptCommand({ KeyId, Plaintext: bytes(1) })));
  const absent = "00000000-0000-4000-8000-000000000000";
  assert.deepEqual(await attempt(absent), {
    name: "NotFoundException",
    message: `Key 'arn:aws:kms:us-east-1:000000000000:key/${absent}' does not exist`,
    status: 400,
  });
  assert.equal((await attempt("nonsense")).message, "Invalid keyId 'nonsense'");
  assert.equal((await attempt(key.id.toUpperCase())).name, "NotFoundException");
  assert.equal(
    (await attempt("alias/none")).message,
    "Alias arn:aws:kms:us-east-1:000000000000:alias/none is not found.",
  );
  assert.equal((await attempt(key.arn.replace("us-east-1", "us-west-2"))).message, "Invalid arn us-west-2");
  assert.equal((await attempt(key.arn.replace(":kms:", ":s3:"))).name, "InvalidArnException");
  // Of another account's keys a stranger learns nothing: there or not, the answer is the same.
  assert.equal((await attempt(key.arn.replace("000000000000", "111111111111"))).name, "AccessDeniedException");
});

test("after its key's deletion a ciphertext is dead", async () => {
  const doomed = await newKey();
  const blob = await encrypt(bytes(8), undefined, doomed.id);
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: doomed.id, PendingWindowInDays: 7 }));
  assert.equal((await failure(decrypt(blob))).message, `${doomed.arn} is pending deletion.`);
  server.moveClock(8 * 86_400_000);
  await server.jobs!.runAll();
  assert.equal((await failure(decrypt(blob))).name, "AccessDeniedException");
  assert.equal((await failure(kms.send(new DescribeKeyCommand({ KeyId: doomed.id })))).name, "NotFoundException");
});
