import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash, generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import * as sdk from "@aws-sdk/client-kms";
import { whyNoOpenssl } from "../clients/awsCli.ts";
import { failure, startTestServer, type TestServer } from "../harness.ts";

let server: TestServer;
let kms: sdk.KMSClient;
let china: sdk.KMSClient;
before(async () => {
  server = await startTestServer();
  kms = server.client();
  china = server.client({ region: "cn-north-1" });
});
after(() => server.stop());

async function newKey(KeyUsage: sdk.KeyUsageType): Promise<string> {
  const { KeyMetadata } = await china.send(new sdk.CreateKeyCommand({ KeySpec: "SM2", KeyUsage }));
  return KeyMetadata!.KeyId!;
}

test("what is encrypted is ASN.1, up to 1024 bytes; a signature under the default identity verifies by its digest", async () => {
  const KeyId = await newKey("ENCRYPT_DECRYPT");
  const Plaintext = Buffer.alloc(1024, 5);
  const encrypt = { KeyId, EncryptionAlgorithm: "SM2PKE" } as const;
  const { CiphertextBlob } = await china.send(new sdk.EncryptCommand({ ...encrypt, Plaintext }));
  assert.deepEqual([CiphertextBlob![0], CiphertextBlob![1]], [0x30, 0x82]);
  const opened = await china.send(new sdk.DecryptCommand({ ...encrypt, CiphertextBlob }));
  assert.deepEqual(Buffer.from(opened.Plaintext!), Plaintext);
  const damaged = Buffer.from(CiphertextBlob!);
  damaged[damaged.length - 1]! ^= 1;
  const refused = await failure(china.send(new sdk.DecryptCommand({ ...encrypt, CiphertextBlob: damaged })));
  assert.deepEqual(refused, { name: "InvalidCiphertextException", message: "UnknownError", status: 400 });
  const tooLong = china.send(new sdk.EncryptCommand({ ...encrypt, Plaintext: Buffer.alloc(1025) }));
  assert.deepEqual(await failure(tooLong), {
    name: "ValidationException",
    message: "Algorithm SM2PKE and key spec SM2 cannot encrypt data larger than 1024 bytes.",
    status: 400,
  });

  const signer = await newKey("SIGN_VERIFY");
  const Message = Buffer.from("over the wire");
  const { PublicKey } = await china.send(new sdk.GetPublicKeyCommand({ KeyId: signer }));
  const { Signature } = await china.send(new sdk.SignCommand({ KeyId: signer, Message, SigningAlgorithm: "SM2DSA" }));
  // GB/T 32918.2 §5.5: identity, the curve's a, b and generator, public key
  const curve =
    "fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93" +
    "32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0";
  const z = createHash("sm3").update(Buffer.of(0, 128)).update("1234567812345678").update(Buffer.from(curve, "hex"));
  const digest = createHash("sm3")
    .update(z.update(PublicKey!.subarray(-64)).digest())
    .update(Message)
    .digest();
  const verify = { KeyId: signer, Signature, MessageType: "DIGEST", SigningAlgorithm: "SM2DSA" } as const;
  const verified = await china.send(new sdk.VerifyCommand({ ...verify, Message: digest }));
  assert.equal(verified.SignatureValid, true);
  const wrong = china.send(
    new sdk.SignCommand({ ...verify, Signature: undefined, Message: digest.subarray(1) } as sdk.SignCommandInput),
  );
  assert.deepEqual(await failure(wrong), {
    name: "ValidationException",
    message: "Digest is invalid length for algorithm SM2DSA.",
    status: 400,
  });
});

test("both sides derive one secret", async () => {
  const [one, other] = [await newKey("KEY_AGREEMENT"), await newKey("KEY_AGREEMENT")];
  const derive = async (KeyId: string, peer: string) => {
    const { PublicKey } = await china.send(new sdk.GetPublicKeyCommand({ KeyId: peer }));
    return china.send(new sdk.DeriveSharedSecretCommand({ KeyId, KeyAgreementAlgorithm: "ECDH", PublicKey }));
  };
  const { SharedSecret } = await derive(one, other);
  assert.equal(SharedSecret!.length, 32);
  assert.deepEqual((await derive(other, one)).SharedSecret, SharedSecret);
  const PublicKey = generateKeyPairSync("ec", { namedCurve: "prime256v1" }).publicKey.export({
    format: "der",
    type: "spki",
  });
  const stranger = new sdk.DeriveSharedSecretCommand({ KeyId: one, KeyAgreementAlgorithm: "ECDH", PublicKey });
  assert.equal((await failure(china.send(stranger))).name, "ValidationException");
});

