import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as sdk from "@aws-sdk/client-kms";
import { parseSeed, seedService } from "../../src/cli/seeding.ts";
import { operations } from "../../src/kms/operations/index.ts";
import { failure, startTestServer, type TestServer } from "../harness.ts";

const [A, B] = ["111122223333", "444455556666"];
const keyA = "aaaaaaaa-0000-4000-8000-000000000001";
const keyB = "bbbbbbbb-0000-4000-8000-000000000001";
const keyOfServer = "cccccccc-0000-4000-8000-000000000001";
const absent = "00000000-0000-4000-8000-000000000000";
const arn = (account: string, id: string) => `arn:aws:kms:us-east-1:${account}:key/${id}`;
const aliasArn = (account: string, name: string) => `arn:aws:kms:us-east-1:${account}:${name}`;
const Plaintext = Buffer.from("text");

const seedText = `
accounts:
  - id: "${A}"
    accessKeys:
      - { accessKeyId: AKIAACCOUNTA, secretAccessKey: secretOfA }
      - { accessKeyId: AKIAACCOUNTA2, secretAccessKey: secondSecretOfA }
  - id: "${B}"
    accessKeys:
      - { accessKeyId: AKIAACCOUNTB, secretAccessKey: secretOfB }
keys:
  - id: ${keyA}
    account: "${A}"
    region: us-east-1
    aliases: [alias/app, alias/only-a]
    description: A's key, ключ
    tags: { team: payments, year: 2026 }
    rotationPeriodInDays: 90
    policy: { Version: "2012-10-17", Statement: [{ Effect: Allow, Principal: "*", Action: "kms:*", Resource: "*" }] }
    testMaterial: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=
  - id: ${keyB}
    account: "${B}"
    region: us-east-1
    aliases: [alias/app, alias/only-b]
    tags: { secret: of-b }
  - id: ${keyOfServer}
    region: us-east-1
`;
const seed = parseSeed(seedText);

let server: TestServer;
let a: sdk.KMSClient;
let b: sdk.KMSClient;
const clientOf = (of: TestServer, accessKeyId: string, secretAccessKey: string) =>
  of.client({ credentials: { accessKeyId, secretAccessKey } });

before(async () => {
  server = await startTestServer();
  const made = await seedService(server.service.kms, seed, server.service.account);
  assert.deepEqual(made, { accounts: 2, keys: 3 });
  a = clientOf(server, "AKIAACCOUNTA", "secretOfA");
  b = clientOf(server, "AKIAACCOUNTB", "secretOfB");
});
after(() => server.stop());

const describe = async (client: sdk.KMSClient, KeyId: string) =>
  (await client.send(new sdk.DescribeKeyCommand({ KeyId }))).KeyMetadata!;
const encrypt = async (client: sdk.KMSClient, KeyId: string) =>
  (await client.send(new sdk.EncryptCommand({ KeyId, Plaintext }))).CiphertextBlob!;

/** What there is to see of a key. */
async function allOf(client: sdk.KMSClient, KeyId: string): Promise<unknown> {
  const { Tags } = await client.send(new sdk.ListResourceTagsCommand({ KeyId }));
  const { Policy } = await client.send(new sdk.GetKeyPolicyCommand({ KeyId }));
  const { Aliases } = await client.send(new sdk.ListAliasesCommand({ KeyId }));
  const { KeyRotationEnabled } = await client.send(new sdk.GetKeyRotationStatusCommand({ KeyId }));
  return [await describe(client, KeyId), Tags, Policy, Aliases, KeyRotationEnabled];
}

/** reference/kms-semantics.md §2.4: A's root, refused at B's key. */
const deniedToA = (action: string, resource: string) => ({
  name: "AccessDeniedException",
  message: `User: arn:aws:iam::${A}:root is not authorized to perform: kms:${action} on resource: ${resource} because no resource-based policy allows the kms:${action} action`,
  status: 400,
});
const deniedByCiphertext = (action: string) => ({
  name: "AccessDeniedException",
  message: `User: arn:aws:iam::${A}:root is not authorized to perform: kms:${action} on the resource associated with this ciphertext because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`,
  status: 400,
});

