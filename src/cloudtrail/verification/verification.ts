import { readdir } from "node:fs/promises";
import type { DigestPublicKey } from "../publicKey.ts";
import { type DigestFile, findDelivered } from "./deliveredFiles.ts";
import { type ChainVerification, type Finding, verifyChain } from "./digestChain.ts";

/** A digest that is known, from elsewhere, to have been delivered. */
export interface ExpectedDigest {
  readonly bucket: string;
  readonly object: string;
}

export interface DeliveredVerification {
  /** by trail, then by Region */
  readonly chains: readonly ChainVerification[];
  /** the first of each chain first, in the order of time */
  readonly findings: readonly Finding[];
  /** Paths of log files that no digest lists: those of a last hour, of trails without validation, or of somebody else. */
  readonly unlisted: readonly string[];
  /** Buckets of digests that must be there which are not in the directory: nothing in them was checked. */
  readonly elsewhere: readonly string[];
}

export interface VerificationOptions {
  readonly keys: readonly DigestPublicKey[];
  /** what ended before is passed over, and need not be there any more; milliseconds since the epoch */
  readonly since?: number;
  /** digests that must be there, if their bucket is */
  readonly expected?: readonly ExpectedDigest[];
  /** every bucket must be */
  readonly complete?: boolean;
}

/**
 * Checks all digests and log files in a directory of buckets.
 * @throws Error when the directory cannot be read
 */
export async function verifyDelivered(
  directory: string,
  { keys, since, expected = [], complete = false }: VerificationOptions,
): Promise<DeliveredVerification> {
  const { digests, logFiles } = await findDelivered(directory);
  const byFingerprint = new Map(keys.map((key) => [key.fingerprint, key]));
  const from =
    since === undefined ? undefined : `${new Date(since).toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
  const chains: ChainVerification[] = [];
  for (const files of [...Map.groupBy(digests, chainName)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, of]) => of)) {
    files.sort((a, b) => (a.end < b.end ? -1 : 1));
    chains.push(await verifyChain(directory, files, byFingerprint, from));
  }
  const places = new Set(digests.map(({ bucket, object }) => `${bucket}/${object}`));
  const buckets = new Set((await readdir(directory)) as readonly string[]);
  const lost = expected
    .filter(({ bucket }) => complete || buckets.has(bucket))
    .map(({ bucket, object }) => `${bucket}/${object}`)
    .filter((place) => !places.has(place))
    .map((place): Finding => ({ place, detail: "digest file: not found; it was the last one delivered" }));
  const listed = new Set(chains.flatMap((chain) => chain.listed));
  return {
    chains,
    findings: [...chains.flatMap(({ findings }) => findings), ...lost],
    elsewhere: [...new Set(expected.map(({ bucket }) => bucket))]
      .filter((bucket) => !complete && !buckets.has(bucket))
      .sort(),
    unlisted: [...logFiles].filter((path) => !listed.has(path)).sort(),
  };
}

function chainName({ account, home, trail, region }: DigestFile): string {
  return `${account} ${home} ${trail} ${region}`;
}
