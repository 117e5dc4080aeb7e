import type { Anchor } from "../journalVerification.ts";
import type { DeliveredDigest, DeliveredLogFile } from "./digest.ts";
import type { Positions } from "./journalSource.ts";

/** How far a trail's log files have got. All times are milliseconds since the epoch. */
export interface DeliveryState {
  /** up to where events are delivered */
  readonly positions: Positions;
  /** nothing is to be delivered: logging has not begun, or has ended and all of it is delivered */
  readonly idle: boolean;
  /**
   * What is being delivered: events from `positions` to here, in files whose names and content follow from both and from
   * `at` alone. Done again after a crash, it puts the same objects.
   */
  readonly round: { readonly to: Positions; readonly at: number } | null;
  /** when the last round ended, whether or not there was anything to deliver */
  readonly roundedAt: number | null;
  readonly latestDelivery: number | null;
  /** when it was last tried */
  readonly latestAttempt: number | null;
  /** S3's code; null since it last succeeded */
  readonly latestError: string | null;
  readonly latestDigest: number | null;
  readonly latestDigestError: string | null;
}

export const NOTHING_DELIVERED: DeliveryState = {
  positions: {},
  idle: true,
  round: null,
  roundedAt: null,
  latestDelivery: null,
  latestAttempt: null,
  latestError: null,
  latestDigest: null,
  latestDigestError: null,
};

/** The digests of a trail in one Region. */
export interface DigestChain {
  /** where the next digest's period begins */
  readonly start: number;
  /** null before a starting digest */
  readonly previous: LastDigest | null;
  /** delivered, and in no digest yet */
  readonly logFiles: readonly DeliveredLogFile[];
  /** Signed, and perhaps delivered: it is put again rather than made again, since another one would differ. */
  readonly pending: PendingDigest | null;
}

/** The digest of a chain that was delivered last. */
export interface LastDigest extends DeliveredDigest {
  /** where it says that the journal's streams ended; absent if it was made before this was kept */
  readonly journal?: readonly Anchor[];
}

export interface PendingDigest {
  readonly bucket: string;
  /** of the trail when it was made: another one means that it would go to the wrong place */
  readonly prefix: string | null;
  readonly object: string;
  readonly end: number;
  /** uncompressed */
  readonly text: string;
  /** hex */
  readonly signature: string;
}
