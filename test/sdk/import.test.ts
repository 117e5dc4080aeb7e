import assert from "node:assert/strict";
import { createHash, createHmac, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { after, before, test } from "node:test";
import * as sdk from "@aws-sdk/client-kms";
import { failure, startTestServer, type TestServer } from "../harness.ts";
import { importInto, wrapped } from "./importing.ts";

/** Imported key material: reference/kms-operations.md §12. */

let server: TestServer;
let kms: sdk.KMSClient;
before(async () => {
  server = await startTestServer();
  kms = server.client();
});
after(() => server.stop());

const DAY = 86_400_000;
const Plaintext = Buffer.from("text");
const direct: readonly sdk.AlgorithmSpec[] = ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"];
const keyWrap: readonly sdk.AlgorithmSpec[] = ["RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256"];

async function newKey(of: sdk.CreateKeyRequest = {}): Promise<{ id: string; arn: string }> {
  const { KeyMetadata } = await kms.send(new sdk.CreateKeyCommand({ ...of, Origin: "EXTERNAL" }));
  assert.equal(KeyMetadata?.KeyState, "PendingImport");
  assert.equal(KeyMetadata?.Enabled, false);
  assert.equal(KeyMetadata?.Origin, "EXTERNAL");
  for (const absent of ["ExpirationModel", "ValidTo", "CurrentKeyMaterialId"] as const) {
    assert.equal(KeyMetadata?.[absent], undefined);
  }
  return { id: KeyMetadata?.KeyId as string, arn: KeyMetadata?.Arn as string };
}

const metadata = async (KeyId: string) =>
  (await kms.send(new sdk.DescribeKeyCommand({ KeyId }))).KeyMetadata as sdk.KeyMetadata;
const state = async (KeyId: string) => (await metadata(KeyId)).KeyState;
const encrypt = async (KeyId: string) =>
  (await kms.send(new sdk.EncryptCommand({ KeyId, Plaintext }))).CiphertextBlob as Uint8Array;
const decrypt = async (CiphertextBlob: Uint8Array) =>
  Buffer.from((await kms.send(new sdk.DecryptCommand({ CiphertextBlob }))).Plaintext as Uint8Array).toString();
const discard = (KeyId: string, KeyMaterialId?: string) =>
  kms.send(new sdk.DeleteImportedKeyMaterialCommand({ KeyId, ...(KeyMaterialId && { KeyMaterialId }) }));
const rotate = (KeyId: string) => kms.send(new sdk.RotateKeyOnDemandCommand({ KeyId }));
const materials = async (KeyId: string) =>
  (await kms.send(new sdk.ListKeyRotationsCommand({ KeyId, IncludeKeyMaterial: "ALL_KEY_MATERIAL" }))).Rotations ?? [];
const states = async (KeyId: string) =>
  (await materials(KeyId)).map(({ KeyMaterialState, ImportState }) => `${KeyMaterialState} ${ImportState}`);

const pendingImport = (arn: string) => ({
  name: "KMSInvalidStateException",
  message: `${arn} is pending import.`,
  status: 400,
});
const refused = (name: string, message = "UnknownError") => ({ name, message, status: 400 });

test("a symmetric key's material from its import to its end, every wrapping of AWS", async () => {
  for (const wrappingKeySpec of ["RSA_2048", "RSA_3072", "RSA_4096"] as const) {
    for (const algorithm of direct) {
      const { id, arn } = await newKey();
      assert.deepEqual(await failure(encrypt(id)), pendingImport(arn));
      const material = randomBytes(32);
      const { KeyId, KeyMaterialId } = await importInto(kms, id, material, { algorithm, wrappingKeySpec });
      assert.equal(KeyId, arn);
      assert.match(KeyMaterialId as string, /^[0-9a-f]{64}$/);
      const imported = await metadata(id);
      assert.deepEqual(
        [
          imported.KeyState,
          imported.Enabled,
          imported.ExpirationModel,
          imported.ValidTo,
          imported.CurrentKeyMaterialId,
        ],
        ["Enabled", true, "KEY_MATERIAL_DOES_NOT_EXPIRE", undefined, KeyMaterialId],
      );
      const blob = await encrypt(id);
      assert.equal(await decrypt(blob), "text");
      const deleted = await discard(id);
      assert.deepEqual([deleted.KeyId, deleted.KeyMaterialId], [arn, KeyMaterialId]);
      const without = await metadata(id);
      assert.deepEqual(
        [without.KeyState, without.ExpirationModel, without.CurrentKeyMaterialId],
        ["PendingImport", undefined, KeyMaterialId],
      );
      assert.deepEqual(await failure(decrypt(blob)), pendingImport(arn));
      assert.deepEqual(await failure(rotate(id)), pendingImport(arn));
      await discard(id); // once more changes nothing
      assert.deepEqual(
        await failure(importInto(kms, id, randomBytes(32))),
        refused("IncorrectKeyMaterialException", "The key material is not one that the key has."),
      );
      assert.equal((await importInto(kms, id, material)).KeyMaterialId, KeyMaterialId);
      assert.equal(await decrypt(blob), "text");
    }
  }
});

/** What imports of each spec must be able to do afterwards, checked against the key outside. */
const pair = (of: () => KeyObject) => of().export({ type: "pkcs8", format: "der" });
const ec = (namedCurve: string) => () => pair(() => generateKeyPairSync("ec", { namedCurve }).privateKey);
const rsa = (modulusLength: number) => () => pair(() => generateKeyPairSync("rsa", { modulusLength }).privateKey);
const secret = (length: number) => () => randomBytes(length);

const specs: [sdk.KeySpec, sdk.KeyUsageType, () => Uint8Array, readonly sdk.AlgorithmSpec[]][] = [
  ["SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", secret(32), direct],
  ["HMAC_224", "GENERATE_VERIFY_MAC", secret(28), direct],
  ["HMAC_256", "GENERATE_VERIFY_MAC", secret(32), direct],
  ["HMAC_384", "GENERATE_VERIFY_MAC", secret(48), direct],
  ["HMAC_512", "GENERATE_VERIFY_MAC", secret(64), direct],
  ["RSA_2048", "SIGN_VERIFY", rsa(2048), keyWrap],
  ["RSA_3072", "ENCRYPT_DECRYPT", rsa(3072), keyWrap],
  ["RSA_4096", "SIGN_VERIFY", rsa(4096), keyWrap],
  ["ECC_NIST_P256", "SIGN_VERIFY", ec("prime256v1"), [...direct, ...keyWrap]],
  ["ECC_NIST_P384", "KEY_AGREEMENT", ec("secp384r1"), [...direct, ...keyWrap]],
  ["ECC_NIST_P521", "SIGN_VERIFY", ec("secp521r1"), keyWrap],
  ["ECC_SECG_P256K1", "SIGN_VERIFY", ec("secp256k1"), [...direct, ...keyWrap]],
  [
    "ECC_NIST_EDWARDS25519",
    "SIGN_VERIFY",
    () => pair(() => generateKeyPairSync("ed25519").privateKey),
    [...direct, ...keyWrap],
  ],
];

for (const [KeySpec, KeyUsage, make, allowed] of specs) {
  test(`${KeySpec}: under ${allowed.join(", ")}, and under nothing else`, async () => {
    const { id, arn } = await newKey({ KeySpec, KeyUsage });
    const material = make();
    for (const WrappingAlgorithm of [...direct, ...keyWrap]) {
      if (allowed.includes(WrappingAlgorithm)) {
        await importInto(kms, id, material, { algorithm: WrappingAlgorithm });
        assert.equal(await state(id), "Enabled");
        continue;
      }
      const parameters = { KeyId: id, WrappingAlgorithm, WrappingKeySpec: "RSA_2048" } as const;
      assert.deepEqual(
        await failure(kms.send(new sdk.GetParametersForImportCommand(parameters))),
        refused(
          "UnsupportedOperationException",
          `WrappingAlgorithm ${WrappingAlgorithm} with WrappingKeySpec RSA_2048 is not supported for key material of KeySpec ${KeySpec}.`,
        ),
      );
    }
    const algorithm = allowed[0] as sdk.AlgorithmSpec;
    for (const [what, wrong] of [
      ["of another size", make().subarray(1)],
      ["another one", make()],
      ["none", randomBytes(33)],
    ] as const) {
      assert.equal(
        (await failure(importInto(kms, id, wrong, { algorithm }))).name,
        "IncorrectKeyMaterialException",
        what,
      );
    }
    assert.equal(await state(id), "Enabled", "what failed changed nothing");
    if (KeySpec === "SYMMETRIC_DEFAULT") return;
    for (const [name, value] of [
      ["ImportType", "NEW_KEY_MATERIAL"],
      ["ImportType", "EXISTING_KEY_MATERIAL"],
      ["KeyMaterialId", "0".repeat(64)],
      ["KeyMaterialDescription", "d"],
    ] as const) {
      assert.deepEqual(
        await failure(importInto(kms, id, material, { algorithm, [name]: value })),
        refused("ValidationException", `${name} can be used only with symmetric encryption KMS keys.`),
      );
    }
    assert.deepEqual(await failure(rotate(id)), refused("UnsupportedOperationException"));
    assert.deepEqual(await materials(id), []);
    assert.equal((await metadata(id)).CurrentKeyMaterialId, undefined);
    await discard(id);
    if (KeySpec.startsWith("HMAC")) {
      const MacAlgorithm = KeySpec.replace("HMAC", "HMAC_SHA") as sdk.MacAlgorithmSpec;
      const generate = () => kms.send(new sdk.GenerateMacCommand({ KeyId: id, Message: Plaintext, MacAlgorithm }));
      assert.deepEqual(await failure(generate()), pendingImport(arn));
      await importInto(kms, id, material, { algorithm });
      const { Mac } = await generate();
      const expected = createHmac(`sha${KeySpec.slice(5)}`, material)
        .update(Plaintext)
        .digest();
      assert.deepEqual(Buffer.from(Mac as Uint8Array), expected);
      return;
    }
    // The public key stays known while the private one is away.
    const { PublicKey } = await kms.send(new sdk.GetPublicKeyCommand({ KeyId: id }));
    await importInto(kms, id, material, { algorithm });
    assert.deepEqual((await kms.send(new sdk.GetPublicKeyCommand({ KeyId: id }))).PublicKey, PublicKey);
  });
}

test("a signature of an imported key is verified outside, and one made outside verifies here", async () => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const { id, arn } = await newKey({ KeySpec: "RSA_2048", KeyUsage: "SIGN_VERIFY" });
  const publicKey = () => kms.send(new sdk.GetPublicKeyCommand({ KeyId: id }));
  assert.deepEqual(await failure(publicKey()), pendingImport(arn));
  const material = privateKey.export({ type: "pkcs8", format: "der" });
  await importInto(kms, id, material, { algorithm: "RSA_AES_KEY_WRAP_SHA_256", wrappingKeySpec: "RSA_4096" });
  const Signature = sign("sha256", Plaintext, privateKey);
  const SigningAlgorithm = "RSASSA_PKCS1_V1_5_SHA_256";
  await kms.send(new sdk.VerifyCommand({ KeyId: id, Message: Plaintext, Signature, SigningAlgorithm }));
  const made = await kms.send(new sdk.SignCommand({ KeyId: id, Message: Plaintext, SigningAlgorithm }));
  assert.deepEqual(Buffer.from(made.Signature as Uint8Array), Signature);
});

