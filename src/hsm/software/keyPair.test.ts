import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, hash as digestOf, randomBytes } from "node:crypto";
import { before, test } from "node:test";
import { InvalidMessage, InvalidPublicKey } from "../hsm.ts";
import type { KeyPairMaterial, KeyPairType, MessageForm, SignatureHash, SignatureScheme } from "../material.ts";
import { generateKeyPair, importKeyPair, openKeyPair } from "./keyPair.ts";

const hashes: SignatureHash[] = ["sha256", "sha384", "sha512"];
const rsaSchemes = (["rsa-pss", "rsa-pkcs1"] as const).flatMap((scheme) => hashes.map((hash) => ({ scheme, hash })));
const ecdsa = hashes.map((hash) => ({ scheme: "ecdsa", hash }) as const);
const edwards = [{ scheme: "ed25519" }, { scheme: "ed25519ph" }] as const;

/** One of each type, and what it signs with. */
const types: [KeyPairType, readonly SignatureScheme[]][] = [
  [{ kind: "rsa", modulusLength: 2048 }, rsaSchemes],
  [{ kind: "rsa", modulusLength: 3072 }, rsaSchemes],
  [{ kind: "rsa", modulusLength: 4096 }, rsaSchemes],
  [{ kind: "ec", curve: "P-256" }, ecdsa],
  [{ kind: "ec", curve: "P-384" }, ecdsa],
  [{ kind: "ec", curve: "P-521" }, ecdsa],
  [{ kind: "ec", curve: "secp256k1" }, ecdsa],
  [{ kind: "ed25519" }, edwards],
  [{ kind: "ml-dsa", level: 44 }, [{ scheme: "ml-dsa" }]],
  [{ kind: "ml-dsa", level: 65 }, [{ scheme: "ml-dsa" }]],
  [{ kind: "ml-dsa", level: 87 }, [{ scheme: "ml-dsa" }]],
  [{ kind: "ml-kem", level: 512 }, []],
  [{ kind: "ml-kem", level: 768 }, []],
  [{ kind: "ml-kem", level: 1024 }, []],
  [{ kind: "sm2" }, [{ scheme: "sm2" }]],
];
const all = [...rsaSchemes, ...ecdsa, ...edwards, { scheme: "ml-dsa" }, { scheme: "sm2" }] as SignatureScheme[];
const text = Buffer.from("a message");

const pairs = new Map<KeyPairType, KeyPairMaterial>();
const pairOf = (type: KeyPairType) => pairs.get(type) as KeyPairMaterial;
before(async () => {
  await Promise.all(
    types.map(async ([type]) => pairs.set(type, openKeyPair(type, "id", (await generateKeyPair(type)).privateKey))),
  );
});

const nameOf = (type: KeyPairType) => Object.values(type).join(" ");
const hashOf = (scheme: SignatureScheme) =>
  "hash" in scheme ? scheme.hash : scheme.scheme === "sm2" ? "sm3" : "sha512";
const mu = (pair: KeyPairMaterial, message: Buffer) => {
  const raw = createPublicKey({ key: pair.publicKey, format: "der", type: "spki" }).export({ format: "raw-public" });
  const tr = digestOf("shake256", raw, { outputEncoding: "buffer", outputLength: 64 });
  // FIPS 204 algorithms 2 and 7: a message under the empty context is 00 ‖ 00 ‖ message
  const bound = Buffer.concat([tr, Buffer.of(0, 0), message]);
  return digestOf("shake256", bound, { outputEncoding: "buffer", outputLength: 64 });
};

/** e of GB/T 32918.2 §6.1: behind the digest of identity, a ‖ b ‖ G of the curve, and public key */
const sm2Digest = (pair: KeyPairMaterial, message: Buffer) => {
  const identity = Buffer.concat([Buffer.of(0, 128), Buffer.from("1234567812345678")]);
  const curve = Buffer.from(
    "fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93" +
      "32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0",
    "hex",
  );
  const z = digestOf("sm3", Buffer.concat([identity, curve, pair.publicKey.subarray(-64)]), "buffer");
  return digestOf("sm3", Buffer.concat([z, message]), "buffer");
};

