import {
  ALGORITHM,
  canonicalPath,
  canonicalQuery,
  decoded,
  type Parameter,
  readQuery,
  TERMINATOR,
} from "./sigv4Canonical.ts";
import { incomplete, invalid, mismatch, quoted, quotedAuthorization, withoutSecrets } from "./sigv4Error.ts";
import { type HeaderLayout, headerIndex, headerLayout } from "./sigv4Headers.ts";

const MAX_AUTHORIZATION = 8192;
const MAX_PATH = 8192;
const MAX_QUERY = 8192;
const MAX_EXPIRES = 604_800;

/** Any of these in the query makes it a presigned request. */
const QUERY_AUTHENTICATION = new Set([
  "X-Amz-Algorithm",
  "X-Amz-Credential",
  "X-Amz-Signature",
  "X-Amz-SignedHeaders",
  "X-Amz-Date",
  "X-Amz-Expires",
  "X-Amz-Security-Token",
]);

/** Who signed, and for what: the value of `Credential`. `scope` is it without the access key id. */
export interface Credential {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly terminator: string;
  readonly scope: string;
}

/** A moment as SigV4 writes it (20261122T101500Z) and in seconds since 1970. */
export interface Timestamp {
  readonly basic: string;
  readonly seconds: number;
}

/** What a request says about itself: well-formed, and nothing of it proven. */
export interface Claim {
  readonly credential: Credential;
  readonly layout: HeaderLayout;
  readonly timestamp: Timestamp;
  /** Seconds for which a presigned request is valid; undefined where only the clock window counts. */
  readonly expires: number | undefined;
  readonly signature: string;
  readonly sessionToken: string | undefined;
  readonly path: string;
  readonly query: string;
}

/** The request-target in its parts. */
export interface Target {
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly presigned: boolean;
}

const ROOT: Target = { path: "/", parameters: [], presigned: false };

/** Splits a request-target. Only its origin form (a path) is accepted: it is the only one that SigV4 describes. */
export function readTarget(url: string): Target {
  if (url === "/") return ROOT;
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  if (!path.startsWith("/") || path.length > MAX_PATH || url.length - path.length > MAX_QUERY) throw mismatch();
  const parameters = mark < 0 ? [] : readQuery(url.slice(mark + 1));
  return { path, parameters, presigned: parameters.some(({ name }) => QUERY_AUTHENTICATION.has(name)) };
}

/** The claim of a request whose Authorization header, not empty, is given. */
export function headerClaim(authorization: string, rawHeaders: readonly string[], target: Target): Claim {
  if (authorization.length > MAX_AUTHORIZATION) {
    throw incomplete(`Authorization header must not be longer than ${MAX_AUTHORIZATION} characters.`);
  }
  const [algorithm, ...pairs] = authorization.split(/[, ]+/).filter((part) => part !== "");
  const parameters = authorizationParameters(authorization, pairs);
  const problems = ["Credential", "Signature", "SignedHeaders"]
    .filter((name) => !parameters.has(name))
    .map((name) => `Authorization header requires '${name}' parameter.`);
  if (headerIndex(rawHeaders, "x-amz-date") < 0 && headerIndex(rawHeaders, "date") < 0) {
    problems.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  }
  if (problems.length > 0) {
    throw incomplete(`${problems.join(" ")} Authorization=${quotedAuthorization(authorization)}`);
  }
  const layout = headerLayout(rawHeaders, parameters.get("SignedHeaders")!, false);
  const timestamp = readTimestamp(rawHeaders[layout.date]!);
  requireAlgorithm(algorithm!);
  return {
    credential: readCredential(parameters.get("Credential")!),
    layout,
    timestamp,
    expires: undefined,
    signature: parameters.get("Signature")!,
    sessionToken: sessionToken(rawHeaders, layout),
    path: canonicalPath(target.path),
    query: canonicalQuery(target.parameters),
  };
}

/** The claim of a request that carries its signature in the query. */
export function presignedClaim(rawHeaders: readonly string[], target: Target): Claim {
  const parameters = presignedParameters(target.parameters);
  const problems = ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"]
    .filter((name) => !parameters.has(name))
    .map((name) => `AWS query-string parameters must include '${name}'.`);
  if (problems.length > 0) throw incomplete(`${problems.join(" ")} Re-examine the query-string parameters.`);
  const timestamp = readTimestamp(parameters.get("X-Amz-Date")!);
  const layout = headerLayout(rawHeaders, parameters.get("X-Amz-SignedHeaders")!, true);
  requireAlgorithm(parameters.get("X-Amz-Algorithm")!);
  const queryToken = parameters.get("X-Amz-Security-Token");
  if (queryToken !== undefined && layout.token >= 0) {
    throw incomplete("Found both 'X-Amz-Security-Token' as a query-string param and as HTTP header.");
  }
  return {
    credential: readCredential(parameters.get("X-Amz-Credential")!),
    layout,
    timestamp,
    expires: readExpires(parameters.get("X-Amz-Expires")),
    signature: parameters.get("X-Amz-Signature")!,
    sessionToken: queryToken || sessionToken(rawHeaders, layout),
    path: canonicalPath(target.path),
    query: canonicalQuery(target.parameters.filter(({ name }) => name !== "X-Amz-Signature")),
  };
}

/** The session token of the header; undefined if there is none or it is empty. */
export function sessionToken(rawHeaders: readonly string[], layout: HeaderLayout): string | undefined {
  return layout.token < 0 ? undefined : rawHeaders[layout.token] || undefined;
}

