import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createPrivateKey, hash as digestOf, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { KeyPairType, SignatureHash, SignatureScheme } from "../material.ts";
import { generateKeyPair, importKeyPair, openKeyPair } from "./keyPair.ts";

const skip = spawnSync("openssl", ["version"]).error ? "no openssl command here" : false;
const folder = mkdtempSync(join(tmpdir(), "strongroom-openssl-"));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, content: Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}
const openssl = (...parameters: string[]) => execFileSync("openssl", parameters, { stdio: ["ignore", "pipe", "pipe"] });
const message = randomBytes(1000);
const types: KeyPairType[] = [
  { kind: "rsa", modulusLength: 2048 },
  { kind: "ec", curve: "P-256" },
  { kind: "ec", curve: "P-384" },
  { kind: "ec", curve: "P-521" },
  { kind: "ec", curve: "secp256k1" },
];
const hashes: SignatureHash[] = ["sha256", "sha384", "sha512"];

const paddings: Record<string, string[]> = {
  "rsa-pss": ["rsa_padding_mode:pss", "rsa_pss_saltlen:digest"],
  "rsa-pkcs1": ["rsa_padding_mode:pkcs1"],
  ecdsa: [],
};

test("openssl verifies what is signed here, and the other way round", { skip }, async () => {
  for (const type of types) {
    const { privateKey, publicKey } = await generateKeyPair(type);
    const pair = openKeyPair(type, "", privateKey);
    const keyFile = file("private.der", privateKey);
    const publicFile = file("public.der", publicKey);
    for (const name of type.kind === "rsa" ? ["rsa-pss", "rsa-pkcs1"] : ["ecdsa"]) {
      for (const hash of hashes) {
        const scheme = { scheme: name, hash } as SignatureScheme;
        const digest = digestOf(hash, message, "buffer");
        const options = [`digest:${hash}`, ...(paddings[name] as string[])].flatMap((option) => ["-pkeyopt", option]);
        const input = ["-in", file("digest", digest)];
        for (const [form, signed] of [
          ["raw", message],
          ["digest", digest],
        ] as const) {
          const signature = await pair.sign(scheme, form, signed);
          const verify = [
            "pkeyutl",
            "-verify",
            "-pubin",
            "-inkey",
            publicFile,
            "-keyform",
            "DER",
            ...input,
            ...options,
          ];
          const said = String(openssl(...verify, "-sigfile", file("signature", signature)));
          assert.match(said, /Signature Verified Successfully/);
        }
        const theirs = openssl("pkeyutl", "-sign", "-inkey", keyFile, "-keyform", "DER", ...input, ...options);
        assert.equal(await pair.verify(scheme, "raw", message, theirs), true);
        assert.equal(await pair.verify(scheme, "digest", digest, theirs), true);
      }
    }
  }
});

test("openssl decrypts what is encrypted here, and the other way round", { skip }, async () => {
  const type = types[0] as KeyPairType;
  const { privateKey, publicKey } = await generateKeyPair(type);
  const pair = openKeyPair(type, "", privateKey);
  const keyFile = file("private.der", privateKey);
  const publicFile = file("public.der", publicKey);
  for (const hash of ["sha1", "sha256"] as const) {
    const options = ["rsa_padding_mode:oaep", `rsa_oaep_md:${hash}`, `rsa_mgf1_md:${hash}`];
    const rest = ["-keyform", "DER", ...options.flatMap((option) => ["-pkeyopt", option])];
    const plaintext = randomBytes(100);
    const ciphertext = file("ciphertext", await pair.encrypt(`oaep-${hash}`, plaintext));
    assert.deepEqual(openssl("pkeyutl", "-decrypt", "-inkey", keyFile, "-in", ciphertext, ...rest), plaintext);
    const theirs = openssl(
      "pkeyutl",
      "-encrypt",
      "-pubin",
      "-inkey",
      publicFile,
      "-in",
      file("plaintext", plaintext),
      ...rest,
    );
    assert.deepEqual(await pair.decrypt(`oaep-${hash}`, theirs), plaintext);
  }
});

