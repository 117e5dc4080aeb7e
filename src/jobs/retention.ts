import { dirname } from "node:path";
import { deliveredToAll } from "../cloudtrail/delivery/positions.ts";
import type { Journal } from "../cloudtrail/journal.ts";
import { listStreams } from "../cloudtrail/journalReader.ts";
import { keepOrphanedStream, type OrphanedStream } from "../cloudtrail/orphanedStream.ts";
import { compressSegments, expireSegments, type Retention } from "../cloudtrail/retention.ts";
import type { Store } from "../store/store.ts";
import { type Jobs, repeating } from "./repeating.ts";

export interface JournalKeeping {
  /** the stream of this process: each keeps its own */
  readonly journal: Journal;
  /** Whether this process keeps the streams, too, whose processes are no more: one of a data directory does. */
  readonly orphans: boolean;
  readonly store: Store;
  /** how long, and how much; everything for ever where nothing is said */
  readonly retention: Pick<Retention, "maxAge" | "maxBytes">;
  /** milliseconds since the epoch */
  readonly clock: () => number;
  failed(error: unknown, stream: string): void;
  expired(segments: number, stream: string): void;
  /** hears how the last segment of another's stream was found to end */
  readonly report?: OrphanedStream["report"];
}

/** Compresses the journal's closed segments now and then, and removes those that are to be kept no longer and no trail waits for. */
export function keepJournal(keeping: JournalKeeping, intervalMs: number): Jobs {
  const { journal, store, clock, report } = keeping;
  const { maxAge, maxBytes } = keeping.retention;
  const isLimited = maxAge !== undefined || maxBytes !== undefined;
  const directory = dirname(journal.directory);
  const stopping = new AbortController();
  const { signal } = stopping;

  async function keepOwn(retention: Retention): Promise<number> {
    journal.closeOld();
    await compressSegments(journal.directory, signal);
    return isLimited ? (await expireSegments(journal, retention, clock())).segments : 0;
  }

  function keepOther(stream: string, retention: Retention): Promise<number> {
    return keepOrphanedStream({ directory, stream, retention, clock, signal, ...(report && { report }) });
  }

  async function keepEach(streams: readonly string[]): Promise<void> {
    const delivered = isLimited ? await deliveredToAll(store) : undefined;
    for (const stream of streams) {
      const through = delivered === undefined ? Number.POSITIVE_INFINITY : (delivered[stream] ?? 0);
      const retention: Retention = { ...keeping.retention, through };
      try {
        const removed = await (stream === journal.stream ? keepOwn(retention) : keepOther(stream, retention));
        if (removed > 0) keeping.expired(removed, stream);
      } catch (error) {
        // One that cannot be kept keeps nobody from the others.
        if (!signal.aborted) keeping.failed(error, stream);
      }
      if (signal.aborted) return;
    }
  }

  async function keep(): Promise<void> {
    try {
      const others = keeping.orphans ? await listStreams(directory) : [];
      await keepEach([...new Set([journal.stream, ...others])]);
    } catch (error) {
      if (!signal.aborted) keeping.failed(error, journal.stream);
    }
  }

  return repeating({ run: keep, intervalMs, now: false, end: () => stopping.abort() });
}