test("P-521 fits directly under a longer wrapping key", async () => {
  const { id } = await newKey({ KeySpec: "ECC_NIST_P521", KeyUsage: "SIGN_VERIFY" });
  await importInto(kms, id, ec("secp521r1")(), { wrappingKeySpec: "RSA_3072" });
  assert.equal(await state(id), "Enabled");
});

test("keys that take no import", async () => {
  const own = await kms.send(new sdk.CreateKeyCommand({}));
  const { KeyId, Arn } = own.KeyMetadata as sdk.KeyMetadata;
  const origin = refused(
    "UnsupportedOperationException",
    `${Arn} origin is AWS_KMS which is not valid for this operation.`,
  );
  const parameters = { KeyId, WrappingAlgorithm: "RSAES_OAEP_SHA_256", WrappingKeySpec: "RSA_2048" } as const;
  assert.deepEqual(await failure(kms.send(new sdk.GetParametersForImportCommand(parameters))), origin);
  const material = { KeyId, ImportToken: Plaintext, EncryptedKeyMaterial: Plaintext };
  assert.deepEqual(await failure(kms.send(new sdk.ImportKeyMaterialCommand(material))), origin);
  assert.deepEqual(await failure(discard(KeyId as string)), origin);
  const { id } = await newKey();
  for (const [WrappingAlgorithm, WrappingKeySpec] of [
    ["RSAES_PKCS1_V1_5", "RSA_2048"],
    ["RSAES_OAEP_SHA_256", "SM2"],
    ["SM2PKE", "RSA_2048"],
  ] as const) {
    const { name } = await failure(
      kms.send(new sdk.GetParametersForImportCommand({ KeyId: id, WrappingAlgorithm, WrappingKeySpec })),
    );
    assert.equal(name, "UnsupportedOperationException", WrappingAlgorithm);
  }
  for (const KeySpec of ["ML_DSA_65", "ML_KEM_768"] as const) {
    const KeyUsage = KeySpec === "ML_DSA_65" ? "SIGN_VERIFY" : "ENCAPSULATE_DECAPSULATE";
    assert.deepEqual(
      await failure(kms.send(new sdk.CreateKeyCommand({ KeySpec, KeyUsage, Origin: "EXTERNAL" }))),
      refused("UnsupportedOperationException", `KeySpec ${KeySpec} is not supported for Origin EXTERNAL.`),
    );
  }
});