// biome-ignore lint/suspicious/noExplicitAny: each command has its own types of input and output
type Command = any;

/** Every operation that takes a KeyId of another account's key: by its ARN, those with aliases by theirs too. */
// biome-ignore format: a table reads best as one
const onKey: readonly [string, aliases: boolean, (KeyId: string) => Command][] = [
  ["DescribeKey", true, (KeyId) => new sdk.DescribeKeyCommand({ KeyId })],
  ["Encrypt", true, (KeyId) => new sdk.EncryptCommand({ KeyId, Plaintext })],
  ["GenerateDataKey", true, (KeyId) => new sdk.GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256" })],
  ["GenerateDataKeyWithoutPlaintext", true, (KeyId) => new sdk.GenerateDataKeyWithoutPlaintextCommand({ KeyId, KeySpec: "AES_256" })],
  ["GetKeyPolicy", false, (KeyId) => new sdk.GetKeyPolicyCommand({ KeyId })],
  ["PutKeyPolicy", false, (KeyId) => new sdk.PutKeyPolicyCommand({ KeyId, Policy: "{}" })],
  ["ListKeyPolicies", false, (KeyId) => new sdk.ListKeyPoliciesCommand({ KeyId })],
  ["ListResourceTags", false, (KeyId) => new sdk.ListResourceTagsCommand({ KeyId })],
  ["ListAliases", false, (KeyId) => new sdk.ListAliasesCommand({ KeyId })],
  ["TagResource", false, (KeyId) => new sdk.TagResourceCommand({ KeyId, Tags: [{ TagKey: "a", TagValue: "" }] })],
  ["UntagResource", false, (KeyId) => new sdk.UntagResourceCommand({ KeyId, TagKeys: ["secret"] })],
  ["UpdateKeyDescription", false, (KeyId) => new sdk.UpdateKeyDescriptionCommand({ KeyId, Description: "A was here" })],
  ["EnableKey", false, (KeyId) => new sdk.EnableKeyCommand({ KeyId })],
  ["DisableKey", false, (KeyId) => new sdk.DisableKeyCommand({ KeyId })],
  ["ScheduleKeyDeletion", false, (KeyId) => new sdk.ScheduleKeyDeletionCommand({ KeyId })],
  ["CancelKeyDeletion", false, (KeyId) => new sdk.CancelKeyDeletionCommand({ KeyId })],
  ["EnableKeyRotation", false, (KeyId) => new sdk.EnableKeyRotationCommand({ KeyId })],
  ["DisableKeyRotation", false, (KeyId) => new sdk.DisableKeyRotationCommand({ KeyId })],
  ["GetKeyRotationStatus", false, (KeyId) => new sdk.GetKeyRotationStatusCommand({ KeyId })],
  ["ListKeyRotations", false, (KeyId) => new sdk.ListKeyRotationsCommand({ KeyId })],
  ["RotateKeyOnDemand", false, (KeyId) => new sdk.RotateKeyOnDemandCommand({ KeyId })],
  ["GetParametersForImport", false, (KeyId) => new sdk.GetParametersForImportCommand({ KeyId, WrappingAlgorithm: "RSAES_OAEP_SHA_1", WrappingKeySpec: "RSA_2048" })],
  ["ImportKeyMaterial", false, (KeyId) => new sdk.ImportKeyMaterialCommand({ KeyId, ImportToken: Plaintext, EncryptedKeyMaterial: Plaintext, ExpirationModel: "KEY_MATERIAL_DOES_NOT_EXPIRE" })],
  ["DeleteImportedKeyMaterial", false, (KeyId) => new sdk.DeleteImportedKeyMaterialCommand({ KeyId })],
  ["ReplicateKey", false, (KeyId) => new sdk.ReplicateKeyCommand({ KeyId, ReplicaRegion: "eu-west-1" })],
  ["UpdatePrimaryRegion", false, (KeyId) => new sdk.UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: "eu-west-1" })],
  ["Sign", true, (KeyId) => new sdk.SignCommand({ KeyId, Message: Plaintext, SigningAlgorithm: "ECDSA_SHA_256" })],
  ["Verify", true, (KeyId) => new sdk.VerifyCommand({ KeyId, Message: Plaintext, Signature: Plaintext, SigningAlgorithm: "ECDSA_SHA_256" })],
  ["GenerateMac", true, (KeyId) => new sdk.GenerateMacCommand({ KeyId, Message: Plaintext, MacAlgorithm: "HMAC_SHA_256" })],
  ["VerifyMac", true, (KeyId) => new sdk.VerifyMacCommand({ KeyId, Message: Plaintext, Mac: Plaintext, MacAlgorithm: "HMAC_SHA_256" })],
  ["GetPublicKey", true, (KeyId) => new sdk.GetPublicKeyCommand({ KeyId })],
  ["GetKeyLastUsage", false, (KeyId) => new sdk.GetKeyLastUsageCommand({ KeyId })],
  ["DeriveSharedSecret", true, (KeyId) => new sdk.DeriveSharedSecretCommand({ KeyId, KeyAgreementAlgorithm: "ECDH", PublicKey: Plaintext })],
  ["Encapsulate", true, (KeyId) => new sdk.EncapsulateCommand({ KeyId, EncapsulationAlgorithm: "ML_KEM" })],
  ["Decapsulate", true, (KeyId) => new sdk.DecapsulateCommand({ KeyId, SharedSecretCiphertextBlob: Plaintext, EncapsulationAlgorithm: "ML_KEM" })],
  ["GenerateDataKeyPair", true, (KeyId) => new sdk.GenerateDataKeyPairCommand({ KeyId, KeyPairSpec: "ECC_NIST_P256" })],
  ["GenerateDataKeyPairWithoutPlaintext", true, (KeyId) => new sdk.GenerateDataKeyPairWithoutPlaintextCommand({ KeyId, KeyPairSpec: "ECC_NIST_P256" })],
  ["CreateGrant", false, (KeyId) => new sdk.CreateGrantCommand({ KeyId, GranteePrincipal: `arn:aws:iam::${A}:root`, Operations: ["Decrypt"] })],
  ["ListGrants", false, (KeyId) => new sdk.ListGrantsCommand({ KeyId })],
  ["RevokeGrant", false, (KeyId) => new sdk.RevokeGrantCommand({ KeyId, GrantId: "0".repeat(64) })],
  ["RetireGrant", false, (KeyId) => new sdk.RetireGrantCommand({ KeyId, GrantId: "0".repeat(64) })],
  ["CreateAlias", false, (KeyId) => new sdk.CreateAliasCommand({ AliasName: "alias/stolen", TargetKeyId: KeyId })],
  ["UpdateAlias", false, (KeyId) => new sdk.UpdateAliasCommand({ AliasName: "alias/only-a", TargetKeyId: KeyId })],
];

