import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import * as sdk from "@aws-sdk/client-kms";
import { type Record, recordsIn } from "../audit/journal.ts";
import { failure, startTestServer, type TestServer } from "../harness.ts";
import { importInto } from "./importing.ts";

/** What the records say of related keys that have followed their primary: SynchronizeMultiRegionKey. */

const [HERE, THERE, ELSEWHERE] = ["us-east-1", "eu-west-1", "ap-northeast-2"] as const;
const DAY = 86_400_000;

let server: TestServer;
const clients = new Map<string, sdk.KMSClient>();
const at = (region: string) => clients.get(region) as sdk.KMSClient;
before(async () => {
  server = await startTestServer();
  for (const region of [HERE, THERE, ELSEWHERE]) clients.set(region, server.client({ region }));
});
after(() => server.stop());

async function newKey(replicas: readonly string[], of: sdk.CreateKeyRequest = {}): Promise<string> {
  const { KeyMetadata } = await at(HERE).send(new sdk.CreateKeyCommand({ MultiRegion: true, ...of }));
  const KeyId = KeyMetadata?.KeyId as string;
  for (const ReplicaRegion of replicas) await replicate(KeyId, ReplicaRegion);
  return KeyId;
}

const replicate = (KeyId: string, ReplicaRegion: string) =>
  at(HERE).send(new sdk.ReplicateKeyCommand({ KeyId, ReplicaRegion }));

/** The records that `act` adds about a key, by where they are. */
async function recordsBy(id: string, act: () => Promise<unknown>): Promise<Record[]> {
  const earlier = recordsIn(server.data).length;
  await act();
  return recordsIn(server.data)
    .slice(earlier)
    .filter(({ resources }) => resources?.some(({ ARN }: { ARN: string }) => ARN.endsWith(id)));
}

const names = (records: Record[]) => records.map(({ eventName, awsRegion }) => `${eventName} ${awsRegion}`);
const everywhere = [HERE, ELSEWHERE, THERE].map((region) => `SynchronizeMultiRegionKey ${region}`);

test("whoever changes the rotation of a primary changes its replicas, which each Region has on record", async () => {
  const id = await newKey([THERE, ELSEWHERE]);
  const enable = () => at(HERE).send(new sdk.EnableKeyRotationCommand({ KeyId: id, RotationPeriodInDays: 90 }));
  const enabled = await recordsBy(id, enable);
  assert.deepEqual(names(enabled), [`EnableKeyRotation ${HERE}`, ...everywhere]);
  for (const record of enabled.slice(1)) {
    assert.deepEqual(record.userIdentity, { accountId: record.recipientAccountId, invokedBy: "AWS Internal" });
    const arn = `arn:aws:kms:${record.awsRegion}:${record.recipientAccountId}:key/${id}`;
    assert.deepEqual(record.responseElements, { keyId: arn });
    assert.deepEqual(
      record.resources.map(({ ARN }: { ARN: string }) => ARN),
      [arn],
    );
  }
  const rotated = await recordsBy(id, () => at(HERE).send(new sdk.RotateKeyOnDemandCommand({ KeyId: id })));
  assert.deepEqual(names(rotated), [`RotateKeyOnDemand ${HERE}`, `RotateKey ${HERE}`, ...everywhere]);
  server.moveClock(91 * DAY);
  try {
    const automatic = await recordsBy(id, async () => server.jobs?.runAll());
    assert.deepEqual(names(automatic), [`RotateKey ${HERE}`, ...everywhere]);
  } finally {
    server.moveClock(-91 * DAY);
  }
  const disabled = await recordsBy(id, () => at(HERE).send(new sdk.DisableKeyRotationCommand({ KeyId: id })));
  assert.deepEqual(names(disabled), [`DisableKeyRotation ${HERE}`, ...everywhere]);
});

