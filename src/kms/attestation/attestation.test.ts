import assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { before, test } from "node:test";
import {
  enclaveFields,
  type Fields,
  flawOf,
  flaws,
  type Hypervisor,
  hypervisor,
  nitroTpmFields,
  signed,
  spki,
  trusting,
} from "../../../test/sdk/attesting.ts";
import type { Attestation } from "./attestation.ts";

const MINUTE = 60_000;
const now = Date.now();
const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
let nitro: Hypervisor;
let attestation: Attestation;

/** The document's fields, changed. */
const fields = (changes: Readonly<Record<string, unknown>> = {}): Fields =>
  Object.entries(changes).reduce(
    (result, [name, value]) => result.set(name, value),
    enclaveFields(nitro, publicKey, now),
  );
const document = (changes: Readonly<Record<string, unknown>> = {}) => signed(fields(changes), nitro.leaf);

const flaw = (bytes: Uint8Array) => flawOf(() => attestation.verify(bytes, now));

before(async () => {
  nitro = await hypervisor();
  attestation = trusting(nitro.root);
});

test("an enclave's document is verified, and says what it proves", () => {
  const attested = attestation.verify(document(), now);
  assert.equal(attested.platform, "enclave");
  assert.equal(attested.moduleId, "i-0123456789abcdef0-enc0123456789abcdef");
  assert.deepEqual([...attested.pcrs.keys()], [0, 1, 2, 3, 4, 8]);
  assert.equal(Buffer.from(attested.pcrs.get(8)!).toString("hex"), "a8".repeat(48));
  assert.ok(attested.publicKey.equals(publicKey));
});

test("so is that of an instance with a NitroTPM", () => {
  const attested = attestation.verify(signed(nitroTpmFields(nitro, publicKey), nitro.leaf), now);
  assert.equal(attested.platform, "nitroTpm");
  assert.deepEqual([...attested.pcrs.keys()], [4, 7, 12]);
});

test("one bit changed, at every byte", () => {
  const good = document();
  const seen = new Set<string>();
  for (let at = 0; at < good.length; at++) {
    const changed = Buffer.from(good);
    changed[at] = changed[at]! ^ (1 << (at % 8));
    const why = flaw(changed);
    assert.ok(Object.values<string>(flaws).includes(why), `byte ${at}: ${why}`);
    seen.add(why);
  }
  for (const why of [flaws.form, flaws.issuer, flaws.certificates, flaws.signature]) assert.ok(seen.has(why), why);
});

test("documents are good for five minutes, and clocks may be five minutes apart", () => {
  for (const [age, why] of [
    [5 * MINUTE, ""],
    [5 * MINUTE + 1, flaws.time],
    [-5 * MINUTE, ""],
    [-5 * MINUTE - 1, flaws.time],
    [30 * MINUTE, flaws.time],
  ] as const) {
    assert.equal(flaw(document({ timestamp: now - age })), why, `${age} ms`);
  }
});

test("the public key must be one to encrypt to", () => {
  const ec = generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey;
  const pss = generateKeyPairSync("rsa-pss", { modulusLength: 2048 }).publicKey;
  for (const bits of [2048, 3072, 4096]) assert.equal(flaw(document({ public_key: spki(rsa(bits)) })), "", `${bits}`);
  for (const [name, value] of Object.entries({
    none: null,
    "RSA 1024": spki(rsa(1024)),
    "RSA 2040": spki(rsa(2040)),
    "RSA 4104": spki(rsa(4104)),
    "RSA with the exponent 1": spki(rsa(2048, "01")),
    "RSA with the exponent 3": spki(rsa(2048, "03")),
    "RSA with an even exponent": spki(rsa(2048, "010002")),
    "RSA with an exponent of 33 bits": spki(rsa(2048, "0100000001")),
    "RSA with an even modulus": spki(rsa(2048, "010001", 0)),
    "RSA for PSS": spki(pss),
    "elliptic curve": spki(ec),
    "PKCS #1": publicKey.export({ format: "der", type: "pkcs1" }),
    "a certificate": nitro.leaf.certificate,
    "something behind it": Buffer.concat([spki(publicKey), Buffer.from([0])]),
    "no key": Buffer.from("key"),
  })) {
    assert.equal(flaw(document({ public_key: value })), flaws.publicKey, name);
  }
});

/** A public key as far as anybody can see who does not factor it. @param bits a multiple of 8 */
function rsa(bits: number, exponent = "010001", lastBit = 1): KeyObject {
  const n = randomBytes(bits / 8);
  n[0] = n[0]! | 0x80;
  n[n.length - 1] = (n.at(-1)! & 0xfe) | lastBit;
  const key = { kty: "RSA", n: n.toString("base64url"), e: Buffer.from(exponent, "hex").toString("base64url") };
  return createPublicKey({ key, format: "jwk" });
}
