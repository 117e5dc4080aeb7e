import { type SelectedEvent, selects } from "../eventSelectors.ts";
import type { TrailRecord } from "../trail.ts";

/** The members of a record that decide which trails it goes to. */
export interface DeliveredEvent extends SelectedEvent {
  /** `2026-11-23T10:15:00Z` */
  readonly eventTime: string;
  readonly awsRegion: string;
  readonly recipientAccountId: string;
}

/** The services whose events are of no Region; they are recorded in us-east-1. */
const GLOBAL_SOURCES: ReadonlySet<string> = new Set(["iam.amazonaws.com", "signin.amazonaws.com"]);

/** Does the trail deliver this event? */
export function delivers(trail: TrailRecord, event: DeliveredEvent): boolean {
  if (event.recipientAccountId !== trail.account) return false;
  if (!trail.multiRegion && event.awsRegion !== trail.region) return false;
  if (!trail.globalServiceEvents && GLOBAL_SOURCES.has(event.eventSource)) return false;
  return wasLogging(trail, event.eventTime) && selects(trail.selectors, event);
}

/** Times of records have no fractions: the second in which logging began or ended is part of it. */
function wasLogging({ logging }: TrailRecord, eventTime: string): boolean {
  const at = Date.parse(eventTime);
  return logging.some(({ from, to }) => at >= from - (from % 1000) && (to === null || at <= to));
}
