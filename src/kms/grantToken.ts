import { addDomainKeys } from "../hsm/domainKeys.ts";
import type { Hsm } from "../hsm/hsm.ts";
import { InvalidGrantTokenException } from "./errors.ts";
import type { GrantRecord } from "./grant.ts";
import type { Call } from "./operation.ts";

/** Which grant a token stands for. */
export type GrantTokenClaims = Pick<GrantRecord, "key" | "id" | "grantee">;

const PURPOSE = "grant";

/** A token for a grant, another one each time. Opaque and not secret; base 64 for URLs, as AWS's are. */
export function newGrantToken(hsm: Hsm, { key, id, grantee }: GrantTokenClaims): string {
  const claims = JSON.stringify([key.account, key.region, key.id, id, grantee]);
  return hsm.sealToken(PURPOSE, Buffer.from(claims, "utf8")).toString("base64url");
}

/**
 * What a token stands for, in the Region that was asked; the grant itself may be gone.
 * @throws InvalidGrantTokenException for what is no token of this service
 */
export async function openGrantToken({ kms, region }: Call, text: string): Promise<GrantTokenClaims> {
  const { hsm, store } = kms;
  const token = Buffer.from(text, "base64url");
  const domainKey = token.toString("base64url") === text ? hsm.tokenDomainKey(token) : undefined;
  if (domainKey === undefined) throw invalid();
  if (!hsm.hasDomainKey(domainKey)) await addDomainKeys(store, hsm);
  const claims = hsm.openToken(PURPOSE, token);
  if (claims === undefined) throw invalid();
  const [account, ofRegion, keyId, id, grantee] = JSON.parse(claims.toString("utf8"));
  if (ofRegion !== region) throw invalid();
  return { key: { account, region, id: keyId }, id, grantee };
}

/**
 * Grants are in force at once, so that tokens add nothing to what a caller may; but those that are given must be some,
 * and of grants that are there.
 * @throws InvalidGrantTokenException
 */
export function requireGrantTokens(call: Call, tokens: readonly string[] | undefined): void | Promise<void> {
  if (tokens !== undefined && tokens.length > 0) return requireGrants(call, tokens);
}

async function requireGrants(call: Call, tokens: readonly string[]): Promise<void> {
  for (const token of tokens) {
    const claims = await openGrantToken(call, token);
    if (!(await call.kms.grants.has(claims))) throw invalid();
  }
}

function invalid(): InvalidGrantTokenException {
  return new InvalidGrantTokenException("The grant token is not valid.");
}
