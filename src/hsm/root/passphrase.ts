import { argon2, createSecretKey, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { RootKeyError, type RootKeyProvider } from "../hsm.ts";
import { AesRootKey } from "./aes.ts";

/** How a passphrase becomes the root key; kept in the store, not secret. */
export interface PassphraseParameters {
  readonly algorithm: "argon2id";
  /** base64 of 16 bytes */
  readonly salt: string;
  /** KiB */
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

const MIN_LENGTH = 12;

/** RFC 9106 §4, second recommended option: 64 MiB, 3 passes, 4 lanes. */
export function newPassphraseParameters(): PassphraseParameters {
  return {
    algorithm: "argon2id",
    salt: randomBytes(16).toString("base64"),
    memory: 65536,
    passes: 3,
    parallelism: 4,
  };
}

/** The root key that a passphrase gives with these parameters (Argon2id, RFC 9106). Any passphrase gives one; only the right one opens the store. */
export async function passphraseRootKey(
  passphrase: string,
  parameters: PassphraseParameters,
): Promise<RootKeyProvider> {
  if (passphrase.length < MIN_LENGTH) {
    throw new RootKeyError(`the passphrase is too short: it needs at least ${MIN_LENGTH} characters.`);
  }
  const { salt, memory, passes, parallelism } = parameters;
  // Bounds, since they come out of a file: a poisoned one must not make the start eat the machine's memory.
  if (
    parameters.algorithm !== "argon2id" ||
    !(memory >= 8192 && memory <= 4_194_304 && passes >= 1 && passes <= 64 && parallelism >= 1 && parallelism <= 64)
  ) {
    throw new RootKeyError(
      "the store's passphrase parameters are not ones that Strongroom writes: the store is damaged or foreign.",
    );
  }
  const key = await promisify(argon2)("argon2id", {
    message: passphrase.normalize("NFC"),
    nonce: Buffer.from(salt, "base64"),
    memory,
    passes,
    parallelism,
    tagLength: 32,
  });
  const secret = createSecretKey(key);
  key.fill(0);
  return new AesRootKey(secret, "the passphrase");
}
