import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { InvalidKeyMaterial } from "../hsm.ts";
import type { EllipticCurve, KeyPairType } from "../material.ts";
import { generateKeyPair, importKeyPair } from "./keyPair.ts";

const rsaType = { kind: "rsa", modulusLength: 2048 } as const;
const p256 = { kind: "ec", curve: "P-256" } as const;
const pkcs8 = { type: "pkcs8", format: "der" } as const;

const refused = (type: KeyPairType, bytes: Uint8Array, why: RegExp) =>
  assert.rejects(importKeyPair(type, bytes), (error) => error instanceof InvalidKeyMaterial && why.test(error.message));

function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const length =
    content.length < 0x80
      ? Buffer.of(content.length)
      : content.length < 0x100
        ? Buffer.of(0x81, content.length)
        : Buffer.of(0x82, content.length >> 8, content.length & 0xff);
  return Buffer.concat([Buffer.of(tag), length, content]);
}

const sequence = (...parts: Uint8Array[]) => der(0x30, ...parts);
const octets = (...parts: Uint8Array[]) => der(0x04, ...parts);
function integer(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 ? `0${hex}` : hex, "hex");
  return der(0x02, (bytes[0] as number) & 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
}
const RSA_ALGORITHM = Buffer.from("300d06092a864886f70d0101010500", "hex");

type RsaNumbers = Record<"n" | "e" | "d" | "p" | "q" | "dp" | "dq" | "qi", bigint>;
function rsaNumbers(jwk: ReturnType<typeof newRsa>): RsaNumbers {
  const number = (text?: string) => BigInt(`0x${Buffer.from(text as string, "base64url").toString("hex")}`);
  return Object.fromEntries(
    (["n", "e", "d", "p", "q", "dp", "dq", "qi"] as const).map((name) => [name, number(jwk[name])]),
  ) as RsaNumbers;
}
/** RFC 8017 §A.1.2 in RFC 5958 */
const rsaKey = ({ n, e, d, p, q, dp, dq, qi }: RsaNumbers) =>
  sequence(integer(0n), RSA_ALGORITHM, octets(sequence(integer(0n), ...[n, e, d, p, q, dp, dq, qi].map(integer))));
const newRsa = (options: object = {}) =>
  generateKeyPairSync("rsa", { modulusLength: 2048, ...options }).privateKey.export({ format: "jwk" });

function modPow(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (let b = base % modulus, e = exponent; e > 0n; e >>= 1n, b = (b * b) % modulus) {
    if (e & 1n) result = (result * b) % modulus;
  }
  return result;
}

/** d by φ(n), as FIPS 186-5 would have it by the least common multiple */
function privateExponents(p: bigint, q: bigint, e: bigint) {
  const phi = (p - 1n) * (q - 1n);
  let k = 1n;
  while (k < e && (1n + k * phi) % e !== 0n) k++;
  const d = (1n + k * phi) / e;
  return { d, dp: d % (p - 1n), dq: d % (q - 1n) };
}

test("an RSA key is taken with either private exponent, as it is generally made", async () => {
  const numbers = rsaNumbers(newRsa());
  await importKeyPair(rsaType, rsaKey(numbers));
  const exponents = privateExponents(numbers.p, numbers.q, numbers.e);
  const { publicKey } = await importKeyPair(rsaType, rsaKey({ ...numbers, ...exponents }));
  assert.equal(createPublicKey({ key: publicKey, format: "der", type: "spki" }).asymmetricKeyType, "rsa");
});

test("an RSA key with any number of it wrong is refused", async () => {
  const numbers = rsaNumbers(newRsa());
  for (const name of Object.keys(numbers) as (keyof RsaNumbers)[]) {
    if (name === "n") await refused(rsaType, rsaKey({ ...numbers, n: numbers.n + 2n }), /product/);
    else await refused(rsaType, rsaKey({ ...numbers, [name]: numbers[name] + 2n }), /unfit/);
  }
});

test("a weak RSA key is refused", async () => {
  await refused(rsaType, rsaKey(rsaNumbers(newRsa({ publicExponent: 3 }))), /exponent/);
  await refused(rsaType, rsaKey(rsaNumbers(newRsa({ publicExponent: 65535 }))), /exponent/);
  // Consistent throughout, but the second prime is none: q + 2 is a prime's twin with a chance that never comes.
  const numbers = rsaNumbers(newRsa());
  const q = numbers.q + 2n;
  const { d, dp, dq } = privateExponents(numbers.p, q, numbers.e);
  const qi = modPow(q, numbers.p - 2n, numbers.p);
  await refused(rsaType, rsaKey({ ...numbers, q, n: numbers.p * q, d, dp, dq, qi }), /composite/);
});

