import { createPrivateKey, createPublicKey, ECDH, type KeyObject } from "node:crypto";
import { InvalidMessage, InvalidPublicKey } from "../hsm.ts";
import type { EncryptionScheme, MessageForm, SignatureScheme } from "../material.ts";
import { requireLength } from "./digest.ts";
import { generated, type KeyFamilyOf, unfit } from "./keyFamily.ts";
import { inKeyWorker } from "./keyWorkers.ts";
import { bytesOf, LENGTH, publicPoint, SM2_CURVE, sm3, withScalar } from "./sm2Key.ts";

/** AlgorithmIdentifier: id-ecPublicKey with the curve's name, 1.2.156.10197.1.301 (RFC 5480 §2.1.1). */
const ALGORITHM = Buffer.from("301306072a8648ce3d020106082a811ccf5501822d", "hex");
/** RFC 5915 in RFC 5958, around the scalar and the uncompressed point. */
const PKCS8_HEAD = Buffer.concat([
  Buffer.from("308187020100", "hex"),
  ALGORITHM,
  Buffer.from("046d306b0201010420", "hex"),
]);
const PUBLIC_KEY_HEAD = Buffer.from("a144034200", "hex");
/** Before the point in a SubjectPublicKeyInfo: two heads, and the octet of unused bits. */
const POINT_AT = 2 + ALGORITHM.length + 3;

/** GM/T 0009-2012 §10: who has no identity has this one. KMS takes no other. */
const IDENTITY = Buffer.from("1234567812345678", "latin1");

/** GB/T 32918.1 §6.1: private keys are less than this one, under which nothing can be signed. */
const LAST = bytesOf(SM2_CURVE.n - 1n);

/**
 * SM2: signatures over a message are those over SM3(Z ‖ message), where Z is a digest of identity, curve and public key
 * (GB/T 32918.2-2016 §5.5). All arithmetic runs in a worker.
 */
export const sm2: KeyFamilyOf<"sm2"> = {
  generate: () => generated("ec", { namedCurve: "SM2" }),
  // Node.js has no name for the type.
  matches: (_type, key) =>
    spkiOf(key)
      .subarray(2, 2 + ALGORITHM.length)
      .equals(ALGORITHM),
  async flaw(_type, key) {
    return withScalar(key, (scalar) => {
      if (scalar.equals(LAST)) return "the private key is not less than the group's order less 1";
      let point: Buffer;
      try {
        point = publicPoint(scalar);
      } catch {
        return "the private key is not between 1 and the group's order";
      }
      return point.equals(pointOf(createPublicKey(key))) ? undefined : "the public key is another private key's";
    });
  },
  normal(_type, key) {
    const der = withScalar(key, (scalar) => Buffer.concat([PKCS8_HEAD, scalar, PUBLIC_KEY_HEAD, publicPoint(scalar)]));
    try {
      return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
    } finally {
      der.fill(0);
    }
  },
  operations(_type, { privateKey, publicKey }) {
    const point = pointOf(publicKey);
    const digestOf = (form: MessageForm, message: Uint8Array) =>
      form === "raw" ? sm3(identityDigest(point), message) : new Uint8Array(message);
    return {
      async sign(requested, form, message) {
        requireSignature(requested, form);
        const digest = digestOf(form, message);
        requireLength("SM3 digest", digest, LENGTH);
        return Buffer.from(await inKeyWorker("signSm2Digest", { key: privateKey, digest }));
      },

      async verify(requested, form, message, signature) {
        requireSignature(requested, form);
        const digest = digestOf(form, message);
        if (digest.length !== LENGTH) return false;
        return inKeyWorker("verifySm2Digest", { point, digest, signature: new Uint8Array(signature) });
      },

      async encrypt(scheme, plaintext) {
        requireEncryption(scheme);
        if (plaintext.length === 0) throw new RangeError("SM2 encrypts one byte or more");
        return Buffer.from(await inKeyWorker("encryptSm2", { point, plaintext: new Uint8Array(plaintext) }));
      },

      async decrypt(scheme, ciphertext) {
        requireEncryption(scheme);
        const task = { key: privateKey, ciphertext: new Uint8Array(ciphertext) };
        const plaintext = await inKeyWorker("decryptSm2", task);
        if (plaintext === undefined) throw new InvalidMessage();
        return Buffer.from(plaintext);
      },

      async deriveSharedSecret(peerPublicKey) {
        return Buffer.from(await inKeyWorker("deriveSm2", { key: privateKey, peer: peerPoint(peerPublicKey) }));
      },
    };
  },
};

/** Z of GB/T 32918.2 §5.5: length of the identity in bits (2 bytes) ‖ identity ‖ a ‖ b ‖ G ‖ public key, by SM3. */
function identityDigest(point: Buffer): Buffer {
  const { a, b, Gx, Gy } = SM2_CURVE;
  const bits = Buffer.of(0, IDENTITY.length * 8);
  return sm3(bits, IDENTITY, ...[a, b, Gx, Gy].map(bytesOf), point.subarray(1));
}

function spkiOf(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: "spki", format: "der" });
}

function pointOf(publicKey: KeyObject): Buffer {
  return uncompressed(publicKey.export({ type: "spki", format: "der" }).subarray(POINT_AT));
}

/** @throws for what is not a point of the curve */
function uncompressed(point: Uint8Array): Buffer {
  return ECDH.convertKey(point, "SM2", undefined, undefined, "uncompressed") as Buffer;
}

/**
 * The point of a public key from outside: RFC 5480, a named curve, the point compressed or not, and nothing after it.
 * @throws InvalidPublicKey
 */
function peerPoint(spki: Uint8Array): Buffer {
  const point = Buffer.from(spki.subarray(POINT_AT));
  const form = { [1 + LENGTH]: [2, 3], [1 + 2 * LENGTH]: [4] }[point.length];
  if (!form?.includes(point[0] as number)) throw new InvalidPublicKey();
  const heads = [[0x30, spki.length - 2], [...ALGORITHM], [0x03, point.length + 1, 0]].flat();
  if (!Buffer.from(heads).equals(spki.subarray(0, POINT_AT))) throw new InvalidPublicKey();
  try {
    return uncompressed(point);
  } catch {
    throw new InvalidPublicKey();
  }
}

function requireSignature({ scheme }: SignatureScheme, form: MessageForm): void {
  if (scheme !== "sm2" || form === "externalMu") throw unfit(`sign ${scheme} over ${form}`);
}

function requireEncryption(scheme: EncryptionScheme): void {
  if (scheme !== "sm2-pke") throw unfit(`encrypt with ${scheme}`);
}
