import type { Store } from "../../store/store.ts";
import { type TrailRecord, trailArn } from "../trail.ts";

/** How many are read at once. */
const PAGE = 100;

/** The trails of all accounts. */
export async function* everyTrail(store: Pick<Store, "trails">): AsyncGenerator<TrailRecord> {
  for (let after: string | undefined; ; ) {
    const trails = await store.trails(undefined, { after, limit: PAGE });
    yield* trails;
    if (trails.length < PAGE) return;
    after = trailArn(trails.at(-1) as TrailRecord);
  }
}