test("SM2 is made in Regions in China alone: keys, replicas and data key pairs", async () => {
  const unsupported = (message: string) => ({ name: "UnsupportedOperationException", message, status: 400 });
  const create = new sdk.CreateKeyCommand({ KeySpec: "SM2", KeyUsage: "SIGN_VERIFY", MultiRegion: true });
  assert.deepEqual(await failure(kms.send(create)), unsupported("KeySpec SM2 is not supported in this Region."));
  const { KeyMetadata } = await kms.send(new sdk.CreateKeyCommand({}));
  const pair = new sdk.GenerateDataKeyPairCommand({ KeyId: KeyMetadata!.KeyId, KeyPairSpec: "SM2" });
  assert.deepEqual(await failure(kms.send(pair)), unsupported("KeyPairSpec SM2 is not supported in this Region."));
  const primary = await china.send(create);
  const replicate = (ReplicaRegion: string) =>
    china.send(new sdk.ReplicateKeyCommand({ KeyId: primary.KeyMetadata!.KeyId, ReplicaRegion }));
  assert.equal((await replicate("cn-northwest-1")).ReplicaKeyMetadata!.KeySpec, "SM2");
  assert.deepEqual(
    await failure(replicate("eu-west-1")),
    unsupported("ReplicaRegion eu-west-1 is not in the same partition as the primary key's Region cn-north-1."),
  );
});

test("ML-KEM is not there in Regions in China: keys and data key pairs", async () => {
  const { KeyMetadata } = await china.send(new sdk.CreateKeyCommand({}));
  for (const spec of ["ML_KEM_512", "ML_KEM_768", "ML_KEM_1024"] as const) {
    const create = new sdk.CreateKeyCommand({ KeySpec: spec, KeyUsage: "ENCAPSULATE_DECAPSULATE" });
    const unsupported = (what: string) => ({
      name: "UnsupportedOperationException",
      message: `${what} ${spec} is not supported in this Region.`,
      status: 400,
    });
    assert.deepEqual(await failure(china.send(create)), unsupported("KeySpec"));
    const pair = { KeyId: KeyMetadata!.KeyId, KeyPairSpec: spec };
    for (const command of [
      new sdk.GenerateDataKeyPairCommand(pair),
      new sdk.GenerateDataKeyPairWithoutPlaintextCommand(pair),
    ] as sdk.GenerateDataKeyPairCommand[]) {
      assert.deepEqual(await failure(china.send(command)), unsupported("KeyPairSpec"));
    }
    assert.equal((await kms.send(create)).KeyMetadata!.KeySpec, spec);
  }
});

test("key material comes in under an SM2 wrapping key, encrypted by openssl", { skip: whyNoOpenssl() }, async () => {
  const directory = mkdtempSync(join(tmpdir(), "strongroom-sm2-"));
  try {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "SM2" });
    const created = await china.send(
      new sdk.CreateKeyCommand({ KeySpec: "SM2", KeyUsage: "SIGN_VERIFY", Origin: "EXTERNAL" }),
    );
    const KeyId = created.KeyMetadata!.KeyId!;
    const wrapping = { KeyId, WrappingAlgorithm: "SM2PKE", WrappingKeySpec: "SM2" } as const;
    const { PublicKey, ImportToken } = await china.send(new sdk.GetParametersForImportCommand(wrapping));
    const path = (name: string) => join(directory, name);
    writeFileSync(path("wrapping.der"), PublicKey!);
    writeFileSync(path("material.der"), privateKey.export({ type: "pkcs8", format: "der" }));
    const files = ["-inkey", path("wrapping.der"), "-in", path("material.der"), "-out", path("wrapped")];
    const openssl = spawnSync("openssl", ["pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", ...files]);
    assert.equal(openssl.status, 0, String(openssl.stderr));
    const EncryptedKeyMaterial = readFileSync(path("wrapped"));
    const ExpirationModel = "KEY_MATERIAL_DOES_NOT_EXPIRE";
    const material = { KeyId, ImportToken, EncryptedKeyMaterial, ExpirationModel } as const;
    await china.send(new sdk.ImportKeyMaterialCommand(material));
    const signing = { KeyId, Message: Buffer.from("m"), SigningAlgorithm: "SM2DSA" } as const;
    const { Signature } = await china.send(new sdk.SignCommand(signing));
    await china.send(new sdk.VerifyCommand({ ...signing, Signature }));
    EncryptedKeyMaterial[EncryptedKeyMaterial.length - 1]! ^= 1;
    const { name } = await failure(china.send(new sdk.ImportKeyMaterialCommand(material)));
    assert.equal(name, "InvalidCiphertextException");
    const byRsa = { KeyId, WrappingAlgorithm: "RSA_AES_KEY_WRAP_SHA_256", WrappingKeySpec: "RSA_2048" } as const;
    const refusal = await failure(china.send(new sdk.GetParametersForImportCommand(byRsa)));
    assert.equal(refusal.name, "UnsupportedOperationException");
  } finally {
    rmSync(directory, { recursive: true });
  }
});
