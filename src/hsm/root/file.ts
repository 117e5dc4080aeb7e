import { createHash, createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { RootKeyError, type RootKeyProvider } from "../hsm.ts";
import { AesRootKey } from "./aes.ts";
import { writeSecretFile } from "./secretFile.ts";

const MAGIC = "strongroom-root-key-v1";

/** A root key file: one line, `strongroom-root-key-v1 <base64 of 32 bytes> <first 8 hex digits of their SHA-256>`. */
export async function openRootKeyFile(path: string): Promise<RootKeyProvider | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new RootKeyError(`the root key file ${path} cannot be read: ${(error as Error).message}`);
  }
  const mode = (await stat(path)).mode & 0o777;
  if (process.platform !== "win32" && (mode & 0o077) !== 0) {
    throw new RootKeyError(
      `the root key file ${path} has mode ${mode.toString(8)}: others can read it. Run chmod 600 ${path} and ask yourself who has seen it.`,
    );
  }
  return new AesRootKey(parse(path, text), `the root key file ${path}`);
}

/** Makes a new root key in a file that must not exist yet: mode 0600, on disk before this returns. */
export async function createRootKeyFile(path: string): Promise<RootKeyProvider> {
  const key = randomBytes(32);
  await writeSecretFile(path, `${MAGIC} ${key.toString("base64")} ${checksum(key)}\n`);
  const secret = createSecretKey(key);
  key.fill(0);
  return new AesRootKey(secret, `the root key file ${path}`);
}

function parse(path: string, text: string): KeyObject {
  const [magic, encoded, sum] = text.trim().split(/\s+/);
  const key = Buffer.from(encoded ?? "", "base64");
  if (magic !== MAGIC || key.length !== 32 || sum !== checksum(key)) {
    throw new RootKeyError(
      `${path} is not a root key file of Strongroom, or it is damaged. Restore it from your backup: without it the keys in this store cannot be opened.`,
    );
  }
  const secret = createSecretKey(key);
  key.fill(0);
  return secret;
}

function checksum(key: Uint8Array): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 8);
}
