import assert from "node:assert/strict";
import {
  constants,
  createHash,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  publicEncrypt,
  verify,
} from "node:crypto";
import { after, before, describe, test } from "node:test";
import * as sdk from "@aws-sdk/client-kms";
import { failure, startTestServer, type TestServer } from "../harness.ts";

/**
 * Every key spec in every usage, with every algorithm of the API: what fits works, all else is refused. The table is the
 * reference's (reference/kms-operations.md §4), written down once more.
 */
const RSA_SIGNING = [
  "RSASSA_PKCS1_V1_5_SHA_256",
  "RSASSA_PKCS1_V1_5_SHA_384",
  "RSASSA_PKCS1_V1_5_SHA_512",
  "RSASSA_PSS_SHA_256",
  "RSASSA_PSS_SHA_384",
  "RSASSA_PSS_SHA_512",
];
const RSA = { ENCRYPT_DECRYPT: ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"], SIGN_VERIFY: RSA_SIGNING };
const table: Record<string, Record<string, string[]>> = {
  RSA_2048: RSA,
  RSA_3072: RSA,
  RSA_4096: RSA,
  ECC_NIST_P256: { SIGN_VERIFY: ["ECDSA_SHA_256"], KEY_AGREEMENT: ["ECDH"] },
  ECC_NIST_P384: { SIGN_VERIFY: ["ECDSA_SHA_384"], KEY_AGREEMENT: ["ECDH"] },
  ECC_NIST_P521: { SIGN_VERIFY: ["ECDSA_SHA_512"], KEY_AGREEMENT: ["ECDH"] },
  ECC_NIST_EDWARDS25519: { SIGN_VERIFY: ["ED25519_SHA_512", "ED25519_PH_SHA_512"] },
  ECC_SECG_P256K1: { SIGN_VERIFY: ["ECDSA_SHA_256"] },
  HMAC_224: { GENERATE_VERIFY_MAC: ["HMAC_SHA_224"] },
  HMAC_256: { GENERATE_VERIFY_MAC: ["HMAC_SHA_256"] },
  HMAC_384: { GENERATE_VERIFY_MAC: ["HMAC_SHA_384"] },
  HMAC_512: { GENERATE_VERIFY_MAC: ["HMAC_SHA_512"] },
  ML_DSA_44: { SIGN_VERIFY: ["ML_DSA_SHAKE_256"] },
  ML_DSA_65: { SIGN_VERIFY: ["ML_DSA_SHAKE_256"] },
  ML_DSA_87: { SIGN_VERIFY: ["ML_DSA_SHAKE_256"] },
  ML_KEM_512: { ENCAPSULATE_DECAPSULATE: ["ML_KEM"] },
  ML_KEM_768: { ENCAPSULATE_DECAPSULATE: ["ML_KEM"] },
  ML_KEM_1024: { ENCAPSULATE_DECAPSULATE: ["ML_KEM"] },
  SM2: { ENCRYPT_DECRYPT: ["SM2PKE"], SIGN_VERIFY: ["SM2DSA"], KEY_AGREEMENT: ["ECDH"] },
};
const USAGES = ["ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT", "ENCAPSULATE_DECAPSULATE"];
const SIGNING = [
  ...RSA_SIGNING,
  "ECDSA_SHA_256",
  "ECDSA_SHA_384",
  "ECDSA_SHA_512",
  "ED25519_SHA_512",
  "ED25519_PH_SHA_512",
  "ML_DSA_SHAKE_256",
  "SM2DSA",
];
const ENCRYPTION = ["SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"];
const MACS = ["HMAC_SHA_224", "HMAC_SHA_256", "HMAC_SHA_384", "HMAC_SHA_512"];

let server: TestServer;
let kms: sdk.KMSClient;
/** SM2 is there in Regions in China alone. */
let china: sdk.KMSClient;
before(async () => {
  server = await startTestServer();
  kms = server.client();
  china = server.client({ region: "cn-north-1" });
});
after(() => server.stop());

const clientFor = (spec: string) => (spec === "SM2" ? china : kms);

async function newKey(spec: string, usage: string): Promise<{ id: string; metadata: sdk.KeyMetadata }> {
  const { KeyMetadata } = await clientFor(spec).send(
    new sdk.CreateKeyCommand({ KeySpec: spec as sdk.KeySpec, KeyUsage: usage as sdk.KeyUsageType }),
  );
  return { id: KeyMetadata!.KeyId!, metadata: KeyMetadata! };
}

const digestLength = (algorithm: string) =>
  algorithm === "ED25519_PH_SHA_512" ? 64 : Number(/\d+$/.exec(algorithm)?.[0]) / 8;

/** Which message types an algorithm takes. */
function takes(algorithm: string, type: string): boolean {
  if (algorithm === "ED25519_SHA_512") return type === "RAW";
  if (algorithm === "ED25519_PH_SHA_512") return type === "DIGEST";
  return algorithm === "ML_DSA_SHAKE_256" ? type !== "DIGEST" : type !== "EXTERNAL_MU";
}

const messageOf = (algorithm: string, type: string) =>
  type === "EXTERNAL_MU"
    ? Buffer.alloc(64, 7)
    : type === "DIGEST"
      ? Buffer.alloc(digestLength(algorithm) || 32, 7)
      : Buffer.from("message");

for (const [spec, usages] of Object.entries(table)) {
  describe(spec, () => {
    test("takes its usages and no others", async () => {
      for (const usage of USAGES) {
        if (usage in usages) continue;
        assert.deepEqual(await failure(newKey(spec, usage)), {
          name: "ValidationException",
          message: `KeyUsage ${usage} is not compatible with KeySpec ${spec}`,
          status: 400,
        });
      }
    });

    for (const [usage, algorithms] of Object.entries(usages)) {
      test(`${usage}: its algorithms and no others`, async () => {
        const kms = clientFor(spec);
        const { id: KeyId, metadata } = await newKey(spec, usage);
        const { Arn } = metadata;
        assert.deepEqual([metadata.KeySpec, metadata.CustomerMasterKeySpec, metadata.KeyUsage], [spec, spec, usage]);
        const listed = [
          metadata.EncryptionAlgorithms,
          metadata.SigningAlgorithms,
          metadata.MacAlgorithms,
          metadata.KeyAgreementAlgorithms,
          metadata.EncapsulationAlgorithms,
        ].filter((list) => list !== undefined);
        assert.deepEqual(listed, [algorithms]);
        assert.equal(metadata.CurrentKeyMaterialId, undefined);
        const wrongUsage = (operation: string) => ({
          name: "InvalidKeyUsageException",
          message: `${Arn} key usage is ${usage} which is not valid for ${operation}.`,
          status: 400,
        });
        const wrongAlgorithm = (algorithm: string) => ({
          name: "InvalidKeyUsageException",
          message: `Algorithm ${algorithm} is incompatible with key spec ${spec}.`,
          status: 400,
        });

        for (const algorithm of ENCRYPTION) {
          const EncryptionAlgorithm = algorithm as sdk.EncryptionAlgorithmSpec;
          const encrypt = kms.send(
            new sdk.EncryptCommand({ KeyId, Plaintext: Buffer.from("text"), EncryptionAlgorithm }),
          );
          if (usage !== "ENCRYPT_DECRYPT") assert.deepEqual(await failure(encrypt), wrongUsage("Encrypt"));
          else if (!algorithms.includes(algorithm)) assert.deepEqual(await failure(encrypt), wrongAlgorithm(algorithm));
          else {
            const { CiphertextBlob } = await encrypt;
            const opened = await kms.send(new sdk.DecryptCommand({ KeyId, CiphertextBlob, EncryptionAlgorithm }));
            assert.equal(Buffer.from(opened.Plaintext!).toString(), "text");
            assert.deepEqual(
              [opened.KeyId, opened.EncryptionAlgorithm, opened.KeyMaterialId],
              [Arn, algorithm, undefined],
            );
          }
        }
        for (const algorithm of SIGNING) {
          for (const type of ["RAW", "DIGEST", "EXTERNAL_MU"]) {
            const MessageType = type as sdk.MessageType;
            const SigningAlgorithm = algorithm as sdk.SigningAlgorithmSpec;
            const Message = messageOf(algorithm, type);
            const request = { KeyId, Message, MessageType, SigningAlgorithm };
            const sign = kms.send(new sdk.SignCommand(request));
            if (usage !== "SIGN_VERIFY") assert.deepEqual(await failure(sign), wrongUsage("Sign"));
            else if (!algorithms.includes(algorithm)) assert.deepEqual(await failure(sign), wrongAlgorithm(algorithm));
            else if (!takes(algorithm, type)) assert.equal((await failure(sign)).name, "ValidationException");
            else {
              const { Signature } = await sign;
              const verified = await kms.send(new sdk.VerifyCommand({ ...request, Signature }));
              assert.deepEqual([verified.SignatureValid, verified.KeyId], [true, Arn]);
              const forged = Buffer.from(Signature!);
              forged[forged.length - 1]! ^= 1;
              assert.deepEqual(await failure(kms.send(new sdk.VerifyCommand({ ...request, Signature: forged }))), {
                name: "KMSInvalidSignatureException",
                message: "UnknownError",
                status: 400,
              });
            }
          }
        }
        for (const algorithm of MACS) {
          const MacAlgorithm = algorithm as sdk.MacAlgorithmSpec;
          const request = { KeyId, Message: Buffer.from("message"), MacAlgorithm };
          const mac = kms.send(new sdk.GenerateMacCommand(request));
          if (usage !== "GENERATE_VERIFY_MAC") assert.deepEqual(await failure(mac), wrongUsage("GenerateMac"));
          else if (!algorithms.includes(algorithm)) assert.deepEqual(await failure(mac), wrongAlgorithm(algorithm));
          else {
            const { Mac } = await mac;
            assert.equal(Mac!.length, Number(algorithm.slice(-3)) / 8);
            assert.equal((await kms.send(new sdk.VerifyMacCommand({ ...request, Mac }))).MacValid, true);
            for (const wrong of [
              Buffer.from(Mac!).fill(0, 0, 1),
              Mac!.subarray(1),
              Buffer.concat([Mac!, Buffer.of(0)]),
            ]) {
              const refused = await failure(kms.send(new sdk.VerifyMacCommand({ ...request, Mac: wrong })));
              assert.equal(refused.name, "KMSInvalidMacException");
            }
          }
        }
        const peer = generateKeyPairSync("ec", { namedCurve: "prime256v1" }).publicKey.export({
          format: "der",
          type: "spki",
        });
        const derive = { KeyId, KeyAgreementAlgorithm: "ECDH" as const, PublicKey: peer };
        if (usage !== "KEY_AGREEMENT") {
          assert.deepEqual(
            await failure(kms.send(new sdk.DeriveSharedSecretCommand(derive))),
            wrongUsage("DeriveSharedSecret"),
          );
        }
        const encapsulate = kms.send(new sdk.EncapsulateCommand({ KeyId, EncapsulationAlgorithm: "ML_KEM" }));
        if (usage !== "ENCAPSULATE_DECAPSULATE")
          assert.deepEqual(await failure(encapsulate), wrongUsage("Encapsulate"));
        else {
          const { SharedSecret, SharedSecretCiphertextBlob } = await encapsulate;
          assert.equal(SharedSecret!.length, 32);
          const back = await kms.send(
            new sdk.DecapsulateCommand({ KeyId, SharedSecretCiphertextBlob, EncapsulationAlgorithm: "ML_KEM" }),
          );
          assert.deepEqual(back.SharedSecret, SharedSecret);
          const other = Buffer.from(SharedSecretCiphertextBlob!);
          other[0]! ^= 1;
          const implicit = await kms.send(
            new sdk.DecapsulateCommand({ KeyId, SharedSecretCiphertextBlob: other, EncapsulationAlgorithm: "ML_KEM" }),
          );
          assert.notDeepEqual(implicit.SharedSecret, SharedSecret);
          const short = kms.send(
            new sdk.DecapsulateCommand({
              KeyId,
              SharedSecretCiphertextBlob: other.subarray(1),
              EncapsulationAlgorithm: "ML_KEM",
            }),
          );
          assert.equal((await failure(short)).name, "InvalidCiphertextException");
        }
        const dataKey = await failure(kms.send(new sdk.GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256" })));
        assert.equal(dataKey.name, "InvalidKeyUsageException");
        const publicKey = kms.send(new sdk.GetPublicKeyCommand({ KeyId }));
        if (usage === "GENERATE_VERIFY_MAC")
          assert.equal((await failure(publicKey)).name, "UnsupportedOperationException");
        else {
          const found = await publicKey;
          assert.deepEqual([found.KeyId, found.KeySpec, found.KeyUsage], [Arn, spec, usage]);
          assert.ok(createPublicKey({ key: Buffer.from(found.PublicKey!), format: "der", type: "spki" }));
        }
        for (const rotate of [
          new sdk.EnableKeyRotationCommand({ KeyId }),
          new sdk.DisableKeyRotationCommand({ KeyId }),
          new sdk.RotateKeyOnDemandCommand({ KeyId }),
        ]) {
          assert.equal(
            (await failure(kms.send(rotate as sdk.EnableKeyRotationCommand))).name,
            "UnsupportedOperationException",
          );
        }
        assert.equal((await kms.send(new sdk.GetKeyRotationStatusCommand({ KeyId }))).KeyRotationEnabled, false);
        assert.deepEqual((await kms.send(new sdk.ListKeyRotationsCommand({ KeyId }))).Rotations, []);
      });
    }
  });
}

describe("what others make of it", () => {
  const publicKeyOf = async (KeyId: string) =>
    createPublicKey({
      key: Buffer.from((await kms.send(new sdk.GetPublicKeyCommand({ KeyId }))).PublicKey!),
      format: "der",
      type: "spki",
    });

  test("RSA signatures verify outside, over messages and over digests", async () => {
    const { id: KeyId } = await newKey("RSA_2048", "SIGN_VERIFY");
    const key = await publicKeyOf(KeyId);
    const message = Buffer.from("over the wire");
    for (const algorithm of RSA_SIGNING) {
      const hash = `sha${algorithm.slice(-3)}`;
      const padding = algorithm.includes("PSS") ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
      const how = { key, padding, saltLength: Number(algorithm.slice(-3)) / 8 };
      const digest = createHash(hash).update(message).digest();
      for (const [MessageType, Message] of [
        ["RAW", message],
        ["DIGEST", digest],
      ] as const) {
        const SigningAlgorithm = algorithm as sdk.SigningAlgorithmSpec;
        const { Signature } = await kms.send(new sdk.SignCommand({ KeyId, Message, MessageType, SigningAlgorithm }));
        assert.ok(
          verify(hash, message, padding === constants.RSA_PKCS1_PADDING ? { key, padding } : how, Signature!),
          algorithm,
        );
      }
      const wrong = kms.send(
        new sdk.SignCommand({
          KeyId,
          Message: digest.subarray(1),
          MessageType: "DIGEST",
          SigningAlgorithm: algorithm as sdk.SigningAlgorithmSpec,
        }),
      );
      assert.deepEqual(await failure(wrong), {
        name: "ValidationException",
        message: `Digest is invalid length for algorithm ${algorithm}.`,
        status: 400,
      });
    }
  });

  test("ECDSA, Ed25519 and ML-DSA signatures verify outside", async () => {
    const message = Buffer.from("over the wire");
    for (const [spec, algorithm, hash] of [
      ["ECC_NIST_P256", "ECDSA_SHA_256", "sha256"],
      ["ECC_NIST_P384", "ECDSA_SHA_384", "sha384"],
      ["ECC_NIST_P521", "ECDSA_SHA_512", "sha512"],
      ["ECC_SECG_P256K1", "ECDSA_SHA_256", "sha256"],
      ["ECC_NIST_EDWARDS25519", "ED25519_SHA_512", null],
      ["ML_DSA_65", "ML_DSA_SHAKE_256", null],
    ] as const) {
      const { id: KeyId } = await newKey(spec, "SIGN_VERIFY");
      const key = await publicKeyOf(KeyId);
      const forms = hash === null ? (["RAW"] as const) : (["RAW", "DIGEST"] as const);
      for (const MessageType of forms) {
        const Message = MessageType === "RAW" ? message : createHash(hash!).update(message).digest();
        const { Signature } = await kms.send(
          new sdk.SignCommand({ KeyId, Message, MessageType, SigningAlgorithm: algorithm }),
        );
        assert.ok(verify(hash, message, key, Signature!), `${spec} ${MessageType}`);
      }
    }
  });

  test("ciphertext made outside decrypts, up to the size that fits", async () => {
    const { id: KeyId } = await newKey("RSA_2048", "ENCRYPT_DECRYPT");
    const key = await publicKeyOf(KeyId);
    for (const [EncryptionAlgorithm, oaepHash, limit] of [
      ["RSAES_OAEP_SHA_1", "sha1", 214],
      ["RSAES_OAEP_SHA_256", "sha256", 190],
    ] as const) {
      const plaintext = Buffer.alloc(limit, 5);
      const CiphertextBlob = publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, plaintext);
      const opened = await kms.send(new sdk.DecryptCommand({ KeyId, CiphertextBlob, EncryptionAlgorithm }));
      assert.deepEqual(Buffer.from(opened.Plaintext!), plaintext);
      for (const at of [0, 100, 255]) {
        const damaged = Buffer.from(CiphertextBlob);
        damaged[at]! ^= 1;
        const refused = await failure(
          kms.send(new sdk.DecryptCommand({ KeyId, CiphertextBlob: damaged, EncryptionAlgorithm })),
        );
        assert.deepEqual(refused, {
          name: "InvalidCiphertextException",
          message: "UnknownError",
          status: 400,
        });
      }
      const tooLong = kms.send(
        new sdk.EncryptCommand({ KeyId, Plaintext: Buffer.alloc(limit + 1), EncryptionAlgorithm }),
      );
      assert.deepEqual(await failure(tooLong), {
        name: "ValidationException",
        message: `Algorithm ${EncryptionAlgorithm} and key spec RSA_2048 cannot encrypt data larger than ${limit} bytes.`,
        status: 400,
      });
      const context = { KeyId, Plaintext: Buffer.from("x"), EncryptionAlgorithm, EncryptionContext: { a: "b" } };
      assert.equal((await failure(kms.send(new sdk.EncryptCommand(context)))).name, "ValidationException");
    }
  });

  test("ReEncrypt between symmetric and RSA keys, both ways", async () => {
    const { KeyMetadata } = await kms.send(new sdk.CreateKeyCommand({}));
    const symmetric = KeyMetadata!.KeyId!;
    const { id: rsa } = await newKey("RSA_3072", "ENCRYPT_DECRYPT");
    const { CiphertextBlob } = await kms.send(
      new sdk.EncryptCommand({ KeyId: symmetric, Plaintext: Buffer.from("text") }),
    );
    const there = await kms.send(
      new sdk.ReEncryptCommand({
        CiphertextBlob,
        DestinationKeyId: rsa,
        DestinationEncryptionAlgorithm: "RSAES_OAEP_SHA_256",
      }),
    );
    assert.equal(there.DestinationKeyMaterialId, undefined);
    const back = await kms.send(
      new sdk.ReEncryptCommand({
        CiphertextBlob: there.CiphertextBlob,
        SourceKeyId: rsa,
        SourceEncryptionAlgorithm: "RSAES_OAEP_SHA_256",
        DestinationKeyId: symmetric,
      }),
    );
    const opened = await kms.send(new sdk.DecryptCommand({ CiphertextBlob: back.CiphertextBlob }));
    assert.equal(Buffer.from(opened.Plaintext!).toString(), "text");
  });

  test("ECDH agrees with the other side, and refuses what is no point of its curve", async () => {
    for (const [spec, namedCurve, size] of [
      ["ECC_NIST_P256", "prime256v1", 32],
      ["ECC_NIST_P384", "secp384r1", 48],
      ["ECC_NIST_P521", "secp521r1", 66],
    ] as const) {
      const { id: KeyId } = await newKey(spec, "KEY_AGREEMENT");
      const peer = generateKeyPairSync("ec", { namedCurve });
      const PublicKey = peer.publicKey.export({ format: "der", type: "spki" });
      const derived = await kms.send(
        new sdk.DeriveSharedSecretCommand({ KeyId, KeyAgreementAlgorithm: "ECDH", PublicKey }),
      );
      assert.equal(derived.SharedSecret!.length, size);
      assert.equal(derived.KeyOrigin, "AWS_KMS");
      const expected = diffieHellman({ privateKey: peer.privateKey, publicKey: await publicKeyOf(KeyId) });
      assert.deepEqual(Buffer.from(derived.SharedSecret!), expected);
      const offCurve = Buffer.from(PublicKey);
      offCurve[offCurve.length - 1]! ^= 1;
      const otherCurve = generateKeyPairSync("ec", { namedCurve: "secp256k1" }).publicKey.export({
        format: "der",
        type: "spki",
      });
      const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({ format: "der", type: "spki" });
      for (const wrong of [offCurve, otherCurve, rsa, PublicKey.subarray(1), Buffer.from("x")]) {
        const refused = await failure(
          kms.send(new sdk.DeriveSharedSecretCommand({ KeyId, KeyAgreementAlgorithm: "ECDH", PublicKey: wrong })),
        );
        assert.deepEqual(refused, { name: "ValidationException", message: "UnknownError", status: 400 });
      }
    }
  });

  test("data key pairs of every spec, whose private key comes back from its ciphertext", async () => {
    for (const spec of Object.keys(table).filter((name) => !/^(HMAC|ML_DSA)/.test(name))) {
      const kms = clientFor(spec);
      const { KeyMetadata } = await kms.send(new sdk.CreateKeyCommand({}));
      const KeyId = KeyMetadata!.KeyId!;
      const request = { KeyId, KeyPairSpec: spec as sdk.DataKeyPairSpec, EncryptionContext: { a: "b" } };
      const pair = await kms.send(new sdk.GenerateDataKeyPairCommand(request));
      assert.deepEqual([pair.KeyPairSpec, pair.KeyMaterialId], [spec, KeyMetadata!.CurrentKeyMaterialId]);
      const { PrivateKeyCiphertextBlob: CiphertextBlob } = pair;
      const opened = await kms.send(new sdk.DecryptCommand({ CiphertextBlob, EncryptionContext: { a: "b" } }));
      assert.deepEqual(opened.Plaintext, pair.PrivateKeyPlaintext);
      const without = await kms.send(new sdk.GenerateDataKeyPairWithoutPlaintextCommand(request));
      assert.equal("PrivateKeyPlaintext" in without, false);
      assert.ok(createPublicKey({ key: Buffer.from(without.PublicKey!), format: "der", type: "spki" }));
    }
  });

  test("an alias moves only among keys of one type and usage", async () => {
    const first = await newKey("ECC_NIST_P256", "SIGN_VERIFY");
    const second = await newKey("RSA_2048", "SIGN_VERIFY");
    const agreement = await newKey("ECC_NIST_P256", "KEY_AGREEMENT");
    const AliasName = "alias/signer";
    await kms.send(new sdk.CreateAliasCommand({ AliasName, TargetKeyId: first.id }));
    await kms.send(new sdk.UpdateAliasCommand({ AliasName, TargetKeyId: second.id }));
    const refused = await failure(kms.send(new sdk.UpdateAliasCommand({ AliasName, TargetKeyId: agreement.id })));
    assert.equal(refused.name, "ValidationException");
  });
});
