import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { before, test } from "node:test";
import { encode } from "cborg";
import {
  enclaveFields,
  type Fields,
  flawOf,
  flaws,
  type Hypervisor,
  hypervisor,
  type Sign1Options,
  signed,
} from "../../../test/sdk/attesting.ts";
import { readDocument } from "./document.ts";

const now = Date.now();
const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
let nitro: Hypervisor;

/** The document's fields, changed. */
const fields = (changes: Readonly<Record<string, unknown>> = {}): Fields =>
  Object.entries(changes).reduce(
    (result, [name, value]) => result.set(name, value),
    enclaveFields(nitro, publicKey, now),
  );
const without = (name: string): Fields => {
  const result = fields();
  result.delete(name);
  return result;
};
const document = (changes: Readonly<Record<string, unknown>> = {}, options: Sign1Options = {}) =>
  signed(fields(changes), nitro.leaf, options);
const flaw = (bytes: Uint8Array) => flawOf(() => readDocument(bytes));

before(async () => {
  nitro = await hypervisor();
});

test("what documents may have", () => {
  const indefinite = Buffer.concat([Buffer.from([0xbf]), encode(fields()).subarray(1), Buffer.from([0xff])]);
  const large = { user_data: Buffer.alloc(512), nonce: Buffer.alloc(512) };
  for (const [name, bytes] of Object.entries({
    "tag 18": Buffer.concat([Buffer.from([0xd2]), document()]),
    "a payload of indefinite length": document({}, { payload: indefinite }),
    "user data and nonce": document(large),
    "the same, empty": document({ user_data: Buffer.alloc(0), nonce: Buffer.alloc(0) }),
    "no nulls": signed(without("nonce"), nitro.leaf),
    "PCRs of three lengths": document({
      pcrs: new Map([32, 48, 64].map((length, index) => [index + 29, Buffer.alloc(length)])),
    }),
    "all 32 PCRs": document({
      ...large,
      pcrs: new Map(Array.from({ length: 32 }, (_, i) => [i, Buffer.alloc(64)])),
    }),
  })) {
    assert.equal(flaw(bytes), "", name);
  }
});

test("what is no attestation document", () => {
  const good = document();
  const payload = encode(fields());
  const deep = (opening: number) => Buffer.alloc(16_000, opening);
  for (const [name, bytes] of Object.entries({
    nothing: Buffer.alloc(0),
    "one byte": Buffer.from([0x84]),
    "a tag alone": Buffer.from([0xd2]),
    text: Buffer.from("an attestation document"),
    "262,144 bytes": Buffer.alloc(262_144, 0x81),
    "262,144 bytes of a good one and more": Buffer.concat([good, Buffer.alloc(262_144 - good.length)]),
    "arrays in arrays": deep(0x81),
    "maps in maps": deep(0xa1),
    "tags in tags": deep(0xd2),
    "indefinite arrays in such": deep(0x9f),
    "an array of 2^32 - 1": Buffer.from("9affffffff", "hex"),
    "an array of 2^53 - 1": Buffer.from("9b001fffffffffffff", "hex"),
    "an array of 2^64 - 1": Buffer.from("9bffffffffffffffff", "hex"),
    "bytes that say they are 2^53 - 1": Buffer.from("8444a1013822a05b001fffffffffffff00", "hex"),
    "a payload of arrays in arrays": document({}, { payload: deep(0x81) }),
    "a payload of many small items": document({}, { payload: encode(Array(16_000).fill(0)) }),
    "a payload over 16,384 bytes": document({ module_id: "i".repeat(16_384) }),
    "two tags": Buffer.concat([Buffer.from([0xd2, 0xd2]), good]),
    "another tag": Buffer.concat([Buffer.from([0xd1]), good]),
    "the tag of a COSE_Sign": Buffer.concat([Buffer.from([0xd8, 0x62]), good]),
    "a byte behind it": Buffer.concat([good, Buffer.from([0])]),
    "a byte missing": good.subarray(0, -1),
    "five members": Buffer.concat([Buffer.from([0x85]), good.subarray(1), Buffer.from([0])]),
    "alg ES256": document({}, { header: encode(new Map([[1, -7]])) }),
    "alg ES512": document({}, { header: encode(new Map([[1, -36]])) }),
    "alg none": document({}, { header: encode(new Map()) }),
    "a further header": document(
      {},
      {
        header: encode(
          new Map([
            [1, -35],
            [4, 0],
          ]),
        ),
      },
    ),
    "an unprotected header": document({}, { unprotected: new Map([[4, Buffer.from("key")]]) }),
    "an array for the unprotected headers": document({}, { unprotected: [] }),
    "a DER signature": document({}, { alterSignature: (signature) => Buffer.concat([Buffer.from([0x30]), signature]) }),
    "half a signature": document({}, { alterSignature: (signature) => signature.subarray(0, 48) }),
    "no payload": document({}, { payload: Buffer.alloc(0) }),
    "a payload that is no map": document({}, { payload: encode([1]) }),
    "something behind the payload's map": document({}, { payload: Buffer.concat([payload, Buffer.from([0])]) }),
    "a field twice": document({}, { payload: twice(payload, "digest") }),
    "a field that is not AWS's": document({ note: "hello" }),
    "a numbered field": signed((fields() as Map<unknown, unknown>).set(1, 1) as Fields, nitro.leaf),
    "PCRs of both kinds": document({ nitrotpm_pcrs: new Map([[4, Buffer.alloc(48)]]) }),
    "a tag within": document({}, { payload: Buffer.concat([Buffer.from([0xc1]), payload]) }),
  })) {
    assert.equal(flaw(bytes), flaws.form, name);
  }
});