/** The forms of a message a scheme takes; those of one message are one another's signatures, but for Ed25519ph's. */
function forms(pair: KeyPairMaterial, scheme: SignatureScheme, message: Buffer): [MessageForm, Buffer][] {
  const raw: [MessageForm, Buffer] = ["raw", message];
  if (scheme.scheme === "ed25519") return [raw];
  if (scheme.scheme === "ml-dsa") return [raw, ["externalMu", mu(pair, message)]];
  if (scheme.scheme === "ed25519ph") return [raw, ["digest", message]];
  if (scheme.scheme === "sm2") return [raw, ["digest", sm2Digest(pair, message)]];
  return [raw, ["digest", digestOf(hashOf(scheme), message, "buffer")]];
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] as number) ^ 1;
  return copy;
}

for (const [type, schemes] of types) {
  test(`${nameOf(type)}: what one form signs each form verifies, and no other message, scheme or key`, async () => {
    const pair = pairOf(type);
    const stranger = openKeyPair(type, "", (await generateKeyPair(type)).privateKey);
    for (const scheme of schemes) {
      const own = forms(pair, scheme, text);
      for (const [form, message] of own) {
        const signature = await pair.sign(scheme, form, message);
        for (const [other, same] of own) assert.equal(await pair.verify(scheme, other, same, signature), true);
        for (const [other, wrong] of forms(pair, scheme, Buffer.from("another"))) {
          assert.equal(await pair.verify(scheme, other, wrong, signature), false);
        }
        for (const otherScheme of schemes.filter((each) => each !== scheme)) {
          const verified = await pair.verify(otherScheme, "raw", text, signature);
          assert.equal(verified, false, `${JSON.stringify(otherScheme)} verifies ${JSON.stringify(scheme)}`);
        }
        for (const [other, same] of own) assert.equal(await stranger.verify(scheme, other, same, signature), false);
        for (const bytes of [signature.subarray(1), signature.subarray(0, -1), Buffer.concat([signature, text])]) {
          for (const [other, same] of own) assert.equal(await pair.verify(scheme, other, same, bytes), false);
        }
        for (const [other, same] of own) {
          assert.equal(await pair.verify(scheme, other, same, Buffer.alloc(0)), false);
          assert.equal(await pair.verify(scheme, other, same, Buffer.alloc(signature.length)), false);
          assert.equal(await pair.verify(scheme, other, same, Buffer.alloc(signature.length, 0xff)), false);
        }
      }
    }
  });

  test(`${nameOf(type)}: refuses every scheme and form that is not its own`, async () => {
    const pair = pairOf(type);
    for (const scheme of all) {
      for (const form of ["raw", "digest", "externalMu"] as const) {
        const own = schemes.some((each) => each.scheme === scheme.scheme);
        if (own && forms(pair, scheme, text).some(([each]) => each === form)) continue;
        await assert.rejects(pair.sign(scheme, form, text), TypeError);
        await assert.rejects(pair.verify(scheme, form, text, randomBytes(64)), TypeError);
      }
    }
    const { kind } = type;
    if (kind !== "rsa") {
      await assert.rejects(pair.encrypt("oaep-sha1", text), TypeError);
      await assert.rejects(pair.decrypt("oaep-sha1", text), TypeError);
    }
    if (kind !== "sm2") {
      await assert.rejects(pair.encrypt("sm2-pke", text), TypeError);
      await assert.rejects(pair.decrypt("sm2-pke", text), TypeError);
    }
    if (kind !== "ec" && kind !== "sm2") await assert.rejects(pair.deriveSharedSecret(pair.publicKey), TypeError);
    if (kind !== "ml-kem") {
      await assert.rejects(pair.encapsulate(), TypeError);
      await assert.rejects(pair.decapsulate(text), TypeError);
    }
  });
}

test("a digest or µ of a wrong length is not signed, and nothing is a signature of it", async () => {
  for (const [type, schemes] of types) {
    const pair = pairOf(type);
    for (const scheme of schemes.filter((each) => !each.scheme.startsWith("ed25519"))) {
      const form = scheme.scheme === "ml-dsa" ? "externalMu" : "digest";
      const length = scheme.scheme === "ml-dsa" ? 64 : digestOf(hashOf(scheme), text, "buffer").length;
      for (const wrong of [0, 1, length - 1, length + 1, 4096]) {
        await assert.rejects(pair.sign(scheme, form, randomBytes(wrong)), RangeError);
        assert.equal(await pair.verify(scheme, form, randomBytes(wrong), randomBytes(256)), false);
      }
    }
  }
});

