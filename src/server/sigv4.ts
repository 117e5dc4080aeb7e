import { hash, type KeyObject, timingSafeEqual } from "node:crypto";
import { canonicalHeaders, canonicalRequest, signatureOf, stringToSign } from "./sigv4Canonical.ts";
import {
  type Claim,
  type Credential,
  headerClaim,
  presignedClaim,
  readTarget,
  readTimestamp,
  requireScope,
  sessionToken,
  type Timestamp,
  timestampAt,
} from "./sigv4Claim.ts";
import { AuthenticationError, incomplete, invalid, mismatch, unrecognized } from "./sigv4Error.ts";
import { type HeaderLayout, hasLayout, headerIndex } from "./sigv4Headers.ts";

export { type AuthenticationCode, AuthenticationError } from "./sigv4Error.ts";

/** How far the clocks may differ, in seconds, where a service does not say. */
const WINDOW_SECONDS = 300;
const MAX_HEADERS = 256;
const MAX_REMEMBERED = 2048;
const MAX_REMEMBERED_LENGTH = 1024;
const SIGNATURE_LENGTH = 64;

/** What the edge hands over: nothing is parsed yet. */
export interface SignedRequest {
  readonly method: string;
  /** The request-target as received: path and query, e.g. "/" or "/?X-Amz-Algorithm=…". */
  readonly url: string;
  /**
   * node:http's flat [name, value, name, value, …], values decoded as latin1. That they hold no CR, LF or NUL, which
   * would forge canonical header lines, is the HTTP parser's doing.
   */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

/** An access key that may be used: whose it is, and its signing keys. The secret itself stays behind it. */
export interface AccessKeyEntry<T> {
  readonly identity: T;
  /** kSigning for a day (YYYYMMDD), Region and service. */
  signingKey(date: string, region: string, service: string): KeyObject;
}

/** Where access keys come from. */
export interface SigningKeys<T> {
  /**
   * The entry of an access key; undefined if there is none, it is inactive, or the session token (of temporary
   * credentials alone) is not its own. A promise only when it isn't cached. Asked for every request. The same object
   * means the same secret: a changed access key must come as a new entry.
   */
  find(
    accessKeyId: string,
    sessionToken: string | undefined,
  ): AccessKeyEntry<T> | undefined | Promise<AccessKeyEntry<T> | undefined>;
}

/** The services whose requests have one form, and how far their clocks may differ from the clients'. */
export interface SigningServices {
  /** by the name in the credential scope: kms, iam … */
  readonly names: readonly string[];
  /** seconds, for services other than {@link WINDOW_SECONDS} */
  readonly windows?: Readonly<Record<string, number>>;
}

export interface SigV4Options<T> {
  /** What a request may be for where `verify` is not told. */
  readonly services: readonly string[];
  readonly regions: (region: string) => boolean;
  readonly keys: SigningKeys<T>;
  /** The time in milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Who signed the request. `service` and `region` are what the signer scoped it to: that the operation belongs to them is
 * for the caller to check, and so is that temporary credentials have not expired.
 */
export interface Verified<T> {
  readonly identity: T;
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
  readonly sessionToken?: string;
}

/** What a verified Authorization header, up to the signature's value, was found to mean. */
interface Remembered<T> {
  readonly credential: Credential;
  readonly layout: HeaderLayout;
  readonly entry: AccessKeyEntry<T>;
  readonly signingKey: KeyObject;
}

/**
 * Verifies AWS Signature Version 4, in the header and in the query (presigned), as every AWS service but S3 does: the
 * canonical path is encoded twice, the body is always part of what is signed. Source: IAM User Guide, "Create a signed
 * AWS API request". Not promised: protection from replay within the clock window, which SigV4 doesn't have.
 */
export class SigV4Verifier<T> {
  readonly #options: SigV4Options<T>;
  readonly #services: SigningServices;
  /**
   * Bounded, oldest out first. Only successful verifications fill it, and a hit proves nothing: it saves parsing and
   * the signing key's derivation, while access key, scope, clock and signature are checked again.
   */
  readonly #remembered = new Map<string, Remembered<T>>();
  #lastTimestamp: Timestamp = timestampAt(0);

  constructor(options: SigV4Options<T>) {
    this.#options = options;
    this.#services = { names: options.services };
  }

  /**
   * Who signed this request; at once unless the access key must first be fetched. Throws, or rejects with,
   * AuthenticationError; an error of `keys.find` passes through.
   * @param services those that the request may be for, by its form
   */
  verify(request: SignedRequest, services: SigningServices = this.#services): Verified<T> | Promise<Verified<T>> {
    const { rawHeaders, url } = request;
    if (rawHeaders.length > MAX_HEADERS * 2) {
      throw incomplete(`A request must not have more than ${MAX_HEADERS} headers.`);
    }
    const target = readTarget(url);
    const at = headerIndex(rawHeaders, "authorization");
    const authorization = at < 0 ? "" : rawHeaders[at]!;
    if (target.presigned) {
      if (at >= 0) {
        throw invalid("Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.");
      }
      return this.#identify(request, services, presignedClaim(rawHeaders, target));
    }
    if (!authorization.startsWith("AWS4-")) {
      throw new AuthenticationError("MissingAuthenticationTokenException", "Missing Authentication Token");
    }
    const prefix = authorization.slice(0, -SIGNATURE_LENGTH);
    const remembered = url === "/" ? this.#remembered.get(prefix) : undefined;
    if (remembered !== undefined && hasLayout(rawHeaders, remembered.layout)) {
      const { credential, layout } = remembered;
      const claim: Claim = {
        credential,
        layout,
        timestamp: this.#timestamp(rawHeaders[layout.date]!),
        expires: undefined,
        signature: authorization.slice(-SIGNATURE_LENGTH),
        sessionToken: sessionToken(rawHeaders, layout),
        path: "/",
        query: "",
      };
      return this.#identify(request, services, claim, prefix, remembered);
    }
    const claim = headerClaim(authorization, rawHeaders, target);
    return this.#identify(
      request,
      services,
      claim,
      url === "/" && isMemorable(prefix, authorization, claim) ? prefix : undefined,
    );
  }