/** A map in CBOR with one more entry, of a name that it has. */
function twice(map: Uint8Array, name: string): Buffer {
  const [first, ...rest] = map;
  return Buffer.concat([Buffer.from([first! + 1, ...rest]), encode(name), encode("SHA384")]);
}

test("each field as AWS's rules have it", () => {
  const bytes = (length: number) => Buffer.alloc(length, 1);
  const pcr = (key: unknown, value: unknown) => new Map([[key, value]]);
  const wrong: Readonly<Record<string, readonly unknown[]>> = {
    module_id: [null, "", bytes(8), 1, "i".repeat(257)],
    digest: [null, "", "SHA256", "sha384", bytes(6), 384],
    timestamp: [null, 0, -1, "1", BigInt(2) ** BigInt(63), 1.5, bytes(8), [now]],
    pcrs: [
      null,
      new Map(),
      [bytes(48)],
      pcr(0, bytes(47)),
      pcr(0, bytes(0)),
      pcr(0, "0".repeat(48)),
      pcr(0, null),
      pcr(32, bytes(48)),
      pcr(-1, bytes(48)),
      pcr("0", bytes(48)),
      pcr(bytes(1), bytes(48)),
      new Map(Array.from({ length: 33 }, (_, i) => [i, bytes(48)])),
    ],
    certificate: [null, bytes(0), bytes(1025), "certificate", [nitro.leaf.certificate]],
    cabundle: [
      null,
      [],
      nitro.root.certificate,
      [nitro.root.certificate, null],
      [nitro.root.certificate, bytes(0)],
      [nitro.root.certificate, bytes(1025)],
      Array(9).fill(nitro.root.certificate),
    ],
    public_key: [bytes(0), bytes(1025), "key", 1],
    user_data: [bytes(513), "data", 1],
    nonce: [bytes(513), "nonce", 1],
  };
  for (const [name, values] of Object.entries(wrong)) {
    for (const [i, value] of values.entries())
      assert.equal(flaw(document({ [name]: value })), flaws.form, `${name} ${i}`);
  }
  for (const name of ["module_id", "digest", "timestamp", "pcrs", "certificate", "cabundle"]) {
    assert.equal(flaw(signed(without(name), nitro.leaf)), flaws.form, `no ${name}`);
  }
  // 0 and now, as floats: each would pass for the integer.
  const float = (value: number) => encode(value, { float64: true });
  const payload = Buffer.from(encode(fields()));
  const time = Buffer.from(encode(now));
  const at = payload.indexOf(time);
  const floating = Buffer.concat([payload.subarray(0, at), float(now + 0.5), payload.subarray(at + time.length)]);
  assert.equal(flaw(document({}, { payload: floating })), flaws.form);
});
