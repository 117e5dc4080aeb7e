import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import * as kms from "@aws-sdk/client-kms";
import { operations } from "../../src/kms/operations/index.ts";
import { failure } from "../harness.ts";
import { importInto } from "../sdk/importing.ts";
import { A, makeWorld, newUser, policy, REGION, type World } from "./world.ts";

/** Each operation asks for its own action, and for nothing less: reference/kms-operations.md §2.1, policy-language.md §5.7. */

let world: World;
let user: Awaited<ReturnType<typeof newUser>>;
let root: kms.KMSClient;
let mine: kms.KMSClient;

before(async () => {
  world = await makeWorld();
  user = await newUser(world, world.rootOf.A, "alice");
  root = world.kms(world.rootOf.A);
  mine = world.kms(user.keys);
});
after(() => world.stop());

/** Lets the user do these things and nothing else. */
const let_ = (...statements: object[]) =>
  world.iam(world.rootOf.A).send(
    new iam.PutUserPolicyCommand({
      UserName: "alice",
      PolicyName: "p",
      PolicyDocument: policy({ Effect: "Allow", Action: "s3:*", Resource: "*" }, ...statements),
    }),
  );
const allow = (Action: string | string[], Resource: string | string[] = "*") => ({ Effect: "Allow", Action, Resource });

const denied = (action: string, on: string) =>
  `User: ${user.arn} is not authorized to perform: kms:${action}${on} because no identity-based policy allows the kms:${action} action`;

interface Key {
  id: string;
  arn: string;
  blob: Uint8Array;
  grant: string;
  alias: string;
}

let count = 0;
async function newKey(of: kms.CreateKeyRequest = {}): Promise<Key> {
  const { KeyMetadata } = await root.send(new kms.CreateKeyCommand(of));
  const { KeyId: id = "", Arn: arn = "" } = KeyMetadata ?? {};
  const { CiphertextBlob } =
    of.KeySpec === undefined
      ? await root.send(new kms.EncryptCommand({ KeyId: id, Plaintext: Buffer.from("x") }))
      : { CiphertextBlob: undefined };
  if (of === external) await importInto(root, id, randomBytes(32));
  const { GrantId } = await root.send(
    new kms.CreateGrantCommand({
      KeyId: id,
      GranteePrincipal: `arn:aws:iam::${A}:root`,
      Operations: ["DescribeKey"],
    }),
  );
  const alias = `alias/${++count}`;
  await root.send(new kms.CreateAliasCommand({ AliasName: alias, TargetKeyId: id }));
  return { id, arn, blob: CiphertextBlob as Uint8Array, grant: GrantId as string, alias };
}

// biome-ignore lint/suspicious/noExplicitAny: each command has its own types of input and output
type Command = any;
const Tags = [{ TagKey: "a", TagValue: "b" }];
const byCiphertext = " on the resource associated with this ciphertext";

