import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import * as sdk from "@aws-sdk/client-kms";
import { failure, startTestServer, type TestServer } from "../harness.ts";
import { importInto } from "./importing.ts";

/** Multi-Region keys: reference/kms-operations.md §14, kms-semantics.md §1. */

const [HERE, THERE, ELSEWHERE] = ["us-east-1", "eu-west-1", "ap-northeast-2"] as const;
const DAY = 86_400_000;
const Plaintext = Buffer.from("text");

let server: TestServer;
const clients = new Map<string, sdk.KMSClient>();
const at = (region: string) => clients.get(region) as sdk.KMSClient;
before(async () => {
  server = await startTestServer();
  for (const region of [HERE, THERE, ELSEWHERE]) clients.set(region, server.client({ region }));
});
after(() => server.stop());

interface MultiRegionKey {
  readonly id: string;
  arn(region: string): string;
}

async function newKey(of: sdk.CreateKeyRequest = {}): Promise<MultiRegionKey> {
  const { KeyMetadata } = await at(HERE).send(new sdk.CreateKeyCommand({ MultiRegion: true, ...of }));
  const { KeyId: id = "", Arn = "" } = KeyMetadata as sdk.KeyMetadata;
  assert.match(id, /^mrk-[0-9a-f]{32}$/);
  return { id, arn: (region) => Arn.replace(HERE, region) };
}

const replicate = (
  KeyId: string,
  ReplicaRegion: string,
  of: Partial<sdk.ReplicateKeyRequest> = {},
  from: string = HERE,
) => at(from).send(new sdk.ReplicateKeyCommand({ KeyId, ReplicaRegion, ...of }));
const metadata = async (region: string, KeyId: string) =>
  (await at(region).send(new sdk.DescribeKeyCommand({ KeyId }))).KeyMetadata as sdk.KeyMetadata;
const state = async (region: string, KeyId: string) => (await metadata(region, KeyId)).KeyState;
const encrypt = async (region: string, KeyId: string) =>
  (await at(region).send(new sdk.EncryptCommand({ KeyId, Plaintext, EncryptionContext: { a: "b" } })))
    .CiphertextBlob as Uint8Array;
const decrypt = (region: string, CiphertextBlob: Uint8Array) =>
  at(region).send(new sdk.DecryptCommand({ CiphertextBlob, EncryptionContext: { a: "b" } }));
const refused = (name: string, message: string) => ({ name, message, status: 400 });
const notPrimary = (arn: string) =>
  refused("UnsupportedOperationException", `${arn} is not a multi-region primary key.`);

