import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as sdk from "@aws-sdk/client-kms";
import { failure, startTestServer, type TestServer } from "../harness.ts";

let server: TestServer;
let kms: sdk.KMSClient;
const account = "000000000000";
const root = `arn:aws:iam::${account}:root`;
const Plaintext = Buffer.from("text");
const all = { Effect: "Allow", Principal: { AWS: root }, Action: "kms:*", Resource: "*" };

before(async () => {
  server = await startTestServer();
  kms = server.client();
});
after(() => server.stop());

async function newKey(...statements: object[]): Promise<{ id: string; arn: string }> {
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement: statements });
  const { KeyMetadata } = await kms.send(new sdk.CreateKeyCommand({ Policy, BypassPolicyLockoutSafetyCheck: true }));
  return { id: KeyMetadata!.KeyId!, arn: KeyMetadata!.Arn! };
}
const deny = (Action: string | string[], Condition?: object) => ({
  Effect: "Deny",
  Principal: "*",
  Action,
  Resource: "*",
  Condition,
});
const encrypt = (KeyId: string, EncryptionContext?: Record<string, string>) =>
  kms.send(new sdk.EncryptCommand({ KeyId, Plaintext, EncryptionContext }));

async function allowed(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    assert.equal((error as Error).name, "AccessDeniedException");
    return false;
  }
}

test("root has only what the key policy gives", async () => {
  const key = await newKey({ ...all, Action: ["kms:Encrypt", "kms:Describe*"] });
  await encrypt(key.id);
  await kms.send(new sdk.DescribeKeyCommand({ KeyId: key.id }));
  const { CiphertextBlob } = await encrypt(key.id);
  assert.deepEqual(await failure(kms.send(new sdk.DecryptCommand({ CiphertextBlob }))), {
    name: "AccessDeniedException",
    message: `User: ${root} is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext because no resource-based policy allows the kms:Decrypt action`,
    status: 400,
  });
  for (const command of [
    new sdk.GenerateDataKeyCommand({ KeyId: key.id, KeySpec: "AES_256" }),
    new sdk.GetKeyPolicyCommand({ KeyId: key.id }),
    new sdk.ScheduleKeyDeletionCommand({ KeyId: key.id }),
    new sdk.CreateAliasCommand({ AliasName: "alias/no", TargetKeyId: key.id }),
    new sdk.TagResourceCommand({ KeyId: key.id, Tags: [{ TagKey: "a", TagValue: "b" }] }),
  ]) {
    assert.equal(await allowed(kms.send(command as sdk.GetKeyPolicyCommand)), false, command.constructor.name);
  }
});

test("an explicit deny says so", async () => {
  const key = await newKey(all, deny("kms:Encrypt"));
  assert.equal(
    (await failure(encrypt(key.id))).message,
    `User: ${root} is not authorized to perform: kms:Encrypt on resource: ${key.arn} with an explicit deny in a resource-based policy`,
  );
});

test("principals that do not exist are refused", async () => {
  for (const AWS of [
    "111122223333",
    "arn:aws:iam::111122223333:root",
    `arn:aws:iam::${account}:user/alice`,
    `arn:aws:iam::${account}:role/app`,
    "arn:aws:sts::111122223333:assumed-role/app/one",
    "AIDAAAAAAAAAAAAAAAAAA",
  ]) {
    const refused = await failure(newKey(all, { ...all, Principal: { AWS: [root, AWS] } }));
    assert.equal(refused.name, "MalformedPolicyDocumentException", AWS);
    assert.equal(refused.message, "Policy contains a statement with one or more invalid principals.");
  }
});

test("who is not named gets nothing: sessions, other keys' ARNs", async () => {
  for (const statement of [
    { ...all, Principal: { AWS: `arn:aws:sts::${account}:assumed-role/app/one` } },
    { ...all, Resource: "arn:aws:kms:us-east-1:000000000000:key/00000000-0000-4000-8000-000000000000" },
  ]) {
    const key = await newKey(statement);
    assert.equal(await allowed(encrypt(key.id)), false);
  }
  const own = await newKey({ ...all, Principal: { AWS: account }, Action: "KMS:encry*" });
  assert.equal(await allowed(encrypt(own.id)), true);
});

