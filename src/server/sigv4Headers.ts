import { incomplete, invalid, mismatch, quoted } from "./sigv4Error.ts";

const MAX_SIGNED_HEADERS = 100;

/** Headers that mean one thing each: a second one would let the signer and the reader see different values. */
const SINGLE = new Set([
  "authorization",
  "host",
  "x-amz-content-sha256",
  "x-amz-date",
  "x-amz-security-token",
  "x-amz-target",
]);

/** One signed header: its canonical label ("host:") and the indexes of its values in rawHeaders, in order. */
export interface SignedHeader {
  readonly label: string;
  readonly at: readonly number[];
}

/**
 * Where in rawHeaders the values stand that SigV4 reads. It follows from the header names alone, so that a later
 * request with the same names in the same order needs none of the checks again. An index is -1 for an absent header.
 */
export interface HeaderLayout {
  readonly names: readonly string[];
  readonly signedHeaders: string;
  readonly signed: readonly SignedHeader[];
  /** X-Amz-Date, or without it Date; -1 in a presigned request, whose date stands in the query. */
  readonly date: number;
  readonly token: number;
  readonly contentSha256: number;
}

/**
 * Checks that the signature covers what it must: host, the date, and every x-amz-* header that is there (else someone
 * between could add or change it). `signedHeaders` is the list as the client sent it, sorted and in lower case.
 */
export function headerLayout(rawHeaders: readonly string[], signedHeaders: string, presigned: boolean): HeaderLayout {
  const at = headerIndexes(rawHeaders);
  const names = signedHeaders.split(";");
  if (names.length > MAX_SIGNED_HEADERS) {
    throw incomplete(`A request must not sign more than ${MAX_SIGNED_HEADERS} headers.`);
  }
  const signed = new Set(names);
  if (!signed.has("host")) throw invalid("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  const date = presigned ? undefined : dateHeader(at);
  if (date !== undefined) requireSigned(date, signed);
  for (const name of at.keys()) if (name.startsWith("x-amz-")) requireSigned(name, signed);
  return {
    names: rawHeaders.filter((_, index) => index % 2 === 0),
    signedHeaders,
    signed: names.map((name, position) => {
      const indexes = at.get(name);
      if (indexes === undefined || (position > 0 && names[position - 1]! >= name)) throw mismatch();
      return { label: `${name}:`, at: indexes };
    }),
    date: date === undefined ? -1 : at.get(date)![0]!,
    token: at.get("x-amz-security-token")?.[0] ?? -1,
    contentSha256: at.get("x-amz-content-sha256")?.[0] ?? -1,
  };
}

/** Whether a layout made for another request holds for this one. */
export function hasLayout(rawHeaders: readonly string[], layout: HeaderLayout): boolean {
  const names = layout.names;
  if (rawHeaders.length !== names.length * 2) return false;
  for (let i = 0; i < names.length; i++) if (rawHeaders[i * 2] !== names[i]) return false;
  return true;
}

/** The index of the first value of a header in rawHeaders; -1 if there is none. `name` in lower case. */
export function headerIndex(rawHeaders: readonly string[], name: string): number {
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const candidate = rawHeaders[i]!;
    if (candidate.length === name.length && (candidate === name || candidate.toLowerCase() === name)) return i + 1;
  }
  return -1;
}

function headerIndexes(rawHeaders: readonly string[]): Map<string, number[]> {
  const at = new Map<string, number[]>();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase();
    const indexes = at.get(name);
    if (indexes === undefined) at.set(name, [i + 1]);
    else if (SINGLE.has(name)) throw incomplete(`A request must not have more than one '${name}' header.`);
    else indexes.push(i + 1);
  }
  return at;
}

function dateHeader(at: ReadonlyMap<string, readonly number[]>): string | undefined {
  if (at.has("x-amz-date")) return "x-amz-date";
  if ((at.get("date")?.length ?? 0) > 1) throw incomplete("A request must not have more than one 'date' header.");
  return at.has("date") ? "date" : undefined;
}

function requireSigned(name: string, signed: ReadonlySet<string>): void {
  if (!signed.has(name)) throw invalid(`'${quoted(name, 64)}' must be a 'SignedHeader' in the AWS Authorization.`);
}