test("a primary and its replicas: what they share, and what is each one's own", async () => {
  const { id, arn } = await newKey({
    Description: "first",
    Tags: [{ TagKey: "a", TagValue: "1" }],
  });
  const alone = await metadata(HERE, id);
  assert.equal(alone.MultiRegion, true);
  assert.deepEqual(alone.MultiRegionConfiguration, {
    MultiRegionKeyType: "PRIMARY",
    PrimaryKey: { Arn: arn(HERE), Region: HERE },
    ReplicaKeys: [],
  });
  assert.equal((await failure(metadata(THERE, id))).message, `Key '${arn(THERE)}' does not exist`);
  const made = await replicate(id, THERE, {
    Description: "second",
    Tags: [{ TagKey: "b", TagValue: "2" }],
  });
  assert.deepEqual(
    [made.ReplicaKeyMetadata?.KeyState, made.ReplicaKeyMetadata?.Arn, made.ReplicaKeyMetadata?.Description],
    ["Creating", arn(THERE), "second"],
  );
  assert.deepEqual(made.ReplicaTags, [{ TagKey: "b", TagValue: "2" }]);
  const { Policy } = await at(THERE).send(new sdk.GetKeyPolicyCommand({ KeyId: id }));
  assert.equal(made.ReplicaPolicy, Policy);
  assert.match(Policy as string, /key-default-1/);

  const [primary, replica] = [await metadata(HERE, id), await metadata(THERE, id)];
  assert.equal(replica.KeyState, "Enabled");
  const configuration = {
    PrimaryKey: { Arn: arn(HERE), Region: HERE },
    ReplicaKeys: [{ Arn: arn(THERE), Region: THERE }],
  };
  assert.deepEqual(primary.MultiRegionConfiguration, { MultiRegionKeyType: "PRIMARY", ...configuration });
  assert.deepEqual(replica.MultiRegionConfiguration, { MultiRegionKeyType: "REPLICA", ...configuration });
  const shared = ({ KeyId, KeySpec, KeyUsage, Origin, MultiRegion, CurrentKeyMaterialId }: sdk.KeyMetadata) => ({
    KeyId,
    KeySpec,
    KeyUsage,
    Origin,
    MultiRegion,
    CurrentKeyMaterialId,
  });
  assert.deepEqual(shared(replica), shared(primary));
  assert.match(replica.CurrentKeyMaterialId as string, /^[0-9a-f]{64}$/);

  const blob = await encrypt(HERE, id);
  assert.equal((await decrypt(THERE, blob)).KeyId, arn(THERE));
  assert.equal((await decrypt(HERE, await encrypt(THERE, id))).KeyId, arn(HERE));
  assert.equal((await failure(decrypt(ELSEWHERE, blob))).name, "AccessDeniedException");

  await at(HERE).send(new sdk.DisableKeyCommand({ KeyId: id }));
  await at(HERE).send(new sdk.CreateAliasCommand({ AliasName: "alias/here", TargetKeyId: id }));
  await at(THERE).send(new sdk.TagResourceCommand({ KeyId: id, Tags: [{ TagKey: "c", TagValue: "3" }] }));
  assert.deepEqual([await state(HERE, id), await state(THERE, id)], ["Disabled", "Enabled"]);
  assert.deepEqual((await at(THERE).send(new sdk.ListAliasesCommand({ KeyId: id }))).Aliases, []);
  assert.deepEqual((await at(HERE).send(new sdk.ListResourceTagsCommand({ KeyId: id }))).Tags, [
    { TagKey: "a", TagValue: "1" },
  ]);
  await decrypt(THERE, blob);
});

test("replicas of every family sign, verify and agree for each other", async () => {
  const signing = await newKey({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });
  const mac = await newKey({ KeySpec: "HMAC_384", KeyUsage: "GENERATE_VERIFY_MAC" });
  const rsa = await newKey({ KeySpec: "RSA_2048", KeyUsage: "ENCRYPT_DECRYPT" });
  for (const { id } of [signing, mac, rsa]) await replicate(id, THERE);
  const SigningAlgorithm = "ECDSA_SHA_256";
  const message = { KeyId: signing.id, Message: Plaintext, SigningAlgorithm } as const;
  const { Signature } = await at(HERE).send(new sdk.SignCommand(message));
  await at(THERE).send(new sdk.VerifyCommand({ ...message, Signature }));
  const MacAlgorithm = "HMAC_SHA_384";
  const authenticated = { KeyId: mac.id, Message: Plaintext, MacAlgorithm } as const;
  const { Mac } = await at(THERE).send(new sdk.GenerateMacCommand(authenticated));
  await at(HERE).send(new sdk.VerifyMacCommand({ ...authenticated, Mac }));
  const publicKey = async (region: string, KeyId: string) =>
    (await at(region).send(new sdk.GetPublicKeyCommand({ KeyId }))).PublicKey;
  for (const { id } of [signing, rsa]) assert.deepEqual(await publicKey(HERE, id), await publicKey(THERE, id));
  const EncryptionAlgorithm = "RSAES_OAEP_SHA_256";
  const { CiphertextBlob } = await at(HERE).send(
    new sdk.EncryptCommand({ KeyId: rsa.id, Plaintext, EncryptionAlgorithm }),
  );
  await at(THERE).send(new sdk.DecryptCommand({ KeyId: rsa.id, CiphertextBlob, EncryptionAlgorithm }));
});

