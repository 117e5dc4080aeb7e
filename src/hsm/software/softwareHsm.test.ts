import assert from "node:assert/strict";
import { createHmac, createSecretKey, hkdfSync, randomBytes } from "node:crypto";
import { test } from "node:test";
import { DamagedKeyMaterial, RootKeyError } from "../hsm.ts";
import { AesRootKey } from "../root/aes.ts";
import { SoftwareHsm } from "./softwareHsm.ts";

const root = () => new AesRootKey(createSecretKey(randomBytes(32)), "a test's root key");
const owner = { keyArn: "arn:aws:kms:us-east-1:000000000000:key/a", keyId: "a" };
const other = { keyArn: "arn:aws:kms:eu-west-1:000000000000:key/a", keyId: "a" };
const none = Buffer.alloc(0);

async function hsmWithDomainKey(rootKey = root(), storeId = "s") {
  const hsm = new SoftwareHsm(rootKey, storeId);
  const record = await hsm.generateDomainKey(1, 0);
  await hsm.addDomainKey(record);
  return { hsm, record, rootKey };
}

test("material opens for its own key alone, and unaltered", async () => {
  const { hsm } = await hsmWithDomainKey();
  const { materialId, wrapped } = hsm.generateMaterial(owner);
  assert.match(materialId, /^[0-9a-f]{64}$/);
  assert.throws(() => hsm.openMaterial(other, materialId, wrapped), DamagedKeyMaterial);
  assert.throws(() => hsm.openMaterial(owner, "0".repeat(64), wrapped), DamagedKeyMaterial);
  for (let i = 0; i < wrapped.bytes.length; i++) {
    const bytes = Buffer.from(wrapped.bytes);
    bytes[i] = (bytes[i] as number) ^ 1;
    assert.throws(() => hsm.openMaterial(owner, materialId, { ...wrapped, bytes }), DamagedKeyMaterial);
  }
  for (const length of [0, 1, 27]) {
    const bytes = wrapped.bytes.subarray(0, length);
    assert.throws(() => hsm.openMaterial(owner, materialId, { ...wrapped, bytes }), DamagedKeyMaterial);
  }
  assert.throws(() => hsm.openMaterial(owner, materialId, { ...wrapped, domainKey: 2 }), DamagedKeyMaterial);
});

test("the same material in the same key has the same id, in another key another", async () => {
  const { hsm } = await hsmWithDomainKey();
  const material = randomBytes(32);
  assert.equal(hsm.importMaterial(owner, material).materialId, hsm.importMaterial(other, material).materialId);
  assert.notEqual(
    hsm.importMaterial(owner, material).materialId,
    hsm.importMaterial({ ...owner, keyId: "b" }, material).materialId,
  );
  assert.throws(() => hsm.importMaterial(owner, randomBytes(31)), RangeError);
});

test("what one domain key sealed opens after a rotation, and can be sealed anew", async () => {
  const { hsm, record, rootKey } = await hsmWithDomainKey();
  const { materialId, wrapped } = hsm.generateMaterial(owner);
  const sealed = await hsm.openMaterial(owner, materialId, wrapped).seal(none, none, Buffer.from("text"));
  const second = await hsm.generateDomainKey(2, 0);
  await hsm.addDomainKey(second);
  assert.equal(hsm.activeDomainKey, 2);
  const rewrapped = hsm.rewrapMaterial(owner, materialId, wrapped);
  assert.equal(rewrapped.domainKey, 2);

  const later = new SoftwareHsm(rootKey, "s");
  await later.addDomainKey(second);
  assert.equal(String(await later.openMaterial(owner, materialId, rewrapped).open(sealed, 0, none)), "text");
  assert.throws(() => later.openMaterial(owner, materialId, wrapped), DamagedKeyMaterial);
  await later.addDomainKey(record);
  assert.equal(later.activeDomainKey, 2);
  assert.equal(String(await later.openMaterial(owner, materialId, wrapped).open(sealed, 0, none)), "text");
});

test("domain keys open under their own root key, store and number alone", async () => {
  const { record, rootKey } = await hsmWithDomainKey();
  await assert.rejects(new SoftwareHsm(root(), "s").addDomainKey(record), RootKeyError);
  await assert.rejects(new SoftwareHsm(rootKey, "another store").addDomainKey(record), RootKeyError);
  await assert.rejects(new SoftwareHsm(rootKey, "s").addDomainKey({ ...record, id: 2 }), RootKeyError);
});

test("signing keys are AWS's example", async () => {
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html, "Example of a signing key" of the older page
  const { hsm } = await hsmWithDomainKey();
  const secret = hsm.wrapAccessKeySecret("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
  const key = hsm.deriveSigningKey("AKIDEXAMPLE", secret, "20150830", "us-east-1", "iam");
  assert.equal(key.export().toString("hex"), "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
  assert.throws(() => hsm.deriveSigningKey("AKIDOTHER", secret, "20150830", "us-east-1", "iam"), DamagedKeyMaterial);
  const again = hsm.rewrapAccessKeySecret("AKIDEXAMPLE", secret);
  assert.ok(hsm.deriveSigningKey("AKIDEXAMPLE", again, "20150830", "us-east-1", "iam").equals(key));
});

test("random bytes: as many as asked for, never the same, whatever the pool does", async () => {
  const { hsm } = await hsmWithDomainKey();
  const seen = new Set<string>();
  for (let i = 0; i < 5000; i++) {
    const bytes = hsm.randomBytes(1 + (i % 1024));
    assert.equal(bytes.length, 1 + (i % 1024));
    if (bytes.length >= 16) seen.add(bytes.toString("hex", 0, 16));
  }
  assert.equal(seen.size, [...Array(5000).keys()].filter((i) => 1 + (i % 1024) >= 16).length);
  assert.equal(hsm.randomBytes(10_000).length, 10_000);
});

test("key material never comes out of what the HSM returns", async () => {
  const { hsm } = await hsmWithDomainKey();
  const material = createHmac("sha256", "fixed").update("material").digest();
  const { materialId, wrapped } = hsm.importMaterial(owner, material);
  const opened = hsm.openMaterial(owner, materialId, wrapped);
  const sealed = await opened.seal(none, none, Buffer.alloc(64));
  for (const bytes of [wrapped.bytes, sealed, Buffer.from(materialId, "hex"), Buffer.from(JSON.stringify(opened))]) {
    assert.equal(Buffer.from(bytes).includes(material), false);
    assert.equal(Buffer.from(bytes).includes(Buffer.from(hkdfSync("sha256", material, none, none, 32))), false);
  }
});
