import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as sdk from "@aws-sdk/client-kms";
import { failure, startTestServer, type TestServer } from "../harness.ts";

let server: TestServer;
let kms: sdk.KMSClient;
const DAY = 86_400_000;
const bytes = Buffer.from("text");

before(async () => {
  server = await startTestServer();
  kms = server.client();
});
after(() => server.stop());

async function newKey(input: sdk.CreateKeyCommandInput = {}) {
  const { KeyMetadata } = await kms.send(new sdk.CreateKeyCommand(input));
  return { id: KeyMetadata!.KeyId!, arn: KeyMetadata!.Arn! };
}
const describe = async (KeyId: string) => (await kms.send(new sdk.DescribeKeyCommand({ KeyId }))).KeyMetadata!;
const encrypt = async (KeyId: string) =>
  (await kms.send(new sdk.EncryptCommand({ KeyId, Plaintext: bytes }))).CiphertextBlob!;
const decrypt = async (CiphertextBlob: Uint8Array) =>
  Buffer.from((await kms.send(new sdk.DecryptCommand({ CiphertextBlob }))).Plaintext!).toString();

test("CreateKey without anything: AWS's defaults", async () => {
  const { KeyMetadata } = await kms.send(new sdk.CreateKeyCommand({}));
  const { KeyId, Arn, CreationDate, CurrentKeyMaterialId, ...rest } = KeyMetadata!;
  assert.match(KeyId!, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(Arn, `arn:aws:kms:us-east-1:000000000000:key/${KeyId}`);
  assert.ok(Math.abs(CreationDate!.getTime() - Date.now()) < 60_000);
  assert.match(CurrentKeyMaterialId!, /^[0-9a-f]{64}$/);
  assert.deepEqual(rest, {
    AWSAccountId: "000000000000",
    Enabled: true,
    Description: "",
    KeyUsage: "ENCRYPT_DECRYPT",
    KeyState: "Enabled",
    Origin: "AWS_KMS",
    KeyManager: "CUSTOMER",
    CustomerMasterKeySpec: "SYMMETRIC_DEFAULT",
    KeySpec: "SYMMETRIC_DEFAULT",
    EncryptionAlgorithms: ["SYMMETRIC_DEFAULT"],
    MultiRegion: false,
  });
  const { Policy, PolicyName } = await kms.send(new sdk.GetKeyPolicyCommand({ KeyId }));
  assert.equal(PolicyName, "default");
  assert.equal(
    Policy,
    `{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:aws:iam::000000000000:root"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  } ]
}`,
  );
});

test("CreateKey with everything", async () => {
  const policy = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { AWS: ["*"] }, Action: ["kms:*"], Resource: "*" }],
  };
  const key = await newKey({
    Description: "é 🔑",
    Policy: JSON.stringify(policy),
    Tags: [
      { TagKey: "a", TagValue: "" },
      { TagKey: "A", TagValue: "2" },
    ],
    KeySpec: "SYMMETRIC_DEFAULT",
    KeyUsage: "ENCRYPT_DECRYPT",
    Origin: "AWS_KMS",
    MultiRegion: false,
    BypassPolicyLockoutSafetyCheck: true,
  });
  assert.equal((await describe(key.arn)).Description, "é 🔑");
  const { Tags } = await kms.send(new sdk.ListResourceTagsCommand({ KeyId: key.id }));
  assert.deepEqual(Tags, [
    { TagKey: "A", TagValue: "2" },
    { TagKey: "a", TagValue: "" },
  ]);
  assert.deepEqual(
    JSON.parse((await kms.send(new sdk.GetKeyPolicyCommand({ KeyId: key.arn, PolicyName: "default" }))).Policy!),
    policy,
  );
});