test("what cannot be replicated", async () => {
  const single = await at(HERE).send(new sdk.CreateKeyCommand({}));
  const { KeyId = "", Arn = "", MultiRegion, MultiRegionConfiguration } = single.KeyMetadata as sdk.KeyMetadata;
  assert.deepEqual([MultiRegion, MultiRegionConfiguration], [false, undefined]);
  assert.deepEqual(await failure(replicate(KeyId, THERE)), notPrimary(Arn));
  const { id, arn } = await newKey();
  assert.equal((await failure(replicate(id, HERE))).name, "AlreadyExistsException");
  await replicate(id, THERE);
  assert.deepEqual(
    await failure(replicate(id, THERE)),
    refused("AlreadyExistsException", `A related multi-Region key already exists: ${arn(THERE)}`),
  );
  await at(THERE).send(new sdk.ScheduleKeyDeletionCommand({ KeyId: id }));
  assert.equal((await failure(replicate(id, THERE))).name, "AlreadyExistsException");
  assert.deepEqual(await failure(replicate(id, ELSEWHERE, {}, THERE)), notPrimary(arn(THERE)));
  assert.deepEqual(
    await failure(replicate(id, "mars-north-1")),
    refused("UnsupportedOperationException", "ReplicaRegion mars-north-1 is not a Region that is served here."),
  );
  for (const region of ["cn-north-1", "us-gov-west-1"]) {
    assert.deepEqual(
      await failure(replicate(id, region)),
      refused(
        "UnsupportedOperationException",
        `ReplicaRegion ${region} is not in the same partition as the primary key's Region ${HERE}.`,
      ),
    );
  }
  assert.equal((await failure(replicate(id, "us east"))).name, "ValidationException");
  const lockout = JSON.stringify({
    Statement: [{ Effect: "Allow", Principal: "*", Action: "kms:Encrypt", Resource: "*" }],
  });
  assert.equal((await failure(replicate(id, ELSEWHERE, { Policy: lockout }))).name, "MalformedPolicyDocumentException");
  assert.equal((await failure(metadata(ELSEWHERE, id))).name, "NotFoundException");
  await replicate(id, ELSEWHERE, { Policy: lockout, BypassPolicyLockoutSafetyCheck: true });
});

test("Regions that are not served take no replica", async () => {
  const own = await startTestServer({ regions: [HERE, THERE] });
  const kms = own.client();
  const { KeyMetadata } = await kms.send(new sdk.CreateKeyCommand({ MultiRegion: true }));
  const KeyId = KeyMetadata?.KeyId;
  const outside = await failure(kms.send(new sdk.ReplicateKeyCommand({ KeyId, ReplicaRegion: ELSEWHERE })));
  assert.equal(outside.name, "UnsupportedOperationException");
  await kms.send(new sdk.ReplicateKeyCommand({ KeyId, ReplicaRegion: THERE }));
  await own.stop();
});

