/**
 * Events are numbered by their time, so that the newest are the highest and a stretch of time is a range: milliseconds
 * since 1970 times 1024, and up to 1024 events in each. Records have their time in seconds; the milliseconds are those of
 * the event's id, if that is a UUID of version 7 (RFC 9562 §5.7) made within the same second.
 */
const IN_A_MILLISECOND = 1024;
const IN_A_SECOND = 1000 * IN_A_MILLISECOND;

/** The numbers that an event may get: the first that is free in `from … end`, or else a later one. */
export interface Slot {
  readonly from: number;
  readonly end: number;
  /** whether the event's id alone leads here */
  readonly byEventId: boolean;
}

export function slotOf(eventId: string, second: number): Slot {
  const time = uuidTime(eventId);
  if (time !== undefined && Math.floor(time / 1000) === second) return millisecondSlot(time);
  return { from: second * IN_A_SECOND, end: (second + 1) * IN_A_SECOND, byEventId: false };
}

/** Where an event of this id is, if that can be told from it. */
export function slotOfEventId(eventId: string): Slot | undefined {
  const time = uuidTime(eventId);
  return time === undefined ? undefined : millisecondSlot(time);
}

function millisecondSlot(time: number): Slot {
  return { from: time * IN_A_MILLISECOND, end: (time + 1) * IN_A_MILLISECOND, byEventId: true };
}

/** The last second whose events have safe integers as numbers: in 2248. */
export const SECOND_MAX = Math.floor(Number.MAX_SAFE_INTEGER / IN_A_SECOND) - 2;

/** The first number of a second. */
export function secondStart(second: number): number {
  return second * IN_A_SECOND;
}

/** 32 bits that most ids of one slot differ in. */
export function eventTag(eventId: string): number {
  // Of other ids than UUIDs the last eight may be anything: no number, or one with a sign.
  return Number.parseInt(eventId.slice(-8), 16) >>> 0;
}

/** Where ids do not tell the time they are listed by their last digits. */
export function eventIdEnd(eventId: string): string {
  return eventId.slice(-3);
}

const UUID_7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** milliseconds since the epoch; undefined for other ids, and for times that have no number */
function uuidTime(eventId: string): number | undefined {
  if (!UUID_7.test(eventId)) return undefined;
  const time = Number.parseInt(eventId.slice(0, 8), 16) * 2 ** 16 + Number.parseInt(eventId.slice(9, 13), 16);
  return time / 1000 <= SECOND_MAX ? time : undefined;
}
