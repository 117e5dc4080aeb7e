import {
  createECDH,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { InvalidPublicKey } from "../hsm.ts";
import type { EllipticCurve, MessageForm, SignatureHash, SignatureScheme } from "../material.ts";
import { digestLengths, requireLength } from "./digest.ts";
import { generated, type KeyFamilyOf, promised, unfit } from "./keyFamily.ts";
import { inKeyWorker } from "./keyWorkers.ts";

/** OpenSSL's names. */
const namedCurves: Record<EllipticCurve, string> = {
  "P-256": "prime256v1",
  "P-384": "secp384r1",
  "P-521": "secp521r1",
  secp256k1: "secp256k1",
};

/** Everything runs in Node.js's thread pool, what is over a digest in a worker. */
export const ec: KeyFamilyOf<"ec"> = {
  generate: ({ curve }) => generated("ec", { namedCurve: namedCurves[curve] }),
  matches: ({ curve }, key) => isOn(curve, key),
  flaw: async ({ curve }, key) => flawOfEcKey(curve, key),
  normal: ({ curve }, key) => fromScalar(curve, key.export({ format: "raw-private" })),
  operations({ curve }, { privateKey, publicKey }) {
    const spkiLength = publicKey.export({ type: "spki", format: "der" }).length;
    return {
      async sign(requested, form, message) {
        const hash = ecdsaHash(requested, form);
        if (form === "raw") return promised<Buffer>((done) => sign(hash, message, privateKey, done));
        requireLength(`${hash} digest`, message, digestLengths[hash]);
        const digest = new Uint8Array(message);
        return Buffer.from(await inKeyWorker("signEcdsaDigest", { key: privateKey, curve, digest }));
      },

      async verify(requested, form, message, signature) {
        const hash = ecdsaHash(requested, form);
        if (form === "raw") return promised<boolean>((done) => verify(hash, message, publicKey, signature, done));
        if (message.length !== digestLengths[hash]) return false;
        return inKeyWorker("verifyEcdsaDigest", {
          key: publicKey,
          curve,
          digest: new Uint8Array(message),
          signature: new Uint8Array(signature),
        });
      },

      async deriveSharedSecret(peerPublicKey) {
        const peer = openPeer(curve, peerPublicKey, spkiLength);
        return promised<Buffer>((done) => diffieHellman({ privateKey, publicKey: peer }, done));
      },
    };
  },
};

/** OpenSSL takes a private key as it is: zero, beyond the group's order, beside a public key of another. */
function flawOfEcKey(curve: EllipticCurve, key: KeyObject): string | undefined {
  const scalar = key.export({ format: "raw-private" });
  const ecdh = createECDH(namedCurves[curve]);
  try {
    ecdh.setPrivateKey(scalar);
  } catch {
    return "the private key is not between 1 and the group's order";
  } finally {
    scalar.fill(0);
  }
  const point = createPublicKey(key).export({ format: "raw-public", type: "uncompressed" });
  return ecdh.getPublicKey().equals(point) ? undefined : "the public key is another private key's";
}

/** With its public key, uncompressed, on a curve by name. @param scalar is wiped */
function fromScalar(curve: EllipticCurve, scalar: Buffer): KeyObject {
  const namedCurve = namedCurves[curve];
  const key = createPrivateKey({ key: scalar, format: "raw-private", asymmetricKeyType: "ec", namedCurve });
  scalar.fill(0);
  return key;
}

/**
 * A public key from outside: RFC 5480, a named curve, the point compressed or not, and nothing after it. That the point is
 * on the curve OpenSSL sees to; being on it, it generates the group (SP 800-56A §5.6.2.3.3: the cofactors are 1).
 * @param longest an uncompressed key of this curve, in bytes
 */
function openPeer(curve: EllipticCurve, spki: Uint8Array, longest: number): KeyObject {
  let key: KeyObject;
  try {
    key = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
  } catch {
    throw new InvalidPublicKey();
  }
  if (!isOn(curve, key)) throw new InvalidPublicKey();
  // Bytes behind it, BER, and curve parameters written out (always longer than a name with its point) parse as well.
  if (spki.length > longest || !key.export({ type: "spki", format: "der" }).equals(spki)) throw new InvalidPublicKey();
  return key;
}

function isOn(curve: EllipticCurve, key: KeyObject): boolean {
  return key.asymmetricKeyType === "ec" && key.asymmetricKeyDetails?.namedCurve === namedCurves[curve];
}

function ecdsaHash(requested: SignatureScheme, form: MessageForm): SignatureHash {
  if (requested.scheme === "ecdsa" && form !== "externalMu") return requested.hash;
  throw unfit(`sign ${requested.scheme} over ${form}`);
}
