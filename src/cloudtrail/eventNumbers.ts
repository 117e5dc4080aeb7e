import type { EventTable } from "./eventTable.ts";
import { type Slot, secondStart } from "./eventTimeId.ts";
import { placeBelow } from "./postings.ts";

/** Gives the events of a batch their numbers, before they are in the table. */
export class EventNumbers {
  readonly #events: EventTable;
  /** ascending */
  readonly #given: number[] = [];
  /** of the table, and given */
  #greatest: number;
  /** the last event's, and the number after its own */
  #slot: Slot | undefined;
  #next = 0;

  constructor(events: EventTable) {
    this.#events = events;
    this.#greatest = events.below(Number.MAX_SAFE_INTEGER)?.id ?? -1;
  }

  /** A number in the slot that no event has; in one of the seconds after, if it is full. */
  give(slot: Slot): number {
    const { from, end } = slot;
    const isSame = this.#slot?.from === from && this.#slot.end === end && this.#next > from;
    let free = isSame ? this.#next : this.#firstFree(from, end);
    for (let start = end; free >= start; start += secondStart(1)) free = this.#firstFree(start, start + secondStart(1));
    this.#slot = slot;
    this.#next = free < end ? free + 1 : 0;
    this.#remember(free);
    return free;
  }

  #firstFree(from: number, end: number): number {
    if (from > this.#greatest) return from;
    const stored = this.#events.below(end)?.id ?? -1;
    const given = this.#given[placeBelow(this.#given, end)] ?? -1;
    const last = Math.max(stored, given);
    return last >= from ? last + 1 : from;
  }

  #remember(number: number): void {
    if (number > (this.#given.at(-1) ?? -1)) this.#given.push(number);
    else this.#given.splice(placeBelow(this.#given, number) + 1, 0, number);
    this.#greatest = Math.max(this.#greatest, number);
  }
}
