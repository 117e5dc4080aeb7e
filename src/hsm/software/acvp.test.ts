import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, hash as digestOf, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { InvalidPublicKey } from "../hsm.ts";
import type { EllipticCurve, MacHash, SignatureHash } from "../material.ts";
import { derElement, derUnsigned, SEQUENCE } from "./der.ts";
import { ec } from "./ec.ts";
import { ed25519 } from "./ed25519.ts";
import { pairOf } from "./keyFamily.ts";
import { generateKeyPair, importKeyPair, openKeyPair } from "./keyPair.ts";
import { openMac } from "./mac.ts";
import { mlDsa } from "./mlDsa.ts";
import { mlKem } from "./mlKem.ts";

type Row = Readonly<Record<string, string>> & {
  readonly id: string;
  readonly testPassed: boolean;
  readonly preHash: boolean;
};
const file: Record<string, Row[]> = JSON.parse(
  readFileSync(new URL("../../../test/vectors/acvp.json", import.meta.url), "utf8"),
);

function rows(name: string): Row[] {
  const found = file[name];
  assert.ok(found && found.length > 0, name);
  return found;
}

const bytes = (row: Row, member: string) => Buffer.from(row[member] as string, "base64");
const spki = { type: "spki", format: "der" } as const;
const ofPublicKey = (publicKey: KeyObject) => ({ publicKey, privateKey: undefined as unknown as KeyObject });
const mlDsaType = (row: Row) => ({ kind: "ml-dsa", level: Number(row.parameterSet?.slice(-2)) as 44 }) as const;
const mlKemType = (row: Row) => ({ kind: "ml-kem", level: Number(row.parameterSet?.slice(7)) as 512 }) as const;
const nodeType = (row: Row) => row.parameterSet?.toLowerCase() as "ml-dsa-44";

const publicKeyOf = (row: Row, member: string) =>
  createPublicKey({ key: bytes(row, member), format: "raw-public", asymmetricKeyType: nodeType(row) });

const fromSeed = (row: Row, ...members: string[]) => {
  const key = Buffer.concat(members.map((member) => bytes(row, member)));
  return createPrivateKey({ key, format: "raw-seed", asymmetricKeyType: nodeType(row) }).export({
    type: "pkcs8",
    format: "der",
  });
};

/** A private key that has no seed: version, algorithm, and the expansion alone (RFC 9881 §6, RFC 9935 §6). */
function fromExpansion(row: Row, member: string): KeyObject {
  const oid = {
    "ML-DSA-44": 0x0311,
    "ML-DSA-65": 0x0312,
    "ML-DSA-87": 0x0313,
    "ML-KEM-512": 0x0401,
    "ML-KEM-768": 0x0402,
    "ML-KEM-1024": 0x0403,
  }[row.parameterSet as "ML-DSA-44"];
  const algorithm = Buffer.from(`300b060960864801650304${oid.toString(16).padStart(4, "0")}`, "hex");
  const key = derElement(
    SEQUENCE,
    derUnsigned(Buffer.of(0)),
    algorithm,
    derElement(0x04, derElement(0x04, bytes(row, member))),
  );
  return createPrivateKey({ key, format: "der", type: "pkcs8" });
}

const shake256 = (...parts: Buffer[]) =>
  digestOf("shake256", Buffer.concat(parts), { outputEncoding: "buffer", outputLength: 64 });
/** µ of FIPS 204 algorithm 7, line 6. */
const muOf = (row: Row, ...message: Buffer[]) => shake256(shake256(bytes(row, "pk")), ...message);

for (const [name, type, seed, member] of [
  ["ML-DSA keyGen", mlDsaType, ["seed"], "pk"],
  ["ML-KEM keyGen", mlKemType, ["d", "z"], "ek"],
] as const) {
  test(`${name}: seeds become NIST's public keys`, async () => {
    for (const row of rows(name)) {
      const { publicKey } = await importKeyPair(type(row), fromSeed(row, ...seed));
      const raw = createPublicKey({ key: publicKey, ...spki }).export({ format: "raw-public" });
      assert.deepEqual(raw, bytes(row, member), row.id);
    }
  });
}

test("ML-DSA sigVer: µ of every interface verifies as NIST says", async () => {
  const context = (row: Row) => [Buffer.of(0, bytes(row, "context").length), bytes(row, "context")];
  for (const [name, mu] of [
    ["ML-DSA sigVer, µ", (row: Row) => bytes(row, "mu")],
    ["ML-DSA sigVer, internal", (row: Row) => muOf(row, bytes(row, "message"))],
    ["ML-DSA sigVer, external", (row: Row) => muOf(row, ...context(row), bytes(row, "message"))],
  ] as const) {
    for (const row of rows(name)) {
      const pair = mlDsa.operations(mlDsaType(row), ofPublicKey(publicKeyOf(row, "pk")));
      const scheme = { scheme: "ml-dsa" } as const;
      const verified = await pair.verify?.(scheme, "externalMu", mu(row), bytes(row, "signature"));
      assert.equal(verified, row.testPassed, `${name} ${row.id}`);
    }
  }
});

