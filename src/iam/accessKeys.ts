import type { KeyObject } from "node:crypto";
import { LRUCache } from "lru-cache";
import { addDomainKeys } from "../hsm/domainKeys.ts";
import type { Hsm } from "../hsm/hsm.ts";
import type { Store } from "../store/store.ts";
import type { AccessKeyRecord } from "./accessKey.ts";
import { type Principal, rootPrincipal } from "./principal.ts";

/** How many access keys stay in memory. */
const CACHED = 100_000;
/** Signing keys kept for one access key: one for each day, Region and service in use. */
const SIGNING_KEYS = 64;

/** An access key in use: who it stands for, and the keys its requests are signed with. */
export class AccessKey {
  readonly identity: Principal;
  readonly #record: AccessKeyRecord;
  readonly #hsm: Hsm;
  readonly #signingKeys = new Map<string, KeyObject>();

  constructor(record: AccessKeyRecord, hsm: Hsm) {
    this.identity = rootPrincipal(record.account);
    this.#record = record;
    this.#hsm = hsm;
  }

  /** kSigning of Signature Version 4; derived once for each scope. */
  signingKey(date: string, region: string, service: string): KeyObject {
    const scope = `${date}/${region}/${service}`;
    let key = this.#signingKeys.get(scope);
    if (key === undefined) {
      key = this.#hsm.deriveSigningKey(this.#record.id, this.#record.secret, date, region, service);
      if (this.#signingKeys.size >= SIGNING_KEYS) this.#signingKeys.clear();
      this.#signingKeys.set(scope, key);
    }
    return key;
  }
}

/** The access keys in use, in memory; what the store reports as changed is read again. */
export class AccessKeys {
  readonly #store: Store;
  readonly #hsm: Hsm;
  readonly #known = new LRUCache<string, AccessKey>({ maxSize: CACHED, sizeCalculation: () => 1 });
  #changes = 0;

  constructor(store: Store, hsm: Hsm) {
    this.#store = store;
    this.#hsm = hsm;
    store.onChange((change) => {
      if (change.kind === "accessKey") this.#known.delete(change.id);
      else if (change.kind === "everything") this.#known.clear();
      else return;
      this.#changes++;
    });
  }

  /** undefined when there is no such key; a promise only when the store has to be asked. */
  find(id: string): AccessKey | undefined | Promise<AccessKey | undefined> {
    return this.#known.get(id) ?? this.#read(id);
  }

  async #read(id: string): Promise<AccessKey | undefined> {
    const changes = this.#changes;
    const record = await this.#store.accessKey(id);
    if (record === undefined) return undefined;
    if (!this.#hsm.hasDomainKey(record.secret.domainKey)) await addDomainKeys(this.#store, this.#hsm);
    const key = new AccessKey(record, this.#hsm);
    // What changed while it was read may have been this key: then it is good for this request alone.
    if (changes === this.#changes) this.#known.set(id, key);
    return key;
  }
}
