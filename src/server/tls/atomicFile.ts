import { randomBytes } from "node:crypto";
import { link, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { TlsError, textIfThere } from "./certificate.ts";

export async function makeDirectory(path: string): Promise<void> {
  try {
    const made = await mkdir(path, { recursive: true });
    if (made !== undefined) await syncDirectory(dirname(made));
  } catch (error) {
    throw new TlsError(`the directory ${path} cannot be made: ${(error as Error).message}`, { cause: error });
  }
}

/** Puts `text` at `path` unless a file is there, also if another process does the same. Returns what is there then. */
export async function createOnce(path: string, text: string, mode: number): Promise<string> {
  await withTemporary(path, text, mode, async (temporary) => {
    try {
      await link(temporary, path);
    } catch (error) {
      // A file system without hard links (FAT, some network mounts) cannot tell who was first.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") await rename(temporary, path);
    }
  });
  return (await textIfThere(path)) ?? "";
}

export async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  await withTemporary(path, text, mode, (temporary) => rename(temporary, path));
}

/** Writes `text` to disk beside `path` and has `publish` put it in place, so that no one ever sees half a file. */
async function withTemporary(
  path: string,
  text: string,
  mode: number,
  publish: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.new`;
  try {
    const file = await open(temporary, "wx", mode);
    try {
      await file.chmod(mode); // the umask may have taken bits
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await publish(temporary);
  } catch (error) {
    throw new TlsError(`${path} cannot be written: ${(error as Error).message}`, { cause: error });
  } finally {
    await rm(temporary, { force: true });
  }
  await syncDirectory(dirname(path));
}

async function syncDirectory(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const directory = await open(path, "r");
  await directory.sync().finally(() => directory.close());
}
