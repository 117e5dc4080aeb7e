/** The refusals of request authentication, as the JSON services name them (query services have shorter codes). */
export type AuthenticationCode =
  | "MissingAuthenticationTokenException"
  | "IncompleteSignatureException"
  | "InvalidSignatureException"
  | "UnrecognizedClientException"
  | "ExpiredTokenException";

/**
 * Why a request was not authenticated. The message is AWS's text where AWS has one, is safe to return and to log: it
 * holds no signature, no session token, and at most a bounded, printable piece of what the caller sent.
 */
export class AuthenticationError extends Error {
  readonly code: AuthenticationCode;

  constructor(code: AuthenticationCode, message: string) {
    super(message);
    this.name = "AuthenticationError";
    this.code = code;
  }
}

export const incomplete = (message: string) => new AuthenticationError("IncompleteSignatureException", message);

export const invalid = (message: string) => new AuthenticationError("InvalidSignatureException", message);

export const unrecognized = () =>
  new AuthenticationError("UnrecognizedClientException", "The security token included in the request is invalid.");

/** One text for whatever makes the signature differ: which part of the request did is not the caller's to learn. */
export const mismatch = () =>
  invalid(
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
  );

/** What the caller sent, as an error may quote it: printable ASCII, cut at `limit` characters. */
export function quoted(text: string, limit = 128): string {
  const printable = text.slice(0, limit).replace(/[^ -~]/g, "?");
  return text.length > limit ? `${printable}...` : printable;
}

/** An Authorization header as an error may quote it: without the values that are nobody's to see in a log. */
export function quotedAuthorization(authorization: string): string {
  return quoted(withoutSecrets(authorization), 256);
}

/** Signatures and tokens leave with everything up to the next comma, and long runs of hex digits wherever they stand. */
export function withoutSecrets(authorization: string): string {
  return authorization.replace(/(signature|token)\b[^,]*/gi, "$1=...").replace(/[0-9a-f]{32,}/gi, "...");
}