test("rotation is the primary's, and all related keys follow", async () => {
  const { id, arn } = await newKey();
  await replicate(id, THERE);
  const former = await encrypt(THERE, id);
  for (const command of [
    new sdk.EnableKeyRotationCommand({ KeyId: id }),
    new sdk.DisableKeyRotationCommand({ KeyId: id }),
    new sdk.RotateKeyOnDemandCommand({ KeyId: id }),
  ]) {
    assert.deepEqual(await failure(at(THERE).send(command as sdk.EnableKeyRotationCommand)), notPrimary(arn(THERE)));
  }
  await at(HERE).send(new sdk.EnableKeyRotationCommand({ KeyId: id, RotationPeriodInDays: 90 }));
  const status = async (region: string) => {
    const { $metadata: _, ...rest } = await at(region).send(new sdk.GetKeyRotationStatusCommand({ KeyId: id }));
    return rest;
  };
  assert.equal((await status(THERE)).RotationPeriodInDays, 90);
  assert.deepEqual(await status(THERE), await status(HERE));
  const rotations = async (region: string) =>
    (await at(region).send(new sdk.ListKeyRotationsCommand({ KeyId: id, IncludeKeyMaterial: "ALL_KEY_MATERIAL" })))
      .Rotations;
  await at(HERE).send(new sdk.RotateKeyOnDemandCommand({ KeyId: id }));
  assert.equal((await rotations(HERE))?.length, 2);
  assert.deepEqual(await rotations(THERE), await rotations(HERE));
  const between = await encrypt(HERE, id);
  server.moveClock(91 * DAY);
  try {
    await server.jobs?.runAll();
    assert.deepEqual(
      (await rotations(THERE))?.map(({ RotationType }) => RotationType),
      [undefined, "ON_DEMAND", "AUTOMATIC"],
    );
    assert.deepEqual(await rotations(THERE), await rotations(HERE));
    assert.deepEqual(await status(THERE), await status(HERE));
    const latest = await encrypt(THERE, id);
    for (const region of [HERE, THERE]) for (const blob of [former, between, latest]) await decrypt(region, blob);
    // A key replicated later has all that there was.
    await replicate(id, ELSEWHERE);
    for (const blob of [former, between, latest]) await decrypt(ELSEWHERE, blob);
    await at(HERE).send(new sdk.DisableKeyRotationCommand({ KeyId: id }));
    assert.equal((await status(ELSEWHERE)).KeyRotationEnabled, false);
  } finally {
    server.moveClock(-91 * DAY);
  }
});

test("the primary moves, with what only it may do", async () => {
  const { id, arn } = await newKey();
  await replicate(id, THERE);
  await replicate(id, ELSEWHERE);
  const update = (from: string, PrimaryRegion: string) =>
    at(from).send(new sdk.UpdatePrimaryRegionCommand({ KeyId: id, PrimaryRegion }));
  assert.deepEqual(await failure(update(THERE, ELSEWHERE)), notPrimary(arn(THERE)));
  assert.deepEqual(
    await failure(update(HERE, HERE)),
    refused("UnsupportedOperationException", `${arn(HERE)} is the multi-region primary key already.`),
  );
  assert.deepEqual(
    await failure(update(HERE, "eu-central-1")),
    refused("NotFoundException", `Key '${arn("eu-central-1")}' does not exist`),
  );
  await at(THERE).send(new sdk.DisableKeyCommand({ KeyId: id }));
  assert.deepEqual(await failure(update(HERE, THERE)), refused("DisabledException", `${arn(THERE)} is disabled.`));
  await at(THERE).send(new sdk.EnableKeyCommand({ KeyId: id }));
  await update(HERE, THERE);
  for (const region of [HERE, THERE, ELSEWHERE]) {
    assert.deepEqual((await metadata(region, id)).MultiRegionConfiguration, {
      MultiRegionKeyType: region === THERE ? "PRIMARY" : "REPLICA",
      PrimaryKey: { Arn: arn(THERE), Region: THERE },
      ReplicaKeys: [ELSEWHERE, HERE].map((Region) => ({ Arn: arn(Region), Region })),
    });
    assert.equal(await state(region, id), "Enabled");
  }
  const rotate = (region: string) => at(region).send(new sdk.RotateKeyOnDemandCommand({ KeyId: id }));
  assert.deepEqual(await failure(rotate(HERE)), notPrimary(arn(HERE)));
  await rotate(THERE);
  await replicate(id, "eu-central-1", {}, THERE);
  await update(THERE, HERE);
  const single = (await at(HERE).send(new sdk.CreateKeyCommand({}))).KeyMetadata as sdk.KeyMetadata;
  const ofSingle = new sdk.UpdatePrimaryRegionCommand({ KeyId: single.KeyId, PrimaryRegion: THERE });
  assert.deepEqual(await failure(at(HERE).send(ofSingle)), notPrimary(single.Arn as string));
});

