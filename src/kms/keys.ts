import { LRUCache } from "lru-cache";
import { addDomainKeys } from "../hsm/domainKeys.ts";
import type { Hsm, SymmetricMaterial } from "../hsm/hsm.ts";
import type { KeyPairMaterial, MacMaterial } from "../hsm/material.ts";
import { compilePolicy, type Policy, PolicyFault } from "../policy/document.ts";
import type { Change, Store } from "../store/store.ts";
import { keyArn } from "./arn.ts";
import { ciphertextPrefix } from "./ciphertext.ts";
import type { KeyFacts, KeyRecord, KeyRef, MaterialRecord } from "./key.ts";
import { expiresAt } from "./keyMaterial.ts";
import { keySpecRow } from "./keySpec.ts";
import { KeyUses, type TrackedUse } from "./keyUses.ts";

/** A KMS key ready for use: its record and its opened materials, as they stood at one moment. Never changed; replaced. */
export interface Key {
  readonly record: KeyRecord;
  readonly arn: string;
  readonly policy: Policy;
  /** names of its aliases: `kms:ResourceAliases` */
  readonly aliases: readonly string[];
  /** when it was last used: the one thing of a key that changes under way */
  readonly use: TrackedUse;
  /** undefined while there is none: only in PendingImport, and on the way to deletion */
  readonly current: KeyMaterial | undefined;
  readonly materials: ReadonlyMap<string, KeyMaterial>;
  /** SubjectPublicKeyInfo of a key pair, DER; also while the private key is away */
  readonly publicKey: Uint8Array | undefined;
  readonly facts: KeyFacts;
  /** when the first of its imported materials expires; milliseconds since the epoch */
  readonly expiresAt: number;
}

export interface KeyMaterial<Material = SymmetricMaterial | MacMaterial | KeyPairMaterial> {
  readonly id: string;
  readonly material: Material;
  /** the front of every ciphertext that this material makes, where it is a symmetric key's */
  readonly prefix: Buffer;
}

/**
 * How many keys and aliases stay in memory: about 1.5 KB each. Given as a size, since the cache would fill arrays of
 * `max` entries when it is made, a fifth of the start-up's time.
 */
const CACHED = 200_000;

/**
 * The keys and aliases in use, in memory. The data path asks here and nowhere else, so it goes on while the store is
 * away. What the store reports as changed is forgotten at once and read again when next asked for.
 */
