import {
  constants,
  createPrivateKey,
  publicDecrypt,
  publicEncrypt,
  sign,
  subtle,
  verify,
  type webcrypto,
} from "node:crypto";
import { InvalidMessage } from "../hsm.ts";
import type { EncryptionScheme, MessageForm, SignatureHash, SignatureScheme } from "../material.ts";
import { digestLengths, requireLength } from "./digest.ts";
import { digestInfo, verifyPss } from "./emsa.ts";
import { type KeyFamilyOf, promised, unfit } from "./keyFamily.ts";
import { inKeyWorker, inRsaWorker } from "./keyWorkers.ts";
import { flawOfRsaKey } from "./rsaKeyCheck.ts";

const paddings = {
  "rsa-pkcs1": { padding: constants.RSA_PKCS1_PADDING },
  "rsa-pss": { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
};

type OaepScheme = Exclude<EncryptionScheme, "sm2-pke">;

const oaep: Record<OaepScheme, { hash: "SHA-1" | "SHA-256"; oaepHash: string; overhead: number }> = {
  "oaep-sha1": { hash: "SHA-1", oaepHash: "sha1", overhead: 2 * 20 + 2 },
  "oaep-sha256": { hash: "SHA-256", oaepHash: "sha256", overhead: 2 * 32 + 2 },
};

/**
 * Private key operations run in Node.js's thread pool, those over a digest in a worker; those of the public key take a
 * few hundredths of a millisecond and run where they are called.
 */
export const rsa: KeyFamilyOf<"rsa"> = {
  generate: (type) => inRsaWorker("generateRsa", type),
  // Type "rsa-pss" is a key bound to that padding, of another OID.
  matches: (type, key) =>
    key.asymmetricKeyType === "rsa" && key.asymmetricKeyDetails?.modulusLength === type.modulusLength,
  flaw: (_type, key) => flawOfRsaKey(key),
  // A version number that does not fit stays in what OpenSSL parsed.
  normal: (_type, key) => createPrivateKey({ key: key.export({ format: "jwk" }), format: "jwk" }),
  operations({ modulusLength }, { privateKey, publicKey }) {
    const length = modulusLength / 8;
    const decryptionKeys = new Map<OaepScheme, webcrypto.CryptoKey>();

    const decryptionKey = (scheme: OaepScheme) => {
      const { hash } = oaep[scheme];
      const key = decryptionKeys.get(scheme) ?? privateKey.toCryptoKey({ name: "RSA-OAEP", hash }, false, ["decrypt"]);
      decryptionKeys.set(scheme, key);
      return key;
    };

    return {
      async sign(requested, form, message) {
        const { scheme, hash } = rsaScheme(requested, form);
        if (form === "raw") {
          return promised<Buffer>((done) => sign(hash, message, { key: privateKey, ...paddings[scheme] }, done));
        }
        requireLength(`${hash} digest`, message, digestLengths[hash]);
        const digest = new Uint8Array(message);
        return Buffer.from(await inKeyWorker("signRsaDigest", { key: privateKey, scheme, hash, digest }));
      },

      async verify(requested, form, message, signature) {
        const { scheme, hash } = rsaScheme(requested, form);
        if (signature.length !== length) return false;
        if (form === "raw") return verify(hash, message, { key: publicKey, ...paddings[scheme] }, signature);
        if (message.length !== digestLengths[hash]) return false;
        const padding = scheme === "rsa-pss" ? constants.RSA_NO_PADDING : constants.RSA_PKCS1_PADDING;
        let recovered: Buffer;
        try {
          recovered = publicDecrypt({ key: publicKey, padding }, signature);
        } catch {
          return false;
        }
        if (scheme === "rsa-pss") return verifyPss(hash, message, recovered);
        return recovered.equals(digestInfo(hash, message));
      },

      async encrypt(scheme, plaintext) {
        const { oaepHash, overhead } = oaep[oaepScheme(scheme)];
        if (plaintext.length > length - overhead) {
          throw new RangeError(`${plaintext.length} bytes do not fit: RSAES-OAEP has room for ${length - overhead}`);
        }
        return publicEncrypt({ key: publicKey, oaepHash }, plaintext);
      },

      async decrypt(scheme, ciphertext) {
        const key = decryptionKey(oaepScheme(scheme));
        if (ciphertext.length !== length) throw new InvalidMessage();
        try {
          return Buffer.from(await subtle.decrypt("RSA-OAEP", key, new Uint8Array(ciphertext)));
        } catch {
          throw new InvalidMessage();
        }
      },
    };
  },
};

function rsaScheme(
  requested: SignatureScheme,
  form: MessageForm,
): { scheme: keyof typeof paddings; hash: SignatureHash } {
  if ((requested.scheme === "rsa-pss" || requested.scheme === "rsa-pkcs1") && form !== "externalMu") {
    return { scheme: requested.scheme, hash: requested.hash };
  }
  throw unfit(`sign ${requested.scheme} over ${form}`);
}

function oaepScheme(scheme: EncryptionScheme): OaepScheme {
  if (scheme === "sm2-pke") throw unfit(`encrypt with ${scheme}`);
  return scheme;
}
