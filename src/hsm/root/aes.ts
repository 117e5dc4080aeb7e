import type { KeyObject } from "node:crypto";
import { RootKeyError, type RootKeyProvider } from "../hsm.ts";
import { openKey, sealKey } from "../software/gcm.ts";

/** A root key in memory: what the file and the passphrase providers come to. */
export class AesRootKey implements RootKeyProvider {
  readonly description: string;
  readonly #key: KeyObject;

  constructor(key: KeyObject, description: string) {
    this.#key = key;
    this.description = description;
  }

  async seal(domainKey: Uint8Array, associatedData: Uint8Array): Promise<Buffer> {
    return sealKey(this.#key, domainKey, associatedData);
  }

  async unseal(sealed: Uint8Array, associatedData: Uint8Array): Promise<Buffer> {
    const domainKey = openKey(this.#key, sealed, associatedData);
    if (domainKey === undefined) {
      throw new RootKeyError(
        `${this.description} does not open this store: it is another store's root key, or the store was altered. Nothing was changed.`,
      );
    }
    return domainKey;
  }
}