test("another account's key, by ARN and alias ARN: AccessDeniedException, the same whether it exists or not", async () => {
  const earlier = await allOf(b, keyB);
  for (const [action, aliases, command] of onKey) {
    for (const KeyId of [arn(B, keyB), arn(B, absent), arn("999999999999", absent)]) {
      assert.deepEqual(await failure(a.send(command(KeyId))), deniedToA(action, KeyId), action);
    }
    for (const KeyId of [
      aliasArn(B, "alias/only-b"),
      aliasArn(B, "alias/none"),
      aliasArn("999999999999", "alias/app"),
    ]) {
      const refused = await failure(a.send(command(KeyId)));
      if (aliases) assert.deepEqual(refused, deniedToA(action, KeyId), action);
      else assert.match(refused.name, /^(InvalidArn|Validation)Exception$/, action);
    }
  }
  const later = await allOf(b, keyB);
  assert.deepEqual(later, earlier);
});

test("the table has every operation on a key that names one by KeyId or TargetKeyId", () => {
  const others = [
    "CreateKey",
    "Decrypt",
    "DeleteAlias",
    "GenerateRandom",
    "ListKeys",
    "ListRetirableGrants",
    "ReEncrypt",
  ]; // below, or on no key
  assert.deepEqual([...onKey.map(([action]) => action), ...others].sort(), operations.map(({ name }) => name).sort());
});

