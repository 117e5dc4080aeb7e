import { sign, verify } from "node:crypto";
import type { MessageForm, SignatureScheme } from "../material.ts";
import { MU_LENGTH, requireLength } from "./digest.ts";
import { generated, hasSeed, type KeyFamilyOf, promised, unfit } from "./keyFamily.ts";
import { inKeyWorker } from "./keyWorkers.ts";

/** FIPS 204. Messages run in Node.js's thread pool, µ in a worker. */
export const mlDsa: KeyFamilyOf<"ml-dsa"> = {
  generate: ({ level }) => generated(`ml-dsa-${level}`),
  matches: ({ level }, key) => key.asymmetricKeyType === `ml-dsa-${level}` && hasSeed(key),
  flaw: async () => undefined,
  normal: (_type, key) => key,
  operations({ level }, { privateKey, publicKey }) {
    return {
      async sign(requested, form, message) {
        if (isMessage(requested, form)) return promised<Buffer>((done) => sign(null, message, privateKey, done));
        requireLength("µ", message, MU_LENGTH);
        return Buffer.from(await inKeyWorker("signMu", { key: privateKey, level, mu: new Uint8Array(message) }));
      },

      async verify(requested, form, message, signature) {
        if (isMessage(requested, form)) {
          return promised<boolean>((done) => verify(null, message, publicKey, signature, done));
        }
        if (message.length !== MU_LENGTH) return false;
        const task = { key: publicKey, level, mu: new Uint8Array(message), signature: new Uint8Array(signature) };
        return inKeyWorker("verifyMu", task);
      },
    };
  },
};

/** A message and not µ. */
function isMessage({ scheme }: SignatureScheme, form: MessageForm): boolean {
  if (scheme === "ml-dsa" && form !== "digest") return form === "raw";
  throw unfit(`sign ${scheme} over ${form}`);
}
