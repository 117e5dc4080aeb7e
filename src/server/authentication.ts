import type { Credential } from "../iam/credential.ts";
import type { Credentials } from "../iam/credentials.ts";
import type { Identities } from "../iam/identities.ts";
import type { Principal } from "../iam/principal.ts";
import type { SignedRequest, SigningServices, SigV4Verifier, Verified } from "./sigv4.ts";
import { AuthenticationError, unrecognized } from "./sigv4Error.ts";

/** Who asks, and for what the request was signed. */
export interface Authenticated {
  readonly principal: Principal;
  readonly region: string;
  readonly service: string;
}

export interface AuthenticationOptions {
  readonly verifier: SigV4Verifier<Credential>;
  readonly credentials: Credentials;
  readonly identities: Identities;
  /** milliseconds since the epoch */
  readonly clock: () => number;
}

/** Turns signed requests into principals. */
export class Authentication {
  readonly #options: AuthenticationOptions;

  constructor(options: AuthenticationOptions) {
    this.#options = options;
  }

  /**
   * A promise only when the store has to be asked.
   * @throws AuthenticationError
   */
  authenticate(request: SignedRequest, services: SigningServices): Authenticated | Promise<Authenticated> {
    const verifying = this.#options.verifier.verify(request, services);
    return verifying instanceof Promise
      ? verifying.then((verified) => this.#identify(verified))
      : this.#identify(verifying);
  }

  #identify(verified: Verified<Credential>): Authenticated | Promise<Authenticated> {
    const { credentials, identities, clock } = this.#options;
    const { identity: credential, region, service } = verified;
    const now = clock();
    const { session } = credential;
    if (session === undefined) credentials.used(credential, now, service, region);
    else if (session.expiresAt <= now) {
      throw new AuthenticationError("ExpiredTokenException", "The security token included in the request is expired");
    }
    const found = identities.principal(credential);
    if (found instanceof Promise) return found.then((principal) => authenticated(principal, region, service));
    return authenticated(found, region, service);
  }
}

/** A user or role that is no more, or an account that is closed, is nobody. */
function authenticated(principal: Principal | undefined, region: string, service: string): Authenticated {
  if (principal === undefined) throw unrecognized();
  return { principal, region, service };
}