test("no automatic rotation of imported material", async () => {
  const { id, arn } = await newKey();
  const origin = refused(
    "UnsupportedOperationException",
    `${arn} origin is EXTERNAL which is not valid for this operation.`,
  );
  for (const pending of [true, false]) {
    assert.deepEqual(await failure(kms.send(new sdk.EnableKeyRotationCommand({ KeyId: id }))), origin);
    assert.deepEqual(await failure(kms.send(new sdk.DisableKeyRotationCommand({ KeyId: id }))), origin);
    const status = kms.send(new sdk.GetKeyRotationStatusCommand({ KeyId: id }));
    if (pending) assert.deepEqual(await failure(status), origin);
    else assert.equal((await status).KeyRotationEnabled, false);
    if (pending) await importInto(kms, id, randomBytes(32));
  }
});

test("tokens: of another key, of another time, altered in any part", async () => {
  const [{ id, arn }, other] = [await newKey(), await newKey()];
  const material = randomBytes(32);
  const parameters = () =>
    kms.send(
      new sdk.GetParametersForImportCommand({
        KeyId: id,
        WrappingAlgorithm: "RSAES_OAEP_SHA_256",
        WrappingKeySpec: "RSA_2048",
      }),
    );
  const before = Date.now();
  const [first, second] = [await parameters(), await parameters()];
  assert.equal(first.KeyId, arn);
  const validTo = first.ParametersValidTo?.getTime() ?? 0;
  assert.ok(Math.abs(validTo - before - DAY) < 60_000);
  assert.notDeepEqual(first.PublicKey, second.PublicKey);
  const send = (
    KeyId: string,
    { ImportToken = Buffer.of() }: { ImportToken?: Uint8Array | undefined },
    { PublicKey = Buffer.of() }: { PublicKey?: Uint8Array | undefined },
    change: (encrypted: Buffer) => Uint8Array = (encrypted) => encrypted,
  ) =>
    kms.send(
      new sdk.ImportKeyMaterialCommand({
        KeyId,
        ImportToken,
        EncryptedKeyMaterial: change(wrapped(material, PublicKey, "RSAES_OAEP_SHA_256")),
        ExpirationModel: "KEY_MATERIAL_DOES_NOT_EXPIRE",
      }),
    );
  const invalidToken = refused("InvalidImportTokenException");
  const invalidCiphertext = refused("InvalidCiphertextException");
  assert.deepEqual(await failure(send(other.id, first, first)), invalidToken);
  assert.deepEqual(await failure(send(id, first, second)), invalidCiphertext, "a public key and another's token");
  assert.deepEqual(await failure(send(id, { ImportToken: Buffer.from("token") }, first)), invalidToken);
  assert.deepEqual(await failure(send(id, first, first, (bytes) => bytes.subarray(1))), invalidCiphertext);
  assert.deepEqual(await failure(send(id, first, first, () => Buffer.of(1))), invalidCiphertext);
  const token = Buffer.from(first.ImportToken as Uint8Array);
  for (let at = 0; at < token.length; at += 97) {
    const ImportToken = Buffer.from(token);
    ImportToken[at] = (ImportToken[at] as number) ^ 1;
    assert.deepEqual(await failure(send(id, { ImportToken }, first)), invalidToken, `byte ${at}`);
  }
  for (const at of [0, 1, 100, 200, 255]) {
    const flip = (bytes: Buffer) => {
      bytes[at] = (bytes[at] as number) ^ 1;
      return bytes;
    };
    assert.deepEqual(await failure(send(id, first, first, flip)), invalidCiphertext, `byte ${at}`);
  }
  assert.equal(await state(id), "PendingImport");
  server.moveClock(DAY - 60_000);
  try {
    await send(id, first, first); // the older one is good until its time
    server.moveClock(120_000);
    assert.deepEqual(await failure(send(id, second, second)), refused("ExpiredImportTokenException"));
    server.moveClock(-120_000);
  } finally {
    server.moveClock(60_000 - DAY);
  }
});

