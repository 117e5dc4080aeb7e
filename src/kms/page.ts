import { hash } from "node:crypto";
import type { Page } from "../store/store.ts";
import { InvalidMarkerException } from "./errors.ts";
import type { Call } from "./operation.ts";

/** What a list operation returns beside its items. */
export interface PageEnd {
  Truncated: boolean;
  NextMarker?: string;
}

/**
 * The list that a request asks for, by its name: a marker leads on in no other.
 * @param parameters what else of the request decides which items are in it
 */
export function listOf(
  { principal, region }: Pick<Call, "principal" | "region">,
  operation: string,
  ...parameters: readonly (string | undefined)[]
): string {
  return JSON.stringify([operation, principal.account, region, ...parameters]);
}

/**
 * Where a list operation goes on: `Limit` with AWS's default and maximum for it, and a marker that holds the last item
 * already returned, so that items made or deleted between two pages neither repeat nor hide others.
 * @param list {@link listOf}
 * @throws InvalidMarkerException for a marker that this list did not give
 */
export function pageOf(
  list: string,
  input: { Limit?: number | undefined; Marker?: string | undefined },
  defaults: PageDefaults,
): Page {
  const limit = Math.min(input.Limit ?? defaults.default, defaults.maximum);
  if (input.Marker === undefined) return { after: undefined, limit };
  const text = Buffer.from(input.Marker, "base64url").toString("utf8");
  const after = text.slice(text.indexOf("\n") + 1);
  if (marker(list, after) !== input.Marker) throw new InvalidMarkerException("The marker is not valid.");
  return { after, limit };
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

/** With the list's digest, for which there is room. Whoever makes a marker up sees what it could have asked for anyway. */
function marker(list: string, after: string): string {
  const digest = hash("sha256", list, "base64url").slice(0, 16);
  return Buffer.from(`${digest}\n${after}`, "utf8").toString("base64url");
}