test("no such record without replicas, nor of what failed, nor of what is each key's own", async () => {
  const enable = (KeyId: string) => at(HERE).send(new sdk.EnableKeyRotationCommand({ KeyId }));
  const alone = await newKey([]);
  assert.deepEqual(names(await recordsBy(alone, () => enable(alone))), [`EnableKeyRotation ${HERE}`]);
  const id = await newKey([THERE]);
  const described = await recordsBy(id, () =>
    at(HERE).send(new sdk.UpdateKeyDescriptionCommand({ KeyId: id, Description: "d" })),
  );
  assert.deepEqual(names(described), [`UpdateKeyDescription ${HERE}`]);
  await at(HERE).send(new sdk.DisableKeyCommand({ KeyId: id }));
  assert.deepEqual(names(await recordsBy(id, () => failure(enable(id)))), [`EnableKeyRotation ${HERE}`]);
});

test("the replicas that are neither the old nor the new primary learn of it", async () => {
  const id = await newKey([THERE]);
  const update = (from: string, PrimaryRegion: string) =>
    recordsBy(id, () => at(from).send(new sdk.UpdatePrimaryRegionCommand({ KeyId: id, PrimaryRegion })));
  assert.deepEqual(names(await update(HERE, THERE)), [`UpdatePrimaryRegion ${HERE}`, `UpdatePrimaryRegion ${THERE}`]);
  await update(THERE, HERE);
  await replicate(id, ELSEWHERE);
  assert.deepEqual(names(await update(HERE, THERE)), [
    `UpdatePrimaryRegion ${HERE}`,
    `UpdatePrimaryRegion ${THERE}`,
    `SynchronizeMultiRegionKey ${THERE}`,
    `SynchronizeMultiRegionKey ${ELSEWHERE}`,
  ]);
});

test("material that waits for its rotation comes to replicas and goes from them with the primary's", async () => {
  const id = await newKey([], { Origin: "EXTERNAL" });
  const [one, two] = [randomBytes(32), randomBytes(32)];
  const imported = (material: Uint8Array, of = {}, region: string = HERE) =>
    recordsBy(id, () => importInto(at(region), id, material, of)).then((records) => names(records).slice(1));
  assert.deepEqual(await imported(one), [`ImportKeyMaterial ${HERE}`]);
  await replicate(id, THERE);
  await importInto(at(THERE), id, one);
  const followed = [HERE, THERE].map((region) => `SynchronizeMultiRegionKey ${region}`);
  const isNew = { ImportType: "NEW_KEY_MATERIAL" } as const;
  assert.deepEqual(await imported(two, isNew), [`ImportKeyMaterial ${HERE}`, ...followed]);
  assert.deepEqual(await imported(two, isNew), [`ImportKeyMaterial ${HERE}`], "the same once more");
  assert.deepEqual(await imported(two, {}, THERE), [`ImportKeyMaterial ${THERE}`], "into a replica");
  const { Rotations } = await at(HERE).send(
    new sdk.ListKeyRotationsCommand({ KeyId: id, IncludeKeyMaterial: "ALL_KEY_MATERIAL" }),
  );
  const KeyMaterialId = Rotations?.[1]?.KeyMaterialId;
  const discard = (region: string) =>
    recordsBy(id, () => at(region).send(new sdk.DeleteImportedKeyMaterialCommand({ KeyId: id, KeyMaterialId })));
  assert.deepEqual(names(await discard(THERE)), [`DeleteImportedKeyMaterial ${THERE}`]);
  assert.deepEqual(names(await discard(HERE)), [`DeleteImportedKeyMaterial ${HERE}`, ...followed]);
  await importInto(at(HERE), id, two, { ...isNew, ValidTo: new Date(Date.now() + DAY) });
  server.moveClock(2 * DAY);
  try {
    const expired = await recordsBy(id, async () => server.jobs?.runAll());
    assert.deepEqual(names(expired), [`DeleteExpiredKeyMaterial ${HERE}`, ...followed]);
  } finally {
    server.moveClock(-2 * DAY);
  }
});
