import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  randomBytes,
} from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { AttachUserPolicyCommand, CreatePolicyCommand, CreateUserCommand } from "@aws-sdk/client-iam";
import * as sdk from "@aws-sdk/client-kms";
import { recordsIn } from "../audit/journal.ts";
import { failure, startTestServer, type TestServer } from "../harness.ts";
import { accessKey, iamClient } from "../iam/client.ts";
import {
  certificate,
  enclaveFields,
  flaws,
  type Hypervisor,
  hypervisor,
  nitroTpmFields,
  pcrs,
  signed,
  spki,
} from "./attesting.ts";
import { openEnvelope } from "./envelopedData.ts";

const account = "000000000000";
const all = { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: "kms:*", Resource: "*" };
const REFUSED = "The attestation document in Recipient cannot be verified: ";
const noOpenssl = spawnSync("openssl", ["version"]).error ? "no openssl command here" : false;
const enclave = generateKeyPairSync("rsa", { modulusLength: 2048 });
const Plaintext = randomBytes(100);
let nitro: Hypervisor;
let folder: string;
let server: TestServer;
let kms: sdk.KMSClient;
let KeyId: string;
let CiphertextBlob: Uint8Array;

before(async () => {
  nitro = await hypervisor();
  folder = mkdtempSync(join(tmpdir(), "strongroom-recipient-"));
  const other = await certificate({ ca: true });
  const attestationRoot = join(folder, "roots.pem");
  writeFileSync(attestationRoot, [other, nitro.root].map((root) => pem(root.certificate)).join("\n"));
  server = await startTestServer({ attestationRoot });
  kms = server.client();
  KeyId = await newKey({});
  ({ CiphertextBlob } = (await kms.send(new sdk.EncryptCommand({ KeyId, Plaintext }))) as {
    CiphertextBlob: Uint8Array;
  });
});
after(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

function pem(der: Buffer): string {
  return `-----BEGIN CERTIFICATE-----\n${der.toString("base64")}\n-----END CERTIFICATE-----\n`;
}

async function newKey(options: sdk.CreateKeyRequest, ...statements: object[]): Promise<string> {
  const Policy = statements.length === 0 ? undefined : JSON.stringify({ Version: "2012-10-17", Statement: statements });
  const { KeyMetadata } = await kms.send(
    new sdk.CreateKeyCommand({ ...options, Policy, BypassPolicyLockoutSafetyCheck: Policy !== undefined }),
  );
  return KeyMetadata!.KeyId!;
}

const recipient = (AttestationDocument: Uint8Array): sdk.RecipientInfo => ({
  KeyEncryptionAlgorithm: "RSAES_OAEP_SHA_256",
  AttestationDocument,
});
/** Of an enclave, valid, with these fields changed. */
const attested = (changes: Readonly<Record<string, unknown>> = {}): sdk.RecipientInfo => {
  const fields = enclaveFields(nitro, enclave.publicKey);
  for (const [name, value] of Object.entries(changes)) fields.set(name, value);
  return recipient(signed(fields, nitro.leaf));
};
const open = (sealed: Uint8Array | undefined) => openEnvelope(sealed!, enclave.privateKey);
const decrypt = (Recipient?: sdk.RecipientInfo, more: sdk.DecryptRequest = {}) =>
  kms.send(new sdk.DecryptCommand({ CiphertextBlob, Recipient, ...more }));
/** The members of an answer; the SDK leaves out what is absent. */
const members = (answer: object) =>
  Object.entries(answer)
    .filter(([name, value]) => name !== "$metadata" && value !== undefined)
    .map(([name]) => name)
    .sort();

test("Decrypt", async () => {
  const answer = await decrypt(attested());
  assert.deepEqual(members(answer), ["CiphertextForRecipient", "EncryptionAlgorithm", "KeyId"]);
  assert.ok(open(answer.CiphertextForRecipient).equals(Plaintext));
  const [record] = recordsIn(server.data).filter(({ requestID }) => requestID === answer.$metadata.requestId);
  assert.deepEqual(Object.keys(record.additionalEventData), ["recipient"]);
  const told = record.additionalEventData.recipient;
  assert.deepEqual(Object.keys(told), ["attestationDocumentModuleId", "attestationDocumentEnclaveImageDigest"]);
  assert.match(told.attestationDocumentEnclaveImageDigest, /^[0-9a-f]{96}$/);
  const plain = await decrypt();
  assert.deepEqual(members(plain), ["EncryptionAlgorithm", "KeyId", "KeyMaterialId", "Plaintext"]);
  assert.ok(Buffer.from(plain.Plaintext!).equals(Plaintext));
});

test("Decrypt, of the most that Encrypt takes, and with an RSA key", async () => {
  const large = randomBytes(4096);
  const { CiphertextBlob: blob } = await kms.send(new sdk.EncryptCommand({ KeyId, Plaintext: large }));
  const answer = await decrypt(attested(), { CiphertextBlob: blob });
  assert.ok(open(answer.CiphertextForRecipient).equals(large));
  const rsa = await newKey({ KeySpec: "RSA_2048", KeyUsage: "ENCRYPT_DECRYPT" });
  const encryption = { KeyId: rsa, EncryptionAlgorithm: "RSAES_OAEP_SHA_256" } as const;
  const encrypted = await kms.send(new sdk.EncryptCommand({ ...encryption, Plaintext }));
  const opened = await decrypt(attested(), { ...encryption, CiphertextBlob: encrypted.CiphertextBlob });
  assert.ok(open(opened.CiphertextForRecipient).equals(Plaintext));
});

test("GenerateDataKey", async () => {
  const answer = await kms.send(new sdk.GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256", Recipient: attested() }));
  assert.deepEqual(members(answer), ["CiphertextBlob", "CiphertextForRecipient", "KeyId"]);
  const dataKey = open(answer.CiphertextForRecipient);
  assert.equal(dataKey.length, 32);
  const { Plaintext: same } = await kms.send(new sdk.DecryptCommand({ CiphertextBlob: answer.CiphertextBlob }));
  assert.ok(dataKey.equals(same!));
});

test("GenerateDataKeyPair", async () => {
  for (const KeyPairSpec of ["ECC_NIST_P256", "RSA_3072"] as const) {
    const answer = await kms.send(new sdk.GenerateDataKeyPairCommand({ KeyId, KeyPairSpec, Recipient: attested() }));
    assert.deepEqual(members(answer), [
      "CiphertextForRecipient",
      "KeyId",
      "KeyPairSpec",
      "PrivateKeyCiphertextBlob",
      "PublicKey",
    ]);
    const privateKey = open(answer.CiphertextForRecipient);
    const blob = { CiphertextBlob: answer.PrivateKeyCiphertextBlob };
    assert.ok(privateKey.equals((await kms.send(new sdk.DecryptCommand(blob))).Plaintext!));
    const pair = createPrivateKey({ key: privateKey, format: "der", type: "pkcs8" });
    assert.ok(spki(createPublicKey(pair)).equals(answer.PublicKey!));
  }
});

test("GenerateRandom", async () => {
  for (const NumberOfBytes of [1, 16, 1024]) {
    const answer = await kms.send(new sdk.GenerateRandomCommand({ NumberOfBytes, Recipient: attested() }));
    assert.deepEqual(members(answer), ["CiphertextForRecipient"]);
    assert.equal(open(answer.CiphertextForRecipient).length, NumberOfBytes);
  }
});

test("DeriveSharedSecret", async () => {
  const ecc = await newKey({ KeySpec: "ECC_NIST_P384", KeyUsage: "KEY_AGREEMENT" });
  const { PublicKey: ours } = await kms.send(new sdk.GetPublicKeyCommand({ KeyId: ecc }));
  const peer = generateKeyPairSync("ec", { namedCurve: "P-384" });
  const answer = await kms.send(
    new sdk.DeriveSharedSecretCommand({
      KeyId: ecc,
      KeyAgreementAlgorithm: "ECDH",
      PublicKey: spki(peer.publicKey),
      Recipient: attested(),
    }),
  );
  assert.deepEqual(members(answer), ["CiphertextForRecipient", "KeyAgreementAlgorithm", "KeyId", "KeyOrigin"]);
  const publicKey = createPublicKey({ key: Buffer.from(ours!), format: "der", type: "spki" });
  assert.ok(open(answer.CiphertextForRecipient).equals(diffieHellman({ privateKey: peer.privateKey, publicKey })));
});

test("openssl cms opens what is answered", { skip: noOpenssl }, async () => {
  const key = join(folder, "enclave.pem");
  writeFileSync(key, enclave.privateKey.export({ format: "pem", type: "pkcs8" }));
  const { CiphertextForRecipient: input } = await decrypt(attested());
  const decrypted = execFileSync("openssl", ["cms", "-decrypt", "-binary", "-inform", "DER", "-inkey", key], { input });
  assert.ok(decrypted.equals(Plaintext));
});

test("the recipient is named by the SHA-256 of its public key", async () => {
  const { CiphertextForRecipient } = await decrypt(attested());
  const name = createHash("sha256").update(spki(enclave.publicKey)).digest();
  assert.equal(Buffer.from(CiphertextForRecipient!).indexOf(name), 33);
});

test("every answer is sealed anew, with documents that are used again", async () => {
  const same = attested();
  const answers = await Promise.all([decrypt(same), decrypt(same)]);
  const [one, two] = answers.map(({ CiphertextForRecipient }) => Buffer.from(CiphertextForRecipient!));
  assert.ok(!one!.equals(two!));
  assert.ok(open(one).equals(open(two)));
});

test("the algorithm may be left out, the document may not", async () => {
  const { AttestationDocument } = attested();
  assert.ok(open((await decrypt({ AttestationDocument })).CiphertextForRecipient).equals(Plaintext));
  assert.deepEqual(await failure(decrypt({ KeyEncryptionAlgorithm: "RSAES_OAEP_SHA_256" })), {
    name: "ValidationException",
    message: "Recipient must have an AttestationDocument.",
    status: 400,
  });
  const other = { KeyEncryptionAlgorithm: "RSAES_OAEP_SHA_1", AttestationDocument } as unknown as sdk.RecipientInfo;
  assert.equal((await failure(decrypt(other))).name, "ValidationException");
});

test("documents that prove nothing", async () => {
  const stranger = await hypervisor();
  const expired = await certificate({ issuer: nitro.intermediate, to: Date.now() - 60_000 });
  const short = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey;
  const good = Buffer.from(attested().AttestationDocument!);
  const changed = Buffer.from(good);
  changed[changed.length - 1] = changed.at(-1)! ^ 1;
  const cases: Record<string, [string, sdk.RecipientInfo]> = {
    "one byte": [flaws.form, recipient(Buffer.from([0x84]))],
    "262,144 bytes of arrays in arrays": [flaws.form, recipient(Buffer.alloc(262_144, 0x81))],
    "16,384 bytes of arrays in arrays": [flaws.form, recipient(Buffer.alloc(16_384, 0x81))],
    "an array of 2^64 - 1": [flaws.form, recipient(Buffer.from("9bffffffffffffffff", "hex"))],
    "a byte behind it": [flaws.form, recipient(Buffer.concat([good, Buffer.from([0])]))],
    "a PCR of 47 bytes": [flaws.form, attested({ pcrs: new Map([[0, Buffer.alloc(47)]]) })],
    "another hypervisor's": [
      flaws.issuer,
      recipient(signed(enclaveFields(stranger, enclave.publicKey), stranger.leaf)),
    ],
    "another hypervisor's key": [
      flaws.signature,
      recipient(signed(enclaveFields(nitro, enclave.publicKey), stranger.leaf)),
    ],
    "an expired certificate": [
      flaws.certificates,
      recipient(signed(enclaveFields({ ...nitro, leaf: expired }, enclave.publicKey), expired)),
    ],
    "a signature changed": [flaws.signature, recipient(changed)],
    "six minutes old": [flaws.time, attested({ timestamp: Date.now() - 360_000 })],
    "six minutes ahead": [flaws.time, attested({ timestamp: Date.now() + 360_000 })],
    "no public key": [flaws.publicKey, attested({ public_key: null })],
    "RSA 1024": [flaws.publicKey, attested({ public_key: spki(short) })],
  };
  for (const [name, [flaw, Recipient]] of Object.entries(cases)) {
    const refused = { name: "ValidationException", message: REFUSED + flaw, status: 400 };
    assert.deepEqual(await failure(decrypt(Recipient)), refused, name);
  }
  for (const AttestationDocument of [Buffer.alloc(0), Buffer.alloc(262_145)]) {
    const { name, message } = await failure(decrypt({ AttestationDocument }));
    assert.equal(name, "ValidationException");
    assert.match(message, /'recipient\.attestationDocument' failed to satisfy constraint/);
  }
});

test("each operation refuses them, and says nothing else", async () => {
  const Recipient = attested({ timestamp: 1 });
  const ecc = await newKey({ KeySpec: "ECC_NIST_P256", KeyUsage: "KEY_AGREEMENT" });
  const PublicKey = spki(generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey);
  for (const call of [
    decrypt(Recipient),
    decrypt(Recipient, { DryRun: true }),
    kms.send(new sdk.GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256", Recipient })),
    kms.send(new sdk.GenerateDataKeyPairCommand({ KeyId, KeyPairSpec: "ECC_NIST_P256", Recipient })),
    kms.send(new sdk.GenerateRandomCommand({ NumberOfBytes: 8, Recipient })),
    kms.send(new sdk.DeriveSharedSecretCommand({ KeyId: ecc, KeyAgreementAlgorithm: "ECDH", PublicKey, Recipient })),
  ]) {
    assert.deepEqual(await failure(call), {
      name: "ValidationException",
      message: REFUSED + flaws.time,
      status: 400,
    });
  }
  assert.equal((await failure(decrypt(attested(), { DryRun: true }))).name, "DryRunOperationException");
});

test("key policies that ask for PCRs", async () => {
  const hex = (byte: number) => byte.toString(16).repeat(48);
  const tpm = (values: Record<number, number>) =>
    recipient(signed(nitroTpmFields(nitro, enclave.publicKey).set("nitrotpm_pcrs", pcrs(values)), nitro.leaf));
  const stale = attested({ timestamp: 1 });
  const cases: [
    Condition: object,
    allowed: (sdk.RecipientInfo | undefined)[],
    denied: (sdk.RecipientInfo | undefined)[],
  ][] = [
    [
      { StringEquals: { "kms:RecipientAttestation:ImageSha384": hex(0xa0) } },
      [attested()],
      [undefined, attested({ pcrs: pcrs({ 0: 0xa1, 1: 0xa0 }) }), tpm({ 0: 0xa0 }), stale],
    ],
    [
      { StringEqualsIgnoreCase: { "kms:RecipientAttestation:PCR8": hex(0xa8).toUpperCase() } },
      [attested()],
      [undefined, attested({ pcrs: pcrs({ 0: 0xa8 }) }), tpm({ 8: 0xa8 }), stale],
    ],
    [
      { StringEquals: { "kms:RecipientAttestation:PCR0": hex(0xa0).toUpperCase() } },
      [],
      [attested()], // values are lower case
    ],
    [
      {
        StringEquals: {
          "kms:RecipientAttestation:NitroTPMPCR4": hex(0xb4),
          "kms:recipientattestation:nitrotpmpcr12": hex(0xbc),
        },
      },
      [tpm({ 4: 0xb4, 7: 0, 12: 0xbc })],
      [undefined, tpm({ 4: 0xb4 }), attested({ pcrs: pcrs({ 4: 0xb4, 12: 0xbc }) })],
    ],
    [{ Null: { "kms:RecipientAttestation:PCR0": "false" } }, [attested()], [undefined, tpm({ 0: 0xa0 }), stale]],
    [
      {
        StringEquals: { "kms:RecipientAttestation:PCR0": hex(0xa0) },
        StringLike: { "kms:EncryptionAlgorithm": "SYM*" },
      },
      [attested()],
      [undefined],
    ],
  ];
  for (const [Condition, allowed, denied] of cases) {
    const id = await newKey(
      {},
      { ...all, NotAction: "kms:Decrypt", Action: undefined },
      { ...all, Action: "kms:Decrypt", Condition },
    );
    const { CiphertextBlob: blob } = await kms.send(new sdk.EncryptCommand({ KeyId: id, Plaintext }));
    const text = JSON.stringify(Condition);
    for (const Recipient of allowed) {
      const { CiphertextForRecipient } = await decrypt(Recipient, { CiphertextBlob: blob });
      assert.ok(open(CiphertextForRecipient).equals(Plaintext), text);
    }
    for (const [i, Recipient] of denied.entries()) {
      const { name } = await failure(decrypt(Recipient, { CiphertextBlob: blob }));
      assert.equal(name, "AccessDeniedException", `${text} ${i}`);
    }
  }
});

test("the other operations on keys ask policies the same", async () => {
  const Condition = { StringEquals: { "kms:RecipientAttestation:PCR0": "a0".repeat(48) } };
  const statements = [
    {
      ...all,
      NotAction: ["kms:GenerateDataKey", "kms:GenerateDataKeyPair", "kms:DeriveSharedSecret"],
      Action: undefined,
    },
    { ...all, Condition },
  ];
  const id = await newKey({}, ...statements);
  const ecc = await newKey({ KeySpec: "ECC_NIST_P256", KeyUsage: "KEY_AGREEMENT" }, ...statements);
  const PublicKey = spki(generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey);
  for (const call of [
    (Recipient?: sdk.RecipientInfo) =>
      kms.send(new sdk.GenerateDataKeyCommand({ KeyId: id, KeySpec: "AES_256", Recipient })),
    (Recipient?: sdk.RecipientInfo) =>
      kms.send(new sdk.GenerateDataKeyPairCommand({ KeyId: id, KeyPairSpec: "ECC_NIST_P256", Recipient })),
    (Recipient?: sdk.RecipientInfo) =>
      kms.send(new sdk.DeriveSharedSecretCommand({ KeyId: ecc, KeyAgreementAlgorithm: "ECDH", PublicKey, Recipient })),
  ]) {
    assert.ok((await call(attested())).CiphertextForRecipient);
    for (const Recipient of [undefined, attested({ timestamp: 1 }), attested({ pcrs: pcrs({ 0: 1 }) })]) {
      assert.equal((await failure(call(Recipient))).name, "AccessDeniedException");
    }
  }
});

test("IAM policies ask the same, of GenerateRandom too", async () => {
  const iam = iamClient(server);
  await iam.send(new CreateUserCommand({ UserName: "enclave" }));
  const Statement = [
    {
      Effect: "Allow",
      Action: "kms:GenerateRandom",
      Resource: "*",
      Condition: { StringEquals: { "kms:RecipientAttestation:ImageSha384": "a0".repeat(48) } },
    },
  ];
  const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
  const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: "enclaves", PolicyDocument }));
  await iam.send(new AttachUserPolicyCommand({ UserName: "enclave", PolicyArn: Policy!.Arn }));
  const user = server.client({ credentials: await accessKey(iam, "enclave") });
  iam.destroy();
  const random = (Recipient?: sdk.RecipientInfo) =>
    user.send(new sdk.GenerateRandomCommand({ NumberOfBytes: 32, Recipient }));
  assert.equal(open((await random(attested())).CiphertextForRecipient).length, 32);
  for (const Recipient of [undefined, attested({ timestamp: 1 }), attested({ pcrs: pcrs({ 0: 1 }) })]) {
    assert.equal((await failure(random(Recipient))).name, "AccessDeniedException");
  }
});