test("RSA_AES_KEY_WRAP with a bit changed anywhere", async () => {
  const { id } = await newKey({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });
  const material = ec("prime256v1")();
  for (const at of [0, 255, 256, 260, 300, -1]) {
    const importing = importInto(kms, id, material, {
      algorithm: "RSA_AES_KEY_WRAP_SHA_256",
      alter: ({ EncryptedKeyMaterial: bytes }) =>
        bytes.writeUInt8(bytes.at(at)! ^ 0x10, (at + bytes.length) % bytes.length),
    });
    assert.deepEqual(await failure(importing), refused("InvalidCiphertextException"), `byte ${at}`);
  }
});

test("private keys that are malformed, weak, or points off the curve", async () => {
  const p256 = await newKey({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });
  const rsaKey = await newKey({ KeySpec: "RSA_2048", KeyUsage: "SIGN_VERIFY" });
  const good = Buffer.from(ec("prime256v1")());
  const offCurve = Buffer.from(good);
  offCurve.writeUInt8(offCurve.at(-1)! ^ 1, offCurve.length - 1);
  const zero = Buffer.from(good);
  zero.fill(0, 36, 68);
  for (const [what, id, material] of [
    ["a public key off the curve", p256.id, offCurve],
    ["a zero scalar", p256.id, zero],
    ["trailing bytes", p256.id, Buffer.concat([good, Buffer.of(0)])],
    ["cut short", p256.id, good.subarray(0, -1)],
    ["another curve", p256.id, ec("secp256k1")()],
    ["an RSA key", p256.id, rsa(2048)()],
    ["no DER", p256.id, Buffer.from("-----BEGIN PRIVATE KEY-----")],
    ["a short modulus", rsaKey.id, rsa(1024)()],
    ["a long modulus", rsaKey.id, rsa(3072)()],
    [
      "a small exponent",
      rsaKey.id,
      pair(() => generateKeyPairSync("rsa", { modulusLength: 2048, publicExponent: 3 }).privateKey),
    ],
  ] as const) {
    const refusal = await failure(importInto(kms, id, material, { algorithm: "RSA_AES_KEY_WRAP_SHA_256" }));
    if (what === "a small exponent" && refusal.name === "Error") continue;
    assert.equal(refusal.name, "IncorrectKeyMaterialException", what);
    assert.equal(await state(id), "PendingImport");
  }
});