export class Keys {
  readonly uses: KeyUses;
  readonly #store: Store;
  readonly #hsm: Hsm;
  readonly #clock: () => number;
  readonly #keys = new LRUCache<string, Key | Promise<Key | undefined>>({ maxSize: CACHED, sizeCalculation: () => 1 });
  readonly #policies = new LRUCache<string, Policy>({ max: 1000 });
  readonly #aliases = new LRUCache<string, string | Promise<string | undefined>>({
    maxSize: CACHED,
    sizeCalculation: () => 1,
  });

  constructor(store: Store, hsm: Hsm, clock: () => number) {
    this.#store = store;
    this.#clock = clock;
    this.uses = new KeyUses(store);
    this.#hsm = hsm;
    store.onChange((change) => this.#forget(change));
  }

  /** A promise only when the key has to be read; undefined when there is none. */
  find(account: string, region: string, id: string): Key | undefined | Promise<Key | undefined> {
    const name = `${account}/${region}/${id}`;
    const found = this.#keys.get(name) ?? load(this.#keys, name, () => this.#open({ account, region, id }));
    if (found instanceof Promise) return found.then((key) => key && this.#atThisTime(key));
    return this.#atThisTime(found);
  }

  /** Material expires at its time, whenever it is that a job comes by to destroy it. */
  #atThisTime(key: Key): Key {
    if (key.expiresAt === Number.POSITIVE_INFINITY || key.expiresAt > this.#clock()) return key;
    return key.record.state === "Enabled" || key.record.state === "Disabled"
      ? { ...key, record: { ...key.record, state: "PendingImport" } }
      : key;
  }

  /** The id of the key that an alias (by its full name) stands for. */
  findAlias(account: string, region: string, alias: string): string | undefined | Promise<string | undefined> {
    const name = `${account}/${region}/${alias}`;
    return (
      this.#aliases.get(name) ??
      load(this.#aliases, name, async () => (await this.#store.alias(account, region, alias))?.keyId)
    );
  }

  async #open(ref: KeyRef): Promise<Key | undefined> {
    const found = await this.#store.keyWithMaterials(ref);
    if (found === undefined) return undefined;
    const { key: record, materials } = found;
    const arn = keyArn(record);
    const opened = await this.#openMaterials(record, arn, materials);
    const currentRecord = materials.find(({ id }) => id === record.currentMaterialId);
    if (currentRecord === undefined && record.currentMaterialId !== null) {
      throw new Error(`${arn} has no material ${record.currentMaterialId} in the store`);
    }
    const current = currentRecord && opened.get(currentRecord.id);
    const first = expiresAt(materials);
    const aliases = await this.#store.aliases(record.account, record.region, record.id, {
      after: undefined,
      limit: 100,
    });
    return {
      record,
      arn,
      policy: this.#policy(record.policy),
      use: this.uses.track(arn, ref, found.use),
      aliases: aliases.map(({ name }) => name),
      current,
      materials: opened,
      publicKey:
        current && "publicKey" in current.material
          ? current.material.publicKey
          : (currentRecord?.publicKey ?? undefined),
      facts: { validTo: earliestValidTo(record, opened, first), regions: found.regions },
      expiresAt: first,
    };
  }

  /** What there is to encrypt and decrypt with: not what waits for its rotation. */
  async #openMaterials(record: KeyRecord, arn: string, materials: readonly MaterialRecord[]) {
    const owner = { keyArn: arn, keyId: record.id };
    const type = keySpecRow(record.spec).material;
    const opened = new Map<string, KeyMaterial>();
    for (const { id, wrapped, pending } of materials) {
      if (wrapped === null || pending) continue;
      if (!this.#hsm.hasDomainKey(wrapped.domainKey)) await addDomainKeys(this.#store, this.#hsm);
      const material =
        type.kind === "symmetric"
          ? this.#hsm.openMaterial(owner, id, wrapped)
          : this.#hsm.openKeyMaterial(owner, type, id, wrapped);
      opened.set(id, {
        id,
        material,
        prefix: ciphertextPrefix({ account: record.account, keyId: record.id, materialId: id }),
      });
    }
    return opened;
  }

  /** Compiled once for all keys that have the same: most have the default policy. One that does not compile allows nothing. */
  #policy(text: string): Policy {
    let policy = this.#policies.get(text);
    if (policy === undefined) {
      try {
        policy = compilePolicy(text, "resource");
      } catch (error) {
        if (!(error instanceof PolicyFault)) throw error;
        policy = { statements: [] };
      }
      this.#policies.set(text, policy);
    }
    return policy;
  }

  #forget(change: Change): void {
    if (change.kind === "key") {
      const { account, region, id } = change.key;
      this.#keys.delete(`${account}/${region}/${id}`);
    } else if (change.kind === "alias") {
      const { account, region, name } = change.alias;
      this.#aliases.delete(`${account}/${region}/${name}`);
    } else if (change.kind === "everything") {
      this.#keys.clear();
      this.#aliases.clear();
    }
  }
}

/** A key of which any material expires is a key that expires, since it needs them all. @param expiresAt infinity: never */
function earliestValidTo(
  { origin }: KeyRecord,
  materials: ReadonlyMap<string, KeyMaterial>,
  expiresAt: number,
): number | null | undefined {
  if (origin !== "EXTERNAL" || materials.size === 0) return undefined;
  return expiresAt === Number.POSITIVE_INFINITY ? null : expiresAt;
}

/**
 * Reads a thing into a cache. While it is being read the cache holds the promise, so that it is read once; and when it
 * is forgotten meanwhile, what was read is answered to those who asked before, but not kept.
 */
export function load<T extends object | string>(
  cache: LRUCache<string, T | Promise<T | undefined>>,
  name: string,
  read: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const loading = read().then(
    (value) => {
      if (cache.peek(name) === loading) {
        if (value === undefined) cache.delete(name);
        else cache.set(name, value);
      }
      return value;
    },
    (error) => {
      if (cache.peek(name) === loading) cache.delete(name);
      throw error;
    },
  );
  cache.set(name, loading);
  return loading;
}
