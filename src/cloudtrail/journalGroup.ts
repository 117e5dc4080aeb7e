import { EVENT_LENGTH_MAX } from "./segment.ts";
import type { Unchained } from "./streamWriter.ts";

/**
 * Entries of a group. Of more groups than one, half are written first: the calls of one half are answered, and the next
 * ones worked on, while the other half is being written. Were all written at once, the processor would wait for the disk
 * each time.
 */
const GROUP_MAX = 16;
/** Written at once, in UTF-16 units; a single event may have more. */
const WRITTEN_LENGTH_MAX = EVENT_LENGTH_MAX;

/** Entries that are written together. Whoever waits for one of them waits for all: one promise for each would cost more than the entry. */
export class Group {
  readonly entries: Unchained[] = [];
  /** UTF-16 units */
  length = 0;
  readonly #written = Promise.withResolvers<void>();

  hasRoomFor({ body }: Unchained): boolean {
    return this.entries.length < GROUP_MAX && this.length + body.length <= WRITTEN_LENGTH_MAX;
  }

  push(entry: Unchained): Promise<void> {
    this.entries.push(entry);
    this.length += entry.body.length;
    return this.#written.promise;
  }

  resolve(): void {
    this.#written.resolve();
  }

  reject(error: Error): void {
    this.#written.reject(error);
  }
}

/** How many of the first `most` may be written at once: one at least, if there is one. */
export function countWithin(items: readonly { readonly length: number }[], most: number): number {
  let length = 0;
  let count = 0;
  while (count < most) {
    length += (items[count] as { readonly length: number }).length;
    if (count > 0 && length > WRITTEN_LENGTH_MAX) break;
    count++;
  }
  return count;
}

export function entriesOf(groups: readonly Group[]): readonly Unchained[] {
  return groups.length === 1 ? (groups[0] as Group).entries : groups.flatMap(({ entries }) => entries);
}

/** Entries that nobody waits for. */
export function grouped(entries: readonly Unchained[]): Group[] {
  const groups: Group[] = [];
  for (const entry of entries) {
    let group = groups.at(-1);
    if (!group?.hasRoomFor(entry)) {
      group = new Group();
      groups.push(group);
    }
    group.push(entry).catch(ignore);
  }
  return groups;
}

function ignore(): void {}