test("an RSA key of another length, or bound to PSS, is refused", async () => {
  for (const modulusLength of [1024, 2040, 2056, 3072]) {
    const key = generateKeyPairSync("rsa", { modulusLength }).privateKey.export(pkcs8);
    await refused(rsaType, key, /another type/);
  }
  await refused(
    rsaType,
    generateKeyPairSync("rsa-pss", { modulusLength: 2048 }).privateKey.export(pkcs8),
    /another type/,
  );
});

const ID_EC = Buffer.from("06072a8648ce3d0201", "hex");
const P256 = Buffer.from("06082a8648ce3d030107", "hex");
/** RFC 5915 in RFC 5958 */
const ecKey = (scalar: Uint8Array, point?: Uint8Array, parameters: Uint8Array = P256) =>
  sequence(
    integer(0n),
    sequence(ID_EC, parameters),
    octets(sequence(integer(1n), octets(scalar), ...(point ? [der(0xa1, der(0x03, Buffer.of(0), point))] : []))),
  );

test("an EC key is kept in one form, whatever form it has", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const scalar = privateKey.export({ format: "raw-private" });
  const kept = await importKeyPair(p256, privateKey.export(pkcs8));
  const compressed = publicKey.export({ format: "raw-public", type: "compressed" });
  assert.deepEqual(await importKeyPair(p256, ecKey(scalar)), kept);
  assert.deepEqual(await importKeyPair(p256, ecKey(scalar, compressed)), kept);
  assert.deepEqual(kept.publicKey, publicKey.export({ type: "spki", format: "der" }));
});

test("an EC key beyond the order, of another public key, or of another curve is refused", async () => {
  const order = Buffer.from("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", "hex");
  const last = Buffer.from(order);
  last[31] = 0x50;
  await importKeyPair(p256, ecKey(last));
  for (const scalar of [Buffer.alloc(32), order, Buffer.alloc(32, 0xff)]) {
    await assert.rejects(importKeyPair(p256, ecKey(scalar)), InvalidKeyMaterial);
  }
  const one = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const other = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const scalar = one.privateKey.export({ format: "raw-private" });
  const point = other.publicKey.export({ format: "raw-public", type: "uncompressed" });
  await refused(p256, ecKey(scalar, point), /public key/);
  point[64] = (point[64] as number) ^ 1;
  await assert.rejects(importKeyPair(p256, ecKey(scalar, point)), InvalidKeyMaterial);
  for (const curve of ["P-384", "P-521", "secp256k1"] as EllipticCurve[]) {
    await refused(p256, (await generateKeyPair({ kind: "ec", curve })).privateKey, /another type/);
  }
});

const sm2 = { kind: "sm2" } as const;
const SM2_NAME = Buffer.from("06082a811ccf5501822d", "hex");

test("an SM2 key is kept in one form, whatever form it has", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "SM2" });
  const scalar = privateKey.export({ format: "raw-private" });
  const kept = await importKeyPair(sm2, privateKey.export(pkcs8));
  for (const type of ["compressed", "uncompressed"] as const) {
    const point = publicKey.export({ format: "raw-public", type });
    assert.deepEqual(await importKeyPair(sm2, ecKey(scalar, point, SM2_NAME)), kept);
  }
  assert.deepEqual(await importKeyPair(sm2, ecKey(scalar, undefined, SM2_NAME)), kept);
  assert.deepEqual(kept.publicKey, publicKey.export({ type: "spki", format: "der" }));
});

test("an SM2 key that signs nothing, of another public key, or of another curve is refused", async () => {
  const order = 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n;
  const scalar = (number: bigint) => Buffer.from(number.toString(16).padStart(64, "0"), "hex");
  await importKeyPair(sm2, ecKey(scalar(1n), undefined, SM2_NAME));
  await importKeyPair(sm2, ecKey(scalar(order - 2n), undefined, SM2_NAME));
  for (const number of [0n, order - 1n, order, 2n ** 256n - 1n]) {
    await assert.rejects(importKeyPair(sm2, ecKey(scalar(number), undefined, SM2_NAME)), InvalidKeyMaterial);
  }
  const other = generateKeyPairSync("ec", { namedCurve: "SM2" }).publicKey;
  const point = other.export({ format: "raw-public", type: "uncompressed" });
  await refused(sm2, ecKey(scalar(1n), point, SM2_NAME), /public key/);
  point[64] = (point[64] as number) ^ 1;
  await assert.rejects(importKeyPair(sm2, ecKey(scalar(1n), point, SM2_NAME)), InvalidKeyMaterial);
  for (const curve of ["P-256", "secp256k1"] as EllipticCurve[]) {
    const stranger = await generateKeyPair({ kind: "ec", curve });
    await refused(sm2, stranger.privateKey, /another type/);
  }
  await refused(p256, (await generateKeyPair(sm2)).privateKey, /another type/);
});

