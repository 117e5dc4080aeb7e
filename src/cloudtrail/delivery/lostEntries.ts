import type { Store } from "../../store/store.ts";
import type { Anchor } from "../journalVerification.ts";
import { trailArn } from "../trail.ts";
import { everyTrail } from "./everyTrail.ts";
import { positionsOf } from "./journalSource.ts";

/** A stream that ends before a digest says it did. */
export interface LostEntries {
  readonly stream: string;
  /** the sequence number of its last entry; 0 if there is none */
  readonly endsAt: number;
  /** how many are missing, at least */
  readonly entries: number;
  /** `BUCKET/KEY`, of the digest that has the latest of them */
  readonly digest: string;
}

/**
 * What the journal has lost at its end, by the last digest of each trail and Region, as the store knows it. By what is
 * written afterwards the loss is covered up: this must be asked before.
 * @param heads where the journal's streams end
 * @returns by stream
 */
export async function lostEntries(
  store: Pick<Store, "trails" | "digestChains">,
  heads: readonly Anchor[],
): Promise<LostEntries[]> {
  const ends = positionsOf(heads);
  const lost = new Map<string, LostEntries>();
  for await (const trail of everyTrail(store)) {
    for (const [, { previous }] of await store.digestChains(trailArn(trail))) {
      for (const { stream, sequence } of previous?.journal ?? []) {
        const endsAt = ends[stream] ?? 0;
        const entries = sequence - endsAt;
        if (entries <= (lost.get(stream)?.entries ?? 0)) continue;
        lost.set(stream, { stream, endsAt, entries, digest: `${previous?.bucket}/${previous?.object}` });
      }
    }
  }
  return [...lost.values()].sort((a, b) => (a.stream < b.stream ? -1 : 1));
}
