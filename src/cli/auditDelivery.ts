import { join } from "node:path";
import type { Logger } from "pino";
import { journalSource } from "../cloudtrail/delivery/journalSource.ts";
import type { CloudTrail } from "../cloudtrail/operation.ts";
import { writePublicKey } from "../cloudtrail/publicKeyFiles.ts";
import { Delivery, startDelivery } from "../jobs/delivery.ts";
import type { Jobs } from "../jobs/repeating.ts";
import type { Store } from "../store/store.ts";
import { DELIVERY_PLACE, type DeliveryOptions } from "./auditOptions.ts";

/** How often it is looked whether something is to be delivered. */
const LOOK_INTERVAL_MS = 5_000;

/** Where auditors find the keys that digests are signed with. */
export function publicKeysDirectory(data: string): string {
  return join(data, "audit", "public-keys");
}

/** Delivers the log files and digests of trails from now on, with its reports in the log. One process of a data directory does. */
export function deliverTrails(
  cloudTrail: CloudTrail,
  data: string,
  { place, interval, digestInterval }: Omit<DeliveryOptions, "destination">,
  log: Logger,
): Jobs {
  const { store, hsm, destination, clock } = cloudTrail;
  remember(store, JSON.stringify(place)).catch((error) =>
    log.error({ err: error }, "the store does not know where log files are delivered: audit verify may miss them"),
  );
  const delivery = new Delivery({
    store,
    hsm,
    destination,
    clock,
    interval,
    digestInterval,
    journal: journalSource(join(data, "audit")),
    keyMade: (key) => writePublicKey(publicKeysDirectory(data), key),
    failed: (trail, { code, message }) =>
      log.warn(
        { trail, code, reason: message, destination: destination.description },
        "log files of a trail cannot be delivered; they are kept, and delivery is tried again",
      ),
  });
  return startDelivery(delivery, LOOK_INTERVAL_MS, (error) =>
    log.error({ err: error }, "the delivery of log files failed, and is tried again"),
  );
}

async function remember(store: Store, place: string): Promise<void> {
  if ((await store.setting(DELIVERY_PLACE)) === place) return;
  await store.transaction((transaction) => transaction.putSetting(DELIVERY_PLACE, place));
}
