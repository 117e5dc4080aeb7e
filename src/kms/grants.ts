import { LRUCache } from "lru-cache";
import { type CallerNames, Grade } from "../policy/principal.ts";
import type { Change, Store } from "../store/store.ts";
import type { GrantRecord } from "./grant.ts";
import { GranteeGrants, type GrantRequest, type RequestedGrant } from "./granteeGrants.ts";
import type { KeyRef } from "./key.ts";
import { load } from "./keys.ts";

export type { GrantRequest };

/** A grant that allows a request, and how closely its grantee names the caller. */
export interface Grant {
  readonly record: GrantRecord;
  readonly grade: Grade;
}

/** How many grants stay in memory, about 1 KB each; who is found to have none counts as one. */
const CACHED = 200_000;
/** How many are read at a time. */
const PAGE = 1000;

/**
 * The grants in use, in memory: by key and grantee, since a key can have 50,000. Whoever is allowed by policy never
 * comes here. What the store reports as changed is forgotten at once and read again when next asked for.
 */
export class Grants {
  readonly #store: Store;
  readonly #grantees = new LRUCache<string, GranteeGrants | Promise<GranteeGrants | undefined>>({
    maxSize: CACHED,
    sizeCalculation: (grants) => (grants instanceof GranteeGrants ? 1 + grants.records.length : 1),
    maxEntrySize: CACHED,
    noDisposeOnSet: true,
    dispose: (_, name) => this.#disposed(name),
  });
  /** what of a key is in the cache, to forget it with the key */
  readonly #ofKey = new Map<string, Set<string>>();

  constructor(store: Store) {
    this.#store = store;
    store.onChange((change) => this.#forget(change));
  }

  /**
   * The grant that allows a request of this caller at the strongest grade; a promise only when the store has to be
   * asked. Not for CreateGrant, see {@link allowsChild}, nor for RetireGrant, which is each grant's own matter.
   */
  allows(key: KeyRef, names: CallerNames, request: GrantRequest): Grant | undefined | Promise<Grant | undefined> {
    return this.#strongest(key, names, (grants) => grants.allowing(request));
  }

  /** The same for CreateGrant: the grant that may have this one as its child. */
  allowsChild(key: KeyRef, names: CallerNames, child: RequestedGrant): Grant | undefined | Promise<Grant | undefined> {
    return this.#strongest(key, names, (grants) => grants.parentOf(child));
  }

  /** Whether a grant is still there. */
  has({ key, grantee, id }: Pick<GrantRecord, "key" | "grantee" | "id">): boolean | Promise<boolean> {
    const found = this.#of(key, grantee);
    return found instanceof Promise ? found.then((grants) => grants.has(id)) : found.has(id);
  }

  #strongest(
    key: KeyRef,
    names: CallerNames,
    choose: (grants: GranteeGrants) => GrantRecord | undefined,
  ): Grant | undefined | Promise<Grant | undefined> {
    const grantees = graded(names);
    for (const { name, grade } of grantees) {
      const grants = this.#of(key, name);
      if (grants instanceof Promise) return this.#strongestRead(key, grantees, choose);
      const record = choose(grants);
      if (record !== undefined) return { record, grade };
    }
    return undefined;
  }

  async #strongestRead(
    key: KeyRef,
    grantees: readonly Grantee[],
    choose: (grants: GranteeGrants) => GrantRecord | undefined,
  ): Promise<Grant | undefined> {
    for (const { name, grade } of grantees) {
      const record = choose(await this.#of(key, name));
      if (record !== undefined) return { record, grade };
    }
    return undefined;
  }

  #of(key: KeyRef, grantee: string): GranteeGrants | Promise<GranteeGrants> {
    const name = `${keyName(key)}|${grantee}`;
    return (this.#grantees.get(name) ?? this.#load(key, grantee, name)) as GranteeGrants | Promise<GranteeGrants>;
  }

  #load({ account, region, id }: KeyRef, grantee: string, name: string): Promise<GranteeGrants | undefined> {
    const key = { account, region, id };
    const names = this.#ofKey.get(keyName(key));
    if (names === undefined) this.#ofKey.set(keyName(key), new Set([name]));
    else names.add(name);
    return load(this.#grantees, name, () => this.#read(key, grantee));
  }

  async #read(key: KeyRef, grantee: string): Promise<GranteeGrants> {
    const records: GrantRecord[] = [];
    for (;;) {
      const page = await this.#store.grants(key, grantee, { after: records.at(-1)?.id, limit: PAGE });
      records.push(...page);
      if (page.length < PAGE) return new GranteeGrants(records);
    }
  }

  #forget(change: Change): void {
    if (change.kind === "grant") {
      this.#grantees.delete(`${keyName(change.key)}|${change.grantee}`);
    } else if (change.kind === "key") {
      for (const name of this.#ofKey.get(keyName(change.key)) ?? []) this.#grantees.delete(name);
    } else if (change.kind === "everything") {
      this.#grantees.clear();
    }
  }

  #disposed(name: string): void {
    const key = name.slice(0, name.indexOf("|"));
    const names = this.#ofKey.get(key);
    names?.delete(name);
    if (names?.size === 0) this.#ofKey.delete(key);
  }
}

function keyName({ account, region, id }: KeyRef): string {
  return `${account}/${region}/${id}`;
}

interface Grantee {
  readonly name: string;
  readonly grade: Grade;
}

/** All by which a grant may name a caller, strongest first. */
function graded({ direct, issuer, account }: CallerNames): Grantee[] {
  const grantees: Grantee[] = [];
  for (const name of direct) grantees.push({ name, grade: Grade.direct });
  for (const name of issuer) grantees.push({ name, grade: Grade.issuer });
  if (account !== undefined) grantees.push({ name: account, grade: Grade.account });
  return grantees;
}
