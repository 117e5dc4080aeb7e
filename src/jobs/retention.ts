import { deliveredToAll } from "../cloudtrail/delivery/positions.ts";
import type { Journal } from "../cloudtrail/journal.ts";
import { compressSegments, expireSegments, type Retention } from "../cloudtrail/retention.ts";
import type { Store } from "../store/store.ts";
import { type Jobs, repeating } from "./repeating.ts";

export interface JournalKeeping {
  /** the stream of this process: each keeps its own */
  readonly journal: Journal;
  readonly store: Store;
  /** how long, and how much; everything for ever where nothing is said */
  readonly retention: Pick<Retention, "maxAge" | "maxBytes">;
  /** milliseconds since the epoch */
  readonly clock: () => number;
  failed(error: unknown): void;
  expired(segments: number): void;
}

/** Compresses the journal's closed segments now and then, and removes those that are to be kept no longer and no trail waits for. */
export function keepJournal(keeping: JournalKeeping, intervalMs: number): Jobs {
  const { journal, store, retention, clock } = keeping;
  const stopping = new AbortController();

  async function keep(): Promise<void> {
    try {
      await compressSegments(journal.directory, stopping.signal);
      if (retention.maxAge === undefined && retention.maxBytes === undefined) return;
      const delivered = await deliveredToAll(store);
      const through = delivered === undefined ? Number.POSITIVE_INFINITY : (delivered[journal.stream] ?? 0);
      const { segments } = await expireSegments(journal, { ...retention, through }, clock());
      if (segments > 0) keeping.expired(segments);
    } catch (error) {
      if (!stopping.signal.aborted) keeping.failed(error);
    }
  }

  return repeating({ run: keep, intervalMs, now: false, end: () => stopping.abort() });
}
