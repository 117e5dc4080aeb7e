import assert from "node:assert/strict";
import { createPublicKey, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";
import { InvalidMessage, InvalidPublicKey } from "../hsm.ts";
import type { KeyPairMaterial } from "../material.ts";
import { derElement, derSequence, derUnsigned, OCTET_STRING, SEQUENCE } from "./der.ts";
import { generateKeyPair, importKeyPair, openKeyPair } from "./keyPair.ts";
import { Scalars, Sm2Point, secretMultiple } from "./sm2Curve.ts";
import { sm2Ciphertext } from "./sm2Encryption.ts";
import { numberOf, publicPoint } from "./sm2Key.ts";
import { sm2Signature, verifySm2Digest } from "./sm2Signature.ts";

const type = { kind: "sm2" } as const;
const scheme = { scheme: "sm2" } as const;
const hex = (text: string) => Buffer.from(text, "hex");

const example = JSON.parse(
  readFileSync(new URL("../../../test/vectors/sm2-gbt32918-5.json", import.meta.url), "utf8"),
) as {
  privateKey: string;
  publicKey: string;
  nonce: string;
  signature: { message: string; e: string; r: string; s: string };
  encryption: { message: string; c1: string; c2: string; c3: string };
};
const [privateKey, nonce] = [example.privateKey, example.nonce].map((number) => BigInt(`0x${number}`)) as [
  bigint,
  bigint,
];

let standard: KeyPairMaterial;
let pair: KeyPairMaterial;
before(async () => {
  // version 0, id-ecPublicKey with the curve's name, ECPrivateKey of version 1 without a public key
  const pkcs8 = hex(`3041020100301306072a8648ce3d020106082a811ccf5501822d042730250201010420${example.privateKey}`);
  standard = openKeyPair(type, "", (await importKeyPair(type, pkcs8)).privateKey);
  pair = openKeyPair(type, "", (await generateKeyPair(type)).privateKey);
});

const signatureOf = (r: Uint8Array, s: Uint8Array) => derElement(SEQUENCE, derUnsigned(r), derUnsigned(s));

test("the standard's key, signature and ciphertext: GB/T 32918.5-2017, appendices A and C", async () => {
  const { signature, encryption } = example;
  assert.equal(standard.publicKey.subarray(-65).toString("hex"), example.publicKey);
  const signed = signatureOf(hex(signature.r), hex(signature.s));
  assert.deepEqual(sm2Signature(privateKey, BigInt(`0x${signature.e}`), nonce), signed);
  assert.equal(await standard.verify(scheme, "raw", Buffer.from(signature.message), signed), true);
  assert.equal(await standard.verify(scheme, "digest", hex(signature.e), signed), true);

  const ciphertext = sm2Ciphertext(
    Sm2Point.fromBytes(hex(example.publicKey)),
    Buffer.from(encryption.message),
    nonce,
  ) as Buffer;
  const [x, y, hash, masked] = derSequence(ciphertext) as { content: Buffer }[];
  assert.deepEqual(derSequence(ciphertext)?.length, 4);
  assert.deepEqual(
    Buffer.concat([Buffer.of(4), x?.content.subarray(-32) as Buffer, y?.content.subarray(-32) as Buffer]),
    hex(encryption.c1),
  );
  assert.deepEqual([hash?.content, masked?.content], [hex(encryption.c3), hex(encryption.c2)]);
  assert.equal((await standard.decrypt("sm2-pke", ciphertext)).toString(), encryption.message);
});

test("a nonce that gives no signature gives none", () => {
  const { ORDER } = Scalars;
  for (const useless of [0n, ORDER, ORDER + 1n]) assert.equal(sm2Signature(privateKey, 1n, useless), undefined);
  const x1 = numberOf(publicPoint(hex(example.nonce)).subarray(1, 33));
  // r is 0; r + k is the order; s is 0
  assert.equal(sm2Signature(privateKey, Scalars.neg(Scalars.create(x1)), nonce), undefined);
  assert.equal(sm2Signature(privateKey, Scalars.create(-nonce - x1), nonce), undefined);
  const r = Scalars.mul(nonce, Scalars.inv(privateKey));
  assert.equal(sm2Signature(privateKey, Scalars.create(r - x1), nonce), undefined);
  assert.notEqual(sm2Signature(privateKey, Scalars.create(r - x1 + 1n), nonce), undefined);
});

test("r and s out of range, or whose sum is nothing, are no signature; nor are they in any other encoding", async () => {
  const digest = randomBytes(32);
  const point = pair.publicKey.subarray(-65);
  const signature = await pair.sign(scheme, "digest", digest);
  const [r, s] = (derSequence(signature) as { content: Buffer }[]).map(({ content }) => content) as [Buffer, Buffer];
  const verifies = (bytes: Uint8Array) => verifySm2Digest({ point, digest, signature: bytes });
  assert.equal(verifies(signature), true);
  const big = (number: bigint) => hex(number.toString(16).padStart(66, "0"));
  const { ORDER } = Scalars;
  for (const [first, second] of [
    [0n, numberOf(s)],
    [numberOf(r), 0n],
    [numberOf(r), numberOf(s) + ORDER],
    [numberOf(r) + ORDER, numberOf(s)],
    [numberOf(r), ORDER - numberOf(r)],
    [ORDER, numberOf(s)],
  ] as const) {
    assert.equal(verifies(signatureOf(big(first), big(second))), false);
  }
  const longer = derElement(SEQUENCE, signature.subarray(2), derUnsigned(Buffer.of(1)));
  const negative = derElement(SEQUENCE, derElement(0x02, r.subarray(-32)), derElement(0x02, s.subarray(-32)));
  const padded = derElement(SEQUENCE, derElement(0x02, Buffer.of(0, 0), r), signature.subarray(4 + r.length));
  const octets = derElement(SEQUENCE, derElement(0x04, r), derElement(0x04, s));
  const raw = Buffer.concat([r.subarray(-32), s.subarray(-32)]);
  for (const bytes of [longer, padded, octets, raw, Buffer.concat([signature, Buffer.of(0)])]) {
    assert.equal(verifies(bytes), false);
  }
  if (r.length === 33 || s.length === 33) assert.equal(verifies(negative), false);
});

test("SM2PKE: what is encrypted is decrypted by its key alone, and is never the same", async () => {
  const stranger = openKeyPair(type, "", (await generateKeyPair(type)).privateKey);
  for (const length of [1, 2, 31, 32, 33, 1024]) {
    const plaintext = randomBytes(length);
    const ciphertext = await pair.encrypt("sm2-pke", plaintext);
    assert.deepEqual(await pair.decrypt("sm2-pke", ciphertext), plaintext);
    assert.notDeepEqual(await pair.encrypt("sm2-pke", plaintext), ciphertext);
    await assert.rejects(stranger.decrypt("sm2-pke", ciphertext), new InvalidMessage());
  }
  await assert.rejects(pair.encrypt("sm2-pke", Buffer.alloc(0)), RangeError);
});

test("SM2PKE: a ciphertext with any byte changed, or in another form, is refused without a reason", async () => {
  const ciphertext = await pair.encrypt("sm2-pke", Buffer.from("secret"));
  const refused = (bytes: Uint8Array) => assert.rejects(pair.decrypt("sm2-pke", bytes), new InvalidMessage());
  for (let at = 0; at < ciphertext.length; at++) {
    const changed = Buffer.from(ciphertext);
    changed[at] = (changed[at] as number) ^ 1;
    await refused(changed);
  }
  const [x, y, hash, masked] = (derSequence(ciphertext) as { content: Buffer }[]).map(({ content }) => content) as [
    Buffer,
    Buffer,
    Buffer,
    Buffer,
  ];
  const built = (...parts: Buffer[]) => derElement(SEQUENCE, ...parts);
  const [dx, dy, dh, dm] = [
    derUnsigned(x),
    derUnsigned(y),
    derElement(OCTET_STRING, hash),
    derElement(OCTET_STRING, masked),
  ];
  assert.equal((await pair.decrypt("sm2-pke", built(dx, dy, dh, dm))).toString(), "secret");
  await refused(Buffer.alloc(0));
  await refused(ciphertext.subarray(0, -1));
  await refused(Buffer.concat([ciphertext, Buffer.of(0)]));
  await refused(built(dx, dy, dm, dh)); // C1C2C3
  await refused(Buffer.concat([Buffer.of(4), x.subarray(-32), y.subarray(-32), hash, masked]));
  await refused(built(dx, dy, dh));
  await refused(built(dx, dy, dh, dm, dm));
  await refused(built(dx, dy, dh, derElement(OCTET_STRING)));
  await refused(built(dy, dx, dh, dm));
  await refused(built(derUnsigned(Buffer.of(0)), derUnsigned(Buffer.of(0)), dh, dm));
  await refused(built(dx, dy, derElement(OCTET_STRING, hash.subarray(1)), dm));
});

test("a secret multiple is the multiple", () => {
  for (const scalar of [1n, 2n, privateKey, Scalars.ORDER - 1n]) {
    for (let i = 0; i < 5; i++) {
      assert.ok(secretMultiple(Sm2Point.BASE, scalar).equals(Sm2Point.BASE.multiply(scalar)));
    }
  }
  assert.deepEqual(
    Buffer.from(Sm2Point.BASE.multiply(privateKey).toBytes(false)),
    publicPoint(hex(example.privateKey)),
  );
});

test("a peer's point may be compressed; a curve of another name, or bytes that do not belong, are refused", async () => {
  const { publicKey } = await generateKeyPair(type);
  const secret = await pair.deriveSharedSecret(publicKey);
  const point = publicKey.subarray(-65);
  const x = point.subarray(1, 33);
  const compressed = Buffer.concat([
    hex("3039301306072a8648ce3d020106082a811ccf5501822d032200"),
    Buffer.of(2 + ((point[64] as number) & 1)),
    x,
  ]);
  assert.deepEqual(await pair.deriveSharedSecret(compressed), secret);
  assert.equal(createPublicKey({ key: compressed, format: "der", type: "spki" }).type, "public");
  const changed = (at: number, byte: number) => {
    const copy = Buffer.from(publicKey);
    copy[at] = byte;
    return copy;
  };
  const notOnCurve = Buffer.from(compressed);
  do randomBytes(32).copy(notOnCurve, notOnCurve.length - 32);
  while (isPoint(notOnCurve.subarray(-33)));
  for (const spki of [
    notOnCurve,
    changed(1, 0x58),
    changed(22, 0x2e), // another curve's name
    changed(25, 1), // unused bits
    changed(26, 6), // hybrid
    changed(26, 0),
    publicKey.subarray(0, -1),
    Buffer.concat([publicKey, Buffer.of(0)]),
    Buffer.concat([publicKey.subarray(0, 26), Buffer.of(0)]), // the neutral point
    Buffer.alloc(0),
    Buffer.alloc(91),
  ]) {
    await assert.rejects(pair.deriveSharedSecret(spki), InvalidPublicKey);
  }
});

function isPoint(bytes: Uint8Array): boolean {
  try {
    Sm2Point.fromBytes(bytes);
    return true;
  } catch {
    return false;
  }
}