test("the lockout safety check: refused, unless it is bypassed", async () => {
  const locked = JSON.stringify({ Version: "2012-10-17", Statement: [{ ...all, Action: "kms:Encrypt" }] });
  const refused = {
    name: "MalformedPolicyDocumentException",
    message: "The new key policy will not allow you to update the key policy in the future.",
    status: 400,
  };
  assert.deepEqual(await failure(kms.send(new sdk.CreateKeyCommand({ Policy: locked }))), refused);
  const { id: KeyId } = await newKey(all);
  assert.deepEqual(await failure(kms.send(new sdk.PutKeyPolicyCommand({ KeyId, Policy: locked }))), refused);
  await kms.send(new sdk.PutKeyPolicyCommand({ KeyId, Policy: locked, BypassPolicyLockoutSafetyCheck: true }));
  const open = JSON.stringify({ Version: "2012-10-17", Statement: [all] });
  assert.equal(await allowed(kms.send(new sdk.PutKeyPolicyCommand({ KeyId, Policy: open }))), false);
  assert.equal(await allowed(encrypt(KeyId)), true);
});

test("a new policy holds for the very next request", async () => {
  const { id: KeyId } = await newKey(all);
  for (let i = 0; i < 20; i++) {
    const statements = i % 2 === 0 ? [all, deny("kms:Encrypt")] : [all];
    await kms.send(new sdk.PutKeyPolicyCommand({ KeyId, Policy: JSON.stringify({ Statement: statements }) }));
    assert.equal(await allowed(encrypt(KeyId)), i % 2 === 1);
  }
});

test("conditions on the encryption context, in each operation that has one", async () => {
  const { id: KeyId } = await newKey(
    all,
    deny(["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"], {
      StringNotEquals: { "kms:EncryptionContext:App": "web" },
    }),
  );
  assert.equal(await allowed(encrypt(KeyId)), false);
  assert.equal(await allowed(encrypt(KeyId, { App: "db" })), false);
  assert.equal(await allowed(encrypt(KeyId, { app: "web" })), true); // a key's case does not matter
  const EncryptionContext = { App: "web", more: "x" };
  const { CiphertextBlob } = await encrypt(KeyId, EncryptionContext);
  assert.equal(await allowed(kms.send(new sdk.DecryptCommand({ CiphertextBlob, EncryptionContext }))), true);
  assert.equal(await allowed(kms.send(new sdk.DecryptCommand({ CiphertextBlob }))), false);
  for (const [context, expected] of [
    [EncryptionContext, true],
    [{}, false],
  ] as const) {
    const dataKey = { KeyId, KeySpec: "AES_256", EncryptionContext: context } as const;
    assert.equal(await allowed(kms.send(new sdk.GenerateDataKeyCommand(dataKey))), expected);
    assert.equal(await allowed(kms.send(new sdk.GenerateDataKeyWithoutPlaintextCommand(dataKey))), expected);
    const reEncrypt = { CiphertextBlob, SourceEncryptionContext: EncryptionContext, DestinationKeyId: KeyId };
    assert.equal(
      await allowed(kms.send(new sdk.ReEncryptCommand({ ...reEncrypt, DestinationEncryptionContext: context }))),
      expected,
    );
  }
  const keys = await newKey({
    ...all,
    Condition: { "ForAllValues:StringEquals": { "kms:EncryptionContextKeys": ["a", "b"] } },
  });
  assert.equal(await allowed(encrypt(keys.id, { a: "1" })), true);
  assert.equal(await allowed(encrypt(keys.id, { a: "1", c: "2" })), false);
});

