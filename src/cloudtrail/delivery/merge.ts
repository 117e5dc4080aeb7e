import type { JournalSource, Positions } from "./journalSource.ts";
import type { DeliveredEvent } from "./selection.ts";

/** An event, parsed, and its text as it stands in the journal. */
export interface MergedEvent {
  readonly event: DeliveredEvent;
  readonly text: string;
}

/**
 * The events of all streams between two positions, by time; each stream in its own order. What comes first follows from
 * the events alone, so that reading them again gives the same order.
 */
export async function* mergedEvents(
  journal: JournalSource,
  from: Positions,
  to: Positions,
): AsyncGenerator<MergedEvent> {
  const readers = Object.keys(to)
    .sort()
    .filter((stream) => (to[stream] as number) > (from[stream] ?? 0))
    .map((stream) => journal.events(stream, from[stream] ?? 0, to[stream] as number)[Symbol.asyncIterator]());
  try {
    const waiting: { next: MergedEvent; reader: AsyncIterator<string> }[] = [];
    for (const reader of readers) {
      const next = await nextEvent(reader);
      if (next !== undefined) waiting.push({ next, reader });
    }
    while (waiting.length > 0) {
      let first = 0;
      for (let i = 1; i < waiting.length; i++) {
        if (timeOf(waiting[i]) < timeOf(waiting[first])) first = i;
      }
      const { next, reader } = waiting[first] as (typeof waiting)[number];
      yield next;
      const following = await nextEvent(reader);
      if (following === undefined) waiting.splice(first, 1);
      else waiting[first] = { next: following, reader };
    }
  } finally {
    for (const reader of readers) await reader.return?.();
  }
}

const timeOf = (waiting: { next: MergedEvent } | undefined) => waiting?.next.event.eventTime ?? "";

async function nextEvent(reader: AsyncIterator<string>): Promise<MergedEvent | undefined> {
  const { done, value } = await reader.next();
  return done ? undefined : { event: JSON.parse(value), text: value };
}
