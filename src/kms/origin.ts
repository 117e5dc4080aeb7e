import type { OriginType } from "@aws-sdk/client-kms";
import { keyArn } from "./arn.ts";
import { UnsupportedOperationException } from "./errors.ts";
import type { KeyRecord } from "./key.ts";

/** @throws UnsupportedOperationException when the key's material comes from elsewhere */
export function requireOrigin(key: KeyRecord, origin: OriginType): void {
  if (key.origin === origin) return;
  throw new UnsupportedOperationException(
    `${keyArn(key)} origin is ${key.origin} which is not valid for this operation.`,
  );
}
