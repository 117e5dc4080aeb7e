import { decodeJwt, decodeProtectedHeader, type JWSHeaderParameters, type JWTPayload } from "jose";
import { expiredIdentityToken, invalidIdentityToken } from "../errors.ts";

/** What an ID token says, before anything of it is proven: OpenID Connect Core 1.0, §2. */
export interface IdToken {
  readonly text: string;
  readonly header: JWSHeaderParameters;
  readonly payload: JWTPayload;
  readonly iss: string;
  readonly sub: string;
  /** for whom it is: `azp` where there is one, else each of `aud` */
  readonly audiences: readonly string[];
  readonly aud: readonly string[];
  readonly azp: string | undefined;
  readonly amr: readonly string[];
  /** seconds since the epoch */
  readonly iat: number;
  readonly exp: number;
}

const NOT_A_JWT = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)";
/** OpenID Connect Core 1.0, §2; also what SubjectFromWebIdentityToken can hold. */
const MAX_SUB = 255;
/** A session's token has the values of `amr`, and is sent with each request. */
const MAX_AMR = 255;
const DAY = 86_400;
/** How far a provider's clock may be ahead, in seconds. */
const AHEAD = 300;

/** Reads an ID token. @throws InvalidIdentityToken: reference/iam-sts.md §4.5 */
export function readIdToken(text: string): IdToken {
  const { header, payload } = decode(text);
  const { iss, sub, exp, iat, azp } = payload;
  const aud = list(payload.aud, "aud");
  if (typeof iss !== "string" || iss === "") throw missing("iss");
  if (typeof sub !== "string" || sub === "") throw missing("sub");
  if (aud.length === 0) throw missing("aud");
  if (!Number.isSafeInteger(exp)) throw missing("exp");
  if (!Number.isSafeInteger(iat)) throw missing("iat");
  if (sub.length > MAX_SUB) throw invalidIdentityToken(`The claim sub must not be longer than ${MAX_SUB} characters`);
  if (azp !== undefined && typeof azp !== "string") throw malformed("azp");
  const amr = list(payload.amr, "amr");
  if (amr.join("").length > MAX_AMR) throw malformed("amr");
  const audiences = azp === undefined ? aud : [azp];
  return { text, header, payload, iss, sub, audiences, aud, azp, amr, iat: iat as number, exp: exp as number };
}

/** @param now milliseconds since the epoch @throws ExpiredTokenException, InvalidIdentityToken */
export function requireCurrent({ iat, exp, payload: { nbf } }: IdToken, now: number): void {
  const seconds = Math.floor(now / 1000);
  if (exp <= seconds) {
    throw expiredIdentityToken(
      `Token expired: current date/time ${seconds} must be before the expiration date/time ${exp}`,
    );
  }
  if (seconds - iat > DAY) throw expiredIdentityToken("Token must be issued within 24 hours of use");
  const notBefore = Math.max(iat, typeof nbf === "number" ? nbf : iat);
  if (notBefore > seconds + AHEAD) throw invalidIdentityToken("The ID Token provided is not valid yet");
}

/** @throws InvalidIdentityToken: the claim is there and is something else */
export const malformed = (claim: string) => invalidIdentityToken(`The claim ${claim} is malformed`);

function decode(text: string): { header: JWSHeaderParameters; payload: JWTPayload } {
  try {
    const payload = decodeJwt(text);
    return { header: decodeProtectedHeader(text) as JWSHeaderParameters, payload };
  } catch {
    throw invalidIdentityToken(NOT_A_JWT);
  }
}

function list(claim: unknown, name: string): string[] {
  const all = claim === undefined ? [] : [claim].flat();
  if (!all.every((one): one is string => typeof one === "string")) throw malformed(name);
  return all;
}

function missing(claim: string) {
  return invalidIdentityToken(`Missing a required claim: ${claim}`);
}