test("CreateKey refuses what cannot be", async () => {
  const attempt = async (input: object) =>
    (await failure(kms.send(new sdk.CreateKeyCommand(input as sdk.CreateKeyCommandInput)))).name;
  assert.equal(await attempt({ KeyUsage: "SIGN_VERIFY" }), "ValidationException");
  assert.equal(await attempt({ KeySpec: "RSA_2048" }), "ValidationException");
  assert.equal(await attempt({ KeySpec: "RSA_1024" }), "ValidationException");
  assert.equal(
    await attempt({ CustomKeyStoreId: "cks-1234567890abcdef0", Origin: "AWS_CLOUDHSM" }),
    "CustomKeyStoreNotFoundException",
  );
  assert.equal(await attempt({ Origin: "EXTERNAL_KEY_STORE" }), "ValidationException");
  assert.equal(await attempt({ Policy: "{" }), "MalformedPolicyDocumentException");
  assert.equal(await attempt({ Policy: "[]" }), "MalformedPolicyDocumentException");
  assert.equal(await attempt({ Policy: '{"Version":"2012-10-17"}' }), "MalformedPolicyDocumentException");
  assert.equal(
    await attempt({ Policy: '{"Statement":[{"Effect":"Maybe","Principal":"*"}]}' }),
    "MalformedPolicyDocumentException",
  );
  assert.equal(
    await attempt({ Policy: `{"Id":"${"x".repeat(33_000)}","Statement":[{"Effect":"Allow","Principal":"*"}]}` }),
    "LimitExceededException",
  );
  assert.equal(await attempt({ Tags: [{ TagKey: "aws:x", TagValue: "" }] }), "TagException");
  assert.equal(
    await attempt({
      Tags: [
        { TagKey: "x", TagValue: "" },
        { TagKey: "x", TagValue: "1" },
      ],
    }),
    "TagException",
  );
  assert.equal(
    await attempt({ Tags: Array.from({ length: 51 }, (_, i) => ({ TagKey: `k${i}`, TagValue: "" })) }),
    "TagException",
  );
  assert.equal(await attempt({ Description: "x".repeat(8193) }), "ValidationException");
});

test("ListKeys: all of them, in pages, in this Region and account", async () => {
  const elsewhere = server.client({ region: "ap-southeast-2" });
  assert.deepEqual((await elsewhere.send(new sdk.ListKeysCommand({}))).Keys, []);
  const made = new Set<string>();
  for (let i = 0; i < 7; i++) made.add((await elsewhere.send(new sdk.CreateKeyCommand({}))).KeyMetadata!.Arn!);
  const listed: string[] = [];
  let Marker: string | undefined;
  do {
    const page: sdk.ListKeysCommandOutput = await elsewhere.send(new sdk.ListKeysCommand({ Limit: 3, Marker }));
    assert.ok(page.Keys!.length <= 3);
    for (const { KeyArn, KeyId } of page.Keys!) {
      assert.equal(KeyArn, `arn:aws:kms:ap-southeast-2:000000000000:key/${KeyId}`);
      listed.push(KeyArn!);
    }
    assert.equal(page.Truncated, page.NextMarker !== undefined);
    Marker = page.NextMarker;
  } while (Marker !== undefined);
  assert.deepEqual(new Set(listed), made);
  assert.equal(listed.length, 7);
  for (const bad of ["x", "AAAA", Buffer.from("ListAliases\nalias/a").toString("base64url")]) {
    assert.equal(
      (await failure(elsewhere.send(new sdk.ListKeysCommand({ Marker: bad })))).name,
      "InvalidMarkerException",
    );
  }
  for (const Limit of [0, 1001])
    assert.equal((await failure(kms.send(new sdk.ListKeysCommand({ Limit })))).name, "ValidationException");
});

test("aliases: made, moved, listed, deleted", async () => {
  const [a, b] = [await newKey(), await newKey()];
  const AliasName = "alias/app/one_A-2:x";
  assert.deepEqual(Object.keys(await kms.send(new sdk.CreateAliasCommand({ AliasName, TargetKeyId: a.arn }))), [
    "$metadata",
  ]);
  assert.equal((await describe(AliasName)).KeyId, a.id);
  assert.deepEqual(await failure(kms.send(new sdk.CreateAliasCommand({ AliasName, TargetKeyId: b.id }))), {
    name: "AlreadyExistsException",
    message: `An alias with the name arn:aws:kms:us-east-1:000000000000:${AliasName} already exists`,
    status: 400,
  });
  await kms.send(new sdk.UpdateAliasCommand({ AliasName, TargetKeyId: b.id }));
  assert.equal((await describe(AliasName)).KeyId, b.id);
  assert.deepEqual((await kms.send(new sdk.ListAliasesCommand({ KeyId: a.id }))).Aliases, []);
  const [entry] = (await kms.send(new sdk.ListAliasesCommand({ KeyId: b.arn }))).Aliases!;
  assert.equal(entry!.AliasName, AliasName);
  assert.equal(entry!.AliasArn, `arn:aws:kms:us-east-1:000000000000:${AliasName}`);
  assert.equal(entry!.TargetKeyId, b.id);
  assert.ok(entry!.LastUpdatedDate! >= entry!.CreationDate!);
  await kms.send(new sdk.DeleteAliasCommand({ AliasName }));
  assert.equal(
    (await failure(describe(AliasName))).message,
    `Alias arn:aws:kms:us-east-1:000000000000:${AliasName} is not found.`,
  );
  for (const command of [
    new sdk.DeleteAliasCommand({ AliasName }),
    new sdk.UpdateAliasCommand({ AliasName, TargetKeyId: a.id }),
  ]) {
    assert.equal((await failure(kms.send(command as sdk.DeleteAliasCommand))).name, "NotFoundException");
  }
});