test("without a root nobody is trusted", async () => {
  const untrusting = await startTestServer();
  try {
    const call = untrusting.client().send(new sdk.GenerateRandomCommand({ NumberOfBytes: 8, Recipient: attested() }));
    assert.deepEqual(await failure(call), {
      name: "ValidationException",
      message: REFUSED + flaws.issuer,
      status: 400,
    });
  } finally {
    await untrusting.stop();
  }
});

test("what cannot be a root stops the start, before anything is made", async () => {
  const file = join(folder, "root.pem");
  const bad: [content: string | undefined, message: RegExp][] = [
    [undefined, /the attestation root .*root\.pem cannot be read: ENOENT/],
    ["no certificate", /root\.pem holds no certificate in PEM, or is damaged/],
    [pem(Buffer.from("no certificate")), /root\.pem is damaged: its certificate 1 cannot be read/],
    [pem(nitro.intermediate.certificate), /CN=ca-.* cannot be an attestation root: it is not signed by itself/],
    [
      pem((await certificate({ ca: true, namedCurve: "P-256" })).certificate),
      /its key is not an elliptic-curve key on P-384/,
    ],
    [pem((await certificate()).certificate), /cannot be an attestation root/],
  ];
  for (const [content, message] of bad) {
    if (content !== undefined) writeFileSync(file, content);
    const data = join(folder, "data");
    await assert.rejects(startTestServer({ attestationRoot: file, data }), { message });
    assert.throws(() => rmSync(data, { recursive: true }), { code: "ENOENT" });
  }
});