test("by bare id or alias name, another account's key is not there", async () => {
  assert.deepEqual(await failure(describe(a, keyB)), {
    name: "NotFoundException",
    message: `Key '${arn(A, keyB)}' does not exist`,
    status: 400,
  });
  assert.deepEqual(await failure(describe(a, "alias/only-b")), {
    name: "NotFoundException",
    message: `Alias ${aliasArn(A, "alias/only-b")} is not found.`,
    status: 400,
  });
  // The same name is another alias in each account.
  assert.equal((await describe(a, "alias/app")).Arn, arn(A, keyA));
  assert.equal((await describe(b, "alias/app")).Arn, arn(B, keyB));
  for (const [Command, input] of [
    [sdk.DeleteAliasCommand, { AliasName: "alias/only-b" }],
    [sdk.UpdateAliasCommand, { AliasName: "alias/only-b", TargetKeyId: keyA }],
  ] as const) {
    const refused = await failure(a.send(new (Command as Command)(input)));
    assert.equal(refused.message, `Alias ${aliasArn(A, "alias/only-b")} is not found.`);
  }
  assert.equal((await describe(b, "alias/only-b")).Arn, arn(B, keyB));
});

test("another account's ciphertext: neither decrypted nor re-encrypted, and no word of its key", async () => {
  const [mine, CiphertextBlob] = [await encrypt(a, keyA), await encrypt(b, keyB)];
  const unknown = Buffer.from(await encrypt(b, (await b.send(new sdk.CreateKeyCommand({}))).KeyMetadata!.KeyId!));
  const decrypt = (blob: Uint8Array, KeyId?: string) =>
    failure(a.send(new sdk.DecryptCommand({ CiphertextBlob: blob, KeyId })));
  const reEncrypt = (blob: Uint8Array, SourceKeyId?: string, DestinationKeyId = keyA) =>
    failure(a.send(new sdk.ReEncryptCommand({ CiphertextBlob: blob, SourceKeyId, DestinationKeyId })));
  for (const blob of [CiphertextBlob, unknown]) {
    assert.deepEqual(await decrypt(blob), deniedByCiphertext("Decrypt"));
    assert.deepEqual(await reEncrypt(blob), deniedByCiphertext("ReEncryptFrom"));
  }
  // AWS takes the bare id of a foreign key, because the ciphertext names the account; it opens nothing here.
  assert.deepEqual(await decrypt(CiphertextBlob, keyB), deniedByCiphertext("Decrypt"));
  for (const [blob, KeyId] of [
    [CiphertextBlob, arn(B, keyB)],
    [CiphertextBlob, arn(B, absent)],
    [CiphertextBlob, aliasArn(B, "alias/only-b")],
    [mine, arn(B, keyB)],
    [mine, arn(B, absent)],
    [mine, aliasArn(B, "alias/only-b")],
    [mine, aliasArn(B, "alias/none")],
  ] as const) {
    assert.deepEqual(await decrypt(blob, KeyId), deniedToA("Decrypt", KeyId));
    assert.deepEqual(await reEncrypt(blob, KeyId), deniedToA("ReEncryptFrom", KeyId));
    const refused = blob === mine ? deniedToA("ReEncryptTo", KeyId) : deniedByCiphertext("ReEncryptFrom");
    assert.deepEqual(await reEncrypt(blob, undefined, KeyId), refused);
    const permission = { KeyId, DryRun: true, DryRunModifiers: ["IGNORE_CIPHERTEXT" as const] };
    assert.deepEqual(await failure(a.send(new sdk.DecryptCommand(permission))), deniedToA("Decrypt", KeyId));
  }
  const dry = await failure(a.send(new sdk.DecryptCommand({ CiphertextBlob, DryRun: true })));
  assert.deepEqual(dry, deniedByCiphertext("Decrypt"));
  assert.equal((await decrypt(CiphertextBlob, keyA)).name, "IncorrectKeyException");
  const opened = await b.send(new sdk.DecryptCommand({ CiphertextBlob }));
  assert.deepEqual(Buffer.from(opened.Plaintext!), Plaintext, "it was a good one");
});

