import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, opendir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { createGunzip, gunzip } from "node:zlib";
import { METADATA_SUFFIX } from "../delivery/directory.ts";

const decompress = promisify(gunzip);

/** Uncompressed; what says more is no digest of ours, and not to be unpacked. */
const DIGEST_BYTES_MAX = 256 << 20;
const SIGNATURE_BYTES_MAX = 64 << 10;
/** Directories within one another: prefix, `AWSLogs/ACCOUNT/CloudTrail/REGION/YYYY/MM/DD`. */
const DEPTH_MAX = 120;

/** A digest file, by what its key says of it. */
export interface DigestFile {
  readonly bucket: string;
  readonly object: string;
  readonly account: string;
  readonly region: string;
  readonly trail: string;
  readonly home: string;
  /** the end of its period, `20261123T110000Z` */
  readonly end: string;
}

const DIGEST =
  /^(?:.+\/)?AWSLogs\/(\d{12})\/CloudTrail-Digest\/([a-z0-9-]+)\/\d{4}\/\d\d\/\d\d\/\1_CloudTrail-Digest_\2_([a-zA-Z0-9._-]+)_([a-z0-9-]+)_(\d{8}T\d{6}Z)\.json\.gz$/;
const LOG_FILE =
  /^(?:.+\/)?AWSLogs\/(\d{12})\/CloudTrail\/([a-z0-9-]+)\/\d{4}\/\d\d\/\d\d\/\1_CloudTrail_\2_\d{8}T\d{4}Z_[a-zA-Z0-9]{16}\.json\.gz$/;

/** The digest files, and the paths of log files, in a directory of buckets. */
export async function findDelivered(directory: string): Promise<{ digests: DigestFile[]; logFiles: Set<string> }> {
  const digests: DigestFile[] = [];
  const logFiles = new Set<string>();
  for await (const path of filesIn(directory, "", 0)) {
    const slash = path.indexOf("/");
    const [bucket, object] = [path.slice(0, slash), path.slice(slash + 1)];
    if (LOG_FILE.test(object)) logFiles.add(path);
    const [, account, region, trail, home, end] = DIGEST.exec(object) ?? [];
    if (account === undefined) continue;
    digests.push({ bucket, object, account, region, trail, home, end } as DigestFile);
  }
  return { digests, logFiles };
}

async function* filesIn(directory: string, path: string, depth: number): AsyncGenerator<string> {
  if (depth > DEPTH_MAX) return;
  for await (const entry of await opendir(join(directory, path))) {
    const inner = path === "" ? entry.name : `${path}/${entry.name}`;
    if (entry.isDirectory()) yield* filesIn(directory, inner, depth + 1);
    else if (depth > 0 && entry.isFile()) yield inner;
  }
}

/** The uncompressed content of a digest file. @throws Error when it is not there, is no gzip file, or is too long */
export async function readDigest(directory: string, { bucket, object }: DigestFile): Promise<Buffer> {
  return decompress(await readFile(join(directory, bucket, object)), { maxOutputLength: DIGEST_BYTES_MAX });
}

/**
 * The signature beside a digest file: what delivery to a directory puts there, or what `aws s3api head-object` printed of
 * the object. Undefined when there is none.
 */
export async function readSignature(directory: string, { bucket, object }: DigestFile): Promise<string | undefined> {
  let file: FileHandle | undefined;
  try {
    file = await open(join(directory, bucket, object + METADATA_SUFFIX));
    if ((await file.stat()).size > SIGNATURE_BYTES_MAX) return undefined;
    const metadata = JSON.parse(await file.readFile("utf8"));
    const { signature } = metadata.Metadata ?? metadata;
    return typeof signature === "string" ? signature : undefined;
  } catch {
    return undefined; // it is not there, or is nothing that could be one
  } finally {
    await file?.close();
  }
}

/** The hex SHA-256 of a log file's uncompressed content; why there is none: `absent`, or `malformed` as gzip. */
export async function logFileHash(directory: string, bucket: string, object: string): Promise<string> {
  const parts = [bucket, ...object.split("/")];
  if (parts.some((part) => part === "" || part === "." || part === "..")) return "absent";
  const path = join(directory, ...parts);
  const size = await stat(path).then(
    (found) => found.size,
    () => undefined,
  );
  if (size === undefined) return "absent";
  const hash = createHash("sha256");
  const unpacking = createGunzip();
  const file = createReadStream(path);
  file.once("error", (error) => unpacking.destroy(error));
  try {
    for await (const chunk of file.pipe(unpacking) as AsyncIterable<Buffer>) hash.update(chunk);
    // What follows the gzip member is no part of what is hashed, and must not be there.
    return unpacking.bytesWritten === size ? hash.digest("hex") : "malformed";
  } catch {
    return "malformed";
  } finally {
    file.destroy();
    unpacking.destroy();
  }
}
