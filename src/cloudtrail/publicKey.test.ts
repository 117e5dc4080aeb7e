import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { digestPublicKey, parsePublicKeys, publicKeyPem } from "./publicKey.ts";

const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const spki = publicKey.export({ format: "der", type: "spki" });
const pkcs1 = publicKey.export({ format: "der", type: "pkcs1" });

test("the form that ListPublicKeys gives is PKCS #1, not SubjectPublicKeyInfo", () => {
  const key = digestPublicKey(spki);
  assert.deepEqual(key.pkcs1, pkcs1);
  assert.match(key.fingerprint, /^[0-9a-f]{32}$/);
});

const fingerprints = (file: string | Buffer) =>
  parsePublicKeys(Buffer.from(file as string)).map(({ fingerprint }) => fingerprint);

for (const [title, file] of [
  ["SubjectPublicKeyInfo, DER", spki],
  ["SubjectPublicKeyInfo, PEM", publicKey.export({ format: "pem", type: "spki" })],
  ["PKCS #1, DER", pkcs1],
  ["PKCS #1, PEM", publicKey.export({ format: "pem", type: "pkcs1" })],
  ["base 64 as the aws command line prints it", pkcs1.toString("base64")],
] as const) {
  test(`reads ${title}`, () => {
    assert.deepEqual(fingerprints(file), [digestPublicKey(spki).fingerprint]);
  });
}

test("what it writes it reads", () => {
  const key = digestPublicKey(spki);
  const [first, second, ...more] = parsePublicKeys(Buffer.from(`# a\n${publicKeyPem(key)}# b\n${publicKeyPem(key)}`));
  assert.deepEqual([first?.pkcs1, second?.pkcs1, more], [key.pkcs1, key.pkcs1, []]);
});

for (const [title, file] of [
  ["nothing", ""],
  ["text", "no key"],
  ["another kind of key", generateKeyPairSync("ed25519").publicKey.export({ format: "pem", type: "spki" })],
] as const) {
  test(`refuses ${title}`, () => {
    assert.throws(() => parsePublicKeys(Buffer.from(file)), /no RSA public key/);
  });
}