test("aliases: what cannot be", async () => {
  const key = await newKey();
  const attempt = (AliasName: string, TargetKeyId = key.id) =>
    failure(kms.send(new sdk.CreateAliasCommand({ AliasName, TargetKeyId })));
  assert.deepEqual(await attempt("app"), {
    name: "ValidationException",
    message:
      'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
    status: 400,
  });
  assert.equal((await attempt("alias/aws/s3")).name, "InvalidAliasNameException");
  assert.equal((await attempt("alias/")).name, "InvalidAliasNameException");
  assert.equal((await attempt("alias/ä")).name, "ValidationException");
  assert.equal((await attempt(`alias/${"x".repeat(251)}`)).name, "ValidationException");
  await kms.send(new sdk.CreateAliasCommand({ AliasName: `alias/${"x".repeat(250)}`, TargetKeyId: key.id }));
  assert.equal((await attempt("alias/new", `alias/${"x".repeat(250)}`)).name, "ValidationException");
  assert.equal((await attempt("alias/new", "00000000-0000-4000-8000-000000000000")).name, "NotFoundException");
  for (let i = 1; i < 50; i++)
    await kms.send(new sdk.CreateAliasCommand({ AliasName: `alias/many${i}`, TargetKeyId: key.id }));
  assert.equal((await attempt("alias/many50")).name, "LimitExceededException");
  assert.equal((await kms.send(new sdk.ListAliasesCommand({ KeyId: key.id, Limit: 100 }))).Aliases!.length, 50);
  // The names are case-sensitive, and a name is one account's and Region's.
  const elsewhere = server.client({ region: "eu-west-1" });
  assert.equal(
    (await failure(elsewhere.send(new sdk.DescribeKeyCommand({ KeyId: "alias/many1" })))).name,
    "NotFoundException",
  );
  assert.equal((await failure(describe("alias/MANY1"))).name, "NotFoundException");
});

test("ListAliases: pages, with AWS's own among them", async () => {
  const elsewhere = server.client({ region: "sa-east-1" });
  const key = (await elsewhere.send(new sdk.CreateKeyCommand({}))).KeyMetadata!;
  for (const name of ["alias/a", "alias/b", "alias/zz"])
    await elsewhere.send(new sdk.CreateAliasCommand({ AliasName: name, TargetKeyId: key.KeyId }));
  await elsewhere.send(new sdk.DescribeKeyCommand({ KeyId: "alias/aws/s3" }));
  const names: string[] = [];
  let Marker: string | undefined;
  do {
    const page: sdk.ListAliasesCommandOutput = await elsewhere.send(new sdk.ListAliasesCommand({ Limit: 2, Marker }));
    names.push(...page.Aliases!.map((alias) => `${alias.AliasName}${alias.TargetKeyId ? "" : " -"}`));
    Marker = page.NextMarker;
  } while (Marker !== undefined);
  assert.deepEqual(names, [
    "alias/a",
    ...["acm", "dynamodb", "ebs", "rds", "redshift"].map((service) => `alias/aws/${service} -`),
    "alias/aws/s3",
    "alias/aws/ssm -",
    "alias/b",
    "alias/zz",
  ]);
});

