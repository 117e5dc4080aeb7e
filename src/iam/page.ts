import { createHash } from "node:crypto";
import type { Reader } from "../store/store.ts";
import { nameKey } from "./entities.ts";
import type { EntityKind, EntityOf } from "./entity.ts";
import { validationError } from "./errors.ts";

/** What list operations take; the model bounds both: reference/iam-sts.md §2.6. */
export interface ListInput {
  Marker?: string | undefined;
  MaxItems?: number | undefined;
}

/** What list operations return beside their items. */
export interface ListEnd {
  IsTruncated: boolean;
  Marker?: string;
}

const DEFAULT_ITEMS = 100;
/** How many records are read at once, at least, since most of them may be left out. */
const SCAN = 100;

/**
 * A part of the entities of a kind, by name in any case (MFA devices: by path and name). A marker holds the name of the
 * last one returned, so that what is made or deleted between two pages neither repeats nor hides others.
 * @param list the operation's name: a marker is good for the list that gave it
 * @param keep which to return; all when absent
 * @throws ValidationError: marker
 */
export async function pageOfEntities<K extends EntityKind>(
  reader: Reader,
  list: string,
  of: { account: string; kind: K },
  input: ListInput,
  keep: (entity: EntityOf<K>) => boolean = () => true,
): Promise<{ items: EntityOf<K>[] } & ListEnd> {
  const position = ({ kind, name, path }: EntityOf<K>) => nameKey(kind, name, path);
  return pageOfScan(list, input, position, keep, (after, limit) =>
    reader.entities(of.account, of.kind, { after, limit }),
  );
}

/**
 * A part of a list that is read piece by piece.
 * @param position what `read` goes on after; at most 230 bytes of UTF-8, for a marker has 320 characters
 * @param read the next `limit` items after a position, sorted; fewer only at the end
 * @throws ValidationError: marker
 */
export async function pageOfScan<T>(
  list: string,
  { Marker, MaxItems = DEFAULT_ITEMS }: ListInput,
  position: (item: T) => string,
  keep: (item: T) => boolean,
  read: (after: string | undefined, limit: number) => Promise<T[]>,
): Promise<{ items: T[] } & ListEnd> {
  let after = Marker === undefined ? undefined : positionOf(list, Marker);
  const items: T[] = [];
  for (;;) {
    const limit = Math.max(SCAN, MaxItems + 1);
    const found = await read(after, limit);
    for (const item of found) {
      if (!keep(item)) continue;
      if (items.length === MaxItems) {
        return { items, IsTruncated: true, Marker: markerOf(list, position(items.at(-1) as T)) };
      }
      items.push(item);
    }
    if (found.length < limit) return { items, IsTruncated: false };
    after = position(found.at(-1) as T);
  }
}

/**
 * A part of a short list that is in memory, in its order: tags, policies of one user. A marker holds which item was
 * last, by a digest since keys may be longer than markers, and its place, in case that item is gone.
 * @throws ValidationError: marker
 */
export function pageOfList<T>(
  list: string,
  all: readonly T[],
  { Marker, MaxItems = DEFAULT_ITEMS }: ListInput,
  key: (item: T) => string,
): { items: T[] } & ListEnd {
  const start = Marker === undefined ? 0 : startOf(positionOf(list, Marker), all.map(key));
  const end = start + MaxItems;
  const items = all.slice(start, end);
  if (end >= all.length) return { items, IsTruncated: false };
  return { items, IsTruncated: true, Marker: markerOf(list, `${end} ${digest(key(items.at(-1) as T))}`) };
}

/** Where a list goes on: after the item of the digest; where that one is gone, the next one has its place. */
function startOf(position: string, keys: readonly string[]): number {
  const [, place, last] = /^(\d{1,6}) (\S+)$/.exec(position) ?? [];
  if (place === undefined) throw invalidMarker();
  const at = keys.findIndex((key) => digest(key) === last);
  return at === -1 ? Number(place) - 1 : at + 1;
}

/** A position, behind a few characters that tell markers of this list from whatever else is sent. */
function markerOf(list: string, position: string): string {
  return Buffer.from(`${digest(`${list} ${position}`).slice(0, 4)}${position}`, "utf8").toString("base64url");
}

function positionOf(list: string, marker: string): string {
  const position = Buffer.from(marker, "base64url").toString("utf8").slice(4);
  if (position === "" || markerOf(list, position) !== marker) throw invalidMarker();
  return position;
}

const invalidMarker = () => validationError("Invalid Marker.");

function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 22);
}