test("a key's state in another account is not told", async () => {
  const { KeyId } = (await b.send(new sdk.CreateKeyCommand({}))).KeyMetadata!;
  const CiphertextBlob = await encrypt(b, KeyId!);
  const ARN = arn(B, KeyId!);
  for (const change of [sdk.DisableKeyCommand, sdk.ScheduleKeyDeletionCommand]) {
    await b.send(new (change as typeof sdk.DisableKeyCommand)({ KeyId }));
    const asked = await failure(a.send(new sdk.EncryptCommand({ KeyId: ARN, Plaintext })));
    assert.deepEqual(asked, deniedToA("Encrypt", ARN));
    const decrypted = await failure(a.send(new sdk.DecryptCommand({ CiphertextBlob })));
    assert.deepEqual(decrypted, deniedByCiphertext("Decrypt"));
  }
});

test("lists have one's own, and a page's marker leads nowhere else", async () => {
  const keysOf = async (client: sdk.KMSClient) =>
    (await client.send(new sdk.ListKeysCommand({}))).Keys!.map(({ KeyArn }) => KeyArn!);
  assert.deepEqual(await keysOf(a), [arn(A, keyA)]);
  const ofB = await keysOf(b);
  assert.ok(ofB.includes(arn(B, keyB)) && ofB.every((one) => one.startsWith(arn(B, ""))));
  assert.deepEqual(await keysOf(server.client()), [arn("000000000000", keyOfServer)]);
  const aliasesOf = async (client: sdk.KMSClient) =>
    (await client.send(new sdk.ListAliasesCommand({})))
      .Aliases!.filter(({ TargetKeyId }) => TargetKeyId)
      .map(({ AliasArn }) => AliasArn);
  assert.deepEqual(await aliasesOf(a), [aliasArn(A, "alias/app"), aliasArn(A, "alias/only-a")]);
  assert.deepEqual(await aliasesOf(b), [aliasArn(B, "alias/app"), aliasArn(B, "alias/only-b")]);

  const { NextMarker } = await b.send(new sdk.ListAliasesCommand({ Limit: 1 }));
  const ofAnother = a.send(new sdk.ListAliasesCommand({ Marker: NextMarker }));
  assert.equal((await failure(ofAnother)).name, "InvalidMarkerException");
});

test("each access key signs for its own account, and only with its own secret", async () => {
  const second = clientOf(server, "AKIAACCOUNTA2", "secondSecretOfA");
  assert.equal((await describe(second, "alias/only-a")).Arn, arn(A, keyA));
  for (const [id, secret] of [
    ["AKIAACCOUNTA", "secretOfB"],
    ["AKIAACCOUNTA", "secondSecretOfA"],
    ["AKIAACCOUNTB", "secretOfA"],
  ] as const) {
    assert.equal(
      (await failure(describe(clientOf(server, id, secret), "alias/app"))).name,
      "InvalidSignatureException",
    );
  }
});

// reference/kms-semantics.md §8: "unknown or inactive key, unknown token". No token has been given to anyone.
test("a session token that nobody gave is refused", async () => {
  const credentials = { accessKeyId: "AKIAACCOUNTA", secretAccessKey: "secretOfA", sessionToken: "forged" };
  assert.deepEqual(await failure(describe(server.client({ credentials }), keyA)), {
    name: "UnrecognizedClientException",
    message: "The security token included in the request is invalid.",
    status: 400,
  });
});