test("conditions on what is asked for", async () => {
  const rows: [Condition: object, call: (KeyId: string) => sdk.EncryptCommand | object, denied: boolean][] = [
    [
      { NumericLessThan: { "kms:ScheduleKeyDeletionPendingWindowInDays": 14 } },
      (KeyId) => new sdk.ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }),
      true,
    ],
    [
      { NumericLessThan: { "kms:ScheduleKeyDeletionPendingWindowInDays": 14 } },
      (KeyId) => new sdk.ScheduleKeyDeletionCommand({ KeyId }),
      false,
    ],
    [
      { NumericGreaterThan: { "kms:RotationPeriodInDays": 180 } },
      (KeyId) => new sdk.EnableKeyRotationCommand({ KeyId }),
      true,
    ],
    [
      { NumericGreaterThan: { "kms:RotationPeriodInDays": 180 } },
      (KeyId) => new sdk.EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 90 }),
      false,
    ],
    [
      { "ForAnyValue:StringEquals": { "aws:TagKeys": "secret" } },
      (KeyId) =>
        new sdk.TagResourceCommand({
          KeyId,
          Tags: [
            { TagKey: "a", TagValue: "" },
            { TagKey: "secret", TagValue: "" },
          ],
        }),
      true,
    ],
    [
      { "ForAnyValue:StringEquals": { "aws:TagKeys": "secret" } },
      (KeyId) => new sdk.UntagResourceCommand({ KeyId, TagKeys: ["secret"] }),
      true,
    ],
    [
      { StringEquals: { "aws:RequestTag/Team": "red" } },
      (KeyId) => new sdk.TagResourceCommand({ KeyId, Tags: [{ TagKey: "team", TagValue: "red" }] }),
      true,
    ],
    [
      { Null: { "kms:BypassPolicyLockoutSafetyCheck": "false" } },
      (KeyId) =>
        new sdk.PutKeyPolicyCommand({
          KeyId,
          Policy: JSON.stringify({ Statement: all }),
          BypassPolicyLockoutSafetyCheck: true,
        }),
      true,
    ],
    [
      { Null: { "kms:BypassPolicyLockoutSafetyCheck": "false" } },
      (KeyId) => new sdk.PutKeyPolicyCommand({ KeyId, Policy: JSON.stringify({ Statement: all }) }),
      false,
    ],
    [
      { StringEquals: { "kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT" } },
      (KeyId) => new sdk.EncryptCommand({ KeyId, Plaintext }),
      true,
    ],
    [{ Bool: { "kms:ReEncryptOnSameKey": "true" } }, (KeyId) => new sdk.EncryptCommand({ KeyId, Plaintext }), false],
    [{ Bool: { "aws:SecureTransport": "false" } }, (KeyId) => new sdk.EncryptCommand({ KeyId, Plaintext }), true],
    [
      { NotIpAddress: { "aws:SourceIp": "127.0.0.0/8" } },
      (KeyId) => new sdk.EncryptCommand({ KeyId, Plaintext }),
      false,
    ],
    [{ IpAddress: { "aws:SourceIp": "127.0.0.1" } }, (KeyId) => new sdk.EncryptCommand({ KeyId, Plaintext }), true],
    [
      { StringLike: { "aws:UserAgent": "aws-sdk-js/*" } },
      (KeyId) => new sdk.EncryptCommand({ KeyId, Plaintext }),
      true,
    ],
    [
      { StringEquals: { "aws:RequestedRegion": "us-east-1" } },
      (KeyId) => new sdk.EncryptCommand({ KeyId, Plaintext }),
      true,
    ],
    [
      { DateGreaterThan: { "aws:CurrentTime": "2020-01-01T00:00:00Z" } },
      (KeyId) => new sdk.EncryptCommand({ KeyId, Plaintext }),
      true,
    ],
    [
      { NumericGreaterThan: { "aws:EpochTime": 4_000_000_000 } },
      (KeyId) => new sdk.EncryptCommand({ KeyId, Plaintext }),
      false,
    ],
    [
      {
        StringEquals: {
          "kms:CallerAccount": account,
          "kms:KeySpec": "SYMMETRIC_DEFAULT",
          "kms:KeyOrigin": "AWS_KMS",
          "kms:KeyUsage": "ENCRYPT_DECRYPT",
        },
      },
      (KeyId) => new sdk.EncryptCommand({ KeyId, Plaintext }),
      true,
    ],
    [
      { ArnEquals: { "aws:PrincipalArn": "arn:aws:iam::*:root" }, Bool: { "kms:MultiRegion": "false" } },
      (KeyId) => new sdk.EncryptCommand({ KeyId, Plaintext }),
      true,
    ],
    [{ Null: { "kms:ViaService": "true" } }, (KeyId) => new sdk.EncryptCommand({ KeyId, Plaintext }), true],
    [{ Null: { "kms:NoSuchKey": "false" } }, (KeyId) => new sdk.EncryptCommand({ KeyId, Plaintext }), false],
  ];
  for (const [Condition, call, denied] of rows) {
    const { id } = await newKey(all, deny("kms:*", Condition));
    const outcome = await allowed(kms.send(call(id) as sdk.EncryptCommand));
    assert.equal(outcome, !denied, JSON.stringify(Condition));
  }
});

test("kms:RequestAlias: present when the request names the key by it, in either form", async () => {
  const { id } = await newKey(
    all,
    deny("kms:Encrypt", {
      StringNotEqualsIfExists: { "kms:RequestAlias": "alias/only" },
      Null: { "kms:RequestAlias": "false" },
    }),
  );
  for (const AliasName of ["alias/only", "alias/other"])
    await kms.send(new sdk.CreateAliasCommand({ AliasName, TargetKeyId: id }));
  assert.equal(await allowed(encrypt("alias/only")), true);
  assert.equal(await allowed(encrypt(`arn:aws:kms:us-east-1:${account}:alias/only`)), true);
  assert.equal(await allowed(encrypt("alias/other")), false);
  assert.equal(await allowed(encrypt(id)), true);
});

