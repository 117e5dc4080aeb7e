import { kmsRows } from "../cloudtrail/kmsOperations.ts";
import { cloudTrailOperations } from "../cloudtrail/operations/index.ts";
import type { ServiceEvent } from "../cloudtrail/serviceEvent.ts";
import { iamOperations } from "../iam/operations/index.ts";
import { stsOperations, unsignedOperations } from "../sts/operations/index.ts";

/** What KMS does by itself. */
const SERVICE_EVENTS: Readonly<Record<ServiceEvent["name"], true>> = {
  RotateKey: true,
  DeleteKey: true,
  DeleteExpiredKeyMaterial: true,
  SynchronizeMultiRegionKey: true,
};

/** What people write, as it stands in records: `kms:decrypt` is Decrypt. A name that nobody knows stays as it is. */
export function eventNameOf(written: string): string {
  const name = written.replace(/^[a-z]+:/i, "");
  const known = [
    ...Object.keys({ ...kmsRows, ...SERVICE_EVENTS }),
    ...[...iamOperations, ...stsOperations, ...unsignedOperations, ...cloudTrailOperations].map(({ name }) => name),
  ];
  return known.find((operation) => operation.toLowerCase() === name.toLowerCase()) ?? name;
}