test("a seeded key is as the seed says", async () => {
  const { CreationDate, CurrentKeyMaterialId, ...metadata } = await describe(a, keyA);
  assert.deepEqual(
    [metadata.KeyId, metadata.AWSAccountId, metadata.Description, metadata.KeyState, metadata.Origin],
    [keyA, A, "A's key, ключ", "Enabled", "AWS_KMS"],
  );
  const { Tags } = await a.send(new sdk.ListResourceTagsCommand({ KeyId: keyA }));
  assert.deepEqual(Tags, [
    { TagKey: "team", TagValue: "payments" },
    { TagKey: "year", TagValue: "2026" },
  ]);
  const { Policy } = await a.send(new sdk.GetKeyPolicyCommand({ KeyId: keyA }));
  assert.deepEqual(JSON.parse(Policy!), {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: "*", Action: "kms:*", Resource: "*" }],
  });
  assert.match(Policy!, /^\{\n {2}"Version" : "2012-10-17",\n/);
  const status = await a.send(new sdk.GetKeyRotationStatusCommand({ KeyId: keyA }));
  assert.equal(status.RotationPeriodInDays, 90);

  const plain = await b.send(new sdk.GetKeyPolicyCommand({ KeyId: keyB }));
  assert.match(plain.Policy!, new RegExp(`"AWS" : "arn:aws:iam::${B}:root"`), "the default policy, of its account");
  assert.equal((await b.send(new sdk.GetKeyRotationStatusCommand({ KeyId: keyB }))).KeyRotationEnabled, false);
});

test("seeding again makes nothing and changes nothing, save what is not there", async () => {
  const { kms, account } = server.service;
  await b.send(new sdk.UpdateKeyDescriptionCommand({ KeyId: keyB, Description: "mine now" }));
  await b.send(new sdk.TagResourceCommand({ KeyId: keyB, Tags: [{ TagKey: "secret", TagValue: "changed" }] }));
  const other = (await b.send(new sdk.CreateKeyCommand({}))).KeyMetadata!.KeyId!;
  await b.send(new sdk.UpdateAliasCommand({ AliasName: "alias/app", TargetKeyId: other }));
  await b.send(new sdk.DeleteAliasCommand({ AliasName: "alias/only-b" }));
  const before = await describe(b, keyB);
  assert.deepEqual(await seedService(kms, seed, account), { accounts: 0, keys: 0 });
  assert.deepEqual(await describe(b, keyB), before);
  assert.equal(before.Description, "mine now");
  const { Tags } = await b.send(new sdk.ListResourceTagsCommand({ KeyId: keyB }));
  assert.deepEqual(Tags, [{ TagKey: "secret", TagValue: "changed" }]);
  assert.equal((await describe(b, "alias/app")).KeyId, other, "an alias that is there stays where it leads");
  assert.equal((await describe(b, "alias/only-b")).KeyId, keyB, "one that is not is made");
  await b.send(new sdk.UpdateAliasCommand({ AliasName: "alias/app", TargetKeyId: keyB }));
});

test("a seed adds to what is there: a further access key, a further key", async () => {
  const more = parseSeed(`
accounts:
  - id: "${A}"
    accessKeys: [{ accessKeyId: AKIAACCOUNTA3, secretAccessKey: third }]
keys:
  - { id: aaaaaaaa-0000-4000-8000-000000000002, account: "${A}", region: eu-west-1 }`);
  const { kms, account } = server.service;
  assert.deepEqual(await seedService(kms, more, account), { accounts: 0, keys: 1 });
  const there = server.client({
    region: "eu-west-1",
    credentials: { accessKeyId: "AKIAACCOUNTA3", secretAccessKey: "third" },
  });
  const id = "aaaaaaaa-0000-4000-8000-000000000002";
  assert.equal((await describe(there, id)).Arn, `arn:aws:kms:eu-west-1:${A}:key/${id}`);
});

