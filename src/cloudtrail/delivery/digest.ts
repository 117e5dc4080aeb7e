import { hash } from "node:crypto";
import type { Anchor } from "../journalVerification.ts";
import { isoSeconds } from "./objectKey.ts";

/** A log file that was delivered, as a digest lists it. */
export interface DeliveredLogFile {
  readonly bucket: string;
  readonly object: string;
  /** hex SHA-256 of the uncompressed content */
  readonly hash: string;
  /** `2026-11-23T10:15:00Z` */
  readonly newestEventTime: string;
  readonly oldestEventTime: string;
  /** milliseconds since the epoch */
  readonly at: number;
}

/** A digest that was delivered, as the next one names it. */
export interface DeliveredDigest {
  readonly bucket: string;
  readonly object: string;
  /** hex SHA-256 of the uncompressed content */
  readonly hash: string;
  /** hex */
  readonly signature: string;
}

/** What a digest says. Times are milliseconds since the epoch. */
export interface DigestContent {
  readonly account: string;
  readonly start: number;
  readonly end: number;
  readonly bucket: string;
  readonly object: string;
  readonly fingerprint: string;
  /** null in a starting digest: reference/cloudtrail.md §5 */
  readonly previous: DeliveredDigest | null;
  readonly logFiles: readonly Omit<DeliveredLogFile, "at">[];
  /** where the journal's streams ended: what is cut off or rewritten before them is found */
  readonly journal: readonly Anchor[];
}

export const SIGNATURE_ALGORITHM = "SHA256withRSA";
export const HASH_ALGORITHM = "SHA-256";

/**
 * The digest file's uncompressed content, members in the order of AWS's: CloudTrail user guide, "CloudTrail digest file
 * structure". The last one is this service's own; readers of CloudTrail's pass over it.
 */
export function digestText(digest: DigestContent): string {
  const { previous, logFiles } = digest;
  const newest = logFiles.map(({ newestEventTime }) => newestEventTime).sort();
  const oldest = logFiles.map(({ oldestEventTime }) => oldestEventTime).sort();
  return JSON.stringify({
    awsAccountId: digest.account,
    digestStartTime: isoSeconds(digest.start),
    digestEndTime: isoSeconds(digest.end),
    digestS3Bucket: digest.bucket,
    digestS3Object: digest.object,
    digestPublicKeyFingerprint: digest.fingerprint,
    digestSignatureAlgorithm: SIGNATURE_ALGORITHM,
    newestEventTime: newest.at(-1) ?? null,
    oldestEventTime: oldest[0] ?? null,
    previousDigestS3Bucket: previous?.bucket ?? null,
    previousDigestS3Object: previous?.object ?? null,
    previousDigestHashValue: previous?.hash ?? null,
    previousDigestHashAlgorithm: previous === null ? null : HASH_ALGORITHM,
    previousDigestSignature: previous?.signature ?? null,
    logFiles: logFiles.map((file) => ({
      s3Bucket: file.bucket,
      s3Object: file.object,
      hashValue: file.hash,
      hashAlgorithm: HASH_ALGORITHM,
      newestEventTime: file.newestEventTime,
      oldestEventTime: file.oldestEventTime,
    })),
    strongroomJournal: digest.journal,
  });
}

/**
 * What is signed: CloudTrail user guide, "Custom implementations of CloudTrail log file integrity validation", step 4.
 * @param end `digestEndTime` as it stands in the file
 * @param hash of the digest file's uncompressed content, hex
 * @param previousSignature `previousDigestSignature` as it stands in the file
 */
export function signedText(
  end: string,
  bucket: string,
  object: string,
  hash: string,
  previousSignature: string | null,
): string {
  return `${end}\n${bucket}/${object}\n${hash}\n${previousSignature ?? "null"}`;
}

export const sha256 = (content: Uint8Array | string): string => hash("sha256", content);
