import { LRUCache } from "lru-cache";
import { addDomainKeys } from "../hsm/domainKeys.ts";
import type { Hsm } from "../hsm/hsm.ts";
import type { Store } from "../store/store.ts";
import type { AccessKeyUse } from "./accessKey.ts";
import { Credential } from "./credential.ts";
import { decodeClaims } from "./session.ts";

/** How many access keys, and how many session tokens, stay in memory. */
const CACHED = 100_000;
const CACHED_SESSIONS = 20_000;
/** How exact it is when a key was last used, in milliseconds. AWS takes hours to tell. */
const USE_INTERVAL = 60_000;
/** No token that was made here is longer: a session's tags, policies and claims are bounded. */
const MAX_TOKEN = 8192;

/** The credentials in use, in memory; what the store reports as changed is read again. */
export class Credentials {
  readonly #store: Store;
  readonly #hsm: Hsm;
  readonly #known = new LRUCache<string, Credential>({ maxSize: CACHED, sizeCalculation: () => 1 });
  readonly #sessions = new LRUCache<string, Credential>({ maxSize: CACHED_SESSIONS, sizeCalculation: () => 1 });
  #used = new Map<string, AccessKeyUse>();
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

  /**
   * The credential of an access key; undefined when there is none, it is inactive, or the session token is not its own
   * (or one is given where none belongs). That it has expired is for the caller to see. A promise only when the store
   * has to be asked.
   */
  find(
    accessKeyId: string,
    sessionToken: string | undefined,
  ): Credential | undefined | Promise<Credential | undefined> {
    if (sessionToken !== undefined) return this.#session(accessKeyId, sessionToken);
    return this.#known.get(accessKeyId) ?? this.#read(accessKeyId);
  }

  /** Remembers that a long-term access key was used, to the minute; written down by {@link writeUse}. */
  used(credential: Credential, at: number, service: string, region: string): void {
    const last = credential.lastUse;
    if (last !== undefined && at - last.at < USE_INTERVAL && last.service === service) return;
    const use = { at, service, region };
    credential.lastUse = use;
    this.#used.set(credential.accessKeyId, use);
  }

  /** Writes down when access keys were last used. */
  async writeUse(): Promise<number> {
    const used = this.#used;
    if (used.size === 0) return 0;
    this.#used = new Map();
    await this.#store.transaction(async (transaction) => {
      for (const [id, use] of used) await transaction.putAccessKeyUse(id, use);
    });
    return used.size;
  }

  /** When an access key was last used, where it is not written down yet. */
  lastUse(accessKeyId: string): AccessKeyUse | undefined {
    return this.#used.get(accessKeyId);
  }

  async #read(id: string): Promise<Credential | undefined> {
    const changes = this.#changes;
    const record = await this.#store.accessKey(id);
    if (record === undefined || record.status !== "Active") return undefined;
    const { secret } = record;
    if (!this.#hsm.hasDomainKey(secret.domainKey)) await addDomainKeys(this.#store, this.#hsm);
    const credential = new Credential(record, (date, region, service) =>
      this.#hsm.deriveSigningKey(id, secret, date, region, service),
    );
    // What changed while it was read may have been this key: then it is good for this request alone.
    if (changes === this.#changes) this.#known.set(id, credential);
    return credential;
  }

  #session(accessKeyId: string, text: string): Credential | undefined | Promise<Credential | undefined> {
    const known = this.#sessions.get(text);
    if (known !== undefined) return known.accessKeyId === accessKeyId ? known : undefined;
    if (text.length > MAX_TOKEN) return undefined;
    const token = Buffer.from(text, "base64");
    if (token.toString("base64") !== text) return undefined; // one spelling each: no character of it can be changed unseen
    const domainKey = this.#hsm.tokenDomainKey(token);
    if (domainKey === undefined) return undefined;
    if (this.#hsm.hasDomainKey(domainKey)) return this.#open(accessKeyId, token, text);
    return addDomainKeys(this.#store, this.#hsm).then(() => this.#open(accessKeyId, token, text));
  }

  #open(accessKeyId: string, token: Buffer, text: string): Credential | undefined {
    const opened = this.#hsm.openSession(accessKeyId, token);
    if (opened === undefined) return undefined;
    const credential = new Credential(decodeClaims(opened.claims), opened.deriveSigningKey);
    this.#sessions.set(text, credential);
    return credential;
  }
}