test("what a seed cannot have: another account's access key, a key of an account that is not there", async () => {
  const { kms, account } = server.service;
  const stealing = parseSeed(
    `accounts: [{ id: "${B}", accessKeys: [{ accessKeyId: AKIAACCOUNTA, secretAccessKey: x }] }]`,
  );
  await assert.rejects(seedService(kms, stealing, account), {
    message: `access key AKIAACCOUNTA belongs to account ${A} already, not to ${B}`,
  });
  assert.equal((await describe(a, keyA)).AWSAccountId, A);
  const homeless = parseSeed(`keys: [{ id: ${absent}, account: "999999999999", region: us-east-1 }]`);
  await assert.rejects(seedService(kms, homeless, account), {
    message: `key ${absent}: there is no account 999999999999; name it under accounts`,
  });
});

test("two installations with the same test material decrypt each other's ciphertext; without it, they do not", async () => {
  const second = await startTestServer();
  try {
    await seedService(second.service.kms, seed, second.service.account);
    const there = clientOf(second, "AKIAACCOUNTA", "secretOfA");
    for (const [from, to] of [
      [a, there],
      [there, a],
    ] as const) {
      const EncryptionContext = { purpose: "backup" };
      const { CiphertextBlob } = await from.send(
        new sdk.EncryptCommand({ KeyId: "alias/app", Plaintext, EncryptionContext }),
      );
      const opened = await to.send(new sdk.DecryptCommand({ CiphertextBlob, EncryptionContext }));
      assert.deepEqual(Buffer.from(opened.Plaintext!), Plaintext);
      assert.equal(opened.KeyId, arn(A, keyA));
      assert.equal(
        (await failure(to.send(new sdk.DecryptCommand({ CiphertextBlob })))).name,
        "InvalidCiphertextException",
      );
    }
    const [here, elsewhere] = [await describe(a, keyA), await describe(there, keyA)];
    assert.equal(here.CurrentKeyMaterialId, elsewhere.CurrentKeyMaterialId);
    // Key B has the same id in both, and material of its own in each.
    const bThere = clientOf(second, "AKIAACCOUNTB", "secretOfB");
    const CiphertextBlob = await encrypt(b, keyB);
    assert.equal(
      (await failure(bThere.send(new sdk.DecryptCommand({ CiphertextBlob })))).name,
      "InvalidCiphertextException",
    );
  } finally {
    await second.stop();
  }
});

