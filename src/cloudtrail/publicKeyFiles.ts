import { mkdir, open, readdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import type { DigestKeyRecord } from "./digestKey.ts";
import { type DigestPublicKey, digestPublicKey, parsePublicKeys, publicKeyPem } from "./publicKey.ts";

const NAME = /^([a-z0-9-]{1,64})_[0-9a-f]{32}\.pem$/;

/** Puts a digest key's public half where auditors find it, as PEM: `REGION_FINGERPRINT.pem`. */
export async function writePublicKey(directory: string, key: DigestKeyRecord): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o755 });
  const path = join(directory, `${key.region}_${key.fingerprint}.pem`);
  const file = await open(`${path}.tmp`, "w", 0o644);
  try {
    await file.writeFile(publicKeyPem(digestPublicKey(key.publicKey)));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.tmp`, path);
}

/** The keys that {@link writePublicKey} has put in a directory, by Region; none where there is no such directory. */
export async function readPublicKeys(directory: string): Promise<{ region: string; key: DigestPublicKey }[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code !== "ENOENT") throw error;
    return [];
  });
  const keys: { region: string; key: DigestPublicKey }[] = [];
  for (const name of names.sort()) {
    const region = NAME.exec(name)?.[1];
    if (region === undefined) continue;
    for (const key of await readPublicKeyFile(join(directory, name))) keys.push({ region, key });
  }
  return keys;
}

/** @throws Error naming the file when there is no public key in it */
export async function readPublicKeyFile(path: string): Promise<DigestPublicKey[]> {
  try {
    return parsePublicKeys(await readFile(path));
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`);
  }
}
