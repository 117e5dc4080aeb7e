import { decapsulate, encapsulate } from "node:crypto";
import { InvalidMessage } from "../hsm.ts";
import type { Encapsulation } from "../material.ts";
import { generated, hasSeed, type KeyFamilyOf, promised } from "./keyFamily.ts";

/** Bytes of a ciphertext: FIPS 203 table 3. */
const ciphertextLengths = { 512: 768, 768: 1088, 1024: 1568 };

/** FIPS 203, in Node.js's thread pool. */
export const mlKem: KeyFamilyOf<"ml-kem"> = {
  generate: ({ level }) => generated(`ml-kem-${level}`),
  matches: ({ level }, key) => key.asymmetricKeyType === `ml-kem-${level}` && hasSeed(key),
  flaw: async () => undefined,
  normal: (_type, key) => key,
  operations({ level }, { privateKey, publicKey }) {
    return {
      encapsulate: () =>
        new Promise<Encapsulation>((resolve, reject) => {
          encapsulate(publicKey, (error, result) =>
            error ? reject(error) : resolve({ sharedSecret: result.sharedKey, ciphertext: result.ciphertext }),
          );
        }),

      async decapsulate(ciphertext) {
        if (ciphertext.length !== ciphertextLengths[level]) throw new InvalidMessage();
        return promised<Buffer>((done) => decapsulate(privateKey, ciphertext, done));
      },
    };
  },
};