test("aws:ResourceTag: the tags as they are now", async () => {
  const { id: KeyId } = await newKey(all, deny("kms:Encrypt", { StringEquals: { "aws:ResourceTag/Frozen": "yes" } }));
  assert.equal(await allowed(encrypt(KeyId)), true);
  await kms.send(new sdk.TagResourceCommand({ KeyId, Tags: [{ TagKey: "frozen", TagValue: "yes" }] }));
  assert.equal(await allowed(encrypt(KeyId)), false);
});

test("kms:ReEncryptOnSameKey and each side's own action and context", async () => {
  const source = await newKey(all, deny("kms:ReEncryptFrom", { Bool: { "kms:ReEncryptOnSameKey": "false" } }));
  const target = await newKey(all, deny("kms:ReEncryptTo", { StringEquals: { "kms:EncryptionContext:a": "no" } }));
  const { CiphertextBlob } = await encrypt(source.id, { a: "no" });
  const reEncrypt = (DestinationKeyId: string, to: Record<string, string>) =>
    allowed(
      kms.send(
        new sdk.ReEncryptCommand({
          CiphertextBlob,
          SourceEncryptionContext: { a: "no" },
          DestinationKeyId,
          DestinationEncryptionContext: to,
        }),
      ),
    );
  assert.equal(await reEncrypt(source.id, {}), true);
  assert.equal(await reEncrypt(target.id, {}), false);
  const { CiphertextBlob: other } = await encrypt(target.id, { a: "no" });
  const command = (to: Record<string, string>) =>
    new sdk.ReEncryptCommand({
      CiphertextBlob: other,
      SourceEncryptionContext: { a: "no" },
      DestinationKeyId: target.id,
      DestinationEncryptionContext: to,
    });
  assert.equal(await allowed(kms.send(command({ a: "yes" }))), true);
  assert.equal(await allowed(kms.send(command({ a: "no" }))), false);
});

test("aliases: moving and deleting one is also for the key's policy to allow", async () => {
  const AliasName = "alias/kept";
  const kept = await newKey(all, deny(["kms:DeleteAlias", "kms:UpdateAlias"]));
  const { id: free } = await newKey(all);
  await kms.send(new sdk.CreateAliasCommand({ AliasName, TargetKeyId: kept.id }));
  assert.equal(await allowed(kms.send(new sdk.DeleteAliasCommand({ AliasName }))), false);
  assert.equal(await allowed(kms.send(new sdk.UpdateAliasCommand({ AliasName, TargetKeyId: free }))), false);
  await kms.send(new sdk.CreateAliasCommand({ AliasName: "alias/free", TargetKeyId: free }));
  assert.equal(
    await allowed(kms.send(new sdk.UpdateAliasCommand({ AliasName: "alias/free", TargetKeyId: kept.id }))),
    false,
  );
  await kms.send(new sdk.DeleteAliasCommand({ AliasName: "alias/free" }));
});

test("policies that are none: AWS's refusals", async () => {
  const { id: KeyId } = await newKey(all);
  const put = async (document: unknown) =>
    failure(
      kms.send(
        new sdk.PutKeyPolicyCommand({
          KeyId,
          Policy: typeof document === "string" ? document : JSON.stringify(document),
        }),
      ),
    );
  for (const [document, message] of [
    [{ Statement: [{ ...all, Principal: undefined }] }, "Policy contains a statement with no principal."],
    [{ Statement: [{ ...all, Action: undefined }] }, "Missing required field Action"],
    [{ Statement: [{ ...all, Resource: undefined }] }, "Missing required field Resource"],
    [
      { Statement: [{ ...all, Principal: { AWS: "alice" } }] },
      "Policy contains a statement with one or more invalid principals.",
    ],
    [
      { Statement: [{ ...all, Principal: { AWS: `arn:aws:iam::${account}:group/g` } }] },
      "Policy contains a statement with one or more invalid principals.",
    ],
    ['{"Statement":[],"Statement":[]}', "The policy is malformed: Statement is given twice."],
  ] as const) {
    assert.deepEqual(await put(document), { name: "MalformedPolicyDocumentException", message, status: 400 });
  }
});
