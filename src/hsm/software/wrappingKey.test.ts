import assert from "node:assert/strict";
import { constants, createCipheriv, createPublicKey, createSecretKey, publicEncrypt, randomBytes } from "node:crypto";
import { before, test } from "node:test";
import { InvalidKeyMaterial, InvalidMessage, type Unwrapping } from "../hsm.ts";
import { AesRootKey } from "../root/aes.ts";
import { SoftwareHsm } from "./softwareHsm.ts";

const hsm = new SoftwareHsm(new AesRootKey(createSecretKey(randomBytes(32)), "a test's root key"), "store");
const owner = { keyArn: "arn:k", keyId: "k" };
const type = { kind: "rsa", modulusLength: 2048 } as const;
const purpose = "tests";
const claims = Buffer.from("claims");
let publicKey: Buffer;
let token: Buffer;
before(async () => {
  await hsm.addDomainKey(await hsm.generateDomainKey(1, 0));
  ({ publicKey, token } = await hsm.newWrappingKey(purpose, type, claims));
});

const oaep = (bytes: Uint8Array) =>
  publicEncrypt(
    {
      key: createPublicKey({ key: publicKey, format: "der", type: "spki" }),
      padding: constants.RSA_PKCS1_OAEP_PADDING,
      oaepHash: "sha256",
    },
    bytes,
  );
const direct: Unwrapping = { scheme: "oaep-sha256", aesKeyWrap: false };
const keyWrap: Unwrapping = { scheme: "oaep-sha256", aesKeyWrap: true };
const importing = (encrypted: Uint8Array, unwrapping = direct, of = { purpose, token, type }) =>
  hsm.importWrapped(owner, { kind: "symmetric" }, of, unwrapping, encrypted);

/** RFC 5649 §6: material of 20 and of 7 bytes, under a key of 192 bits there; the same with the key that OAEP brings here. */
function kwp(aesKey: Uint8Array, material: Uint8Array): Buffer {
  const cipher = createCipheriv("id-aes256-wrap-pad", aesKey, Buffer.from("a65959a6", "hex"));
  return Buffer.concat([cipher.update(material), cipher.final()]);
}

test("material comes in directly, and under an AES key", async () => {
  const material = randomBytes(32);
  const { materialId } = await importing(oaep(material));
  assert.equal(materialId, hsm.importMaterial(owner, material).materialId);
  const aesKey = randomBytes(32);
  const wrapped = Buffer.concat([oaep(aesKey), kwp(aesKey, material)]);
  assert.equal((await importing(wrapped, keyWrap)).materialId, materialId);
});

test("what is not wrapped so does not come in, and does not say why", async () => {
  const material = randomBytes(32);
  const aesKey = randomBytes(32);
  const wrapped = Buffer.concat([oaep(aesKey), kwp(aesKey, material)]);
  for (const [what, bytes, unwrapping] of [
    ["nothing", Buffer.of(), direct],
    ["a byte", Buffer.of(1), keyWrap],
    ["no AES part", oaep(aesKey), keyWrap],
    ["a short AES key", Buffer.concat([oaep(randomBytes(16)), kwp(aesKey, material)]), keyWrap],
    ["half an AES part", wrapped.subarray(0, -8), keyWrap],
    ["an unaligned AES part", wrapped.subarray(0, -1), keyWrap],
    ["another AES key's", Buffer.concat([oaep(randomBytes(32)), kwp(aesKey, material)]), keyWrap],
    ["the other scheme", oaep(material), { scheme: "oaep-sha1", aesKeyWrap: false }],
  ] as [string, Buffer, Unwrapping][]) {
    await assert.rejects(importing(bytes, unwrapping), new InvalidMessage(), what);
  }
  await assert.rejects(importing(oaep(randomBytes(31))), InvalidKeyMaterial);
  const empty = Buffer.concat([oaep(aesKey), kwp(aesKey, Buffer.of(7))]);
  await assert.rejects(importing(empty, keyWrap), InvalidKeyMaterial);
});

test("a token is for its purpose, whole", async () => {
  assert.deepEqual(hsm.wrappingKeyClaims(purpose, token), claims);
  assert.equal(hsm.wrappingKeyClaims("others", token), undefined);
  const encrypted = oaep(randomBytes(32));
  await assert.rejects(importing(encrypted, direct, { purpose: "others", token, type }), InvalidMessage);
  // A token of another kind, sealed under the same domain key for the same words, is none.
  assert.equal(hsm.wrappingKeyClaims(purpose, hsm.sealToken(purpose, Buffer.alloc(64))), undefined);
  for (let at = 0; at < token.length; at += 61) {
    const altered = Buffer.from(token);
    altered.writeUInt8(altered.readUInt8(at) ^ 1, at);
    assert.equal(hsm.wrappingKeyClaims(purpose, altered), undefined);
  }
  assert.ok(token.length <= 6144, "as long as the model lets a token be");
});

test("a token of the longest wrapping key is within the model's bound", async () => {
  const long = await hsm.newWrappingKey(purpose, { kind: "rsa", modulusLength: 4096 }, Buffer.alloc(200));
  assert.ok(long.token.length <= 6144);
});

test("material sealed for a related key opens there, and nowhere else", () => {
  const material = hsm.importMaterial(owner, randomBytes(32));
  const there = { keyArn: "arn:there", keyId: "k" };
  const moved = hsm.rewrapMaterial(owner, material.materialId, material.wrapped, there);
  assert.ok(hsm.openMaterial(there, material.materialId, moved));
  assert.throws(() => hsm.openMaterial(owner, material.materialId, moved));
  const other = { keyArn: "arn:other", keyId: "other" };
  assert.throws(() => hsm.rewrapMaterial(owner, material.materialId, material.wrapped, other), TypeError);
});