test("when material expires, at its time, and what must be said of it", async () => {
  const { id, arn } = await newKey();
  const material = randomBytes(32);
  const at = (from: number) => new Date(Math.ceil((Date.now() + from) / 1000) * 1000);
  const invalid = (message: string) => refused("ValidationException", message);
  const expires = { ExpirationModel: "KEY_MATERIAL_EXPIRES" } as const;
  for (const [importing, message] of [
    [{ ...expires }, "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES"],
    [{ ExpirationModel: undefined }, "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES"],
    [{ ...expires, ValidTo: at(-60_000) }, "The validTo date must be in the future."],
    [{ ...expires, ValidTo: at(366 * DAY) }, "The validTo date must be within 365 days from now."],
    [
      { ExpirationModel: "KEY_MATERIAL_DOES_NOT_EXPIRE", ValidTo: at(DAY) } as const,
      "A validTo date cannot be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE",
    ],
  ] as [object, string][]) {
    assert.deepEqual(await failure(importInto(kms, id, material, importing)), invalid(message));
  }
  const ValidTo = at(DAY);
  const { KeyMaterialId } = await importInto(kms, id, material, { ValidTo });
  const imported = await metadata(id);
  assert.deepEqual([imported.ExpirationModel, imported.ValidTo], ["KEY_MATERIAL_EXPIRES", ValidTo]);
  const blob = await encrypt(id);
  await kms.send(new sdk.DisableKeyCommand({ KeyId: id }));
  await kms.send(new sdk.EnableKeyCommand({ KeyId: id }));
  // To the moment, and before any job has come by.
  server.moveClock(ValidTo.getTime() - Date.now() - 2000);
  assert.equal(await decrypt(blob), "text");
  server.moveClock(3000);
  try {
    assert.deepEqual(await failure(decrypt(blob)), pendingImport(arn));
    assert.equal(await state(id), "PendingImport");
    await server.jobs?.runAll();
    assert.deepEqual(await failure(decrypt(blob)), pendingImport(arn));
    assert.deepEqual(await states(id), ["CURRENT PENDING_IMPORT"]);
    // Imported again without an end.
    assert.equal((await importInto(kms, id, material)).KeyMaterialId, KeyMaterialId);
    server.moveClock(400 * DAY);
    await server.jobs?.runAll();
    assert.equal(await decrypt(blob), "text");
    server.moveClock(-400 * DAY);
  } finally {
    server.moveClock(-DAY);
  }
});

