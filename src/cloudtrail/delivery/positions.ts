import type { Store } from "../../store/store.ts";
import type { Anchor } from "../journalVerification.ts";
import { isLogging, trailArn } from "../trail.ts";
import { everyTrail } from "./everyTrail.ts";
import { type Positions, positionsOf } from "./journalSource.ts";

/** Where the journal's streams stood at a time. */
interface Mark {
  /** milliseconds since the epoch */
  readonly at: number;
  readonly positions: Positions;
}

const SETTING = "cloudtrail-journal-marks";
/** The older of two that are no further apart than this is dropped; milliseconds. */
const MARK_INTERVAL = 300_000;
const MARKS_KEPT = 4;

/**
 * Notes now and then where the journal stands, so that a trail which begins need not read what was before it.
 * @returns where to begin for a trail that has logged since a time: at the last mark before it, or at the beginning
 */
export async function markedPositions(
  store: Store,
  heads: readonly Anchor[],
  now: number,
): Promise<(since: number) => Positions> {
  const setting = await store.setting(SETTING);
  let marks: Mark[] = setting === undefined ? [] : JSON.parse(setting);
  const newest = marks[0];
  // A clock that went back has made marks of the future; they would be taken for older ones by and by.
  const kept = marks.filter(({ at }) => at <= now);
  if (kept.length < marks.length || newest === undefined || now - newest.at >= MARK_INTERVAL) {
    marks = [{ at: now, positions: positionsOf(heads) }, ...kept].slice(0, MARKS_KEPT);
    const text = JSON.stringify(marks);
    await store.transaction((transaction) => transaction.putSetting(SETTING, text));
  }
  return (since) => marks.find(({ at }) => at < since)?.positions ?? {};
}

/**
 * Up to where every trail has been delivered to: no later entry of the journal may expire. A stream that is not in it is
 * needed from its beginning by some trail; undefined when no trail needs anything.
 */
export async function deliveredToAll(store: Store): Promise<Positions | undefined> {
  let least: Record<string, number> | undefined;
  for await (const trail of everyTrail(store)) {
    const state = await store.delivery(trailArn(trail));
    if (state?.idle ?? !isLogging(trail)) continue;
    const positions = state?.positions ?? {};
    const before: Readonly<Record<string, number>> = least ?? positions;
    least = Object.fromEntries(
      Object.entries(before).flatMap(([stream, sequence]) => {
        const other = positions[stream];
        return other === undefined ? [] : [[stream, Math.min(sequence, other)]];
      }),
    );
  }
  return least;
}