test("openssl verifies and decrypts what SM2 does here, and the other way round", { skip }, async () => {
  const type = { kind: "sm2" } as const;
  const scheme = { scheme: "sm2" } as const;
  const { privateKey, publicKey } = await generateKeyPair(type);
  const pair = openKeyPair(type, "", privateKey);
  const ours = ["-inkey", file("private.der", privateKey), "-keyform", "DER"];
  const theirs = ["-pubin", "-inkey", file("public.der", publicKey), "-keyform", "DER"];
  const signed = ["-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678", "-in", file("message", message)];

  const signature = file("signature", await pair.sign(scheme, "raw", message));
  const said = String(openssl("pkeyutl", "-verify", ...theirs, ...signed, "-sigfile", signature));
  assert.match(said, /Signature Verified Successfully/);
  assert.equal(await pair.verify(scheme, "raw", message, openssl("pkeyutl", "-sign", ...ours, ...signed)), true);

  // A digest is e whatever it is a digest of: openssl signs it as it is.
  const digest = digestOf("sm3", message, "buffer");
  const overDigest = openssl("pkeyutl", "-sign", ...ours, "-in", file("digest", digest));
  assert.equal(await pair.verify(scheme, "digest", digest, overDigest), true);
  const digestSignature = file("signature", await pair.sign(scheme, "digest", digest));
  const digestSaid = openssl(
    "pkeyutl",
    "-verify",
    ...theirs,
    "-in",
    file("digest", digest),
    "-sigfile",
    digestSignature,
  );
  assert.match(String(digestSaid), /Signature Verified Successfully/);

  for (const length of [1, 32, 1000]) {
    const plaintext = message.subarray(0, length);
    const ciphertext = file("ciphertext", await pair.encrypt("sm2-pke", plaintext));
    assert.deepEqual(openssl("pkeyutl", "-decrypt", ...ours, "-in", ciphertext), plaintext);
    const encrypted = openssl("pkeyutl", "-encrypt", ...theirs, "-in", file("plaintext", plaintext));
    assert.deepEqual(await pair.decrypt("sm2-pke", encrypted), plaintext);
  }
});

test("openssl derives the same secret", { skip }, async () => {
  for (const type of types.filter(({ kind }) => kind === "ec")) {
    const ours = await generateKeyPair(type);
    const theirs = await generateKeyPair(type);
    const parameters = ["pkeyutl", "-derive", "-inkey", file("private.der", theirs.privateKey), "-keyform", "DER"];
    const derived = openssl(...parameters, "-peerkey", file("peer.der", ours.publicKey), "-peerform", "DER");
    assert.deepEqual(await openKeyPair(type, "", ours.privateKey).deriveSharedSecret(theirs.publicKey), derived);
  }
});

test("keys that openssl makes are taken in, and are the same key", { skip }, async () => {
  const rows: [KeyPairType, string[]][] = [
    [{ kind: "rsa", modulusLength: 3072 }, ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"]],
    [{ kind: "ec", curve: "P-384" }, ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"]],
    [
      { kind: "ec", curve: "P-256" },
      ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-pkeyopt", "ec_param_enc:explicit"],
    ],
    [{ kind: "ed25519" }, ["-algorithm", "ED25519"]],
    [{ kind: "sm2" }, ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2"]],
  ];
  for (const [type, parameters] of rows) {
    const pem = file("key.pem", openssl("genpkey", ...parameters));
    const made = openssl("pkcs8", "-topk8", "-nocrypt", "-in", pem, "-outform", "DER");
    const { privateKey, publicKey } = await importKeyPair(type, made);
    const kept = createPrivateKey({ key: privateKey, format: "der", type: "pkcs8" });
    const theirs = createPrivateKey({ key: made, format: "der", type: "pkcs8" });
    if (type.kind === "sm2") {
      // A type without a JWK.
      assert.deepEqual(kept.export({ type: "pkcs8", format: "der" }), made);
    } else {
      const jwk = ({ kty, crv, x, y, n, e, d }: ReturnType<typeof exportJwk>) => ({ kty, crv, x, y, n, e, d });
      assert.deepEqual(jwk(exportJwk(kept)), jwk(exportJwk(theirs)));
    }
    assert.equal(openKeyPair(type, "", privateKey).publicKey.equals(publicKey), true);
  }
});

const exportJwk = (key: ReturnType<typeof createPrivateKey>) => key.export({ format: "jwk" });