  #identify(
    request: SignedRequest,
    services: SigningServices,
    claim: Claim,
    prefix?: string,
    remembered?: Remembered<T>,
  ): Verified<T> | Promise<Verified<T>> {
    const { regions, keys } = this.#options;
    requireScope(claim.credential, claim.timestamp, regions, services.names);
    const { accessKeyId, service } = claim.credential;
    const window = services.windows?.[service] ?? WINDOW_SECONDS;
    const found = /^\w{1,128}$/.test(accessKeyId) ? keys.find(accessKeyId, claim.sessionToken) : undefined;
    return found instanceof Promise
      ? found.then((entry) => this.#verified(request, claim, window, entry, prefix, remembered))
      : this.#verified(request, claim, window, found, prefix, remembered);
  }

  #verified(
    request: SignedRequest,
    claim: Claim,
    window: number,
    entry: AccessKeyEntry<T> | undefined,
    prefix: string | undefined,
    remembered: Remembered<T> | undefined,
  ): Verified<T> {
    if (entry === undefined) throw unrecognized();
    this.#requireCurrent(claim, window);
    const { credential, layout, sessionToken } = claim;
    const { accessKeyId, date, region, service } = credential;
    const known = remembered?.entry === entry;
    const signingKey = known ? remembered.signingKey : entry.signingKey(date, region, service);
    requireSignature(request, claim, signingKey);
    if (prefix !== undefined && !known) this.#remember(prefix, { credential, layout, entry, signingKey });
    const { identity } = entry;
    return sessionToken === undefined
      ? { identity, accessKeyId, region, service }
      : { identity, accessKeyId, region, service, sessionToken };
  }

  /** The clock window, to either side; a presigned request is good for as long as it says instead. */
  #requireCurrent({ timestamp, expires }: Claim, window: number): void {
    const now = Math.floor(this.#options.now() / 1000);
    const { basic, seconds } = timestamp;
    const validity = expires ?? window;
    const minutes = `${window / 60} min.`;
    if (seconds < now - validity) {
      const span = expires === undefined ? minutes : `${expires} sec.`;
      throw invalid(
        `Signature expired: ${basic} is now earlier than ${timestampAt(now - validity).basic} (${timestampAt(now).basic} - ${span})`,
      );
    }
    if (seconds > now + window) {
      throw invalid(
        `Signature not yet current: ${basic} is still later than ${timestampAt(now + window).basic} (${timestampAt(now).basic} + ${minutes})`,
      );
    }
  }

  /** Requests of the same second, of whichever client, share the parsing of their date. */
  #timestamp(text: string): Timestamp {
    if (this.#lastTimestamp.basic !== text) this.#lastTimestamp = readTimestamp(text);
    return this.#lastTimestamp;
  }

  #remember(prefix: string, remembered: Remembered<T>): void {
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.delete(this.#remembered.keys().next().value!);
    this.#remembered.set(prefix, remembered);
  }
}

/** Only where the signature's value comes last does the rest of the header stand for all that was parsed. */
function isMemorable(prefix: string, authorization: string, { signature }: Claim): boolean {
  return prefix.length <= MAX_REMEMBERED_LENGTH && prefix.endsWith("Signature=") && authorization.endsWith(signature);
}

/** Refuses unless the signature is this key's over this request, the body as it is, whatever a header says of it. */
function requireSignature({ method, rawHeaders, body }: SignedRequest, claim: Claim, signingKey: KeyObject): void {
  const { layout, path, query, timestamp, credential, signature } = claim;
  const bodyHash = hash("sha256", body, "hex");
  if (layout.contentSha256 >= 0 && rawHeaders[layout.contentSha256]!.toLowerCase() !== bodyHash) throw mismatch();
  const headers = canonicalHeaders(rawHeaders, layout);
  const canonical = canonicalRequest(method, path, query, headers, layout.signedHeaders, bodyHash);
  const expected = signatureOf(signingKey, stringToSign(timestamp.basic, credential.scope, canonical));
  if (!sameSignature(expected, signature)) throw mismatch();
}

const expectedBytes = Buffer.alloc(SIGNATURE_LENGTH);
const receivedBytes = Buffer.alloc(SIGNATURE_LENGTH);

/** In constant time: how much of a guess is right must not show. */
function sameSignature(expected: string, received: string): boolean {
  if (received.length !== SIGNATURE_LENGTH || !/^[0-9a-f]*$/.test(received)) return false;
  expectedBytes.write(expected, "latin1");
  receivedBytes.write(received, "latin1");
  return timingSafeEqual(expectedBytes, receivedBytes);
}