test("AWS managed keys: made when first asked for, for their service alone", async () => {
  const metadata = await describe("alias/aws/ebs");
  assert.equal(metadata.KeyManager, "AWS");
  assert.equal(metadata.KeyId, (await describe("alias/aws/ebs")).KeyId);
  assert.equal(
    (await kms.send(new sdk.GetKeyRotationStatusCommand({ KeyId: metadata.KeyId }))).KeyRotationEnabled,
    true,
  );
  assert.match(
    (await kms.send(new sdk.GetKeyPolicyCommand({ KeyId: metadata.KeyId }))).Policy!,
    /"kms:ViaService" : "ebs.us-east-1.amazonaws.com"/,
  );
  assert.equal((await failure(describe("alias/aws/nonsense"))).name, "NotFoundException");
  const KeyId = metadata.KeyId!;
  for (const command of [
    new sdk.EncryptCommand({ KeyId: "alias/aws/ebs", Plaintext: bytes }),
    new sdk.GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256" }),
    new sdk.DisableKeyCommand({ KeyId }),
    new sdk.ScheduleKeyDeletionCommand({ KeyId }),
    new sdk.TagResourceCommand({ KeyId, Tags: [{ TagKey: "a", TagValue: "b" }] }),
    new sdk.PutKeyPolicyCommand({ KeyId, Policy: "{}" }),
    new sdk.DisableKeyRotationCommand({ KeyId }),
    new sdk.CreateAliasCommand({ AliasName: "alias/mine", TargetKeyId: KeyId }),
    new sdk.UpdateKeyDescriptionCommand({ KeyId, Description: "" }),
  ]) {
    const outcome = await failure(kms.send(command as sdk.EncryptCommand));
    assert.equal(outcome.name, "AccessDeniedException", command.constructor.name);
    assert.match(outcome.message, /because no resource-based policy allows the kms:\w+ action$/);
  }
  const many = await Promise.all(Array.from({ length: 20 }, () => describe("alias/aws/rds")));
  assert.equal(new Set(many.map((key) => key.KeyId)).size, 1);
});

test("tags: added, replaced, taken off", async () => {
  const { id: KeyId } = await newKey({ Tags: [{ TagKey: "a", TagValue: "1" }] });
  await kms.send(
    new sdk.TagResourceCommand({
      KeyId,
      Tags: [
        { TagKey: "a", TagValue: "2" },
        { TagKey: "b", TagValue: "" },
      ],
    }),
  );
  assert.deepEqual((await kms.send(new sdk.ListResourceTagsCommand({ KeyId }))).Tags, [
    { TagKey: "a", TagValue: "2" },
    { TagKey: "b", TagValue: "" },
  ]);
  await kms.send(new sdk.UntagResourceCommand({ KeyId, TagKeys: ["a", "none"] }));
  const page = await kms.send(new sdk.ListResourceTagsCommand({ KeyId }));
  assert.deepEqual(page.Tags, [{ TagKey: "b", TagValue: "" }]);
  assert.equal(page.Truncated, false);
  const tag = (Tags: sdk.Tag[]) => failure(kms.send(new sdk.TagResourceCommand({ KeyId, Tags })));
  assert.deepEqual(await tag([{ TagKey: "aws:x", TagValue: "" }]), {
    name: "TagException",
    message: "Tags beginning with aws: are reserved",
    status: 400,
  });
  assert.equal(
    (await tag(Array.from({ length: 50 }, (_, i) => ({ TagKey: `k${i}`, TagValue: "" })))).message,
    "Too many tags",
  );
  assert.equal((await tag([{ TagKey: "x".repeat(129), TagValue: "" }])).name, "ValidationException");
  assert.equal((await tag([{ TagKey: "x", TagValue: "y".repeat(257) }])).name, "ValidationException");
  await kms.send(
    new sdk.TagResourceCommand({
      KeyId,
      Tags: Array.from({ length: 49 }, (_, i) => ({ TagKey: `k${i}`, TagValue: "v" })),
    }),
  );
  const first = await kms.send(new sdk.ListResourceTagsCommand({ KeyId, Limit: 20 }));
  assert.equal(first.Truncated, true);
  const second = await kms.send(new sdk.ListResourceTagsCommand({ KeyId, Limit: 50, Marker: first.NextMarker }));
  assert.equal(first.Tags!.length + second.Tags!.length, 50);
});

