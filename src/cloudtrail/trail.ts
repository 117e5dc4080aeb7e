import type { AdvancedEventSelector, EventSelector, Tag, Trail } from "@aws-sdk/client-cloudtrail";
import type { Reader } from "../store/store.ts";
import {
  CloudTrailARNInvalidException,
  InvalidHomeRegionException,
  InvalidTrailNameException,
  TrailNotFoundException,
} from "./errors.ts";
import type { CloudTrailCall } from "./operation.ts";

/** Where an account's log files go. What is in them is also, and first, in the journal, which no trail changes. */
export interface TrailRecord {
  readonly account: string;
  /** its home Region, where alone it can be changed */
  readonly region: string;
  readonly name: string;
  readonly bucket: string;
  /** in front of `AWSLogs/`, without a slash at its end */
  readonly prefix: string | null;
  /** events of all Regions, rather than of its own */
  readonly multiRegion: boolean;
  /** IAM's events, which are us-east-1's */
  readonly globalServiceEvents: boolean;
  /** since when digest files are made, milliseconds since the epoch; null while none are */
  readonly validatedSince: number | null;
  /** kept for its callers: delivery makes no events here, so that none would be left out */
  readonly recursiveLogging: boolean;
  /** null for the default: everything */
  readonly selectors: TrailSelectors | null;
  readonly tags: readonly Tag[];
  /** the latest first; of those whose events are delivered the latest alone is kept */
  readonly logging: readonly LoggingPeriod[];
}

export type TrailSelectors =
  | { readonly kind: "basic"; readonly selectors: readonly EventSelector[] }
  | { readonly kind: "advanced"; readonly selectors: readonly AdvancedEventSelector[] };

/** From StartLogging to StopLogging; milliseconds since the epoch. */
export interface LoggingPeriod {
  readonly from: number;
  readonly to: number | null;
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html */
export const TRAILS_PER_REGION = 5;

export function trailArn({ account, region, name }: Pick<TrailRecord, "account" | "region" | "name">): string {
  return `arn:aws:cloudtrail:${region}:${account}:trail/${name}`;
}

export function isLogging({ logging }: TrailRecord): boolean {
  return logging[0]?.to === null;
}

/** As GetTrail and DescribeTrails show it. */
export function trailView(trail: TrailRecord): Trail {
  return {
    Name: trail.name,
    S3BucketName: trail.bucket,
    ...(trail.prefix !== null && { S3KeyPrefix: trail.prefix }),
    IncludeGlobalServiceEvents: trail.globalServiceEvents,
    IsMultiRegionTrail: trail.multiRegion,
    HomeRegion: trail.region,
    TrailARN: trailArn(trail),
    LogFileValidationEnabled: trail.validatedSince !== null,
    HasCustomEventSelectors: trail.selectors !== null,
    HasInsightSelectors: false,
    IsOrganizationTrail: false,
    RecursiveLogging: trail.recursiveLogging,
  };
}

/** What CreateTrail and UpdateTrail answer: a trail without what it only has once it is made. */
export function trailSettings(trail: TrailRecord) {
  const { HomeRegion, HasCustomEventSelectors, HasInsightSelectors, ...settings } = trailView(trail);
  return settings;
}

/** @throws InvalidTrailNameException: reference/cloudtrail.md §6, "Trails" */
export function requireTrailName(name: string): void {
  const refused = (message: string) => new InvalidTrailNameException(message);
  const { length } = name;
  if (length < 3) {
    throw refused(
      `Trail name too short. Minimum allowed length: 3 characters. Specified name length: ${length} characters.`,
    );
  }
  if (length > 128) {
    throw refused(
      `Trail name too long. Maximum allowed length: 128 characters. Specified name length: ${length} characters.`,
    );
  }
  if (!/^[a-zA-Z0-9._-]+$/.test(name)) {
    throw refused(
      "Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens (-), and underscores (_).",
    );
  }
  if (!/^[a-zA-Z0-9]/.test(name)) throw refused("Trail name must starts with a letter or number.");
  if (!/[a-zA-Z0-9]$/.test(name)) throw refused("Trail name must ends with a letter or number.");
  if (/[._-]{2}/.test(name)) throw refused("Trail name must not have adjacent periods, hyphens or underscores.");
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(name)) throw refused("Trail name must not be in IP address format.");
}

/** A trail as a request names it. */
export interface TrailReference {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly arn: string;
}

const ARN = /^arn:aws:cloudtrail:([a-z0-9-]{1,64}):(\d{12}):trail\/(.+)$/;

/**
 * A trail's ARN, taken apart.
 * @throws CloudTrailARNInvalidException, InvalidTrailNameException
 */
export function parseTrailArn(text: string): TrailReference {
  const [arn, region, account, name] = ARN.exec(text) ?? [];
  if (arn === undefined) {
    throw new CloudTrailARNInvalidException(
      "The ARN of the trail is not valid. Its form is arn:aws:cloudtrail:REGION:ACCOUNT:trail/NAME.",
    );
  }
  requireTrailName(name as string);
  return { account: account as string, region: region as string, name: name as string, arn };
}

/**
 * The trail that a request names: by its name one of the caller's in the Region asked, by its ARN one of any Region.
 * @throws CloudTrailARNInvalidException, InvalidTrailNameException
 */
export function trailReference({ principal: { account }, region }: CloudTrailCall, text: string): TrailReference {
  if (text.startsWith("arn:")) return parseTrailArn(text);
  requireTrailName(text);
  return { account, region, name: text, arn: trailArn({ account, region, name: text }) };
}

/** @throws TrailNotFoundException: also for another account's, which nobody is to find out about */
export async function requireTrail(
  { principal: { account } }: CloudTrailCall,
  reader: Reader,
  { arn, ...named }: TrailReference,
): Promise<TrailRecord> {
  const trail = named.account === account ? await reader.trail(arn) : undefined;
  if (trail === undefined) throw new TrailNotFoundException(`Unknown trail: ${arn} for the user: ${account}`);
  return trail;
}

/**
 * The trail of a request that changes it.
 * @throws TrailNotFoundException; InvalidHomeRegionException: it is another Region's
 */
export async function requireTrailAtHome(
  call: CloudTrailCall,
  reader: Reader,
  reference: TrailReference,
): Promise<TrailRecord> {
  const { principal, region } = call;
  const { name } = reference;
  if (reference.account === principal.account) {
    const elsewhere =
      reference.region === region ? await shadowNamed(reader, reference) : await reader.trail(reference.arn);
    if (elsewhere !== undefined) {
      throw new InvalidHomeRegionException(
        `The home region of trail ${name} is ${elsewhere.region}: it cannot be changed in ${region}.`,
      );
    }
  }
  return requireTrail(call, reader, reference);
}

/** The trail of all Regions that has a name in a Region where no trail of its own has it. */
export async function shadowNamed(
  reader: Reader,
  { account, region, name }: Pick<TrailReference, "account" | "region" | "name">,
): Promise<TrailRecord | undefined> {
  const trails = (await reader.trailsIn(account, region)).filter((trail) => trail.name === name);
  return trails.some((trail) => trail.region === region) ? undefined : trails[0];
}