test("several materials: new ones wait for a rotation, and all of them are needed", async () => {
  const { id, arn } = await newKey();
  const [one, two, three] = [randomBytes(32), randomBytes(32), randomBytes(32)];
  const isNew = { ImportType: "NEW_KEY_MATERIAL" } as const;
  const first = await importInto(kms, id, one, { KeyMaterialDescription: "from the safe" });
  assert.deepEqual(
    await failure(rotate(id)),
    refused("KMSInvalidStateException", `No available key material pending rotation for the key: ${arn}.`),
  );
  const byFirst = await encrypt(id);
  const second = await importInto(kms, id, two, { ...isNew, ValidTo: new Date(Date.now() + DAY) });
  assert.deepEqual(await states(id), ["CURRENT IMPORTED", "PENDING_ROTATION IMPORTED"]);
  assert.deepEqual(
    (await kms.send(new sdk.ListKeyRotationsCommand({ KeyId: id }))).Rotations,
    [],
    "nothing was rotated yet",
  );
  assert.equal((await metadata(id)).CurrentKeyMaterialId, first.KeyMaterialId);
  const third = createHash("sha256").update(three).digest("hex");
  const waiting = await failure(importInto(kms, id, three, isNew));
  assert.equal(waiting.name, "KMSInvalidStateException");
  assert.match(
    waiting.message,
    new RegExp(
      `^New key material \\(id: [0-9a-f]{64}\\) cannot be imported into KMS key ${arn}, because another key material \\(id: ${second.KeyMaterialId}\\) is pending rotation\\.$`,
    ),
  );
  assert.ok(!waiting.message.includes(third), "an id tells nothing of the material");
  // What waits can be deleted for good, and imported anew.
  await discard(id, second.KeyMaterialId);
  assert.deepEqual(await states(id), ["CURRENT IMPORTED"]);
  assert.equal(await state(id), "Enabled");
  assert.equal((await failure(discard(id, second.KeyMaterialId))).name, "NotFoundException");
  await importInto(kms, id, two, { ...isNew, KeyMaterialDescription: "second" });
  assert.equal((await rotate(id)).KeyId, arn);
  const [older, newer] = await materials(id);
  assert.deepEqual(
    [older?.KeyMaterialState, older?.KeyMaterialDescription, older?.RotationType, older?.ExpirationModel],
    ["NON_CURRENT", "from the safe", undefined, "KEY_MATERIAL_DOES_NOT_EXPIRE"],
  );
  assert.deepEqual(
    [newer?.KeyMaterialState, newer?.KeyMaterialDescription, newer?.RotationType, newer?.KeyMaterialId],
    ["CURRENT", "second", "ON_DEMAND", second.KeyMaterialId],
  );
  const bySecond = await encrypt(id);
  assert.equal(await decrypt(byFirst), "text");
  assert.equal(
    (await kms.send(new sdk.DecryptCommand({ CiphertextBlob: byFirst }))).KeyMaterialId,
    first.KeyMaterialId,
  );
  assert.equal(
    (await kms.send(new sdk.DecryptCommand({ CiphertextBlob: bySecond }))).KeyMaterialId,
    second.KeyMaterialId,
  );
  // With any of them away the whole key waits.
  await discard(id, first.KeyMaterialId);
  assert.deepEqual(await states(id), ["NON_CURRENT PENDING_IMPORT", "CURRENT IMPORTED"]);
  assert.deepEqual(await failure(decrypt(bySecond)), pendingImport(arn));
  await discard(id);
  await importInto(kms, id, one, { KeyMaterialId: first.KeyMaterialId });
  assert.equal(await state(id), "PendingImport");
  assert.deepEqual(
    await failure(importInto(kms, id, two, { KeyMaterialId: first.KeyMaterialId })),
    refused("IncorrectKeyMaterialException", `The key material is not that of KeyMaterialId ${first.KeyMaterialId}.`),
  );
  await importInto(kms, id, two, { ImportType: "EXISTING_KEY_MATERIAL" });
  assert.equal(await decrypt(byFirst), "text");
  assert.equal((await materials(id))[0]?.KeyMaterialDescription, "from the safe", "kept when none is given");
  assert.deepEqual(
    await failure(importInto(kms, id, one, isNew)),
    refused("IncorrectKeyMaterialException", "The key has this key material already."),
  );
  assert.deepEqual(
    await failure(importInto(kms, id, three, { ...isNew, KeyMaterialId: first.KeyMaterialId })),
    refused("ValidationException", "You cannot specify a KeyMaterialId with ImportType NEW_KEY_MATERIAL."),
  );
});