/**
 * Reads ISO 8601's basic format or, as a Date header may hold, an HTTP date (RFC 9110, 5.6.7).
 * The moment must exist: no 30 February, no second 60.
 */
export function readTimestamp(text: string): Timestamp {
  const timestamp = readBasic(text) ?? readHttpDate(text);
  if (timestamp !== undefined) return timestamp;
  throw incomplete(
    `Date must be in ISO-8601 'basic format'. Got '${quoted(text, 64)}'. See http://en.wikipedia.org/wiki/ISO_8601`,
  );
}

/** The timestamp of a moment given in seconds since 1970. */
export function timestampAt(seconds: number): Timestamp {
  return { basic: new Date(seconds * 1000).toISOString().replace(/[-:]|\.\d+/g, ""), seconds };
}

/** Refuses a credential meant for another Region, service or day. All that is wrong with it stands in one message. */
export function requireScope(
  { date, region, service, terminator }: Credential,
  timestamp: Timestamp,
  regions: (region: string) => boolean,
  services: readonly string[],
): void {
  const day = timestamp.basic.slice(0, 8);
  if (date === day && terminator === TERMINATOR && services.includes(service) && regions(region)) return;
  const problems: string[] = [];
  if (!regions(region)) problems.push(`Credential should be scoped to a valid Region, not '${quoted(region, 64)}'.`);
  if (!services.includes(service)) {
    problems.push(`Credential should be scoped to correct service: '${services.join("', '")}'.`);
  }
  if (terminator !== TERMINATOR) {
    problems.push(
      `Credential should be scoped with a valid terminator: '${TERMINATOR}', not '${quoted(terminator, 64)}'.`,
    );
  }
  if (date !== day) {
    problems.push(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${quoted(date, 64)}' != '${day}', from '${timestamp.basic}'.`,
    );
  }
  throw invalid(problems.join(" "));
}

function authorizationParameters(authorization: string, pairs: readonly string[]): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of pairs) {
    const equals = pair.indexOf("=");
    if (equals < 0) {
      const shown = withoutSecrets(authorization).includes(pair) ? quoted(pair) : "...";
      throw incomplete(
        `'${shown}' not a valid key=value pair (missing equal-sign) in Authorization header: '${quotedAuthorization(authorization)}'.`,
      );
    }
    const name = pair.slice(0, equals);
    if (parameters.has(name)) {
      throw incomplete(
        `Authorization header must not repeat '${quoted(name, 64)}' parameter. Authorization=${quotedAuthorization(authorization)}`,
      );
    }
    parameters.set(name, pair.slice(equals + 1));
  }
  return parameters;
}

function presignedParameters(parameters: readonly Parameter[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const { name, value } of parameters) {
    if (!QUERY_AUTHENTICATION.has(name)) continue;
    if (found.has(name)) {
      throw incomplete(
        `AWS query-string parameters must not repeat '${name}'. Re-examine the query-string parameters.`,
      );
    }
    found.set(name, decoded(value));
  }
  return found;
}

function requireAlgorithm(algorithm: string): void {
  if (algorithm === ALGORITHM) return;
  throw incomplete(`Unsupported AWS 'algorithm': '${quoted(algorithm, 64)}' (only ${ALGORITHM} for now).`);
}

function readCredential(text: string): Credential {
  const parts = text.split("/");
  if (parts.length !== 5) {
    throw incomplete(
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${quoted(text)}'`,
    );
  }
  const [accessKeyId, date, region, service, terminator] = parts as [string, string, string, string, string];
  return { accessKeyId, date, region, service, terminator, scope: text.slice(accessKeyId.length + 1) };
}

/** Without X-Amz-Expires, which only S3 requires, a presigned request is as old as any other may be. */
function readExpires(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text)) throw incomplete("X-Amz-Expires should be a number");
  const expires = Number(text);
  if (expires < 1) throw incomplete("X-Amz-Expires must be greater than 0 seconds");
  if (expires > MAX_EXPIRES) {
    throw incomplete(
      `X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than ${MAX_EXPIRES} seconds`,
    );
  }
  return expires;
}

/** Counts rather than formats: this is on the way of every request whose second wasn't just seen. */
function readBasic(text: string): Timestamp | undefined {
  if (!/^\d{8}T\d{6}Z$/.test(text)) return undefined;
  const month = Number(text.slice(4, 6)) - 1;
  const day = Number(text.slice(6, 8));
  const hours = Number(text.slice(9, 11));
  const minutes = Number(text.slice(11, 13));
  const seconds = Number(text.slice(13, 15));
  const midnight = new Date(Date.UTC(Number(text.slice(0, 4)), month, day));
  if (midnight.getUTCMonth() !== month) return undefined;
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  return { basic: text, seconds: midnight.getTime() / 1000 + hours * 3600 + minutes * 60 + seconds };
}

/** Botocore, given a Date header, writes the zone of RFC 5322, "-0000", in place of "GMT". */
function readHttpDate(text: string): Timestamp | undefined {
  const date = text.replace(/ [+-]0000$/, " GMT");
  const moment = new Date(date.endsWith(" GMT") ? date : Number.NaN);
  if (Number.isNaN(moment.getTime()) || moment.toUTCString() !== date) return undefined;
  return timestampAt(moment.getTime() / 1000);
}
