import { compactVerify, errors } from "jose";
import type { OidcProviderRecord } from "../../iam/entity.ts";
import { idpCommunicationError, invalidIdentityToken } from "../errors.ts";
import { Unreachable, Untrusted, Unusable } from "./fetchJson.ts";
import type { IdToken } from "./idToken.ts";
import type { ProviderKeys } from "./providerKeys.ts";

/** What STS takes. Neither `none` nor a MAC: with a MAC, whoever can verify can sign. */
const ALGORITHMS = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"];

/**
 * Refuses a token that its provider has not signed, or that is not for any of the clients that it is registered with.
 * @param now milliseconds since the epoch
 * @throws InvalidIdentityToken, IDPCommunicationError: reference/iam-sts.md §4.5
 */
export async function requireSigned(
  keys: ProviderKeys,
  provider: OidcProviderRecord,
  token: IdToken,
  now: number,
): Promise<void> {
  try {
    await compactVerify(token.text, (header) => keys.key(provider, header, now), { algorithms: ALGORITHMS });
  } catch (error) {
    throw told(error, provider);
  }
}

/** @throws InvalidIdentityToken */
export function requireAudience(provider: OidcProviderRecord, { audiences }: IdToken): string {
  const audience = audiences.find((name) => provider.clientIds.includes(name));
  if (audience === undefined) throw invalidIdentityToken("Incorrect token audience");
  return audience;
}

function told(error: unknown, provider: OidcProviderRecord): unknown {
  if (error instanceof Unreachable) {
    return idpCommunicationError(`The identity provider https://${provider.name} could not be reached.`);
  }
  if (error instanceof Untrusted) {
    return invalidIdentityToken("OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint");
  }
  if (
    error instanceof Unusable ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys
  ) {
    return invalidIdentityToken(
      "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
    );
  }
  // Further ones are of its form, its algorithm, its signature, or of a key that this cannot be verified with.
  if (error instanceof errors.JOSEError || error instanceof TypeError) {
    return invalidIdentityToken("Invalid identity token signature");
  }
  return error;
}