test("what waits for its rotation and expires goes for good", async () => {
  const { id } = await newKey();
  await importInto(kms, id, randomBytes(32));
  await importInto(kms, id, randomBytes(32), {
    ImportType: "NEW_KEY_MATERIAL",
    ValidTo: new Date(Date.now() + DAY),
  });
  server.moveClock(2 * DAY);
  try {
    await server.jobs?.runAll();
    assert.deepEqual(await states(id), ["CURRENT IMPORTED"]);
    assert.equal(await state(id), "Enabled");
  } finally {
    server.moveClock(-2 * DAY);
  }
});

test("deletion: material can go meanwhile, and the key comes back waiting for it", async () => {
  const { id } = await newKey();
  const material = randomBytes(32);
  await importInto(kms, id, material);
  await kms.send(new sdk.ScheduleKeyDeletionCommand({ KeyId: id }));
  await discard(id);
  assert.equal(await state(id), "PendingDeletion");
  await kms.send(new sdk.CancelKeyDeletionCommand({ KeyId: id }));
  assert.equal(await state(id), "PendingImport");
  await importInto(kms, id, material);
  await kms.send(new sdk.ScheduleKeyDeletionCommand({ KeyId: id }));
  await kms.send(new sdk.CancelKeyDeletionCommand({ KeyId: id }));
  assert.equal(await state(id), "Disabled");
});

test("material survives a restart, and one that is away stays away", async () => {
  const own = await startTestServer();
  const { data } = own;
  const client = own.client();
  const make = async () =>
    (await client.send(new sdk.CreateKeyCommand({ Origin: "EXTERNAL" }))).KeyMetadata?.KeyId as string;
  const [kept, gone] = [await make(), await make()];
  const material = randomBytes(32);
  await importInto(client, kept, material);
  const { CiphertextBlob } = await client.send(new sdk.EncryptCommand({ KeyId: kept, Plaintext }));
  await importInto(client, gone, material);
  await client.send(new sdk.DeleteImportedKeyMaterialCommand({ KeyId: gone }));
  const parameters = { KeyId: gone, WrappingAlgorithm: "RSAES_OAEP_SHA_1", WrappingKeySpec: "RSA_2048" } as const;
  const { ImportToken, PublicKey } = await client.send(new sdk.GetParametersForImportCommand(parameters));
  await own.close();
  const again = await startTestServer({ data });
  const after = again.client();
  await after.send(new sdk.DecryptCommand({ CiphertextBlob }));
  assert.equal((await after.send(new sdk.DescribeKeyCommand({ KeyId: gone }))).KeyMetadata?.KeyState, "PendingImport");
  await after.send(
    new sdk.ImportKeyMaterialCommand({
      KeyId: gone,
      ImportToken,
      EncryptedKeyMaterial: wrapped(material, PublicKey as Uint8Array, "RSAES_OAEP_SHA_1"),
      ExpirationModel: "KEY_MATERIAL_DOES_NOT_EXPIRE",
    }),
  );
  await after.send(new sdk.EncryptCommand({ KeyId: gone, Plaintext }));
  await again.stop();
  await own.stop().catch(() => undefined);
});