test("ML-DSA sigGen: NIST's signatures over µ are their keys'", async () => {
  for (const row of rows("ML-DSA sigGen, µ")) {
    const pair = mlDsa.operations(mlDsaType(row), pairOf(fromExpansion(row, "sk")));
    const verify = (mu: Buffer) => pair.verify?.({ scheme: "ml-dsa" }, "externalMu", mu, bytes(row, "signature"));
    assert.equal(await verify(bytes(row, "mu")), true, row.id);
    assert.equal(await verify(shake256(bytes(row, "mu"))), false, row.id);
  }
});

test("ML-KEM decapsulation: NIST's secrets, those of ciphertexts that are none included", async () => {
  for (const row of rows("ML-KEM decapsulation")) {
    const pair = mlKem.operations(mlKemType(row), pairOf(fromExpansion(row, "dk")));
    assert.deepEqual(await pair.decapsulate?.(bytes(row, "c")), bytes(row, "k"), row.id);
  }
});

const oids = { "P-256": "06082a8648ce3d030107", "P-384": "06052b81040022", "P-521": "06052b81040023" };
const curveOf = (row: Row) => row.curve as "P-256";
const width = (row: Row) => ({ "P-256": 32, "P-384": 48, "P-521": 66 })[curveOf(row)];
const padded = (row: Row, member: string) =>
  Buffer.concat([Buffer.alloc(width(row) - bytes(row, member).length), bytes(row, member)]);
/** SubjectPublicKeyInfo of RFC 5480 */
const ecSpki = (row: Row) =>
  derElement(
    SEQUENCE,
    derElement(SEQUENCE, Buffer.from(`06072a8648ce3d0201${oids[curveOf(row)]}`, "hex")),
    derElement(0x03, Buffer.of(0, 4), padded(row, "qx"), padded(row, "qy")),
  );

test("ECDSA keyVer: a point that NIST finds invalid is no peer's", async () => {
  for (const row of rows("ECDSA keyVer")) {
    const type = { kind: "ec", curve: curveOf(row) as EllipticCurve } as const;
    const { privateKey } = await generateKeyPair(type);
    const derived = openKeyPair(type, "", privateKey).deriveSharedSecret(ecSpki(row));
    if (row.testPassed) assert.equal((await derived).length, width(row));
    else await assert.rejects(derived, InvalidPublicKey, row.id);
  }
});

for (const name of ["ECDSA sigVer", "DetECDSA sigGen"]) {
  test(`${name}: messages and digests verify as NIST says`, async () => {
    for (const row of rows(name)) {
      const hash = `sha${row.hashAlg?.slice(-3)}` as SignatureHash;
      const curve = curveOf(row) as EllipticCurve;
      const publicKey = createPublicKey({ key: ecSpki(row), ...spki });
      const pair = ec.operations({ kind: "ec", curve }, ofPublicKey(publicKey));
      const signature = derElement(SEQUENCE, derUnsigned(bytes(row, "r")), derUnsigned(bytes(row, "s")));
      const message = bytes(row, "message");
      for (const [form, signed] of [
        ["raw", message],
        ["digest", digestOf(hash, message, "buffer")],
      ] as const) {
        const verified = await pair.verify?.({ scheme: "ecdsa", hash }, form, signed, signature);
        assert.equal(verified, row.testPassed ?? true, `${row.id} ${form}`);
      }
    }
  });
}

test("EDDSA sigVer: Ed25519 and Ed25519ph verify as NIST says", async () => {
  for (const row of rows("EDDSA sigVer")) {
    const key = bytes(row, "q");
    const publicKey = createPublicKey({ key, format: "raw-public", asymmetricKeyType: "ed25519" });
    const pair = ed25519.operations({ kind: "ed25519" }, ofPublicKey(publicKey));
    const scheme = { scheme: row.preHash ? "ed25519ph" : "ed25519" } as const;
    const verified = await pair.verify?.(scheme, "raw", bytes(row, "message"), bytes(row, "signature"));
    assert.equal(verified, row.testPassed, row.id);
  }
});

test("HMAC gives NIST's tags", () => {
  for (const bits of [224, 256, 384, 512]) {
    for (const row of rows(`HMAC-SHA2-${bits}`)) {
      const tag = openMac("", bytes(row, "key")).mac(`sha${bits}` as MacHash, bytes(row, "msg"));
      assert.deepEqual(tag.subarray(0, bytes(row, "mac").length), bytes(row, "mac"), `${bits} ${row.id}`);
    }
  }
});
