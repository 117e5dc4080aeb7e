import { createHash } from "node:crypto";

/** What the key of every object of a trail in a Region has in it. */
export interface ObjectPlace {
  readonly account: string;
  readonly region: string;
  readonly prefix: string | null;
}

const pad = (number: number) => String(number).padStart(2, "0");

/** `YYYY/MM/DD` in UTC. @param at milliseconds since the epoch */
function day(at: number): string {
  const date = new Date(at);
  return `${date.getUTCFullYear()}/${pad(date.getUTCMonth() + 1)}/${pad(date.getUTCDate())}`;
}

/** `YYYYMMDDTHHmmssZ` in UTC. */
function stamp(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
}

/** `2026-11-23T10:15:00Z`, as records and digests have it. */
export function isoSeconds(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** What all keys of an account begin with, with a slash at its end. */
export function accountPrefix({ account, prefix }: Omit<ObjectPlace, "region">): string {
  return `${prefix === null ? "" : `${prefix}/`}AWSLogs/${account}/`;
}

/**
 * The key of a log file: reference/cloudtrail.md §4.
 * @param at when it was delivered, milliseconds since the epoch
 * @param identity what this file is, among all: the same gives the same key
 */
export function logFileKey(place: ObjectPlace, at: number, identity: readonly (string | number)[]): string {
  const { account, region } = place;
  const minute = stamp(at).replace(/\d\dZ$/, "Z");
  return `${accountPrefix(place)}CloudTrail/${region}/${day(at)}/${account}_CloudTrail_${region}_${minute}_${unique(identity)}.json.gz`;
}

const ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** 16 characters: 95 bits, so that names do not collide. */
function unique(identity: readonly (string | number)[]): string {
  let number = BigInt(`0x${createHash("sha256").update(JSON.stringify(identity)).digest("hex")}`);
  let text = "";
  while (text.length < 16) {
    text += ALPHANUMERIC[Number(number % 62n)];
    number /= 62n;
  }
  return text;
}

/** The key of a digest file: reference/cloudtrail.md §5. @param end of its period, milliseconds since the epoch */
export function digestKey(place: ObjectPlace, trail: { name: string; region: string }, end: number): string {
  const { account, region } = place;
  return `${accountPrefix(place)}CloudTrail-Digest/${region}/${day(end)}/${account}_CloudTrail-Digest_${region}_${trail.name}_${trail.region}_${stamp(end)}.json.gz`;
}