test("policies: put, listed, and only by their name", async () => {
  const { id: KeyId } = await newKey();
  const Policy =
    '{"Version":"2012-10-17","Statement":{"Sid":"é","Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}}';
  await kms.send(new sdk.PutKeyPolicyCommand({ KeyId, Policy, PolicyName: "default" }));
  assert.deepEqual(JSON.parse((await kms.send(new sdk.GetKeyPolicyCommand({ KeyId }))).Policy!), JSON.parse(Policy));
  const { PolicyNames, Truncated } = await kms.send(new sdk.ListKeyPoliciesCommand({ KeyId }));
  assert.deepEqual([PolicyNames, Truncated], [["default"], false]);
  assert.equal(
    (await failure(kms.send(new sdk.GetKeyPolicyCommand({ KeyId, PolicyName: "other" })))).name,
    "NotFoundException",
  );
  assert.equal(
    (await failure(kms.send(new sdk.PutKeyPolicyCommand({ KeyId, Policy, PolicyName: "other" })))).name,
    "NotFoundException",
  );
  assert.equal(
    (await failure(kms.send(new sdk.PutKeyPolicyCommand({ KeyId, Policy: "no" })))).name,
    "MalformedPolicyDocumentException",
  );
});

test("UpdateKeyDescription", async () => {
  const { id: KeyId } = await newKey({ Description: "before" });
  await kms.send(new sdk.UpdateKeyDescriptionCommand({ KeyId, Description: "" }));
  assert.equal((await describe(KeyId)).Description, "");
});

test("disable, enable, schedule, cancel", async () => {
  const key = await newKey();
  const blob = await encrypt(key.id);
  await kms.send(new sdk.DisableKeyCommand({ KeyId: key.id }));
  await kms.send(new sdk.DisableKeyCommand({ KeyId: key.id }));
  assert.deepEqual([(await describe(key.id)).KeyState, (await describe(key.id)).Enabled], ["Disabled", false]);
  assert.deepEqual(await failure(decrypt(blob)), {
    name: "DisabledException",
    message: `${key.arn} is disabled.`,
    status: 400,
  });
  await kms.send(new sdk.EnableKeyCommand({ KeyId: key.arn }));
  assert.equal(await decrypt(blob), "text");

  const scheduled = await kms.send(new sdk.ScheduleKeyDeletionCommand({ KeyId: key.id, PendingWindowInDays: 7 }));
  assert.equal(scheduled.KeyId, key.arn);
  assert.equal(scheduled.KeyState, "PendingDeletion");
  assert.equal(scheduled.PendingWindowInDays, 7);
  assert.ok(Math.abs(scheduled.DeletionDate!.getTime() - Date.now() - 7 * DAY) < 60_000);
  assert.deepEqual((await describe(key.id)).DeletionDate, scheduled.DeletionDate);
  assert.deepEqual(await failure(decrypt(blob)), {
    name: "KMSInvalidStateException",
    message: `${key.arn} is pending deletion.`,
    status: 400,
  });
  assert.equal(
    (await failure(kms.send(new sdk.ScheduleKeyDeletionCommand({ KeyId: key.id })))).name,
    "KMSInvalidStateException",
  );
  assert.equal((await kms.send(new sdk.CancelKeyDeletionCommand({ KeyId: key.id }))).KeyId, key.arn);
  const metadata = await describe(key.id);
  assert.deepEqual([metadata.KeyState, metadata.DeletionDate], ["Disabled", undefined]);
  assert.equal(
    (await failure(kms.send(new sdk.CancelKeyDeletionCommand({ KeyId: key.id })))).message,
    `${key.arn} is not pending deletion.`,
  );

  for (const PendingWindowInDays of [6, 31, 0, 366]) {
    assert.equal(
      (await failure(kms.send(new sdk.ScheduleKeyDeletionCommand({ KeyId: key.id, PendingWindowInDays })))).name,
      "ValidationException",
    );
  }
  const byDefault = await kms.send(new sdk.ScheduleKeyDeletionCommand({ KeyId: key.id }));
  assert.equal(byDefault.PendingWindowInDays, 30);
});

test("deletion: not before its time, then for good, aliases included", async () => {
  const key = await newKey();
  await kms.send(new sdk.CreateAliasCommand({ AliasName: "alias/doomed", TargetKeyId: key.id }));
  await kms.send(new sdk.ScheduleKeyDeletionCommand({ KeyId: key.id, PendingWindowInDays: 7 }));
  server.moveClock(7 * DAY - 60_000);
  await server.jobs!.runAll();
  assert.equal((await describe("alias/doomed")).KeyState, "PendingDeletion");
  server.moveClock(120_000);
  await server.jobs!.runAll();
  assert.equal((await failure(describe(key.id))).message, `Key '${key.arn}' does not exist`);
  assert.equal((await failure(describe("alias/doomed"))).name, "NotFoundException");
  assert.equal(
    (await failure(kms.send(new sdk.CancelKeyDeletionCommand({ KeyId: key.id })))).name,
    "NotFoundException",
  );
  assert.deepEqual(
    await server.service.kms.store.materials({ account: "000000000000", region: "us-east-1", id: key.id }),
    [],
  );
});

