import { createPublicKey, sign, verify } from "node:crypto";
import type { MessageForm, SignatureScheme } from "../material.ts";
import { generated, type KeyFamilyOf, promised, unfit } from "./keyFamily.ts";
import { inKeyWorker } from "./keyWorkers.ts";

/** Bytes of a public key: RFC 8032 §5.1.5. */
const PUBLIC_LENGTH = 32;
/** In version 2 of PKCS#8, [1] public key before its bits: RFC 8410 §10.3, RFC 5958 §2. */
const PUBLIC_TAG = Buffer.of(0x81, PUBLIC_LENGTH + 1, 0);

/** Ed25519 runs in Node.js's thread pool, Ed25519ph in a worker. */
export const ed25519: KeyFamilyOf<"ed25519"> = {
  generate: () => generated("ed25519"),
  matches: (_type, key) => key.asymmetricKeyType === "ed25519",
  async flaw(_type, key, pkcs8) {
    // Every seed is a key. OpenSSL passes over the public key of version 2, which may be another's.
    if (pkcs8.length === key.export({ type: "pkcs8", format: "der" }).length) return undefined;
    const point = createPublicKey(key).export({ format: "raw-public" });
    return Buffer.from(pkcs8)
      .subarray(-PUBLIC_LENGTH - PUBLIC_TAG.length)
      .equals(Buffer.concat([PUBLIC_TAG, point]))
      ? undefined
      : "the public key is another private key's";
  },
  normal: (_type, key) => key,
  operations(_type, { privateKey, publicKey }) {
    return {
      async sign(requested, form, message) {
        if (isPure(requested, form)) return promised<Buffer>((done) => sign(null, message, privateKey, done));
        const task = { key: privateKey, message: new Uint8Array(message) };
        return Buffer.from(await inKeyWorker("signEd25519ph", task));
      },

      async verify(requested, form, message, signature) {
        if (isPure(requested, form)) {
          return promised<boolean>((done) => verify(null, message, publicKey, signature, done));
        }
        const task = { key: publicKey, message: new Uint8Array(message), signature: new Uint8Array(signature) };
        return inKeyWorker("verifyEd25519ph", task);
      },
    };
  },
};

/** Ed25519 and not Ed25519ph. */
function isPure({ scheme }: SignatureScheme, form: MessageForm): boolean {
  if (scheme === "ed25519" && form === "raw") return true;
  if (scheme === "ed25519ph" && form !== "externalMu") return false;
  throw unfit(`sign ${scheme} over ${form}`);
}