test("an Ed25519 key may have its public key beside it (RFC 8410 §10.3), and no other's", async () => {
  const one = generateKeyPairSync("ed25519");
  const seed = one.privateKey.export({ format: "raw-private" });
  const withPublic = (point: Buffer) =>
    sequence(integer(1n), Buffer.from("300506032b6570", "hex"), octets(octets(seed)), der(0x81, Buffer.of(0), point));
  const point = one.publicKey.export({ format: "raw-public" });
  const type = { kind: "ed25519" } as const;
  assert.deepEqual(
    await importKeyPair(type, withPublic(point)),
    await importKeyPair(type, one.privateKey.export(pkcs8)),
  );
  const other = generateKeyPairSync("ed25519").publicKey.export({ format: "raw-public" });
  await refused(type, withPublic(other), /public key/);
  await refused(type, generateKeyPairSync("ed448").privateKey.export(pkcs8), /another type/);
  await refused(type, generateKeyPairSync("x25519").privateKey.export(pkcs8), /another type/);
});

test("a lattice key is taken by its seed, and refused without", async () => {
  for (const [type, algorithm, tag] of [
    [{ kind: "ml-kem", level: 768 }, "300b0609608648016503040402", 64],
    [{ kind: "ml-dsa", level: 65 }, "300b0609608648016503040312", 32],
  ] as const) {
    const key = createPrivateKey({ key: (await generateKeyPair(type)).privateKey, ...pkcs8 });
    const kept = await importKeyPair(type, key.export(pkcs8));
    const seed = key.export({ format: "raw-seed" });
    const { ml_kem768 } = await import("@noble/post-quantum/ml-kem.js");
    const { ml_dsa65 } = await import("@noble/post-quantum/ml-dsa.js");
    const expanded = (type.kind === "ml-kem" ? ml_kem768 : ml_dsa65).keygen(seed).secretKey;
    const wrap = (choice: Buffer) => sequence(integer(0n), Buffer.from(algorithm, "hex"), octets(choice));
    assert.equal(seed.length, tag);
    assert.deepEqual(await importKeyPair(type, wrap(sequence(octets(seed), octets(expanded)))), kept);
    await refused(type, wrap(octets(expanded)), /another type/);
    const otherSeed = Buffer.from(seed);
    otherSeed[0] = (otherSeed[0] as number) ^ 1;
    await assert.rejects(importKeyPair(type, wrap(sequence(octets(otherSeed), octets(expanded)))), InvalidKeyMaterial);
  }
});

test("bytes that are no PKCS#8 are refused, whichever type is asked for", async () => {
  const types: KeyPairType[] = [
    rsaType,
    p256,
    { kind: "ed25519" },
    { kind: "ml-dsa", level: 44 },
    { kind: "ml-kem", level: 512 },
    { kind: "sm2" },
  ];
  for (const type of types) {
    const { privateKey, publicKey } = await generateKeyPair(type);
    const rest = [privateKey.subarray(0, -1), privateKey.subarray(1), Buffer.concat([privateKey, Buffer.of(0)])];
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.of(0x30),
      Buffer.of(0x30, 0x80),
      Buffer.alloc(100, 0x30),
      publicKey,
      ...rest,
    ]) {
      await refused(type, bytes, /not a private key in PKCS#8/);
    }
    const pem = createPrivateKey({ key: privateKey, ...pkcs8 }).export({ type: "pkcs8", format: "pem" });
    await refused(type, Buffer.from(pem), /not a private key in PKCS#8/);
    for (const other of types.filter((each) => each !== type)) await refused(other, privateKey, /another type/);
    // A changed bit makes no key; or the same, where OpenSSL passes over it; or another, in a bare seed.
    const kept = await importKeyPair(type, privateKey);
    for (let at = 0; at < Math.min(privateKey.length, 60); at++) {
      const bytes = Buffer.from(privateKey);
      bytes[at] = (bytes[at] as number) ^ 0x41;
      const imported = await importKeyPair(type, bytes).catch((error) => error);
      if (imported instanceof InvalidKeyMaterial) continue;
      if (imported.privateKey.equals(bytes)) assert.ok(!["rsa", "ec", "sm2"].includes(type.kind), `byte ${at}`);
      else assert.deepEqual(imported, kept, `${type.kind}, byte ${at}`);
    }
  }
});
