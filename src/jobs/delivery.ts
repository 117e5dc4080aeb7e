import type { DeliveryError } from "../cloudtrail/delivery/destination.ts";
import {
  type DigestParts,
  type DigestSources,
  deliverDigests,
  keptDigestFailure,
} from "../cloudtrail/delivery/digests.ts";
import type { JournalSource } from "../cloudtrail/delivery/journalSource.ts";
import { deliverRound, startingChain } from "../cloudtrail/delivery/logFiles.ts";
import { isBehind, type Planning, planned } from "../cloudtrail/delivery/plan.ts";
import { markedPositions } from "../cloudtrail/delivery/positions.ts";
import { type DeliveryState, NOTHING_DELIVERED } from "../cloudtrail/delivery/state.ts";
import type { Anchor } from "../cloudtrail/journalVerification.ts";
import { isLogging, type TrailRecord, trailArn } from "../cloudtrail/trail.ts";
import { type Jobs, repeating } from "./repeating.ts";

const TRAILS_AT_ONCE = 100;
/** The first wait before what failed is tried again, milliseconds; it doubles up to the interval. */
const RETRY_MIN = 5_000;

/** What delivery works with, and how often it does. */
export interface DeliveryParts extends DigestParts {
  readonly journal: JournalSource;
  /** between log files, milliseconds; AWS's take about five minutes */
  readonly interval: number;
  /** hears of a trail that could not be delivered to; it is tried again */
  readonly failed: (trail: string, error: DeliveryError) => void;
}

/** A trail with a round to do. */
interface Due {
  readonly trail: TrailRecord;
  readonly state: DeliveryState;
  readonly round: NonNullable<DeliveryState["round"]>;
}

/**
 * Delivers the log files and digests of all trails. One process of a store does, and one {@link Delivery.run} at a
 * time: two would do the same work.
 */
export class Delivery {
  readonly #parts: DeliveryParts;
  /** by trail: when what failed is tried again, and how long it was put off */
  readonly #retries = new Map<string, { at: number; delay: number }>();
  #stopped = false;
  /** where the journal's streams ended when that was last looked for */
  #heads: { readonly at: number; readonly anchors: readonly Anchor[] } = { at: 0, anchors: [] };

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /**
   * Delivers what is due: to be called every few seconds.
   * @returns how many objects
   * @throws when the journal or the store cannot be read
   */
  async run(): Promise<number> {
    const { store, clock, interval } = this.#parts;
    const now = clock();
    const heads = await this.#newHeads();
    const planning: Planning = { now, interval, heads, begin: await markedPositions(store, heads, now) };
    let count = 0;
    for (let after: string | undefined; !this.#stopped; ) {
      const trails = await store.trails(undefined, { after, limit: TRAILS_AT_ONCE });
      const mayTry = (trail: TrailRecord) => (this.#retries.get(trailArn(trail))?.at ?? 0) <= now;
      count += await this.#deliverLogFiles(trails.filter(mayTry), planning);
      for (const trail of trails.filter(mayTry)) if (!this.#stopped) count += await this.#deliverDigests(trail);
      if (trails.length < TRAILS_AT_ONCE) break;
      after = trailArn(trails.at(-1) as TrailRecord);
    }
    return count;
  }

  /** Ends what is running at the next moment at which nothing is half done. */
  stop(): void {
    this.#stopped = true;
  }

  async #deliverLogFiles(trails: readonly TrailRecord[], planning: Planning): Promise<number> {
    let count = 0;
    let waiting = trails;
    for (let catchingUp = false; waiting.length > 0 && !this.#stopped; catchingUp = true) {
      const due = await this.#due(waiting, planning, catchingUp);
      const behind: TrailRecord[] = [];
      // Trails that have got equally far share one reading of the journal.
      for (const together of Map.groupBy(due, ({ state, round }) =>
        JSON.stringify([state.positions, round]),
      ).values()) {
        const { state, round } = together[0] as Due;
        const trails = together.map(({ trail }) => trail);
        const done = await deliverRound(this.#parts, { trails, from: state.positions, ...round });
        count += done.count;
        for (const trail of trails) {
          const error = done.failed.get(trail);
          if (error !== undefined) this.#putOff(trail, error);
          else if (isBehind(round.to, planning.heads)) behind.push(trail);
          else this.#retries.delete(trailArn(trail));
        }
        if (this.#stopped) break;
      }
      waiting = behind;
    }
    return count;
  }

  /** The trails that have a round to do; which one is kept before it begins. */
  async #due(trails: readonly TrailRecord[], planning: Planning, catchingUp: boolean): Promise<Due[]> {
    return this.#parts.store.transaction(async (transaction) => {
      const due: Due[] = [];
      for (const listed of trails) {
        const arn = trailArn(listed);
        const trail = await transaction.trail(arn);
        if (trail === undefined) continue;
        const former = (await transaction.delivery(arn)) ?? NOTHING_DELIVERED;
        const state = planned(trail, former, planning, catchingUp);
        if (state.round !== null) due.push({ trail, state, round: state.round });
        if (state === former) continue;
        await transaction.putDelivery(arn, state);
        if (trail.validatedSince === null || !isLogging(trail)) continue;
        if ((await transaction.digestChain(arn, trail.region)) !== undefined) continue;
        await transaction.putDigestChain(arn, trail.region, startingChain(trail, planning.now));
      }
      return due;
    });
  }

