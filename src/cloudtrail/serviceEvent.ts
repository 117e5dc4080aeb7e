import { randomUUID } from "node:crypto";
import { ownEventLine } from "./record.ts";
import { resource } from "./request.ts";
import { internalIdentity } from "./userIdentity.ts";

/** What happens to a key by itself. */
export type ServiceEvent = RotateKey | DeleteKey | DeleteExpiredKeyMaterial | SynchronizeMultiRegionKey;

interface OfKey {
  readonly key: { readonly account: string; readonly region: string; readonly id: string; readonly arn: string };
  /** milliseconds since the epoch */
  readonly at: number;
}

export interface RotateKey extends OfKey {
  readonly name: "RotateKey";
  readonly rotationType: "AUTOMATIC" | "ON_DEMAND";
  readonly keyOrigin: string;
  readonly previousKeyMaterialId: string;
  readonly currentKeyMaterialId: string;
}

export interface DeleteKey extends OfKey {
  readonly name: "DeleteKey";
}

export interface DeleteExpiredKeyMaterial extends OfKey {
  readonly name: "DeleteExpiredKeyMaterial";
  readonly keyMaterialId: string;
}

/**
 * What a primary key shares was carried over to its replicas. The developer guide has the record of the primary, in its
 * Region; each replica has one too, since whoever watches a Region has to see that a key in it has changed.
 */
export interface SynchronizeMultiRegionKey extends OfKey {
  readonly name: "SynchronizeMultiRegionKey";
}

type Details = { readonly [Name in ServiceEvent["name"]]: (event: Extract<ServiceEvent, { name: Name }>) => object };

/** serviceEventDetails, in the order of the developer guide's examples (`ct-rotatekey.html` and its like). */
const details: Omit<Details, "SynchronizeMultiRegionKey"> = {
  RotateKey: ({ rotationType, keyOrigin, previousKeyMaterialId, currentKeyMaterialId, key }) => ({
    rotationType,
    keyOrigin,
    previousKeyMaterialId,
    currentKeyMaterialId,
    keyId: key.id,
  }),
  DeleteKey: ({ key }) => ({ keyId: key.id }),
  DeleteExpiredKeyMaterial: ({ key, keyMaterialId }) => ({ keyId: key.id, keyMaterialId }),
};

/** One for each key that has changed. */
export function synchronizations(keys: readonly SynchronizeMultiRegionKey["key"][], at: number): ServiceEvent[] {
  return keys.map((key) => ({ name: "SynchronizeMultiRegionKey", key, at }));
}

/**
 * The record of what KMS did by itself. A synchronization is a call to AWS, with a request id and an answer, though nobody
 * made it: `ct-synchronize-multi-region-key.html`. All others are service events.
 * @returns one line of JSON, without a line end
 */
export function serviceRecord(event: ServiceEvent, newId: () => string = randomUUID): string {
  const { name, key, at } = event;
  const { account, region, arn } = key;
  const called = name === "SynchronizeMultiRegionKey";
  return ownEventLine({
    eventName: name,
    at,
    region,
    identity: internalIdentity(account),
    eventType: called ? "AwsApiCall" : "AwsServiceEvent",
    responseElements: called ? JSON.stringify({ keyId: arn }) : "null",
    requestId: called ? newId() : undefined,
    eventId: newId(),
    resource: resource(account, "AWS::KMS::Key", arn),
    details: called ? undefined : JSON.stringify((details[name] as (event: ServiceEvent) => object)(event)),
  });
}