test("messages of 0 to 4096 bytes are signed", async () => {
  for (const [type, schemes] of types) {
    const pair = pairOf(type);
    for (const scheme of schemes) {
      for (const length of [0, 1, 4096]) {
        const message = randomBytes(length);
        assert.equal(await pair.verify(scheme, "raw", message, await pair.sign(scheme, "raw", message)), true);
      }
    }
  }
});

test("a signature with any byte changed is none", async () => {
  const rows: [KeyPairType, SignatureScheme, step: number][] = [
    [types[0]?.[0] as KeyPairType, { scheme: "rsa-pss", hash: "sha256" }, 1],
    [types[0]?.[0] as KeyPairType, { scheme: "rsa-pkcs1", hash: "sha256" }, 1],
    [types[3]?.[0] as KeyPairType, { scheme: "ecdsa", hash: "sha256" }, 1],
    [types[4]?.[0] as KeyPairType, { scheme: "ecdsa", hash: "sha384" }, 1],
    [types[5]?.[0] as KeyPairType, { scheme: "ecdsa", hash: "sha512" }, 1],
    [types[6]?.[0] as KeyPairType, { scheme: "ecdsa", hash: "sha256" }, 1],
    [types[7]?.[0] as KeyPairType, { scheme: "ed25519" }, 1],
    [types[7]?.[0] as KeyPairType, { scheme: "ed25519ph" }, 1],
    [types[8]?.[0] as KeyPairType, { scheme: "ml-dsa" }, 11],
    [types[9]?.[0] as KeyPairType, { scheme: "ml-dsa" }, 17],
    [types[10]?.[0] as KeyPairType, { scheme: "ml-dsa" }, 23],
    [types[14]?.[0] as KeyPairType, { scheme: "sm2" }, 1],
  ];
  for (const [type, scheme, step] of rows) {
    const pair = pairOf(type);
    for (const [form, message] of forms(pair, scheme, text)) {
      const signature = await pair.sign(scheme, form, message);
      for (let at = 0; at < signature.length; at += step) {
        assert.equal(await pair.verify(scheme, form, message, flipped(signature, at)), false, `${scheme.scheme} ${at}`);
      }
    }
  }
});

test("signatures that are not deterministic are not", async () => {
  for (const [type, schemes] of types) {
    const pair = pairOf(type);
    for (const scheme of schemes) {
      for (const [form, message] of forms(pair, scheme, text)) {
        const same = (await pair.sign(scheme, form, message)).equals(await pair.sign(scheme, form, message));
        assert.equal(same, ["rsa-pkcs1", "ed25519", "ed25519ph"].includes(scheme.scheme), scheme.scheme);
      }
    }
  }
});

test("ECDSA's s is left as it comes: high as often as low", async () => {
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  for (const form of ["raw", "digest"] as const) {
    let high = 0;
    for (let i = 0; i < 40; i++) {
      const signature = await pairOf(types[6]?.[0] as KeyPairType).sign(
        ecdsa[0] as SignatureScheme,
        form,
        Buffer.alloc(32),
      );
      // SEQUENCE { INTEGER r, INTEGER s }, each behind its tag and length
      const s = signature.subarray(4 + (signature[3] as number) + 2);
      if (BigInt(`0x${s.toString("hex")}`) > order / 2n) high++;
    }
    assert.ok(high > 0 && high < 40, `${high} of 40 are high`);
  }
});

test("Ed25519ph: RFC 8032, section 7.3", async () => {
  const key = createPrivateKey({
    key: Buffer.from("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42", "hex"),
    format: "raw-private",
    asymmetricKeyType: "ed25519",
  });
  const pair = openKeyPair({ kind: "ed25519" }, "", key.export({ type: "pkcs8", format: "der" }));
  assert.equal(
    (await pair.sign({ scheme: "ed25519ph" }, "raw", Buffer.from("abc"))).toString("hex"),
    "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41" +
      "31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406",
  );
});

