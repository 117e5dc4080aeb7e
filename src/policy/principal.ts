import type { Caller } from "./evaluate.ts";

/** The names by which a policy may mean a caller, strongest first: a session's own, its role's, its account's. */
export interface CallerNames {
  /** the user's, session's or federated user's ARN or unique id; a service's or a provider's name; none for a root user */
  readonly direct: readonly string[];
  /** the role behind a session, the user behind a federated user */
  readonly issuer: readonly string[];
  /** 12 digits; undefined for a service, and for who brings a token */
  readonly account: string | undefined;
}

/** How closely a statement names a caller. "*" counts as direct. */
export const Grade = { none: 0, account: 1, issuer: 2, direct: 3 } as const;
export type Grade = (typeof Grade)[keyof typeof Grade];

const ACCOUNT = /^(?:(\d{12})|arn:aws:iam::(\d{12}):root)$/;

/** Principals of other kinds than AWS: each is itself and nothing more, a `*` too. */
export interface OtherPrincipals {
  /** the element is the bare `"*"` */
  readonly everyone?: boolean;
  readonly services?: readonly string[];
  readonly providers?: readonly string[];
}

/** A Principal or NotPrincipal element, compiled. */
export class PrincipalList {
  readonly #everyone: boolean;
  readonly #everyAws: boolean;
  readonly #accounts = new Set<string>();
  readonly #names = new Set<string>();
  readonly #services: ReadonlySet<string>;
  readonly #providers: ReadonlySet<string>;

  /** @param aws AWS principals: ARNs, unique ids, account ids, `*` */
  constructor(aws: readonly string[], { everyone = false, services = [], providers = [] }: OtherPrincipals = {}) {
    this.#everyone = everyone;
    this.#everyAws = everyone || aws.includes("*");
    for (const entry of aws) {
      const [, digits, root] = ACCOUNT.exec(entry) ?? [];
      const account = digits ?? root;
      if (account !== undefined) this.#accounts.add(account);
      else this.#names.add(entry);
    }
    this.#services = new Set(services);
    this.#providers = new Set(providers);
  }

  /**
   * As Principal of an Allow: the strongest grade at which any entry names the caller. `{"AWS": "*"}` is everyone who
   * signs as an AWS principal; a token's bearer has to be named by its provider.
   */
  grade({ direct, issuer, account }: CallerNames, kind: Caller["kind"] = "user"): Grade {
    if (this.#everyone) return Grade.direct;
    if (kind === "service") return hasAny(this.#services, direct) ? Grade.direct : Grade.none;
    if (kind === "bearer") return hasAny(this.#providers, direct) ? Grade.direct : Grade.none;
    if (this.#everyAws || hasAny(this.#names, direct)) return Grade.direct;
    if (hasAny(this.#names, issuer)) return Grade.issuer;
    return account !== undefined && this.#accounts.has(account) ? Grade.account : Grade.none;
  }

  /** As Principal of a Deny: whether any entry names the caller. `{"AWS": "*"}` is everyone. */
  names(caller: CallerNames, kind?: Caller["kind"]): boolean {
    return this.#everyAws || this.grade(caller, kind) !== Grade.none;
  }

  /**
   * As NotPrincipal: whether the caller is spared. The direct name alone will do; a root user has none but its account.
   * AWS does not say (reference/policy-language.md §5.5).
   */
  spares(caller: CallerNames, kind?: Caller["kind"]): boolean {
    const grade = this.grade(caller, kind);
    return grade === Grade.direct || (grade === Grade.account && caller.direct.length === 0);
  }
}

function hasAny(set: ReadonlySet<string>, names: readonly string[]): boolean {
  return names.some((name) => set.has(name));
}