test("rotation on demand: new material, old ciphertext goes on", async () => {
  const key = await newKey();
  const blobs = [await encrypt(key.id)];
  const first = (await describe(key.id)).CurrentKeyMaterialId;
  assert.equal((await kms.send(new sdk.RotateKeyOnDemandCommand({ KeyId: key.id }))).KeyId, key.arn);
  const second = (await describe(key.id)).CurrentKeyMaterialId;
  assert.notEqual(first, second);
  blobs.push(await encrypt(key.id));
  for (const blob of blobs) assert.equal(await decrypt(blob), "text");
  const used = await Promise.all(blobs.map((CiphertextBlob) => kms.send(new sdk.DecryptCommand({ CiphertextBlob }))));
  assert.deepEqual(
    used.map((output) => output.KeyMaterialId),
    [first, second],
  );

  const rotations = (await kms.send(new sdk.ListKeyRotationsCommand({ KeyId: key.id }))).Rotations!;
  assert.equal(rotations.length, 1);
  assert.equal(rotations[0]!.RotationType, "ON_DEMAND");
  assert.equal(rotations[0]!.KeyMaterialId, second);
  const all = (
    await kms.send(new sdk.ListKeyRotationsCommand({ KeyId: key.id, IncludeKeyMaterial: "ALL_KEY_MATERIAL" }))
  ).Rotations!;
  assert.deepEqual(
    all.map((entry) => [entry.KeyMaterialId, entry.KeyMaterialState, entry.RotationType]),
    [
      [first, "NON_CURRENT", undefined],
      [second, "CURRENT", "ON_DEMAND"],
    ],
  );

  for (let i = 2; i <= 25; i++) await kms.send(new sdk.RotateKeyOnDemandCommand({ KeyId: key.id }));
  assert.deepEqual(await failure(kms.send(new sdk.RotateKeyOnDemandCommand({ KeyId: key.id }))), {
    name: "LimitExceededException",
    message: `The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed for this key: ${key.arn}`,
    status: 400,
  });
  for (const blob of blobs) assert.equal(await decrypt(blob), "text");
  let Marker: string | undefined;
  const paged: unknown[] = [];
  do {
    const page: sdk.ListKeyRotationsCommandOutput = await kms.send(
      new sdk.ListKeyRotationsCommand({ KeyId: key.id, Limit: 10, Marker }),
    );
    paged.push(...page.Rotations!.map((entry) => entry.KeyMaterialId));
    Marker = page.NextMarker;
  } while (Marker !== undefined);
  assert.equal(new Set(paged).size, 25);
  assert.equal(paged.length, 25);
});

