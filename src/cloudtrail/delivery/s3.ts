import type { S3Client } from "@aws-sdk/client-s3";
import { DeliveryError, type Destination, type ObjectMetadata } from "./destination.ts";

/** Without them a server that is away for good would hold up the deliveries to all others; milliseconds. */
const CONNECTION_TIMEOUT = 5_000;
const REQUEST_TIMEOUT = 60_000;
const ATTEMPTS = 3;

export interface S3Options {
  /** `https://s3.example.org`; of AWS's own when undefined */
  readonly endpoint: string | undefined;
  /** else AWS_REGION, AWS_DEFAULT_REGION, us-east-1 */
  readonly region?: string;
  /** else whatever the SDK finds: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a shared credentials file, a role */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Buckets of S3, or of anything that speaks its protocol. */
export class S3Destination implements Destination {
  readonly #options: S3Options;
  #opening: Promise<{ client: S3Client; sdk: typeof import("@aws-sdk/client-s3") }> | undefined;

  constructor(options: S3Options) {
    this.#options = options;
  }

  get description(): string {
    return `S3 at ${this.#options.endpoint ?? "AWS"}`;
  }

  async putObject(bucket: string, key: string, body: Uint8Array, metadata: ObjectMetadata = {}): Promise<void> {
    const { client, sdk } = await this.#open();
    try {
      await client.send(
        new sdk.PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: body,
          Metadata: { ...metadata },
          // as CloudTrail's objects have it
          ContentType: "application/json",
          ContentEncoding: "gzip",
        }),
      );
    } catch (error) {
      throw asDeliveryError(error);
    }
  }

  async checkBucket(bucket: string, prefix: string): Promise<"writable" | "denied" | "missing"> {
    const { client, sdk } = await this.#open();
    try {
      // Whether it may be written shows by writing. CloudTrail, too, begins with an empty object of this name.
      await client.send(new sdk.PutObjectCommand({ Bucket: bucket, Key: prefix, Body: new Uint8Array() }));
      return "writable";
    } catch (error) {
      const failure = asDeliveryError(error);
      if (failure.code === "NoSuchBucket") return "missing";
      if (failure.code === "AccessDenied") return "denied";
      throw failure;
    }
  }

  #open() {
    this.#opening ??= this.#client().catch((error) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  /** Most servers deliver to a directory, and need not load this. */
  async #client() {
    const sdk = await import("@aws-sdk/client-s3");
    const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
    const { endpoint, region = AWS_REGION ?? AWS_DEFAULT_REGION ?? "us-east-1", credentials } = this.#options;
    const client = new sdk.S3Client({
      region,
      // Servers other than AWS's seldom have a host name for each bucket, nor know the newer checksums.
      ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
      maxAttempts: ATTEMPTS,
      requestHandler: { connectionTimeout: CONNECTION_TIMEOUT, requestTimeout: REQUEST_TIMEOUT },
      ...(credentials && { credentials }),
    });
    return { client, sdk };
  }
}

/** An answer of S3's has a code; what comes from the way there has none that users would know. */
function asDeliveryError(error: unknown): DeliveryError {
  const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
  if ($metadata?.httpStatusCode === undefined) return new DeliveryError("ServiceUnavailable", message);
  return new DeliveryError($metadata.httpStatusCode === 403 ? "AccessDenied" : name, message || name);
}
