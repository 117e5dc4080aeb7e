import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/** Writes a file that is its owner's alone (mode 0600): whole or not at all, and on disk when this returns. */
export async function writeSecretFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.new`;
  const file = await open(temporary, "w", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  const directory = await open(dirname(path), "r");
  await directory.sync().finally(() => directory.close());
}
