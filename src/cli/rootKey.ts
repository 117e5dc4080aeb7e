import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { RootKeyError, type RootKeyProvider } from "../hsm/hsm.ts";
import { createRootKeyFile, openRootKeyFile } from "../hsm/root/file.ts";
import { newPassphraseParameters, type PassphraseParameters, passphraseRootKey } from "../hsm/root/passphrase.ts";

/** Where the root key comes from, as the command line says it. */
export interface RootKeyOptions {
  /** the data directory */
  readonly data: string;
  readonly rootKey: "file" | "passphrase";
  readonly rootKeyFile?: string | undefined;
  readonly passphraseFile?: string | undefined;
}

/** How a store remembers which kind of root key it was made with (its setting `root-key`). */
export type RootKeySetting =
  | { readonly provider: "file" }
  | { readonly provider: "passphrase"; readonly parameters: PassphraseParameters };

export const PASSPHRASE_VARIABLE = "STRONGROOM_ROOT_PASSPHRASE";

/** The root key of a store that exists. Never makes one: a new root key cannot open old keys. */
export async function openRootKey(options: RootKeyOptions, setting: RootKeySetting): Promise<RootKeyProvider> {
  if (setting.provider !== options.rootKey) {
    throw new RootKeyError(
      `the store in ${options.data} was made with --root-key ${setting.provider}, but was started with --root-key ${options.rootKey}. Nothing was changed.`,
    );
  }
  if (setting.provider === "passphrase") return passphraseRootKey(await passphrase(options), setting.parameters);
  const path = rootKeyPath(options);
  const provider = await openRootKeyFile(path);
  if (provider === undefined) {
    throw new RootKeyError(
      `the root key file ${path} is missing. Restore it from your backup: without it the keys in this store cannot be opened. Nothing was changed.`,
    );
  }
  return provider;
}

/** The root key of a store that is about to be made. `created` names the file that was made for it. */
export async function newRootKey(
  options: RootKeyOptions,
): Promise<{ provider: RootKeyProvider; setting: RootKeySetting; created?: string }> {
  if (options.rootKey === "passphrase") {
    const parameters = newPassphraseParameters();
    const provider = await passphraseRootKey(await passphrase(options), parameters);
    return { provider, setting: { provider: "passphrase", parameters } };
  }
  const path = rootKeyPath(options);
  const setting = { provider: "file" } as const;
  // A first start that was cut short may have left it; a root key that exists is never overwritten.
  const existing = await openRootKeyFile(path);
  if (existing !== undefined) return { provider: existing, setting };
  return { provider: await createRootKeyFile(path), setting, created: path };
}

function rootKeyPath(options: RootKeyOptions): string {
  return options.rootKeyFile ?? join(options.data, "root.key");
}

async function passphrase(options: RootKeyOptions): Promise<string> {
  if (options.passphraseFile !== undefined) {
    try {
      return (await readFile(options.passphraseFile, "utf8")).replace(/\r?\n$/, "");
    } catch (error) {
      throw new RootKeyError(
        `the passphrase file ${options.passphraseFile} cannot be read: ${(error as Error).message}`,
      );
    }
  }
  const value = process.env[PASSPHRASE_VARIABLE];
  if (value === undefined || value === "") {
    throw new RootKeyError(
      `--root-key passphrase needs the passphrase: in the environment variable ${PASSPHRASE_VARIABLE}, or in a file named by --passphrase-file.`,
    );
  }
  return value;
}