test("automatic rotation: when due, again and again, and not while disabled", async () => {
  const key = await newKey();
  const status = () => kms.send(new sdk.GetKeyRotationStatusCommand({ KeyId: key.id }));
  const { KeyRotationEnabled, NextRotationDate, RotationPeriodInDays } = await status();
  assert.deepEqual([KeyRotationEnabled, NextRotationDate, RotationPeriodInDays], [false, undefined, undefined]);
  await kms.send(new sdk.EnableKeyRotationCommand({ KeyId: key.id }));
  const now = server.service.kms.clock();
  assert.equal((await status()).RotationPeriodInDays, 365);
  assert.ok(Math.abs((await status()).NextRotationDate!.getTime() - now - 365 * DAY) < 60_000);
  await kms.send(new sdk.EnableKeyRotationCommand({ KeyId: key.id, RotationPeriodInDays: 90 }));
  assert.ok(Math.abs((await status()).NextRotationDate!.getTime() - now - 90 * DAY) < 60_000);
  for (const RotationPeriodInDays of [89, 2561]) {
    assert.equal(
      (await failure(kms.send(new sdk.EnableKeyRotationCommand({ KeyId: key.id, RotationPeriodInDays })))).name,
      "ValidationException",
    );
  }

  const blob = await encrypt(key.id);
  const materials = [(await describe(key.id)).CurrentKeyMaterialId];
  for (const [move, rotates] of [
    [89 * DAY, false],
    [2 * DAY, true],
    [60 * DAY, false],
    [31 * DAY, true],
  ] as const) {
    server.moveClock(move);
    await server.jobs!.runAll();
    const current = (await describe(key.id)).CurrentKeyMaterialId;
    assert.equal(current !== materials.at(-1), rotates);
    if (rotates) materials.push(current);
    assert.equal(await decrypt(blob), "text");
  }
  const { Rotations } = await kms.send(new sdk.ListKeyRotationsCommand({ KeyId: key.id }));
  assert.deepEqual(
    Rotations!.map((entry) => [entry.KeyMaterialId, entry.RotationType]),
    materials.slice(1).map((id) => [id, "AUTOMATIC"]),
  );

  await kms.send(new sdk.DisableKeyCommand({ KeyId: key.id }));
  server.moveClock(200 * DAY);
  await server.jobs!.runAll();
  assert.equal((await describe(key.id)).CurrentKeyMaterialId, materials.at(-1));
  await kms.send(new sdk.EnableKeyCommand({ KeyId: key.id }));
  await server.jobs!.runAll();
  assert.notEqual((await describe(key.id)).CurrentKeyMaterialId, materials.at(-1));

  server.moveClock(90 * DAY - 10 * 60_000);
  assert.equal(
    (await failure(kms.send(new sdk.RotateKeyOnDemandCommand({ KeyId: key.id })))).name,
    "ConflictException",
  );
  await kms.send(new sdk.DisableKeyRotationCommand({ KeyId: key.id }));
  assert.equal((await status()).KeyRotationEnabled, false);
  const current = (await describe(key.id)).CurrentKeyMaterialId;
  server.moveClock(1000 * DAY);
  await server.jobs!.runAll();
  assert.equal((await describe(key.id)).CurrentKeyMaterialId, current);
});

test("pending deletion hides the rotation setting, cancelling brings it back", async () => {
  const { id: KeyId } = await newKey();
  await kms.send(new sdk.EnableKeyRotationCommand({ KeyId }));
  await kms.send(new sdk.ScheduleKeyDeletionCommand({ KeyId }));
  assert.equal((await kms.send(new sdk.GetKeyRotationStatusCommand({ KeyId }))).KeyRotationEnabled, false);
  await kms.send(new sdk.CancelKeyDeletionCommand({ KeyId }));
  assert.equal((await kms.send(new sdk.GetKeyRotationStatusCommand({ KeyId }))).KeyRotationEnabled, true);
});

test("operations that take no alias refuse one", async () => {
  const key = await newKey();
  await kms.send(new sdk.CreateAliasCommand({ AliasName: "alias/no", TargetKeyId: key.id }));
  for (const Command of [
    sdk.EnableKeyCommand,
    sdk.DisableKeyCommand,
    sdk.ScheduleKeyDeletionCommand,
    sdk.GetKeyPolicyCommand,
    sdk.ListResourceTagsCommand,
    sdk.GetKeyRotationStatusCommand,
  ]) {
    const attempt = (KeyId: string) => failure(kms.send(new (Command as typeof sdk.EnableKeyCommand)({ KeyId })));
    assert.deepEqual(await attempt("alias/no"), {
      name: "NotFoundException",
      message: "Invalid keyId 'alias/no'",
      status: 400,
    });
    assert.deepEqual(await attempt("arn:aws:kms:us-east-1:000000000000:alias/no"), {
      name: "InvalidArnException",
      message: "Key Aliases are not supported for this operation",
      status: 400,
    });
  }
});

test("what was acknowledged is there after a restart", async () => {
  const first = await startTestServer();
  const client = first.client();
  const { KeyMetadata } = await client.send(new sdk.CreateKeyCommand({ Tags: [{ TagKey: "a", TagValue: "b" }] }));
  const { CiphertextBlob } = await client.send(new sdk.EncryptCommand({ KeyId: KeyMetadata!.KeyId, Plaintext: bytes }));
  await first.close();
  const second = await startTestServer({ data: first.data });
  const again = second.client({ credentials: first.credentials });
  assert.equal(
    Buffer.from((await again.send(new sdk.DecryptCommand({ CiphertextBlob }))).Plaintext!).toString(),
    "text",
  );
  await second.close();
  await first.stop().catch(() => undefined);
});
