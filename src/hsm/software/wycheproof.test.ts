import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, hash as digestOf, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { InvalidKeyMaterial, InvalidMessage, InvalidPublicKey } from "../hsm.ts";
import type {
  EllipticCurve,
  EncryptionScheme,
  KeyPairOperations,
  MacHash,
  MessageForm,
  SignatureHash,
  SignatureScheme,
} from "../material.ts";
import { ec } from "./ec.ts";
import { ed25519 } from "./ed25519.ts";
import { pairOf } from "./keyFamily.ts";
import { importKeyPair, openKeyPair } from "./keyPair.ts";
import { openMac } from "./mac.ts";
import { mlDsa } from "./mlDsa.ts";
import { rsa } from "./rsa.ts";

interface Case {
  readonly id: string;
  readonly result: "valid" | "invalid" | "acceptable";
  readonly flags: readonly string[];
  readonly key: Buffer;
  /** a further member, decoded */
  at(member: string): Buffer;
}

type Group = { readonly keys: string[]; readonly cases: Record<string, string>[] };
const file: Record<string, Record<string, Group>> = JSON.parse(
  readFileSync(new URL("../../../test/vectors/wycheproof.json", import.meta.url), "utf8"),
);

function* cases(primitive: string): Generator<[name: string, cases: Case[]]> {
  for (const [name, { keys, cases }] of Object.entries(file[primitive] as Record<string, Group>)) {
    assert.ok(cases.length > 0);
    yield [
      name,
      cases.map((row) => ({
        id: row.id as string,
        result: row.result as Case["result"],
        flags: row.flags as unknown as string[],
        key: Buffer.from(keys[Number(row.key)] as string, "base64"),
        at: (member) => Buffer.from(row[member] as string, "base64"),
      })),
    ];
  }
}

/** A public key's side of a pair whose private key nobody has; undefined when it does not even parse. */
function publicSide(spki: Buffer, open: (pair: { publicKey: KeyObject; privateKey: KeyObject }) => object) {
  try {
    const publicKey = createPublicKey({ key: spki, format: "der", type: "spki" });
    return open({ publicKey, privateKey: undefined as unknown as KeyObject }) as KeyPairOperations;
  } catch {
    return undefined;
  }
}

async function verifies(
  { id, key, result, at }: Case,
  scheme: SignatureScheme,
  open: Parameters<typeof publicSide>[1],
  expected = result === "valid",
): Promise<void> {
  const opened = publicSide(key, open);
  const verify = async (form: MessageForm, message: Buffer) =>
    (await opened?.verify(scheme, form, message, at("sig"))) ?? false;
  assert.equal(await verify("raw", at("msg")), expected, id);
  if ("hash" in scheme) {
    assert.equal(await verify("digest", digestOf(scheme.hash, at("msg"), "buffer")), expected, `${id}, digest`);
  }
}

for (const scheme of ["rsa-pss", "rsa-pkcs1"] as const) {
  test(`${scheme} verifies what Wycheproof's vectors say, messages and digests`, async () => {
    for (const [name, rows] of cases(scheme)) {
      const [size, hash] = name.split(/[ ,]/) as [string, SignatureHash];
      const type = { kind: "rsa", modulusLength: Number(size) as 2048 } as const;
      // A salt or an MGF1 of its own is not what KMS makes: nothing of those files is a signature here.
      const other = name.includes("other");
      for (const row of rows) {
        await verifies(row, { scheme, hash }, (pair) => rsa.operations(type, pair), !other && row.result === "valid");
      }
    }
  });
}

test("rsa-pkcs1 signs as Wycheproof's vectors say, messages and digests", async () => {
  for (const [name, rows] of cases("rsa-pkcs1, signing")) {
    const [size, hash] = name.split(" ") as [string, SignatureHash];
    const type = { kind: "rsa", modulusLength: Number(size) as 2048 } as const;
    for (const { key, at } of rows) {
      const opened = openKeyPair(type, "", (await importKeyPair(type, key)).privateKey);
      const scheme = { scheme: "rsa-pkcs1", hash } as const;
      assert.deepEqual(await opened.sign(scheme, "raw", at("msg")), at("sig"));
      assert.deepEqual(await opened.sign(scheme, "digest", digestOf(hash, at("msg"), "buffer")), at("sig"));
    }
  }
});

test("rsa-oaep decrypts what Wycheproof's vectors say, and refuses the rest without a reason", async () => {
  for (const [name, rows] of cases("rsa-oaep")) {
    const [size, scheme] = name.split(" ") as [string, EncryptionScheme];
    const type = { kind: "rsa", modulusLength: Number(size) as 2048 } as const;
    const opened = openKeyPair(type, "", (await importKeyPair(type, rows[0]?.key as Buffer)).privateKey);
    for (const { id, key, result, at } of rows) {
      assert.deepEqual(key, rows[0]?.key);
      if (result === "valid") {
        assert.deepEqual(await opened.decrypt(scheme, at("ct")), at("msg"), id);
      } else {
        await assert.rejects(opened.decrypt(scheme, at("ct")), new InvalidMessage(), id);
      }
    }
  }
});