test("RSAES-OAEP has room for k − 2h − 2 bytes, and a changed ciphertext is refused without a reason", async () => {
  for (const [type] of types.filter(([{ kind }]) => kind === "rsa")) {
    const pair = pairOf(type);
    const size = (type as { modulusLength: number }).modulusLength / 8;
    for (const [scheme, room] of [
      ["oaep-sha1", size - 42],
      ["oaep-sha256", size - 66],
    ] as const) {
      for (const length of [0, 1, room]) {
        const plaintext = randomBytes(length);
        const ciphertext = await pair.encrypt(scheme, plaintext);
        assert.equal(ciphertext.length, size);
        assert.deepEqual(await pair.decrypt(scheme, ciphertext), plaintext);
        const other = scheme === "oaep-sha1" ? "oaep-sha256" : "oaep-sha1";
        await assert.rejects(pair.decrypt(other, ciphertext), new InvalidMessage());
        for (let at = 0; at < size; at += 19) {
          await assert.rejects(pair.decrypt(scheme, flipped(ciphertext, at)), new InvalidMessage());
        }
      }
      await assert.rejects(pair.encrypt(scheme, randomBytes(room + 1)), RangeError);
      for (const length of [0, 1, size - 1, size + 1]) {
        await assert.rejects(pair.decrypt(scheme, Buffer.alloc(length)), new InvalidMessage());
      }
      await assert.rejects(pair.decrypt(scheme, Buffer.alloc(size, 0xff)), new InvalidMessage());
    }
  }
});

test("both sides of ECDH derive one secret, as wide as the field", async () => {
  for (const [type] of types.filter(([{ kind }]) => kind === "ec" || kind === "sm2")) {
    const pair = pairOf(type);
    const width = "curve" in type ? { "P-256": 32, "P-384": 48, "P-521": 66, secp256k1: 32 }[type.curve] : 32;
    for (let i = 0; i < 20; i++) {
      const other = openKeyPair(type, "", (await generateKeyPair(type)).privateKey);
      const secret = await pair.deriveSharedSecret(other.publicKey);
      assert.equal(secret.length, width);
      assert.deepEqual(await other.deriveSharedSecret(pair.publicKey), secret);
    }
    const spki = pair.publicKey;
    const offCurve = flipped(spki, spki.length - 1);
    for (const bytes of [offCurve, spki.subarray(1), spki.subarray(0, -1), Buffer.concat([spki, Buffer.of(0)])]) {
      await assert.rejects(pair.deriveSharedSecret(bytes), InvalidPublicKey);
    }
    for (const [stranger] of types.filter(([each]) => each !== type)) {
      await assert.rejects(pair.deriveSharedSecret(pairOf(stranger).publicKey), InvalidPublicKey);
    }
  }
});

test("ML-KEM: what is encapsulated is decapsulated, a changed ciphertext gives another secret", async () => {
  for (const [type] of types.filter(([{ kind }]) => kind === "ml-kem")) {
    const pair = pairOf(type);
    const { sharedSecret, ciphertext } = await pair.encapsulate();
    assert.equal(sharedSecret.length, 32);
    assert.equal(ciphertext.length, { 512: 768, 768: 1088, 1024: 1568 }[(type as { level: 512 }).level]);
    assert.deepEqual(await pair.decapsulate(ciphertext), sharedSecret);
    const rejected = await pair.decapsulate(flipped(ciphertext, 0));
    assert.equal(rejected.length, 32);
    assert.notDeepEqual(rejected, sharedSecret);
    assert.deepEqual(await pair.decapsulate(flipped(ciphertext, 0)), rejected);
    for (const bytes of [ciphertext.subarray(1), Buffer.alloc(0), Buffer.concat([ciphertext, text])]) {
      await assert.rejects(pair.decapsulate(bytes), InvalidMessage);
    }
  }
});

test("a pair for outside is PKCS#8 and SubjectPublicKeyInfo, imports again, and is never the same", async () => {
  for (const [type] of types) {
    const { privateKey, publicKey } = await generateKeyPair(type);
    const key = createPrivateKey({ key: privateKey, format: "der", type: "pkcs8" });
    assert.deepEqual(createPublicKey(key).export({ type: "spki", format: "der" }), publicKey);
    assert.deepEqual(await importKeyPair(type, privateKey), { privateKey, publicKey });
    assert.notDeepEqual((await generateKeyPair(type)).publicKey, publicKey);
    if (type.kind === "rsa") assert.equal(key.asymmetricKeyDetails?.publicExponent, 65537n);
    // RFC 9881 §6 and RFC 9935 §6: the seed alone, [0] IMPLICIT
    if (type.kind === "ml-dsa") assert.equal(privateKey.subarray(-34, -32).toString("hex"), "8020");
    if (type.kind === "ml-kem") assert.equal(privateKey.subarray(-66, -64).toString("hex"), "8040");
  }
});
