import { styleText } from "node:util";
import type { FoundEvent } from "../cloudtrail/journalIndex.ts";

type Style = Parameters<typeof styleText>[0];

/** Colours a text, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

/** In colours where the output is a terminal and NO_COLOR does not forbid it: https://no-color.org */
export function paintFor(stream: NodeJS.WritableStream): Paint {
  return (style, text) => styleText(style, text, { stream, validateStream: true });
}

/** Characters that a terminal obeys, or that make text look as what it is not: controls, formats, line and paragraph separators. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** As JSON escapes them: what is JSON stays the same JSON. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (character) =>
    Array.from({ length: character.length }, (_, i) => unit(character.charCodeAt(i))).join(""),
  );
}

function unit(code: number): string {
  return `\\u${code.toString(16).padStart(4, "0")}`;
}

/** What is longer than this says little to a person; characters. */
const LONGEST = { who: 40, resource: 100, message: 300 };

/** An event in one line: when, who, what, on what, and how it failed. Nothing in it can move a terminal's cursor. */
export function eventLine(found: Pick<FoundEvent, "event" | "record">, paint: Paint): string {
  const { event, record } = found;
  const { errorCode, errorMessage, userIdentity } = JSON.parse(record);
  const time = `${new Date(event.second * 1000).toISOString().slice(0, 19)}Z`;
  const service = event.eventSource.replace(/\.amazonaws\.com$/, "");
  const resources = event.resources.map(({ name }) => shortName(name));
  const parts = [
    paint("dim", time),
    shown(event.account, LONGEST.who),
    shown(event.region, LONGEST.who).padEnd(9),
    shown(event.username ?? anonymous(userIdentity), LONGEST.who).padEnd(12),
    paint("cyan", shown(`${service}:${event.eventName}`, LONGEST.resource).padEnd(22)),
    resources.length === 0 ? "-" : resources.map((name) => shown(name, LONGEST.resource)).join(" "),
  ];
  if (event.failed) {
    const error = [errorCode, errorMessage].filter((text) => text !== undefined).map(asText);
    parts.push(paint("red", shown(error.join(": "), LONGEST.message)));
  }
  return parts
    .map((part, i) => (i === 1 || i === 2 ? shown(part, LONGEST.resource) : part))
    .join("  ")
    .trimEnd();
}

/** Services, callers of other accounts, and KMS itself have no user name. */
function anonymous(identity: { invokedBy?: unknown; principalId?: unknown } | null | undefined): string {
  return asText(identity?.invokedBy ?? identity?.principalId ?? "-");
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A key's id or an alias's name; of others the whole ARN. */
function shortName(name: string): string {
  return /^arn:[^:]+:kms:[^:]*:\d{12}:(?:key\/)?(.+)$/.exec(name)?.[1] ?? name;
}

function shown(text: string, longest: number): string {
  return visible(text.length > longest ? `${text.slice(0, longest - 1)}…` : text);
}