test("a primary waits for the deletion of its replicas", async () => {
  const { id, arn } = await newKey();
  await replicate(id, THERE);
  await replicate(id, ELSEWHERE);
  const schedule = (region: string, PendingWindowInDays: number) =>
    at(region).send(new sdk.ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays }));
  const { $metadata: _, ...scheduled } = await schedule(HERE, 10);
  assert.deepEqual(scheduled, { KeyId: arn(HERE), KeyState: "PendingReplicaDeletion", PendingWindowInDays: 10 });
  const waiting = await metadata(HERE, id);
  assert.deepEqual(
    [waiting.KeyState, waiting.DeletionDate, waiting.PendingDeletionWindowInDays, waiting.Enabled],
    ["PendingReplicaDeletion", undefined, 10, false],
  );
  const replicaDeletion = refused("KMSInvalidStateException", `${arn(HERE)} is pending replica deletion.`);
  assert.deepEqual(await failure(encrypt(HERE, id)), replicaDeletion);
  assert.deepEqual(await failure(schedule(HERE, 7)), replicaDeletion);
  await encrypt(THERE, id);
  await at(HERE).send(new sdk.CancelKeyDeletionCommand({ KeyId: id }));
  const cancelled = await metadata(HERE, id);
  assert.deepEqual([cancelled.KeyState, cancelled.PendingDeletionWindowInDays], ["Disabled", undefined]);
  await schedule(HERE, 10);
  assert.equal((await schedule(THERE, 7)).KeyState, "PendingDeletion");
  await schedule(ELSEWHERE, 8);
  let moved = 0;
  const pass = async (days: number) => {
    server.moveClock(days * DAY);
    moved += days;
    await server.jobs?.runAll();
  };
  try {
    await pass(7);
    assert.equal((await failure(metadata(THERE, id))).name, "NotFoundException");
    assert.equal(await state(HERE, id), "PendingReplicaDeletion", "one replica is left");
    assert.deepEqual((await metadata(HERE, id)).MultiRegionConfiguration?.ReplicaKeys, [
      { Arn: arn(ELSEWHERE), Region: ELSEWHERE },
    ]);
    await pass(1);
    const last = await metadata(HERE, id);
    assert.deepEqual([last.KeyState, last.PendingDeletionWindowInDays], ["PendingDeletion", undefined]);
    const due = Date.now() + (moved + 10) * DAY;
    assert.ok(Math.abs((last.DeletionDate?.getTime() ?? 0) - due) < 60_000);
    await pass(9);
    assert.equal(await state(HERE, id), "PendingDeletion");
    await pass(1);
    assert.equal((await failure(metadata(HERE, id))).name, "NotFoundException");
  } finally {
    server.moveClock(-moved * DAY);
  }
});