test("an RSA key of three primes is refused", async () => {
  for (const [, rows] of cases("rsa, three primes")) {
    await assert.rejects(
      importKeyPair({ kind: "rsa", modulusLength: 2048 }, rows[0]?.key as Buffer),
      InvalidKeyMaterial,
    );
  }
});

test("ecdsa verifies what Wycheproof's vectors say, messages and digests", async () => {
  for (const [name, rows] of cases("ecdsa")) {
    const [curve, hash] = name.split(" ") as [EllipticCurve, SignatureHash];
    for (const row of rows) {
      await verifies(row, { scheme: "ecdsa", hash }, (pair) => ec.operations({ kind: "ec", curve }, pair));
    }
  }
});

test("ECDH agrees with Wycheproof's vectors, and refuses every other kind of public key", async () => {
  // By RFC 5480 a compressed point is a public key; a curve written out and ASN.1 that is not DER are not.
  const isPublicKey = ({ result, flags }: Case) =>
    result === "valid" || (result === "acceptable" && flags.includes("CompressedPublic"));
  for (const [curve, rows] of cases("ecdh") as Generator<[EllipticCurve, Case[]]>) {
    const names = { "P-256": "prime256v1", "P-384": "secp384r1", "P-521": "secp521r1", secp256k1: "secp256k1" };
    const width = at(curve);
    for (const row of rows) {
      const scalar = Buffer.alloc(width);
      const key = row.key.subarray(-width);
      scalar.set(key, width - key.length);
      const privateKey = createPrivateKey({
        key: scalar,
        format: "raw-private",
        asymmetricKeyType: "ec",
        namedCurve: names[curve],
      });
      const derive = ec.operations({ kind: "ec", curve }, pairOf(privateKey)).deriveSharedSecret?.(row.at("public"));
      if (isPublicKey(row)) assert.deepEqual(await derive, row.at("shared"), row.id);
      else await assert.rejects(derive as Promise<Buffer>, InvalidPublicKey, row.id);
    }
  }
});

const at = (curve: EllipticCurve) => ({ "P-256": 32, "P-384": 48, "P-521": 66, secp256k1: 32 })[curve];

test("ed25519 verifies what Wycheproof's vectors say", async () => {
  for (const [, rows] of cases("ed25519")) {
    for (const row of rows) {
      await verifies(row, { scheme: "ed25519" }, (pair) => ed25519.operations({ kind: "ed25519" }, pair));
    }
  }
});

test("ml-dsa verifies what Wycheproof's vectors say", async () => {
  for (const [level, rows] of cases("ml-dsa")) {
    const type = { kind: "ml-dsa", level: Number(level) as 44 } as const;
    for (const row of rows) await verifies(row, { scheme: "ml-dsa" }, (pair) => mlDsa.operations(type, pair));
  }
});

test("ml-dsa over µ: Wycheproof's signatures are its own", async () => {
  for (const [level, rows] of cases("ml-dsa, µ")) {
    const type = { kind: "ml-dsa", level: Number(level) as 44 } as const;
    for (const { id, key, at } of rows) {
      const opened = openKeyPair(type, "", (await importKeyPair(type, key)).privateKey);
      assert.equal(await opened.verify({ scheme: "ml-dsa" }, "externalMu", at("mu"), at("sig")), true, id);
      const signature = await opened.sign({ scheme: "ml-dsa" }, "externalMu", at("mu"));
      assert.equal(await opened.verify({ scheme: "ml-dsa" }, "externalMu", at("mu"), signature), true, id);
      assert.notDeepEqual(signature, at("sig"), "a hedged signature is never the deterministic one");
    }
  }
});

test("ml-kem decapsulates as Wycheproof's vectors say", async () => {
  for (const [level, rows] of cases("ml-kem")) {
    const type = { kind: "ml-kem", level: Number(level) as 512 } as const;
    for (const { id, key, result, at } of rows) {
      if (key.length !== 64) {
        assert.equal(result, "invalid", id);
        continue;
      }
      const privateKey = createPrivateKey({ key, format: "raw-seed", asymmetricKeyType: `ml-kem-${type.level}` });
      const opened = openKeyPair(type, "", privateKey.export({ type: "pkcs8", format: "der" }));
      if (result === "valid") assert.deepEqual(await opened.decapsulate(at("c")), at("K"), id);
      else await assert.rejects(opened.decapsulate(at("c")), InvalidMessage, id);
    }
  }
});

test("HMAC gives Wycheproof's tags", () => {
  for (const [hash, rows] of cases("hmac") as Generator<[MacHash, Case[]]>) {
    for (const { id, key, result, at } of rows) {
      const tag = openMac("", key).mac(hash, at("msg")).subarray(0, at("tag").length);
      assert.equal(tag.equals(at("tag")), result === "valid", id);
    }
  }
});