  async #newHeads(): Promise<readonly Anchor[]> {
    const at = this.#parts.clock();
    this.#heads = { at, anchors: await this.#parts.journal.heads() };
    return this.#heads.anchors;
  }

  async #deliverDigests(trail: TrailRecord): Promise<number> {
    const { store } = this.#parts;
    const arn = trailArn(trail);
    const idle = (await store.delivery(arn))?.idle === true;
    const sources: DigestSources = {
      // Log files may have taken a while: many trails share what was found before them, if it is late enough.
      journalSince: async (at) => (this.#heads.at >= at ? this.#heads.anchors : this.#newHeads()),
      ended: (idle && trail.logging[0]?.to) || undefined,
    };
    let count = 0;
    for (const [region] of await store.digestChains(arn)) {
      try {
        if (trail.validatedSince !== null) count += await deliverDigests(this.#parts, trail, region, sources);
        await this.#endChain(arn, region);
      } catch (error) {
        this.#putOff(trail, await keptDigestFailure(store, arn, error));
      }
    }
    return count;
  }

  /** A chain that nothing can be added to any more ends: what comes later begins another. */
  async #endChain(arn: string, region: string): Promise<void> {
    await this.#parts.store.transaction(async (transaction) => {
      const [trail, state, chain] = [
        await transaction.trail(arn),
        await transaction.delivery(arn),
        await transaction.digestChain(arn, region),
      ];
      if (trail === undefined || chain === undefined) return;
      const hasEnded = state?.idle === true && chain.start >= (trail.logging[0]?.to ?? Number.POSITIVE_INFINITY);
      const isElsewhere = !trail.multiRegion && region !== trail.region;
      const isOver = chain.logFiles.length === 0 && (hasEnded || isElsewhere);
      if (isOver || trail.validatedSince === null) await transaction.deleteDigestChain(arn, region);
    });
  }

  #putOff(trail: TrailRecord, error: DeliveryError): void {
    const arn = trailArn(trail);
    const former = this.#retries.get(arn)?.delay ?? RETRY_MIN / 2;
    const delay = Math.min(2 * former, Math.max(this.#parts.interval, RETRY_MIN));
    this.#retries.set(arn, { at: this.#parts.clock() + delay, delay });
    this.#parts.failed(arn, error);
  }
}

/** Looks now and each `intervalMs` from then on whether something is to be delivered. */
export function startDelivery(delivery: Delivery, intervalMs: number, failed: (error: unknown) => void): Jobs {
  const run = () => delivery.run().then(() => undefined, failed);
  return repeating({ run, intervalMs, now: true, end: () => delivery.stop() });
}
