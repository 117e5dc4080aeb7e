/** Where objects go: buckets, as S3 has them. */
export interface Destination {
  /** for log lines and errors: what it is and where */
  readonly description: string;
  /**
   * Puts an object there, whole or not at all; when it resolves, it is durable. The same object may be put again with the
   * same content: what was not heard of may have been done.
   * @param metadata as `x-amz-meta-…` of S3, without that prefix
   * @throws DeliveryError
   */
  putObject(bucket: string, key: string, body: Uint8Array, metadata?: ObjectMetadata): Promise<void>;
  /**
   * Is there such a bucket, and may objects with this beginning of their keys be put in it?
   * @param prefix ends with a slash
   * @throws DeliveryError when that cannot be found out
   */
  checkBucket(bucket: string, prefix: string): Promise<"writable" | "denied" | "missing">;
}

export type ObjectMetadata = Readonly<Record<string, string>>;

/** What was to be delivered was not; it is kept, and tried again. */
export class DeliveryError extends Error {
  override readonly name = "DeliveryError";
  /** of S3: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html; GetTrailStatus shows it */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Rules of S3 for general purpose buckets: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export function isBucketName(name: string): boolean {
  return (
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
    !/\.\.|^\d{1,3}(\.\d{1,3}){3}$|^xn--|^sthree-|^amzn-s3-demo-|-s3alias$|--ol-s3$|\.mrap$|--x-s3$|--table-s3$/.test(
      name,
    )
  );
}

/**
 * Can this be in front of every object's key? No more than 200 characters, and no part that as a name of a directory
 * would mean another one.
 */
export function isKeyPrefix(prefix: string): boolean {
  return (
    prefix.length <= 200 &&
    /^[\x21-\x7e]+$/.test(prefix) &&
    !/["\\<>|?*:]/.test(prefix) &&
    prefix.split("/").every((part) => part !== "" && part !== "." && part !== "..")
  );
}
