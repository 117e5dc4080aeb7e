import type { Anchor } from "../journalVerification.ts";
import type { TrailRecord } from "../trail.ts";
import type { Positions } from "./journalSource.ts";
import type { DeliveryState } from "./state.ts";

/** Events of a stream that a round delivers at most: what a crash has done twice is bounded, and memory of where one stands. */
const ROUND_LENGTH_MAX = 200_000;
/** An event's time is a little before it is in the journal: after so long, milliseconds, all of a time are there. */
const GRACE = 60_000;

/** What a plan follows from. Times are milliseconds since the epoch. */
export interface Planning {
  readonly now: number;
  /** between two rounds of a trail */
  readonly interval: number;
  /** where the journal's streams end */
  readonly heads: readonly Anchor[];
  /** where to begin for a trail that has logged since a time */
  readonly begin: (since: number) => Positions;
}

/**
 * What comes next for a trail: the same state when there is nothing to do, or one to keep. A round in it is then to be done.
 * @param catchingUp a round has just ended before the journal did: the next one need not wait
 */
export function planned(
  { logging: [latest, ...former] }: Pick<TrailRecord, "logging">,
  state: DeliveryState,
  { now, interval, heads, begin }: Planning,
  catchingUp: boolean,
): DeliveryState {
  if (latest === undefined || state.round !== null) return state;
  let next = state;
  if (state.idle) {
    const first = [latest, ...former].findLast(({ from }) => from >= (state.roundedAt ?? 0));
    if (first === undefined) return state;
    next = { ...state, idle: false, positions: furthest(state.positions, begin(first.from)) };
  } else if (latest.to !== null && (state.roundedAt ?? 0) > latest.to + GRACE) {
    return { ...state, idle: true };
  }
  const since = Math.max(state.roundedAt ?? 0, latest.from);
  if (!catchingUp && now - since < interval) return next;
  if (!isBehind(next.positions, heads)) return { ...next, roundedAt: now };
  return { ...next, round: { to: aheadOf(next.positions, heads), at: now } };
}

/** Has the journal more than what is delivered up to here? */
export function isBehind(positions: Positions, heads: readonly Anchor[]): boolean {
  return heads.some(({ stream, sequence }) => (positions[stream] ?? 0) < sequence);
}

function aheadOf(positions: Positions, heads: readonly Anchor[]): Positions {
  const to: Record<string, number> = { ...positions };
  for (const { stream, sequence } of heads) {
    const from = positions[stream] ?? 0;
    to[stream] = Math.max(from, Math.min(sequence, from + ROUND_LENGTH_MAX));
  }
  return to;
}

/** Nothing is delivered twice: a trail that logs again begins no earlier than where it ended. */
function furthest(a: Positions, b: Positions): Positions {
  const further: Record<string, number> = { ...a };
  for (const [stream, sequence] of Object.entries(b)) further[stream] = Math.max(sequence, a[stream] ?? 0);
  return further;
}
