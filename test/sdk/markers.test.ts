import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as sdk from "@aws-sdk/client-kms";
import { A, makeWorld, newUser, type World } from "../authorization/world.ts";
import { failure } from "../harness.ts";

/** A marker leads on in the list that gave it, and in no other: what is asked, where, and by which account. */

let world: World;
let kms: sdk.KMSClient;
let elsewhere: sdk.KMSClient;
before(async () => {
  world = await makeWorld();
  kms = world.kms(world.rootOf.A);
  elsewhere = world.server.client({ region: "eu-west-1" });
});
after(() => world.stop());

const refused = { name: "InvalidMarkerException", message: "The marker is not valid.", status: 400 };
const newKey = async () => (await kms.send(new sdk.CreateKeyCommand({}))).KeyMetadata as sdk.KeyMetadata;

test("ListAliases: of one key, of another and of all", async () => {
  const [one, two] = [await newKey(), await newKey()];
  for (const name of ["a", "b", "c"]) {
    for (const [key, of] of [
      [one, "one"],
      [two, "two"],
    ] as const) {
      await kms.send(new sdk.CreateAliasCommand({ AliasName: `alias/${name}-${of}`, TargetKeyId: key.KeyId }));
    }
  }
  const list = (KeyId: string | undefined, Marker?: string, client = kms) =>
    client.send(new sdk.ListAliasesCommand({ Limit: 1, ...(KeyId && { KeyId }), ...(Marker && { Marker }) }));
  const { NextMarker } = await list(one.KeyId);
  const { Aliases } = await list(one.Arn, NextMarker);
  assert.deepEqual(
    Aliases?.map(({ AliasName }) => AliasName),
    ["alias/b-one"],
    "the same key, by its ARN",
  );
  assert.deepEqual(await failure(list(two.KeyId, NextMarker)), refused);
  assert.deepEqual(await failure(list(undefined, NextMarker)), refused);
  const all = await list(undefined);
  assert.deepEqual(await failure(list(one.KeyId, all.NextMarker)), refused);
  assert.deepEqual(await failure(list(undefined, all.NextMarker, elsewhere)), refused, "another Region");
  const other = world.kms(world.rootOf.B);
  assert.deepEqual(await failure(list(undefined, all.NextMarker, other)), refused, "another account");
});

test("ListGrants and ListRetirableGrants: by key, grantee and retiring principal", async () => {
  const [one, two] = [await newKey(), await newKey()];
  const user = await newUser(world, world.rootOf.A, "grantee");
  const root = `arn:aws:iam::${A}:root`;
  for (const { KeyId } of [one, two]) {
    for (let i = 0; i < 2; i++) {
      const grant = { KeyId, GranteePrincipal: user.arn, RetiringPrincipal: i === 0 ? root : user.arn };
      for (const Name of ["x", "y"]) {
        await kms.send(new sdk.CreateGrantCommand({ ...grant, Name, Operations: ["Encrypt"] }));
      }
    }
  }
  const grants = (of: Partial<sdk.ListGrantsRequest>) =>
    kms.send(new sdk.ListGrantsCommand({ KeyId: one.KeyId, Limit: 1, ...of }));
  const { NextMarker: Marker } = await grants({});
  assert.equal((await grants({ Marker })).Grants?.length, 1);
  assert.deepEqual(await failure(grants({ Marker, KeyId: two.KeyId })), refused);
  assert.deepEqual(await failure(grants({ Marker, GranteePrincipal: user.arn })), refused);
  const retirable = (RetiringPrincipal: string, of: Partial<sdk.ListRetirableGrantsRequest> = {}) =>
    kms.send(new sdk.ListRetirableGrantsCommand({ RetiringPrincipal, Limit: 1, ...of }));
  const first = await retirable(root);
  assert.equal((await retirable(root, { Marker: first.NextMarker })).Grants?.length, 1);
  assert.deepEqual(await failure(retirable(user.arn, { Marker: first.NextMarker })), refused);
});

test("ListKeyRotations: with and without the first material", async () => {
  const { KeyId } = await newKey();
  for (let i = 0; i < 2; i++) await kms.send(new sdk.RotateKeyOnDemandCommand({ KeyId }));
  const rotations = (of: Partial<sdk.ListKeyRotationsRequest>) =>
    kms.send(new sdk.ListKeyRotationsCommand({ KeyId, Limit: 1, ...of }));
  const { NextMarker: Marker } = await rotations({});
  const { Rotations } = await rotations({ Marker, IncludeKeyMaterial: "ROTATIONS_ONLY" });
  assert.equal(Rotations?.length, 1, "the default, by its name");
  assert.deepEqual(await failure(rotations({ Marker, IncludeKeyMaterial: "ALL_KEY_MATERIAL" })), refused);
});

test("ListResourceTags and ListKeys: of one key, in one Region", async () => {
  const Tags = ["a", "b"].map((TagKey) => ({ TagKey, TagValue: "" }));
  const [one, two] = [await newKey(), await newKey()];
  for (const { KeyId } of [one, two]) await kms.send(new sdk.TagResourceCommand({ KeyId, Tags }));
  const tags = (KeyId: string | undefined, Marker?: string) =>
    kms.send(new sdk.ListResourceTagsCommand({ KeyId, Limit: 1, ...(Marker && { Marker }) }));
  const { NextMarker } = await tags(one.KeyId);
  assert.deepEqual((await tags(one.Arn, NextMarker)).Tags, [{ TagKey: "b", TagValue: "" }]);
  assert.deepEqual(await failure(tags(two.KeyId, NextMarker)), refused);
  const { NextMarker: Marker } = await kms.send(new sdk.ListKeysCommand({ Limit: 1 }));
  assert.equal((await kms.send(new sdk.ListKeysCommand({ Limit: 1, Marker }))).Keys?.length, 1);
  for (const other of [elsewhere, world.kms(world.rootOf.B)]) {
    assert.deepEqual(await failure(other.send(new sdk.ListKeysCommand({ Marker }))), refused);
  }
});
