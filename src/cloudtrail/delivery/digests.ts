import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Hsm } from "../../hsm/hsm.ts";
import type { Store } from "../../store/store.ts";
import { type DigestKeyRecord, digestKeyAt, signDigest } from "../digestKey.ts";
import type { Anchor } from "../journalVerification.ts";
import { type TrailRecord, trailArn } from "../trail.ts";
import { DeliveryError, type Destination } from "./destination.ts";
import { digestText, SIGNATURE_ALGORITHM, sha256, signedText } from "./digest.ts";
import { digestKey, isoSeconds } from "./objectKey.ts";
import { type DigestChain, NOTHING_DELIVERED, type PendingDigest } from "./state.ts";

const compress = promisify(gzip);

/** After so many periods in which no digest was made, such as while the server was down, the first of them covers the rest. */
const PERIODS_MAX = 168;

export interface DigestParts {
  readonly store: Store;
  readonly hsm: Hsm;
  readonly destination: Destination;
  readonly clock: () => number;
  /** milliseconds; periods end at its multiples since 1970 */
  readonly digestInterval: number;
  /** hears of a new public key before anything is signed by it */
  readonly keyMade: (key: DigestKeyRecord) => Promise<void>;
}

/** Where the period ends that begins at `start`, or for which no digest has been made until now. */
export function periodEnd(start: number, now: number, interval: number): number {
  const end = Math.floor(start / interval) * interval + interval;
  return Math.max(end, Math.floor(now / interval) * interval - (PERIODS_MAX - 1) * interval);
}

/** What a digest needs to know besides its chain. */
export interface DigestSources {
  /**
   * Where the journal's streams ended at a time that was not before this one, milliseconds since the epoch. A stream that
   * a digest lacks thus began after its period, or verification would take it for one that was made up.
   */
  journalSince(at: number): Promise<readonly Anchor[]>;
  /** when logging ended, if all that was recorded before has been delivered: the last digest does not wait for its period's end */
  readonly ended: number | undefined;
}

/**
 * Makes and puts the digests of a trail in a Region whose periods are over.
 * @returns how many
 * @throws DeliveryError when one cannot be put; it is kept
 */
export async function deliverDigests(
  parts: DigestParts,
  trail: TrailRecord,
  region: string,
  sources: DigestSources,
): Promise<number> {
  const arn = trailArn(trail);
  for (let count = 0; ; count++) {
    const chain = await parts.store.digestChain(arn, region);
    if (chain === undefined) return count;
    const now = parts.clock();
    const last = lastEnd(chain, sources.ended, now);
    const end = Math.min(periodEnd(chain.start, now, parts.digestInterval), last ?? Number.POSITIVE_INFINITY);
    if (chain.pending === null && end > now) return count;
    const digest = await pendingDigest(parts, trail, region, chain, end, sources);
    if (digest === undefined) return count;
    await put(parts, digest);
    await keepDelivered(parts, arn, region, digest);
  }
}

/** Where the period of a chain's last digest ends, once logging has; undefined while there is more to come, and when it was made. */
function lastEnd({ start, logFiles }: DigestChain, ended: number | undefined, now: number): number | undefined {
  if (ended === undefined || (start >= ended && logFiles.length === 0)) return undefined;
  const second = now - (now % 1000);
  return second > start ? second : undefined;
}

/** The digest to put: the one that was made before, or a new one. Undefined when the trail has changed meanwhile. */
async function pendingDigest(
  { store, hsm, digestInterval, keyMade }: DigestParts,
  trail: TrailRecord,
  region: string,
  chain: DigestChain,
  end: number,
  { journalSince }: DigestSources,
): Promise<PendingDigest | undefined> {
  const { account, bucket, prefix } = trail;
  if (chain.pending?.bucket === bucket && chain.pending.prefix === prefix) return chain.pending;
  const key = await digestKeyAt({ store, hsm }, region, Math.max(chain.start, end - digestInterval), keyMade);
  const object = digestKey({ account, region, prefix }, trail, end);
  const text = digestText({
    account,
    start: chain.start,
    end,
    bucket,
    object,
    fingerprint: key.fingerprint,
    previous: chain.previous,
    logFiles: chain.logFiles.filter(({ at }) => at <= end),
    journal: await journalSince(end),
  });
  const previousSignature = chain.previous?.signature ?? null;
  const signature = await signDigest(
    hsm,
    key,
    signedText(isoSeconds(end), bucket, object, sha256(text), previousSignature),
  );
  const pending: PendingDigest = { bucket, prefix, object, end, text, signature };
  return store.transaction(async (transaction) => {
    const current = await transaction.digestChain(trailArn(trail), region);
    if (current === undefined || current.start !== chain.start) return undefined;
    await transaction.putDigestChain(trailArn(trail), region, { ...current, pending });
    return pending;
  });
}

async function put({ destination }: DigestParts, { bucket, object, text, signature }: PendingDigest): Promise<void> {
  await destination.putObject(bucket, object, await compress(text), {
    signature,
    "signature-algorithm": SIGNATURE_ALGORITHM,
  });
}

async function keepDelivered({ store, clock }: DigestParts, arn: string, region: string, digest: PendingDigest) {
  const { bucket, object, text, signature, end } = digest;
  const { logFiles, strongroomJournal: journal } = JSON.parse(text);
  const listed = new Set((logFiles as { s3Object: string }[]).map(({ s3Object }) => s3Object));
  const now = clock();
  await store.transaction(async (transaction) => {
    const chain = await transaction.digestChain(arn, region);
    if (chain?.pending?.object !== object) return;
    await transaction.putDigestChain(arn, region, {
      start: end,
      previous: { bucket, object, hash: sha256(text), signature, journal },
      logFiles: chain.logFiles.filter((file) => !listed.has(file.object)),
      pending: null,
    });
    const state = (await transaction.delivery(arn)) ?? NOTHING_DELIVERED;
    await transaction.putDelivery(arn, { ...state, latestDigest: now, latestDigestError: null });
  });
}

/**
 * Keeps why a digest could not be delivered, for GetTrailStatus. A key that does not open keeps no other trail waiting.
 * @throws StoreUnavailable
 */
export async function keptDigestFailure(store: Store, arn: string, cause: unknown): Promise<DeliveryError> {
  const error = cause instanceof DeliveryError ? cause : new DeliveryError("InternalError", (cause as Error).message);
  await store.transaction(async (transaction) => {
    const state = (await transaction.delivery(arn)) ?? NOTHING_DELIVERED;
    await transaction.putDelivery(arn, { ...state, latestDigestError: error.code });
  });
  return error;
}
