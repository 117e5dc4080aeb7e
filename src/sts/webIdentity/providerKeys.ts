import { createLocalJWKSet, errors, type JSONWebKeySet, type JWSHeaderParameters } from "jose";
import { LRUCache } from "lru-cache";
import type { OidcProviderRecord } from "../../iam/entity.ts";
import { fetchJson, Unusable } from "./fetchJson.ts";

/** For how long keys are taken as they were fetched, in milliseconds. */
const FRESH = 600_000;
/** How soon they are fetched again for a key that is not among them, or after a failure: tokens can name any key. */
const COOLDOWN = 30_000;
const FAILURE_COOLDOWN = 10_000;
const CACHED = 1_000;

type KeySet = ReturnType<typeof createLocalJWKSet>;

interface Fetched {
  readonly at: number;
  readonly keys: Promise<KeySet>;
  failed: boolean;
}

/**
 * The public keys of identity providers, as OpenID Connect Discovery 1.0 has one find them. Fetched from providers that
 * an account has registered, and from nobody else.
 */
export class ProviderKeys {
  readonly #fetch: (url: URL, thumbprints: readonly string[]) => Promise<unknown>;
  readonly #fetched = new LRUCache<string, Fetched>({ maxSize: CACHED, sizeCalculation: () => 1 });

  constructor(fetch: (url: URL, thumbprints: readonly string[]) => Promise<unknown> = fetchJson) {
    this.#fetch = fetch;
  }

  /**
   * The key that a token's header names.
   * @param now milliseconds since the epoch
   * @throws Unreachable, Untrusted, Unusable: the provider; JWKSNoMatchingKey and other JOSEErrors: it has no such key
   */
  async key(provider: OidcProviderRecord, header: JWSHeaderParameters, now: number): Promise<CryptoKey> {
    const name = `${provider.id} ${provider.thumbprints.join(" ")}`;
    const known = this.#fetched.get(name);
    const fetched =
      known !== undefined && now - known.at < lifetime(known) ? known : this.#refresh(name, provider, now);
    try {
      return await (await fetched.keys)(header);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || now - fetched.at < COOLDOWN) throw error;
      const newest = this.#fetched.get(name);
      const again = newest === fetched || newest === undefined ? this.#refresh(name, provider, now) : newest;
      return (await again.keys)(header);
    }
  }

  #refresh(name: string, provider: OidcProviderRecord, now: number): Fetched {
    const fetched: Fetched = { at: now, keys: this.#load(provider), failed: false };
    fetched.keys.catch(() => {
      fetched.failed = true;
    });
    this.#fetched.set(name, fetched);
    return fetched;
  }

  async #load({ name, thumbprints }: OidcProviderRecord): Promise<KeySet> {
    const issuer = `https://${name}`;
    const base = issuer.replace(/\/$/, "");
    const configuration = await this.#fetch(new URL(`${base}/.well-known/openid-configuration`), thumbprints);
    const { issuer: said, jwks_uri: uri } = (configuration ?? {}) as { issuer?: unknown; jwks_uri?: unknown };
    if (said !== issuer) throw new Unusable("its configuration names another issuer");
    if (typeof uri !== "string" || !URL.canParse(uri)) throw new Unusable("its configuration names no jwks_uri");
    return keySet(await this.#fetch(new URL(uri), thumbprints));
  }
}

function lifetime({ failed }: Fetched): number {
  return failed ? FAILURE_COOLDOWN : FRESH;
}

function keySet(document: unknown): KeySet {
  try {
    return createLocalJWKSet(document as JSONWebKeySet);
  } catch {
    throw new Unusable("what its jwks_uri answers is no key set");
  }
}
