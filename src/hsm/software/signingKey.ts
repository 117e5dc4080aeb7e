import { createHmac, createSecretKey, type KeyObject } from "node:crypto";

/**
 * kSigning of Signature Version 4: the secret access key narrowed to one day, Region and service by four HMACs.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html, "Derive a signing key"
 * @param secretAccessKey a text, or its UTF-8 bytes
 */
export function deriveSigningKey(
  secretAccessKey: string | Uint8Array,
  date: string,
  region: string,
  service: string,
): KeyObject {
  const secret = Buffer.from(secretAccessKey as Uint8Array);
  let key = Buffer.concat([Buffer.from("AWS4"), secret]);
  secret.fill(0);
  for (const step of [date, region, service, "aws4_request"]) {
    const next = createHmac("sha256", key).update(step).digest();
    key.fill(0);
    key = next;
  }
  const signingKey = createSecretKey(key);
  key.fill(0);
  return signingKey;
}
