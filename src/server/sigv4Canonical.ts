import { createHmac, hash, type KeyObject } from "node:crypto";
import { mismatch } from "./sigv4Error.ts";
import type { HeaderLayout } from "./sigv4Headers.ts";

/**
 * The canonical request and what is derived from it, as "Create a signed AWS API request" (IAM User Guide) defines
 * them. Text is handled as latin1: one character is one byte of the request, so nothing depends on a charset.
 */

export const ALGORITHM = "AWS4-HMAC-SHA256";
export const TERMINATOR = "aws4_request";

/** A query parameter, name and value percent-encoded the one canonical way. */
export interface Parameter {
  readonly name: string;
  readonly value: string;
}

/** How each byte appears in a URI: itself if unreserved (RFC 3986, 2.3), else %XX with upper-case digits. */
const ENCODED: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return /[A-Za-z0-9\-._~]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
});

/** Already encoded that way, as every signer sends it. The lookahead lists the escapes of unreserved characters. */
const CANONICAL = /^(?:[A-Za-z0-9\-._~]|%(?!2[DE]|3\d|[46][1-9A-F]|[57][0-9A]|5F|7E)[0-9A-F]{2})*$/;

/**
 * The canonical URI of every service but S3: empty and "." segments dropped, ".." resolved, then encoded once more (the
 * path arrives encoded, so an escape's "%" becomes "%25").
 */
export function canonicalPath(path: string): string {
  if (path === "/") return path;
  const segments: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(segment);
  }
  return encodePath(`/${segments.join("/")}${segments.length > 0 && path.endsWith("/") ? "/" : ""}`);
}

/** Percent-encodes a path, slashes kept. */
export function encodePath(path: string): string {
  return path.replace(/[^A-Za-z0-9\-._~/]/g, (character) => encodedByte(character.charCodeAt(0)));
}

/**
 * The parameters of a query string in the order received. "+" is a space, as the query protocol decodes it: what is
 * signed is then what is read. An escape that isn't one is refused: no signer makes it, and readers would differ on it.
 */
export function readQuery(query: string): Parameter[] {
  const parameters: Parameter[] = [];
  for (const pair of query.split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const name = equals < 0 ? pair : pair.slice(0, equals);
    parameters.push({ name: reencode(name), value: equals < 0 ? "" : reencode(pair.slice(equals + 1)) });
  }
  return parameters;
}

/** Sorted by name, then by value, byte by byte: sorting the joined pairs instead would put "a-b=" before "a=". */
export function canonicalQuery(parameters: readonly Parameter[]): string {
  return [...parameters]
    .sort((a, b) => order(a.name, b.name) || order(a.value, b.value))
    .map(({ name, value }) => `${name}=${value}`)
    .join("&");
}

/** The bytes behind a canonically encoded name or value, as latin1. */
export function decoded(encoded: string): string {
  return encoded.replace(/%(..)/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

/** One line a signed header. Where nothing is to join, trim or collapse it takes two searches over the whole block. */
export function canonicalHeaders(rawHeaders: readonly string[], layout: HeaderLayout): string {
  let block = "";
  for (const { label, at } of layout.signed) {
    const value = rawHeaders[at[0]!]!;
    const padded = value.charCodeAt(0) <= 0x20 || value.charCodeAt(value.length - 1) <= 0x20;
    if (padded || at.length > 1) return trimmedHeaders(rawHeaders, layout);
    block += `${label}${value}\n`;
  }
  return block.includes("  ") || block.includes("\t") ? trimmedHeaders(rawHeaders, layout) : block;
}

function trimmedHeaders(rawHeaders: readonly string[], layout: HeaderLayout): string {
  let block = "";
  for (const { label, at } of layout.signed) {
    const values = at.map((index) => rawHeaders[index]!.replace(/[ \t\r\n]+/g, " ").replace(/^ | $/g, ""));
    block += `${label}${values.join(",")}\n`;
  }
  return block;
}

/** The canonical request; `headers` from canonicalHeaders, `bodyHash` the SHA-256 of the body as hex. */
export function canonicalRequest(
  method: string,
  path: string,
  query: string,
  headers: string,
  signedHeaders: string,
  bodyHash: string,
): string {
  return `${method}\n${path}\n${query}\n${headers}\n${signedHeaders}\n${bodyHash}`;
}

/** `timestamp` in ISO 8601 basic format, `scope` as date/region/service/aws4_request. */
export function stringToSign(timestamp: string, scope: string, canonical: string): string {
  return `${ALGORITHM}\n${timestamp}\n${scope}\n${hashLatin1(canonical)}`;
}

/** The signature a client with this signing key would have sent: 64 lower-case hex digits. */
export function signatureOf(signingKey: KeyObject, toSign: string): string {
  return createHmac("sha256", signingKey).update(toSign).digest("hex");
}

/** node:crypto hashes a string as UTF-8, which for ASCII is the same and faster than making a Buffer of it first. */
function hashLatin1(text: string): string {
  if (Buffer.byteLength(text) === text.length) return hash("sha256", text, "hex");
  if (/[\u0100-\uffff]/.test(text)) throw mismatch();
  return hash("sha256", Buffer.from(text, "latin1"), "hex");
}

function reencode(component: string): string {
  if (CANONICAL.test(component)) return component;
  if (/%(?![0-9A-Fa-f]{2})/.test(component)) throw mismatch();
  return component.replace(/%..|[^A-Za-z0-9\-._~]/g, (part) => {
    if (part === "+") return "%20";
    return encodedByte(part.length === 3 ? Number.parseInt(part.slice(1), 16) : part.charCodeAt(0));
  });
}

function encodedByte(byte: number): string {
  const encoded = ENCODED[byte];
  if (encoded === undefined) throw mismatch();
  return encoded;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
