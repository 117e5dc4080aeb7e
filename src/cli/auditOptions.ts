import { join, resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import type { Destination } from "../cloudtrail/delivery/destination.ts";
import { DirectoryDestination } from "../cloudtrail/delivery/directory.ts";
import { S3Destination } from "../cloudtrail/delivery/s3.ts";
import type { Retention } from "../cloudtrail/retention.ts";

const MINUTE = 60_000;
const DAY_MINUTES = 24 * 60;

/** What `serve` is told about the delivery of trails' log files. */
export interface AuditFlags {
  auditDestination?: string;
  /** minutes */
  auditInterval: number;
  auditDigestInterval: number;
  auditKeepDays?: number;
  auditKeepGib?: number;
}

/** How much of the journal is kept; all of it where nothing is said. */
export function retentionOptions({ auditKeepDays, auditKeepGib }: AuditFlags): Pick<Retention, "maxAge" | "maxBytes"> {
  return {
    ...(auditKeepDays !== undefined && { maxAge: auditKeepDays * DAY_MINUTES * MINUTE }),
    ...(auditKeepGib !== undefined && { maxBytes: auditKeepGib * 2 ** 30 }),
  };
}

/** Where buckets are, as the store remembers it for who verifies: a directory, a server, or neither: {@link deliveredDirectory}. */
export interface DeliveryPlace {
  readonly directory?: string;
  readonly url?: string;
}

/** The name of the store's setting that has the {@link DeliveryPlace}, as JSON. */
export const DELIVERY_PLACE = "audit-destination";

/** How trails' log files are delivered. */
export interface DeliveryOptions {
  readonly destination: Destination;
  readonly place: DeliveryPlace;
  /** between log files, and between digests; milliseconds */
  readonly interval: number;
  readonly digestInterval: number;
}

export function auditOptions(command: Command): Command {
  return command
    .option(
      "--audit-destination <place>",
      "where the buckets of trails are: a directory of directories, or the URL of an S3-compatible server, with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (default: DATA/audit/delivered)",
    )
    .option("--audit-interval <minutes>", "between a trail's log files", minutes, 5)
    .option("--audit-digest-interval <minutes>", "between a trail's digest files", minutes, 60)
    .option(
      "--audit-keep-days <days>",
      "remove what is older from the journal, once trails have it (default: never)",
      positive,
    )
    .option(
      "--audit-keep-gib <size>",
      "remove the oldest from the journal of a process beyond so many GiB (default: never)",
      positive,
    );
}

/** Where log files go by default: a bucket is a directory in it. */
export function deliveredDirectory(data: string): string {
  return join(data, "audit", "delivered");
}

/** @throws Error for the operator */
export function deliveryOptions(flags: AuditFlags, data: string): DeliveryOptions {
  return {
    ...destinationOf(flags.auditDestination, data),
    interval: flags.auditInterval * MINUTE,
    digestInterval: flags.auditDigestInterval * MINUTE,
  };
}

/** What `serve` does when it is told nothing. */
export function defaultDelivery(data: string): DeliveryOptions {
  return deliveryOptions({ auditInterval: 5, auditDigestInterval: 60 }, data);
}

function destinationOf(place: string | undefined, data: string): Pick<DeliveryOptions, "destination" | "place"> {
  if (place === undefined) return { destination: new DirectoryDestination(deliveredDirectory(data)), place: {} };
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(place)) {
    const directory = resolve(place);
    return { destination: new DirectoryDestination(directory), place: { directory } };
  }
  const url = URL.parse(place);
  if (url === null || !["http:", "https:"].includes(url.protocol) || url.username !== "" || url.search !== "") {
    throw new Error("--audit-destination is a directory, or an http(s) URL without user, password and query.");
  }
  return { destination: new S3Destination({ endpoint: place }), place: { url: place } };
}

function positive(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 1_000_000) {
    throw new InvalidArgumentError("A number from 1 to 1,000,000 is needed.");
  }
  return number;
}

function minutes(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > DAY_MINUTES) {
    throw new InvalidArgumentError(`A number from 1 to ${DAY_MINUTES} is needed.`);
  }
  return number;
}
