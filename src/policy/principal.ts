/** The names by which a policy may mean a caller, strongest first: a session's own, its role's, its account's. */
export interface CallerNames {
  /** the user's, session's or federated user's ARN; a service's name; none for a root user */
  readonly direct: readonly string[];
  /** the role behind a session, the user behind a federated user */
  readonly issuer: readonly string[];
  /** 12 digits; undefined for a service */
  readonly account: string | undefined;
}

/** How closely a statement names a caller. "*" counts as direct. */
export const Grade = { none: 0, account: 1, issuer: 2, direct: 3 } as const;
export type Grade = (typeof Grade)[keyof typeof Grade];

const ACCOUNT = /^(?:arn:aws:iam::)?(\d{12})(?::root)?$/;

/** A Principal or NotPrincipal element, compiled. */
export class PrincipalList {
  readonly #everyone: boolean;
  readonly #accounts = new Set<string>();
  readonly #names = new Set<string>();

  /**
   * @param entries AWS principals: ARNs, unique ids, account ids, `*`
   * @param others names of services and providers, each itself and nothing more
   */
  constructor(entries: readonly string[], others: readonly string[] = []) {
    this.#everyone = entries.includes("*");
    for (const entry of entries) {
      const account = ACCOUNT.exec(entry)?.[1];
      if (account !== undefined) this.#accounts.add(account);
      else this.#names.add(entry);
    }
    for (const name of others) this.#names.add(name);
  }

  /** As Principal: the strongest grade at which any entry names the caller. */
  grade(caller: CallerNames): Grade {
    if (this.#everyone || caller.direct.some((name) => this.#names.has(name))) return Grade.direct;
    if (caller.issuer.some((name) => this.#names.has(name))) return Grade.issuer;
    return caller.account !== undefined && this.#accounts.has(caller.account) ? Grade.account : Grade.none;
  }

  /**
   * As NotPrincipal: whether the caller is spared. The direct name alone will do; a root user has none but its account.
   * AWS does not say (reference/policy-language.md §5.5).
   */
  spares(caller: CallerNames): boolean {
    const grade = this.grade(caller);
    return grade === Grade.direct || (grade === Grade.account && caller.direct.length === 0);
  }
}
