import type { Page } from "../store/store.ts";
import { InvalidMarkerException } from "./errors.ts";

/** What a list operation returns beside its items. */
export interface PageEnd {
  Truncated: boolean;
  NextMarker?: string;
}

/**
 * Where a list operation goes on: `Limit` with AWS's default and maximum for it, and a marker that holds the last item
 * already returned, so that items made or deleted between two pages neither repeat nor hide others.
 * @throws InvalidMarkerException for a marker that this list did not give
 */
export function pageOf(
  list: string,
  input: { Limit?: number | undefined; Marker?: string | undefined },
  defaults: PageDefaults,
): Page {
  const limit = Math.min(input.Limit ?? defaults.default, defaults.maximum);
  if (input.Marker === undefined) return { after: undefined, limit };
  const [name, ...after] = Buffer.from(input.Marker, "base64url").toString("utf8").split("\n");
  if (name !== list || after.length === 0 || marker(list, after.join("\n")) !== input.Marker) {
    throw new InvalidMarkerException("The marker is not valid.");
  }
  return { after: after.join("\n"), limit };
}

/** Limits of a list operation: reference/kms-operations.md §5, "Paging". */
export interface PageDefaults {
  readonly default: number;
  readonly maximum: number;
}

/** Cuts a list that was read one item further than asked, to see whether more follows. */
export function cutPage<T>(
  list: string,
  items: T[],
  limit: number,
  position: (item: T) => string,
): { items: T[] } & PageEnd {
  if (items.length <= limit) return { items, Truncated: false };
  const cut = items.slice(0, limit);
  return { items: cut, Truncated: true, NextMarker: marker(list, position(cut[limit - 1] as T)) };
}

function marker(list: string, after: string): string {
  return Buffer.from(`${list}\n${after}`, "utf8").toString("base64url");
}
