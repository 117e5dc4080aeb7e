import assert from "node:assert/strict";
import { createSecretKey, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";
import { DamagedKeyMaterial, InvalidKeyMaterial } from "../hsm.ts";
import type { KeyPairType, MacHash, MaterialType } from "../material.ts";
import { AesRootKey } from "../root/aes.ts";
import { SoftwareHsm } from "./softwareHsm.ts";

const owner = { keyArn: "arn:aws:kms:us-east-1:000000000000:key/a", keyId: "a" };
const other = { keyArn: "arn:aws:kms:eu-west-1:000000000000:key/a", keyId: "a" };
const none = Buffer.alloc(0);

const pairs: KeyPairType[] = [
  { kind: "rsa", modulusLength: 2048 },
  { kind: "ec", curve: "P-256" },
  { kind: "ed25519" },
  { kind: "ml-dsa", level: 44 },
  { kind: "ml-kem", level: 512 },
  { kind: "sm2" },
];
const secrets: MaterialType[] = [
  { kind: "symmetric" },
  ...([28, 32, 48, 64] as const).map((bytes) => ({ kind: "mac", bytes }) as const),
];
const types = [...secrets, ...pairs];

let hsm: SoftwareHsm;
before(async () => {
  hsm = new SoftwareHsm(new AesRootKey(createSecretKey(randomBytes(32)), "a test's root key"), "s");
  await hsm.addDomainKey(await hsm.generateDomainKey(1, 0));
});

/** Of what has no form but its length; PKCS#8 of Ed25519 is 48 bytes. */
const lengths = (type: MaterialType) =>
  ({ symmetric: 32, ed25519: 48 })[type.kind as "ed25519"] ?? ("bytes" in type ? type.bytes : type);

test("material of every type opens for its own key alone, unaltered, and as no type it cannot be", async () => {
  for (const type of types) {
    const { materialId, wrapped, publicKey } = await hsm.generateKeyMaterial(owner, type);
    assert.match(materialId, /^[0-9a-f]{64}$/);
    const opened = hsm.openKeyMaterial(owner, type, materialId, wrapped);
    assert.equal(opened.materialId, materialId);
    assert.deepEqual("publicKey" in opened ? opened.publicKey : undefined, publicKey);
    assert.throws(() => hsm.openKeyMaterial(other, type, materialId, wrapped), DamagedKeyMaterial);
    assert.throws(() => hsm.openKeyMaterial(owner, type, "0".repeat(64), wrapped), DamagedKeyMaterial);
    for (let at = 0; at < wrapped.bytes.length; at += 7) {
      const bytes = Buffer.from(wrapped.bytes);
      bytes[at] = (bytes[at] as number) ^ 1;
      assert.throws(() => hsm.openKeyMaterial(owner, type, materialId, { ...wrapped, bytes }), DamagedKeyMaterial);
    }
    for (const stranger of types.filter((each) => lengths(each) !== lengths(type) && each !== type)) {
      assert.throws(() => hsm.openKeyMaterial(owner, stranger, materialId, wrapped), DamagedKeyMaterial);
    }
  }
});

test("what was sealed under an older domain key is sealed anew, and does the same", async () => {
  const made = await Promise.all(types.map((type) => hsm.generateKeyMaterial(owner, type)));
  await hsm.addDomainKey(await hsm.generateDomainKey(2, 0));
  for (const [i, type] of types.entries()) {
    const { materialId, wrapped, publicKey } = made[i] as (typeof made)[number];
    const rewrapped = hsm.rewrapMaterial(owner, materialId, wrapped);
    assert.equal(rewrapped.domainKey, 2);
    const opened = hsm.openKeyMaterial(owner, type, materialId, rewrapped);
    assert.deepEqual("publicKey" in opened ? opened.publicKey : undefined, publicKey);
  }
});

test("symmetric material is one thing, by whichever door it comes", async () => {
  const type = { kind: "symmetric" } as const;
  const bytes = randomBytes(32);
  const imported = await hsm.importKeyMaterial(owner, type, bytes);
  assert.equal(imported.materialId, hsm.importMaterial(owner, bytes).materialId);
  const sealed = await hsm.openMaterial(owner, imported.materialId, imported.wrapped).seal(none, none, bytes);
  const opened = hsm.openKeyMaterial(owner, type, imported.materialId, imported.wrapped);
  assert.deepEqual(await opened.open(sealed, 0, none), bytes);
});

test("the same key gives the same id in one key, another in another; the bytes stay the caller's", async () => {
  for (const type of pairs) {
    const { privateKey, publicKey } = await hsm.generateKeyPair(type);
    const before = Buffer.from(privateKey);
    const first = await hsm.importKeyMaterial(owner, type, privateKey);
    assert.deepEqual(first.publicKey, publicKey);
    assert.deepEqual(privateKey, before);
    assert.equal((await hsm.importKeyMaterial(other, type, privateKey)).materialId, first.materialId);
    const elsewhere = await hsm.importKeyMaterial({ ...owner, keyId: "b" }, type, privateKey);
    assert.notEqual(elsewhere.materialId, first.materialId);
    const again = await hsm.generateKeyMaterial(owner, type);
    assert.notEqual(again.materialId, first.materialId);
  }
});

test("bytes of a wrong length are no secret key", async () => {
  for (const type of secrets) {
    const length = "bytes" in type ? type.bytes : 32;
    for (const wrong of [0, 1, length - 1, length + 1, 4096]) {
      await assert.rejects(hsm.importKeyMaterial(owner, type, randomBytes(wrong)), InvalidKeyMaterial);
    }
    assert.equal((await hsm.importKeyMaterial(owner, type, randomBytes(length))).publicKey, undefined);
  }
});

test("HMAC: RFC 4231", async () => {
  const rows: { hash: MacHash; key: string; message: string; mac: string }[] = JSON.parse(
    readFileSync(new URL("../../../test/vectors/hmac-rfc4231.json", import.meta.url), "utf8"),
  );
  const { openMac } = await import("./mac.ts");
  assert.equal(rows.length, 24);
  for (const { hash, key, message, mac } of rows) {
    assert.equal(openMac("", Buffer.from(key, "hex")).mac(hash, Buffer.from(message, "hex")).toString("hex"), mac);
  }
});

test("a MAC key's tag is of that key", async () => {
  const type = { kind: "mac", bytes: 32 } as const;
  const newKey = async () => {
    const { materialId, wrapped } = await hsm.generateKeyMaterial(owner, type);
    return hsm.openKeyMaterial(owner, type, materialId, wrapped);
  };
  const [one, two] = [await newKey(), await newKey()];
  assert.deepEqual(one.mac("sha256", none), one.mac("sha256", none));
  assert.notDeepEqual(one.mac("sha256", none), two.mac("sha256", none));
});

test("private key material never comes out of what the HSM returns", async () => {
  for (const type of pairs) {
    const { privateKey } = await hsm.generateKeyPair(type);
    const made = await hsm.importKeyMaterial(owner, type, privateKey);
    const opened = hsm.openKeyMaterial(owner, type, made.materialId, made.wrapped);
    // the last bytes of every private key are its own: a seed, or a number nobody else has
    const withPoint = type.kind === "ec" || type.kind === "sm2";
    const secret = withPoint ? privateKey.subarray(36, 68) : privateKey.subarray(-32);
    assert.equal(privateKey.includes(secret), true);
    for (const shown of [made.wrapped.bytes, opened.publicKey, Buffer.from(JSON.stringify(opened))]) {
      assert.equal(Buffer.from(shown).includes(secret), false);
    }
  }
});