const keyWith = (line: string) => `keys:\n  - id: ${absent}\n    region: us-east-1\n    ${line}\n`;
const region = "region: us-east-1";
/** What withTags and parseKeyPolicy throw leaves parseSeed without its place; src/cli/seeding.ts promises one. */
const wrong: readonly [text: string, message: string | RegExp][] = [
  ["[]", "the file: a mapping is needed"],
  ["text", "the file: a mapping is needed"],
  ["key: []", "the file: key is not known; known are accounts, keys"],
  ["accounts: {}", "accounts: a list is needed"],
  ["keys: text", "keys: a list is needed"],
  ["accounts: [text]", "accounts[0]: a mapping is needed"],
  ["accounts: [{}]", "accounts[0].id: an account id of 12 digits, in quotes is needed, not undefined"],
  [`accounts: [{ id: ${A} }]`, `accounts[0].id: an account id of 12 digits, in quotes is needed, not ${A}`],
  [`accounts: [{ id: "1" }]`, 'accounts[0].id: an account id of 12 digits, in quotes is needed, not "1"'],
  [`accounts: [{ id: "${A}", name: x }]`, "accounts[0]: name is not known; known are id, accessKeys"],
  [`accounts: [{ id: "${A}", accessKeys: {} }]`, "accounts[0].accessKeys: a list is needed"],
  [`accounts: [{ id: "${A}" }, { id: "${B}", accessKeys: [x] }]`, "accounts[1].accessKeys[0]: a mapping is needed"],
  [
    `accounts: [{ id: "${A}", accessKeys: [{ accessKeyId: AKIA, secret: x }] }]`,
    "accounts[0].accessKeys[0]: secret is not known; known are accessKeyId, secretAccessKey",
  ],
  [
    `accounts: [{ id: "${A}", accessKeys: [{ secretAccessKey: x }] }]`,
    /^accounts\[0\]\.accessKeys\[0\]: the access key id must/,
  ],
  [
    `accounts: [{ id: "${A}", accessKeys: [{ accessKeyId: AKIA }] }]`,
    /^accounts\[0\]\.accessKeys\[0\]: the secret access key must/,
  ],
  ["keys: [{}]", "keys[0].id: a key id is a lower-case UUID, not undefined"],
  [`keys: [{ id: x, ${region} }]`, 'keys[0].id: a key id is a lower-case UUID, not "x"'],
  [
    `keys: [{ id: mrk-1234abcd12ab34cd56ef1234567890ab, ${region} }]`,
    'keys[0].id: a key id is a lower-case UUID, not "mrk-1234abcd12ab34cd56ef1234567890ab"',
  ],
  [`keys: [{ id: ${absent} }]`, "keys[0].region: a Region, such as us-east-1 is needed, not undefined"],
  [`keys: [{ id: ${absent}, region: here }]`, 'keys[0].region: a Region, such as us-east-1 is needed, not "here"'],
  [
    `keys: [{ id: ${absent}, ${region} }, { id: ${absent}, alias: x }]`,
    /^keys\[1\]: alias is not known; known are id, account, region, aliases/,
  ],
  [keyWith(`account: ${A}`), `keys[0].account: an account id of 12 digits, in quotes is needed, not ${A}`],
  [keyWith("aliases: alias/a"), "keys[0].aliases: a list is needed"],
  [keyWith("aliases: [alias/a, b]"), 'keys[0].aliases[1]: an alias name that begins with alias/ is needed, not "b"'],
  [
    keyWith("aliases: [alias/aws/s3]"),
    'keys[0].aliases[0]: an alias name that begins with alias/ is needed, not "alias/aws/s3"',
  ],
  [keyWith("aliases: [alias/]"), 'keys[0].aliases[0]: an alias name that begins with alias/ is needed, not "alias/"'],
  [keyWith("description: [x]"), 'keys[0].description: at most 8192 characters is needed, not ["x"]'],
  [keyWith("tags: [a]"), "keys[0].tags: a mapping is needed"],
  [keyWith('tags: { "aws:x": y }'), /^keys\[0\]\.tags: Tags beginning with aws: are reserved$/],
  [keyWith("policy: {}"), /^keys\[0\]\.policy: The policy is malformed: there is no Statement\.$/],
  [keyWith('policy: "{"'), /^keys\[0\]\.policy: The policy is malformed: it is not JSON\.$/],
  [keyWith("rotationPeriodInDays: 89"), "keys[0].rotationPeriodInDays: a number of days from 90 to 2560"],
  [keyWith("rotationPeriodInDays: 2561"), "keys[0].rotationPeriodInDays: a number of days from 90 to 2560"],
  [keyWith("rotationPeriodInDays: 90.5"), "keys[0].rotationPeriodInDays: a number of days from 90 to 2560"],
  [keyWith('rotationPeriodInDays: "90"'), "keys[0].rotationPeriodInDays: a number of days from 90 to 2560"],
  [keyWith("testMaterial: AAAA"), "keys[0].testMaterial: base64 of 32 bytes is needed"],
  [
    keyWith("testMaterial: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"),
    "keys[0].testMaterial: base64 of 32 bytes is needed",
  ],
  [keyWith("testMaterial: 1"), "keys[0].testMaterial: base64 of 32 bytes is needed"],
  ["keys: [", /line 1/],
];

for (const [text, message] of wrong) {
  test(`a wrong seed names the place: ${JSON.stringify(text).slice(1, 100)}`, () => {
    assert.throws(() => parseSeed(text), { message });
  });
}

test("an empty seed asks for nothing", () => {
  for (const text of ["", "# nothing", "accounts:\nkeys:", "{}"]) {
    assert.deepEqual(parseSeed(text), { accounts: [], keys: [] });
  }
});
