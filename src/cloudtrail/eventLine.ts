import { EVENT_LENGTH_MAX } from "./segment.ts";

/** What ends a line, or looks as if the disk had lost it. JSON has none of them. */
const LINE_BREAKING = ["\n", "\r", "\0"];
/** Line ends to some readers, though not to JSON, in which they can only stand within strings. */
const LINE_ENDS = ["\u0085", "\u2028", "\u2029"];
const EACH_LINE_END = new RegExp(`[${LINE_ENDS.join("")}]`, "g");

/**
 * An event as it stands in a line of the journal. Looking for each character takes half the time that one pattern for all of them takes.
 * @throws RangeError the event is too long, or not one line
 */
export function oneLine(event: string): string {
  if (event.length > EVENT_LENGTH_MAX) throw new RangeError(`an event has at most ${EVENT_LENGTH_MAX} characters`);
  const has = (character: string) => event.includes(character);
  if (!event.startsWith("{") || !event.endsWith("}") || LINE_BREAKING.some(has)) {
    throw new RangeError("an event is a JSON object in one line");
  }
  if (!LINE_ENDS.some(has)) return event;
  return event.replace(EACH_LINE_END, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