test("imported material goes to each Region by itself, and a rotation waits for all", async () => {
  const { id, arn } = await newKey({ Origin: "EXTERNAL" });
  const [one, two] = [randomBytes(32), randomBytes(32)];
  const isNew = { ImportType: "NEW_KEY_MATERIAL" } as const;
  const pending = (region: string) => refused("KMSInvalidStateException", `${arn(region)} is pending import.`);
  assert.deepEqual(await failure(replicate(id, THERE)), pending(HERE));
  const first = await importInto(at(HERE), id, one);
  const made = await replicate(id, THERE);
  assert.equal(made.ReplicaKeyMetadata?.KeyState, "Creating");
  assert.equal(await state(THERE, id), "PendingImport");
  const former = await encrypt(HERE, id);
  assert.deepEqual(await failure(decrypt(THERE, former)), pending(THERE));
  assert.equal((await failure(importInto(at(THERE), id, two))).name, "IncorrectKeyMaterialException");
  assert.deepEqual(await failure(importInto(at(THERE), id, two, isNew)), notPrimary(arn(THERE)));
  assert.equal((await importInto(at(THERE), id, one)).KeyMaterialId, first.KeyMaterialId);
  await decrypt(THERE, former);

  const states = async (region: string) => {
    const all = { KeyId: id, IncludeKeyMaterial: "ALL_KEY_MATERIAL" } as const;
    const { Rotations } = await at(region).send(new sdk.ListKeyRotationsCommand(all));
    return Rotations?.map(({ KeyMaterialState, ImportState }) => `${KeyMaterialState} ${ImportState}`);
  };
  const rotate = () => at(HERE).send(new sdk.RotateKeyOnDemandCommand({ KeyId: id }));
  const second = await importInto(at(HERE), id, two, isNew);
  const waitsForAll = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION";
  assert.deepEqual(await states(HERE), ["CURRENT IMPORTED", `${waitsForAll} IMPORTED`]);
  assert.deepEqual(await states(THERE), ["CURRENT IMPORTED", `${waitsForAll} PENDING_IMPORT`]);
  assert.equal(
    (await failure(rotate())).message,
    `No available key material pending rotation for the key: ${arn(HERE)}.`,
  );
  assert.equal(await state(THERE, id), "Enabled", "what waits is not needed yet");
  await importInto(at(THERE), id, two, { ImportType: "EXISTING_KEY_MATERIAL" });
  for (const region of [HERE, THERE]) {
    assert.deepEqual(await states(region), ["CURRENT IMPORTED", "PENDING_ROTATION IMPORTED"]);
  }
  // Deleted at the primary it is gone everywhere; at a replica, only there.
  const discard = (region: string) =>
    at(region).send(new sdk.DeleteImportedKeyMaterialCommand({ KeyId: id, KeyMaterialId: second.KeyMaterialId }));
  await discard(THERE);
  assert.deepEqual(await states(HERE), ["CURRENT IMPORTED", `${waitsForAll} IMPORTED`]);
  await discard(HERE);
  for (const region of [HERE, THERE]) assert.deepEqual(await states(region), ["CURRENT IMPORTED"]);
  await importInto(at(HERE), id, two, isNew);
  await importInto(at(THERE), id, two);
  await rotate();
  for (const region of [HERE, THERE]) {
    assert.deepEqual(await states(region), ["NON_CURRENT IMPORTED", "CURRENT IMPORTED"]);
    await decrypt(region, former);
  }
  const blob = await encrypt(THERE, id);
  assert.equal((await decrypt(HERE, blob)).KeyMaterialId, second.KeyMaterialId);
  await at(THERE).send(new sdk.DeleteImportedKeyMaterialCommand({ KeyId: id }));
  assert.deepEqual([await state(THERE, id), await state(HERE, id)], ["PendingImport", "Enabled"]);
});

test("related keys are told from others in conditions", async () => {
  const statement = (Condition: object) =>
    JSON.stringify({
      Statement: [
        { Effect: "Allow", Principal: "*", Action: "kms:*", Resource: "*" },
        { Effect: "Deny", Principal: "*", Action: "kms:GenerateDataKey", Resource: "*", Condition },
      ],
    });
  const { id } = await newKey();
  const Policy = statement({
    StringEquals: { "kms:MultiRegionKeyType": "REPLICA" },
    Bool: { "kms:MultiRegion": true },
  });
  await at(HERE).send(new sdk.PutKeyPolicyCommand({ KeyId: id, Policy }));
  await replicate(id, THERE, { Policy });
  const generate = (region: string) =>
    at(region).send(new sdk.GenerateDataKeyCommand({ KeyId: id, KeySpec: "AES_256" }));
  await generate(HERE);
  assert.equal((await failure(generate(THERE))).name, "AccessDeniedException");
  await at(HERE).send(new sdk.UpdatePrimaryRegionCommand({ KeyId: id, PrimaryRegion: THERE }));
  await generate(THERE);
  assert.equal((await failure(generate(HERE))).name, "AccessDeniedException");
});
