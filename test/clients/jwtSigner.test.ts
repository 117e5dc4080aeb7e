import assert from "node:assert/strict";
import { constants, createPublicKey, type KeyObject, verify as verifySignature } from "node:crypto";
import { after, before, test } from "node:test";
import {
  CreateKeyCommand,
  GetPublicKeyCommand,
  type KeySpec,
  type KMSClient,
  SignCommand,
  type SigningAlgorithmSpec,
} from "@aws-sdk/client-kms";
import { base64url, calculateJwkThumbprint, createLocalJWKSet, exportJWK, jwtVerify } from "jose";
import { sign, verify } from "jwt-on-kms";
import { failure, startTestServer, type TestServer } from "../harness.ts";
import { exportEnvironment } from "./environment.ts";

/** JSON Web Tokens whose key is in the service: jwt-on-kms, as it is published, and jose as who receives them. */

let server: TestServer;
let kms: KMSClient;
before(async () => {
  server = await startTestServer();
  kms = server.client();
  exportEnvironment(server); // jwt-on-kms makes its client itself
});
after(() => server.stop());

async function newKey(KeySpec: KeySpec): Promise<{ arn: string; publicKey: KeyObject }> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeySpec, KeyUsage: "SIGN_VERIFY" }));
  const arn = KeyMetadata!.Arn!;
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: arn }));
  return { arn, publicKey: createPublicKey({ key: Buffer.from(PublicKey!), format: "der", type: "spki" }) };
}

/** What a token's signature is over, and the signature. */
function signatureOf(token: string): [Buffer, Buffer] {
  const end = token.lastIndexOf(".");
  return [Buffer.from(token.slice(0, end)), Buffer.from(token.slice(end + 1), "base64url")];
}

test("jwt-on-kms signs, and verifies with the public key that it asks for once", async (t) => {
  t.mock.method(console, "log", () => {}); // it prints what it signs
  const { arn } = await newKey("RSA_2048");
  const token = await sign({ sub: "alice", admin: true }, arn, { expiresIn: 60 });
  const { isValid, payload } = await verify(token, arn);
  assert.ok(isValid);
  assert.deepEqual([payload?.sub, payload?.admin], ["alice", true]);
  assert.equal(Number(payload?.exp) - Number(payload?.iat), 60);

  const [header, , signature] = token.split(".");
  const forged = [header, base64url.encode(JSON.stringify({ sub: "mallory", admin: true })), signature].join(".");
  assert.deepEqual(await verify(forged, arn), { isValid: false, error: "Invalid signature" });
  const expired = await sign({ sub: "alice" }, arn, { expiresAt: new Date(Date.now() - 60_000) });
  assert.equal((await verify(expired, arn)).error, "Token expired");
  const other = await newKey("RSA_2048");
  assert.equal((await verify(token, other.arn)).error, "Invalid signature");
});

test("jwt-on-kms signs with every algorithm of RSA and ECDSA", async (t) => {
  t.mock.method(console, "log", () => {});
  const families: [KeySpec, SigningAlgorithmSpec[]][] = [
    ["RSA_2048", ["RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PKCS1_V1_5_SHA_384", "RSASSA_PKCS1_V1_5_SHA_512"]],
    ["RSA_2048", ["RSASSA_PSS_SHA_256", "RSASSA_PSS_SHA_384", "RSASSA_PSS_SHA_512"]],
    ["ECC_NIST_P256", ["ECDSA_SHA_256"]],
    ["ECC_NIST_P384", ["ECDSA_SHA_384"]],
    ["ECC_NIST_P521", ["ECDSA_SHA_512"]],
  ];
  for (const [spec, algorithms] of families) {
    const { arn, publicKey } = await newKey(spec);
    for (const algorithm of algorithms) {
      const [signed, signature] = signatureOf(await sign({ sub: "alice" }, arn, { algorithm }));
      const bits = Number(algorithm.slice(-3));
      // RFC 7518 §3.5: the salt is as long as the hash. PKCS #1 v1.5 and ECDSA have none.
      const pss = algorithm.includes("PSS") ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: bits / 8 } : {};
      assert.ok(verifySignature(`sha${bits}`, signed, { key: publicKey, ...pss }, signature), algorithm);
    }
  }
});

test("jwt-on-kms fails where the service refuses", async (t) => {
  t.mock.method(console, "log", () => {});
  const warn = t.mock.method(console, "warn", () => {});
  const { arn } = await newKey("ECC_NIST_P256");
  const refused = await failure(sign({}, arn, { algorithm: "RSASSA_PSS_SHA_256" }));
  assert.equal(refused.message, "Failed to sign the payload");
  assert.equal((warn.mock.calls[0]!.arguments[0] as Error).name, "InvalidKeyUsageException");
});

// jwt-on-kms writes AWS's names of algorithms into its headers, which no JOSE library takes.
const JOSE: [alg: string, KeySpec, SigningAlgorithmSpec, coordinate?: number][] = [
  ["RS256", "RSA_2048", "RSASSA_PKCS1_V1_5_SHA_256"],
  ["PS256", "RSA_2048", "RSASSA_PSS_SHA_256"],
  ["PS512", "RSA_3072", "RSASSA_PSS_SHA_512"],
  ["ES256", "ECC_NIST_P256", "ECDSA_SHA_256", 32],
  ["ES384", "ECC_NIST_P384", "ECDSA_SHA_384", 48],
  ["ES512", "ECC_NIST_P521", "ECDSA_SHA_512", 66],
  ["EdDSA", "ECC_NIST_EDWARDS25519", "ED25519_SHA_512"],
];

/** r and s of `ECDSA-Sig-Value` (RFC 3279 §2.2.3), each as long as the field, as JWS wants them (RFC 7518 §3.4). */
function jwsSignature(der: Uint8Array, coordinate: number): Buffer {
  const integers: Buffer[] = [];
  for (let at = der[1]! < 0x80 ? 2 : 3; at < der.length; at += 2 + der[at + 1]!) {
    assert.equal(der[at], 2);
    const digits = Buffer.from(der.subarray(at + 2, at + 2 + der[at + 1]!)).toString("hex");
    integers.push(Buffer.from(digits.replace(/^00/, "").padStart(2 * coordinate, "0"), "hex"));
  }
  assert.equal(integers.length, 2);
  return Buffer.concat(integers);
}

for (const [alg, spec, SigningAlgorithm, coordinate] of JOSE) {
  test(`jose verifies ${alg} by a key set made of public keys`, async () => {
    const { arn, publicKey } = await newKey(spec);
    const jwk = await exportJWK(publicKey);
    const kid = await calculateJwkThumbprint(jwk);
    const keySet = createLocalJWKSet({ keys: [{ ...jwk, kid, alg, use: "sig" }] });
    const claims = { iss: "https://issuer.example", aud: "app", exp: Math.floor(Date.now() / 1000) + 60 };
    const parts = [{ alg, kid }, claims].map((part) => base64url.encode(JSON.stringify(part)));
    const Message = Buffer.from(parts.join("."));
    const { Signature } = await kms.send(new SignCommand({ KeyId: arn, Message, SigningAlgorithm }));
    const signature = coordinate ? jwsSignature(Signature!, coordinate) : Signature!;
    const token = [...parts, base64url.encode(signature)].join(".");

    const expected = { issuer: claims.iss, audience: "app", algorithms: [alg] };
    assert.deepEqual((await jwtVerify(token, keySet, expected)).payload, claims);
    const { name } = await failure(jwtVerify(token.replace(parts[1]!, base64url.encode("{}")), keySet, expected));
    assert.equal(name, "JWSSignatureVerificationFailed");
  });
}
