import { randomUUID } from "node:crypto";
import { access, constants, type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DeliveryError, type Destination, isBucketName, type ObjectMetadata } from "./destination.ts";

/** What an object's metadata is kept in, beside its file, for a file has none: a JSON object of strings. */
export const METADATA_SUFFIX = ".signature";

/** What S3 says where the file system says this; else `InternalError`. */
const S3_CODES: Readonly<Record<string, string>> = {
  ENOENT: "NoSuchBucket",
  ENOTDIR: "NoSuchBucket",
  EACCES: "AccessDenied",
  EPERM: "AccessDenied",
  EROFS: "AccessDenied",
  ENAMETOOLONG: "KeyTooLongError",
};

/**
 * A directory whose subdirectories are the buckets. They are the operator's to make: a bucket that is not there is not
 * made, so that a file system that is not mounted is not taken for an empty one.
 */
export class DirectoryDestination implements Destination {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  get description(): string {
    return `the directory ${this.#directory}`;
  }

  async putObject(bucket: string, key: string, body: Uint8Array, metadata: ObjectMetadata = {}): Promise<void> {
    try {
      const path = this.#path(bucket, key);
      await stat(this.#bucket(bucket));
      await mkdir(dirname(path), { recursive: true, mode: 0o750 });
      // First what says how to check the object: whoever finds the object finds that too.
      if (Object.keys(metadata).length > 0) {
        await writeWhole(path + METADATA_SUFFIX, Buffer.from(`${JSON.stringify(metadata)}\n`));
      }
      await writeWhole(path, body);
      await this.#syncUpTo(bucket, dirname(path));
    } catch (error) {
      throw asDeliveryError(error);
    }
  }

  async checkBucket(bucket: string): Promise<"writable" | "denied" | "missing"> {
    try {
      if (!(await stat(this.#bucket(bucket))).isDirectory()) return "missing";
      await access(this.#bucket(bucket), constants.W_OK | constants.X_OK);
      return "writable";
    } catch (error) {
      const failure = asDeliveryError(error);
      if (failure.code === "NoSuchBucket") return "missing";
      if (failure.code === "AccessDenied") return "denied";
      throw failure;
    }
  }

  #bucket(bucket: string): string {
    if (!isBucketName(bucket)) throw new DeliveryError("InvalidBucketName", "The specified bucket is not valid.");
    return join(this.#directory, bucket);
  }

  #path(bucket: string, key: string): string {
    if (key.includes("\0") || key.split("/").some((part) => part === "" || part === "." || part === "..")) {
      throw new DeliveryError("InvalidURI", "The key is no path of a file.");
    }
    return join(this.#bucket(bucket), key);
  }

  /** Makes names durable, of directories that were made too. */
  async #syncUpTo(bucket: string, directory: string): Promise<void> {
    const top = this.#bucket(bucket);
    for (let path = directory; path.length >= top.length; path = dirname(path)) {
      const opened = await open(path, "r");
      await opened.sync().finally(() => opened.close());
    }
  }
}

async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  let file: FileHandle | undefined;
  try {
    file = await open(temporary, "wx", 0o640);
    await file.writeFile(bytes);
    await file.sync();
    await file.close();
    file = undefined;
    await rename(temporary, path);
  } catch (error) {
    await file?.close().catch(() => undefined);
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

function asDeliveryError(error: unknown): DeliveryError {
  if (error instanceof DeliveryError) return error;
  const { code = "", message } = error as NodeJS.ErrnoException;
  return new DeliveryError(S3_CODES[code] ?? "InternalError", message);
}