/** On one key. `on`: how the denial names it, where not by its ARN; `first`: what root has to do before. */
const text = Buffer.from("text");
const signing: kms.CreateKeyRequest = { KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" };
const mac: kms.CreateKeyRequest = { KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC" };
const external: kms.CreateKeyRequest = { Origin: "EXTERNAL", KeySpec: "SYMMETRIC_DEFAULT" };
const wrapping = { WrappingAlgorithm: "RSAES_OAEP_SHA_256", WrappingKeySpec: "RSA_2048" } as const;
const kem: kms.CreateKeyRequest = { KeySpec: "ML_KEM_512", KeyUsage: "ENCAPSULATE_DECAPSULATE" };
const peer = generateKeyPairSync("ec", { namedCurve: "prime256v1" }).publicKey.export({ format: "der", type: "spki" });

// biome-ignore format: a table reads best as one
const onKey: Record<string, { command: (key: Key) => Command; on?: string; first?: (key: Key) => Command; key?: kms.CreateKeyRequest }> = {
  CancelKeyDeletion: { command: ({ id }) => new kms.CancelKeyDeletionCommand({ KeyId: id }), first: ({ id }) => new kms.ScheduleKeyDeletionCommand({ KeyId: id }) },
  CreateGrant: { command: ({ id }) => new kms.CreateGrantCommand({ KeyId: id, GranteePrincipal: user.arn, Operations: ["Encrypt"] }) },
  Decrypt: { command: ({ blob }) => new kms.DecryptCommand({ CiphertextBlob: blob }), on: byCiphertext },
  Decapsulate: { key: kem, command: ({ id }) => new kms.DecapsulateCommand({ KeyId: id, SharedSecretCiphertextBlob: Buffer.alloc(768), EncapsulationAlgorithm: "ML_KEM" }) },
  DeriveSharedSecret: { key: { KeySpec: "ECC_NIST_P256", KeyUsage: "KEY_AGREEMENT" }, command: ({ id }) => new kms.DeriveSharedSecretCommand({ KeyId: id, KeyAgreementAlgorithm: "ECDH", PublicKey: peer }) },
  DescribeKey: { command: ({ id }) => new kms.DescribeKeyCommand({ KeyId: id }) },
  DisableKey: { command: ({ id }) => new kms.DisableKeyCommand({ KeyId: id }) },
  DisableKeyRotation: { command: ({ id }) => new kms.DisableKeyRotationCommand({ KeyId: id }) },
  EnableKey: { command: ({ id }) => new kms.EnableKeyCommand({ KeyId: id }) },
  EnableKeyRotation: { command: ({ id }) => new kms.EnableKeyRotationCommand({ KeyId: id }) },
  Encapsulate: { key: kem, command: ({ id }) => new kms.EncapsulateCommand({ KeyId: id, EncapsulationAlgorithm: "ML_KEM" }) },
  Encrypt: { command: ({ alias }) => new kms.EncryptCommand({ KeyId: alias, Plaintext: Buffer.from("x") }) },
  GenerateDataKey: { command: ({ id }) => new kms.GenerateDataKeyCommand({ KeyId: id, KeySpec: "AES_256" }) },
  GenerateDataKeyWithoutPlaintext: { command: ({ id }) => new kms.GenerateDataKeyWithoutPlaintextCommand({ KeyId: id, KeySpec: "AES_256" }) },
  GenerateDataKeyPair: { command: ({ id }) => new kms.GenerateDataKeyPairCommand({ KeyId: id, KeyPairSpec: "ECC_NIST_P256" }) },
  GenerateDataKeyPairWithoutPlaintext: { command: ({ id }) => new kms.GenerateDataKeyPairWithoutPlaintextCommand({ KeyId: id, KeyPairSpec: "ECC_NIST_P256" }) },
  GenerateMac: { key: mac, command: ({ id }) => new kms.GenerateMacCommand({ KeyId: id, Message: text, MacAlgorithm: "HMAC_SHA_256" }) },
  GetKeyLastUsage: { command: ({ id }) => new kms.GetKeyLastUsageCommand({ KeyId: id }) },
  GetKeyPolicy: { command: ({ id }) => new kms.GetKeyPolicyCommand({ KeyId: id }) },
  GetKeyRotationStatus: { command: ({ id }) => new kms.GetKeyRotationStatusCommand({ KeyId: id }) },
  GetPublicKey: { key: signing, command: ({ alias }) => new kms.GetPublicKeyCommand({ KeyId: alias }) },
  ListGrants: { command: ({ id }) => new kms.ListGrantsCommand({ KeyId: id }) },
  ListKeyPolicies: { command: ({ id }) => new kms.ListKeyPoliciesCommand({ KeyId: id }) },
  ListKeyRotations: { command: ({ id }) => new kms.ListKeyRotationsCommand({ KeyId: id }) },
  ListResourceTags: { command: ({ id }) => new kms.ListResourceTagsCommand({ KeyId: id }) },
  PutKeyPolicy: { command: ({ id }) => new kms.PutKeyPolicyCommand({ KeyId: id, Policy: policy({ ...allow("kms:*"), Principal: { AWS: A } }) }) },
  RetireGrant: { command: ({ arn, grant }) => new kms.RetireGrantCommand({ KeyId: arn, GrantId: grant }) },
  RevokeGrant: { command: ({ id, grant }) => new kms.RevokeGrantCommand({ KeyId: id, GrantId: grant }) },
  GetParametersForImport: { key: external, command: ({ id }) => new kms.GetParametersForImportCommand({ KeyId: id, ...wrapping }) },
  DeleteImportedKeyMaterial: { key: external, command: ({ id }) => new kms.DeleteImportedKeyMaterialCommand({ KeyId: id }) },
  RotateKeyOnDemand: { command: ({ id }) => new kms.RotateKeyOnDemandCommand({ KeyId: id }) },
  ScheduleKeyDeletion: { command: ({ id }) => new kms.ScheduleKeyDeletionCommand({ KeyId: id }) },
  Sign: { key: signing, command: ({ id }) => new kms.SignCommand({ KeyId: id, Message: text, SigningAlgorithm: "ECDSA_SHA_256" }) },
  TagResource: { command: ({ id }) => new kms.TagResourceCommand({ KeyId: id, Tags }) },
  UntagResource: { command: ({ id }) => new kms.UntagResourceCommand({ KeyId: id, TagKeys: ["a"] }) },
  UpdateKeyDescription: { command: ({ id }) => new kms.UpdateKeyDescriptionCommand({ KeyId: id, Description: "d" }) },
};

for (const [action, { command, on, first, key: of }] of Object.entries(onKey)) {
  test(`${action} on a key`, async () => {
    const key = await newKey(of);
    if (first) await root.send(first(key));
    await let_(allow("kms:*", (await newKey()).arn));
    const refused = await failure(mine.send(command(key)));
    assert.deepEqual(refused, {
      name: "AccessDeniedException",
      message: denied(action, on ?? ` on resource: ${key.arn}`),
      status: 400,
    });
    await let_({ Effect: "Allow", NotAction: `kms:${action}`, Resource: "*" });
    assert.equal((await failure(mine.send(command(key)))).name, "AccessDeniedException");
    await let_(allow(`kms:${action}`, key.arn));
    await mine.send(command(key));
  });
}

/** About no key: identity policies alone, on `*`. */
const onNothing: Record<string, () => Command> = {
  CreateKey: () => new kms.CreateKeyCommand({ BypassPolicyLockoutSafetyCheck: true }),
  GenerateRandom: () => new kms.GenerateRandomCommand({ NumberOfBytes: 8 }),
  ListAliases: () => new kms.ListAliasesCommand({}),
  ListKeys: () => new kms.ListKeysCommand({}),
  ListRetirableGrants: () => new kms.ListRetirableGrantsCommand({ RetiringPrincipal: user.arn }),
};

for (const [action, command] of Object.entries(onNothing)) {
  test(`${action} in the account`, async () => {
    await let_(allow(`kms:${action}`, `arn:aws:kms:${REGION}:${A}:key/*`)); // an ARN does not match what is about no key
    const { message } = await failure(mine.send(command()));
    const on = action === "ListRetirableGrants" ? user.arn : "*";
    assert.equal(message, denied(action, ` on resource: ${on}`));
    await let_(allow(`kms:${action}`, on));
    await mine.send(command());
  });
}

test("CreateKey with tags needs kms:TagResource too (#61)", async () => {
  await let_(allow("kms:CreateKey"));
  const create = () => mine.send(new kms.CreateKeyCommand({ Tags }));
  assert.equal((await failure(create())).message, denied("TagResource", ""));
  await let_(allow(["kms:CreateKey", "kms:TagResource"]));
  await create();
  const tagged = { StringEquals: { "aws:RequestTag/a": "b" }, "ForAllValues:StringEquals": { "aws:TagKeys": ["a"] } };
  await let_(allow("kms:CreateKey"), { ...allow("kms:TagResource"), Condition: tagged });
  await create();
  await let_({
    ...allow(["kms:CreateKey", "kms:TagResource"]),
    Condition: { StringEquals: { "aws:RequestTag/a": "c" } },
  });
  assert.equal((await failure(create())).message, denied("CreateKey", " on resource: *"));
});

test("CreateKey's conditions: what the key is to be", async () => {
  await let_({ ...allow("kms:CreateKey"), Condition: { StringEquals: { "kms:KeySpec": "RSA_2048" } } });
  assert.equal(
    (await failure(mine.send(new kms.CreateKeyCommand({})))).message,
    denied("CreateKey", " on resource: *"),
  );
  await let_({
    ...allow("kms:CreateKey"),
    Condition: {
      StringEquals: {
        "kms:KeySpec": "SYMMETRIC_DEFAULT",
        "kms:KeyUsage": "ENCRYPT_DECRYPT",
        "kms:KeyOrigin": "AWS_KMS",
      },
      Bool: { "kms:MultiRegion": "false" },
      Null: { "kms:BypassPolicyLockoutSafetyCheck": "true" },
    },
  });
  await failureOfLockout();
});

/** The default policy lets IAM in, and IAM does not let this user change a key's policy. That is no lockout at AWS: it asks for no Policy. */
async function failureOfLockout(): Promise<void> {
  const { KeyMetadata } = await mine.send(new kms.CreateKeyCommand({}));
  assert.equal(KeyMetadata?.KeyState, "Enabled");
}

test("aliases need the right on the alias and on the key (#62)", async () => {
  const [key, other] = [await newKey(), await newKey()];
  const name = "alias/mine";
  const alias = `arn:aws:kms:${REGION}:${A}:${name}`;
  const steps: [string, () => Command, string[]][] = [
    ["CreateAlias", () => new kms.CreateAliasCommand({ AliasName: name, TargetKeyId: key.id }), [alias, key.arn]],
    [
      "UpdateAlias",
      () => new kms.UpdateAliasCommand({ AliasName: name, TargetKeyId: other.id }),
      [alias, key.arn, other.arn],
    ],
    ["DeleteAlias", () => new kms.DeleteAliasCommand({ AliasName: name }), [alias, other.arn]],
  ];
  for (const [action, command, needed] of steps) {
    for (const missing of needed) {
      const rest = needed.filter((arn) => arn !== missing);
      await let_(allow(`kms:${action}`, rest));
      assert.equal((await failure(mine.send(command()))).message, denied(action, ` on resource: ${missing}`));
    }
    await let_(allow(`kms:${action}`, needed));
    await mine.send(command());
  }
});

test("ReEncrypt needs both of its actions (#60)", async () => {
  const [from, to] = [await newKey(), await newKey()];
  const command = () => new kms.ReEncryptCommand({ CiphertextBlob: from.blob, DestinationKeyId: to.id });
  await let_(allow("kms:ReEncryptFrom", from.arn));
  assert.equal((await failure(mine.send(command()))).message, denied("ReEncryptTo", ` on resource: ${to.arn}`));
  await let_(allow("kms:ReEncryptTo", to.arn));
  assert.equal((await failure(mine.send(command()))).message, denied("ReEncryptFrom", byCiphertext));
  await let_(allow("kms:ReEncryptTo", to.arn), allow("kms:ReEncryptFrom", from.arn));
  await mine.send(command());
  const same = { Bool: { "kms:ReEncryptOnSameKey": "true" } };
  await let_({ ...allow("kms:ReEncrypt*"), Condition: same });
  assert.equal((await failure(mine.send(command()))).name, "AccessDeniedException");
  await mine.send(new kms.ReEncryptCommand({ CiphertextBlob: from.blob, DestinationKeyId: from.id }));
});

test("Verify and VerifyMac", async () => {
  const signed = await newKey(signing);
  const { Signature } = await root.send(
    new kms.SignCommand({ KeyId: signed.id, Message: text, SigningAlgorithm: "ECDSA_SHA_256" }),
  );
  const authenticated = await newKey(mac);
  const { Mac } = await root.send(
    new kms.GenerateMacCommand({ KeyId: authenticated.id, Message: text, MacAlgorithm: "HMAC_SHA_256" }),
  );
  for (const [action, key, command] of [
    [
      "Verify",
      signed,
      new kms.VerifyCommand({ KeyId: signed.id, Message: text, Signature, SigningAlgorithm: "ECDSA_SHA_256" }),
    ],
    [
      "VerifyMac",
      authenticated,
      new kms.VerifyMacCommand({ KeyId: authenticated.id, Message: text, Mac, MacAlgorithm: "HMAC_SHA_256" }),
    ],
  ] as [string, Key, Command][]) {
    await let_({ Effect: "Allow", NotAction: `kms:${action}`, Resource: "*" });
    assert.equal((await failure(mine.send(command))).message, denied(action, ` on resource: ${key.arn}`));
    const conditions =
      action === "Verify"
        ? { "kms:SigningAlgorithm": "ECDSA_SHA_256", "kms:MessageType": "RAW" }
        : { "kms:MacAlgorithm": "HMAC_SHA_256" };
    await let_({ ...allow(`kms:${action}`, key.arn), Condition: { StringEquals: conditions } });
    await mine.send(command);
  }
});

test("what was used lately cannot be disabled by whom a condition says so", async () => {
  const key = await newKey();
  await let_({
    ...allow("kms:DisableKey", key.arn),
    Condition: { NumericGreaterThanEquals: { "kms:TrailingDaysWithoutKeyUsage": "30" } },
  });
  const disable = () => mine.send(new kms.DisableKeyCommand({ KeyId: key.id }));
  assert.equal((await failure(disable())).name, "AccessDeniedException");
  world.server.moveClock(31 * 86_400_000);
  try {
    await disable();
  } finally {
    world.server.moveClock(-31 * 86_400_000);
  }
});

test("the parameters of an import are conditions", async () => {
  const key = await newKey(external);
  const asked = { "kms:WrappingAlgorithm": "RSAES_OAEP_SHA_256", "kms:WrappingKeySpec": "RSA_2048" };
  const importing = (Condition: object) =>
    let_(
      { ...allow("kms:GetParametersForImport", key.arn), Condition: { StringEquals: asked } },
      { ...allow("kms:ImportKeyMaterial", key.arn), Condition },
    );
  const material = randomBytes(32);
  const second = await newKey(external);
  const into = (ValidTo?: Date, to = key.id) =>
    importInto(mine, to, material, ValidTo === undefined ? {} : { ValidTo, ImportType: "NEW_KEY_MATERIAL" });
  await importing({ StringEquals: { "kms:ExpirationModel": "KEY_MATERIAL_EXPIRES" } });
  assert.equal((await failure(into())).message, denied("ImportKeyMaterial", ` on resource: ${key.arn}`));
  assert.equal(
    (await failure(into(undefined, second.id))).message,
    denied("GetParametersForImport", ` on resource: ${second.arn}`),
  );
  const inAnHour = Math.floor(Date.now() / 1000) + 3600;
  const at = (seconds: number) => new Date(seconds * 1000);
  const bound = { NumericLessThanEquals: { "kms:ValidTo": String(inAnHour) } };
  await importing(bound);
  assert.equal(
    (await failure(into(at(inAnHour + 1)))).message,
    denied("ImportKeyMaterial", ` on resource: ${key.arn}`),
  );
  await into(at(inAnHour));
  await importing({ DateLessThan: { "kms:ValidTo": at(inAnHour).toISOString() } });
  assert.equal((await failure(into(at(inAnHour)))).name, "AccessDeniedException");
  await importing({ StringEquals: { "kms:ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE" } });
  await into();
  await let_({
    ...allow("kms:GetParametersForImport", key.arn),
    Condition: { StringEquals: { ...asked, "kms:WrappingKeySpec": "RSA_4096" } },
  });
  assert.equal((await failure(into())).message, denied("GetParametersForImport", ` on resource: ${key.arn}`));
});

const REPLICA = "eu-west-1";

test("ReplicateKey needs rights on the primary, and to make a key in the other Region", async () => {
  const key = await newKey({ MultiRegion: true });
  const replicate = (of: Partial<kms.ReplicateKeyRequest> = {}) =>
    mine.send(new kms.ReplicateKeyCommand({ KeyId: key.id, ReplicaRegion: REPLICA, ...of }));
  const inRegion = { StringEquals: { "aws:RequestedRegion": REPLICA } };
  const toReplica = {
    StringEquals: { "kms:ReplicaRegion": REPLICA, "kms:MultiRegionKeyType": "PRIMARY" },
    Bool: { "kms:MultiRegion": "true" },
  };
  await let_({ ...allow("kms:CreateKey"), Condition: inRegion });
  assert.equal((await failure(replicate())).message, denied("ReplicateKey", ` on resource: ${key.arn}`));
  await let_({ ...allow("kms:ReplicateKey", key.arn), Condition: toReplica });
  assert.equal((await failure(replicate())).message, denied("CreateKey", " on resource: *"));
  await let_(allow("kms:ReplicateKey", key.arn), {
    ...allow("kms:CreateKey"),
    Condition: {
      StringEquals: { ...inRegion.StringEquals, "kms:MultiRegionKeyType": "REPLICA", "kms:KeyOrigin": "AWS_KMS" },
    },
  });
  assert.equal((await failure(replicate({ Tags }))).message, denied("TagResource", ""));
  assert.equal(
    (await failure(replicate({ ReplicaRegion: "eu-west-2" }))).message,
    denied("CreateKey", " on resource: *"),
  );
  await replicate();
});

test("UpdatePrimaryRegion needs the right on both keys", async () => {
  const key = await newKey({ MultiRegion: true });
  await root.send(new kms.ReplicateKeyCommand({ KeyId: key.id, ReplicaRegion: REPLICA }));
  const replica = key.arn.replace(REGION, REPLICA);
  const update = () => mine.send(new kms.UpdatePrimaryRegionCommand({ KeyId: key.id, PrimaryRegion: REPLICA }));
  for (const [missing, present] of [
    [key.arn, replica],
    [replica, key.arn],
  ] as const) {
    await let_(allow("kms:UpdatePrimaryRegion", present));
    assert.equal((await failure(update())).message, denied("UpdatePrimaryRegion", ` on resource: ${missing}`));
  }
  await let_({ ...allow("kms:UpdatePrimaryRegion"), Condition: { StringNotEquals: { "kms:PrimaryRegion": REPLICA } } });
  assert.equal((await failure(update())).name, "AccessDeniedException");
  await let_({ ...allow("kms:UpdatePrimaryRegion"), Condition: { StringEquals: { "kms:PrimaryRegion": REPLICA } } });
  await update();
});

test("every operation is in one of these", () => {
  const others = [
    ...["CreateAlias", "DeleteAlias", "ImportKeyMaterial", "ReEncrypt", "ReplicateKey", "UpdateAlias"],
    ...["UpdatePrimaryRegion", "Verify", "VerifyMac"],
  ];
  const tested = [...Object.keys(onKey), ...Object.keys(onNothing), ...others];
  assert.deepEqual(tested.sort(), operations.map(({ name }) => name).sort());
});

test("an AWS managed key is not made for whom its policy refuses", async () => {
  const aliasOf = async (name: string) =>
    (await root.send(new kms.ListAliasesCommand({ Limit: 100 }))).Aliases?.find(({ AliasName }) => AliasName === name)
      ?.TargetKeyId;
  await let_();
  const describe = () => mine.send(new kms.DescribeKeyCommand({ KeyId: "alias/aws/sqs" }));
  assert.equal((await failure(describe())).name, "AccessDeniedException");
  assert.equal(await aliasOf("alias/aws/sqs"), undefined);
  await let_(allow("kms:DescribeKey"));
  await describe();
  assert.match((await aliasOf("alias/aws/sqs")) ?? "", /^[0-9a-f-]{36}$/);
});

test("who is named by a key policy is that user, whatever its name becomes (#57)", async () => {
  const admin = world.iam(world.rootOf.A);
  const named = await newUser(world, world.rootOf.A, "first");
  const rootStatement = { ...allow("kms:*"), Principal: { AWS: `arn:aws:iam::${A}:root` } };
  const Policy = policy(rootStatement, { ...allow("kms:Encrypt"), Principal: { AWS: [named.arn] } });
  const { KeyMetadata } = await root.send(new kms.CreateKeyCommand({ Policy }));
  const KeyId = KeyMetadata?.KeyId as string;
  const encrypt = (keys: typeof named.keys) =>
    world.kms(keys).send(new kms.EncryptCommand({ KeyId, Plaintext: Buffer.from("x") }));
  const principal = async () => {
    const { Policy: shown = "" } = await root.send(new kms.GetKeyPolicyCommand({ KeyId }));
    return JSON.parse(shown).Statement[1].Principal.AWS;
  };
  await encrypt(named.keys);
  assert.deepEqual(await principal(), [named.arn]);
  await admin.send(new iam.UpdateUserCommand({ UserName: "first", NewUserName: "renamed", NewPath: "/moved/" }));
  await encrypt(named.keys);
  assert.deepEqual(await principal(), [`arn:aws:iam::${A}:user/moved/renamed`]);
  const again = await newUser(world, world.rootOf.A, "first");
  assert.equal((await failure(encrypt(again.keys))).name, "AccessDeniedException");
  await admin.send(new iam.DeleteAccessKeyCommand({ UserName: "renamed", AccessKeyId: named.keys.accessKeyId }));
  await admin.send(new iam.DeleteUserCommand({ UserName: "renamed" }));
  assert.equal((await failure(encrypt(named.keys))).name, "UnrecognizedClientException");
  assert.deepEqual(await principal(), [named.id]);
  // What was read can be written back; the same id in another key's policy says nothing.
  const { Policy: shown } = await root.send(new kms.GetKeyPolicyCommand({ KeyId }));
  await root.send(new kms.PutKeyPolicyCommand({ KeyId, Policy: shown }));
  assert.equal(
    (await failure(root.send(new kms.CreateKeyCommand({ Policy: shown })))).message,
    "Policy contains a statement with one or more invalid principals.",
  );
  const renewed = await newUser(world, world.rootOf.A, "renamed");
  assert.equal((await failure(encrypt(renewed.keys))).name, "AccessDeniedException");
});
