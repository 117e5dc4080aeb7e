import type { Store } from "../../store/store.ts";
import { type TrailRecord, trailArn } from "../trail.ts";
import { DeliveryError, type Destination } from "./destination.ts";
import type { DeliveredLogFile } from "./digest.ts";
import type { JournalSource, Positions } from "./journalSource.ts";
import { type LogFile, LogFileGatherer } from "./logFile.ts";
import { mergedEvents } from "./merge.ts";
import { logFileKey } from "./objectKey.ts";
import { delivers } from "./selection.ts";
import { type DeliveryState, type DigestChain, NOTHING_DELIVERED } from "./state.ts";

/** What is delivered at once, to trails that have got equally far: from where and up to where, and when. */
export interface Round {
  readonly trails: readonly TrailRecord[];
  readonly from: Positions;
  readonly to: Positions;
  /** milliseconds since the epoch */
  readonly at: number;
}

interface Place {
  readonly trail: TrailRecord;
  readonly region: string;
}

/** What became of one trail's part of a round. */
interface Outcome {
  readonly files: Map<string, DeliveredLogFile[]>;
  error: DeliveryError | undefined;
}

interface Parts {
  readonly store: Store;
  readonly journal: JournalSource;
  readonly destination: Destination;
  readonly clock: () => number;
}

/**
 * Puts the log files of a round, reading the journal once for all of its trails. One that cannot be delivered to keeps
 * no other waiting.
 * @returns how many files were delivered, and why to some trails none
 */
export async function deliverRound(
  parts: Parts,
  round: Round,
): Promise<{ count: number; failed: Map<TrailRecord, DeliveryError> }> {
  const outcomes = new Map<TrailRecord, Outcome>(
    round.trails.map((trail) => [trail, { files: new Map(), error: undefined }]),
  );
  const byAccount = Map.groupBy(round.trails, ({ account }) => account);
  const gatherer = new LogFileGatherer<Place>();
  const put = async ({ key: { trail, region }, file }: { key: Place; file: LogFile }) => {
    const outcome = outcomes.get(trail) as Outcome;
    if (outcome.error === undefined) await putLogFile(parts.destination, round, { trail, region }, file, outcome);
  };
  for await (const { event, text } of mergedEvents(parts.journal, round.from, round.to)) {
    for (const trail of byAccount.get(event.recipientAccountId) ?? []) {
      if (outcomes.get(trail)?.error !== undefined || !delivers(trail, event)) continue;
      const name = `${event.awsRegion} ${trailArn(trail)}`;
      const full = await gatherer.add(name, { trail, region: event.awsRegion }, text, event.eventTime);
      if (full !== undefined) await put(full);
    }
  }
  for await (const last of gatherer.rest()) await put(last);
  let count = 0;
  const failed = new Map<TrailRecord, DeliveryError>();
  for (const [trail, outcome] of outcomes) {
    await record(parts, round, trail, outcome);
    if (outcome.error === undefined) for (const files of outcome.files.values()) count += files.length;
    else failed.set(trail, outcome.error);
  }
  return { count, failed };
}

async function putLogFile(
  destination: Destination,
  round: Round,
  { trail, region }: Place,
  { body, ...file }: LogFile,
  outcome: Outcome,
): Promise<void> {
  const files = outcome.files.get(region) ?? [];
  const { account, bucket, prefix } = trail;
  const object = logFileKey({ account, region, prefix }, round.at, [
    trailArn(trail),
    region,
    JSON.stringify(Object.entries(round.from).sort()),
    files.length,
  ]);
  try {
    await destination.putObject(bucket, object, body);
  } catch (error) {
    if (!(error instanceof DeliveryError)) throw error;
    outcome.error = error;
    return;
  }
  files.push({ ...file, bucket, object, at: round.at });
  outcome.files.set(region, files);
}

/** Keeps what became of it. A trail that was deleted meanwhile has nothing to keep. */
async function record({ store, clock }: Parts, round: Round, trail: TrailRecord, outcome: Outcome): Promise<void> {
  const arn = trailArn(trail);
  const now = clock();
  await store.transaction(async (transaction) => {
    const current = await transaction.trail(arn);
    if (current === undefined) return;
    const state: DeliveryState = (await transaction.delivery(arn)) ?? NOTHING_DELIVERED;
    if (outcome.error !== undefined) {
      await transaction.putDelivery(arn, { ...state, latestAttempt: now, latestError: outcome.error.code });
      return;
    }
    const delivered = outcome.files.size > 0;
    await transaction.putDelivery(arn, {
      ...state,
      positions: round.to,
      round: null,
      roundedAt: round.at,
      ...(delivered && { latestDelivery: round.at, latestAttempt: now, latestError: null }),
    });
    if (current.validatedSince === null) return;
    for (const [region, files] of outcome.files) {
      const chain = (await transaction.digestChain(arn, region)) ?? startingChain(current, round.at);
      await transaction.putDigestChain(arn, region, { ...chain, logFiles: [...chain.logFiles, ...files] });
    }
  });
}

/** A chain answers for what is delivered since its trail began to log, or to be validated. */
export function startingChain({ logging, validatedSince }: TrailRecord, at: number): DigestChain {
  const start = Math.max(logging[0]?.from ?? 0, validatedSince ?? 0);
  return { start: Math.min(start, at), previous: null, logFiles: [], pending: null };
}
