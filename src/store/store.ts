import type { DomainKeyRecord } from "../hsm/hsm.ts";
import type { AccessKeyRecord, AccountRecord } from "../iam/accessKey.ts";
import type { AliasRecord, KeyRecord, KeyRef, MaterialRecord } from "../kms/key.ts";

/** What a listener is told: which cached thing is no longer what the store holds. */
export type Change =
  | { readonly kind: "key"; readonly key: KeyRef }
  | { readonly kind: "alias"; readonly alias: { account: string; region: string; name: string } }
  | { readonly kind: "accessKey"; readonly id: string }
  | { readonly kind: "domainKey"; readonly id: number }
  /** more was changed than is on record: forget everything */
  | { readonly kind: "everything" };

/** A part of a sorted list: what comes after `after`, at most `limit` of it. A position, so that pages survive changes between them. */
export interface Page {
  readonly after: string | undefined;
  readonly limit: number;
}

export interface Reader {
  /** What was set once for the whole store, such as its id. */
  setting(name: string): Promise<string | undefined>;
  domainKeys(): Promise<DomainKeyRecord[]>;

  account(id: string): Promise<AccountRecord | undefined>;
  accessKey(id: string): Promise<AccessKeyRecord | undefined>;

  key(ref: KeyRef): Promise<KeyRecord | undefined>;
  /** A key and its materials, oldest first, as they stood at one moment. */
  keyWithMaterials(ref: KeyRef): Promise<{ key: KeyRecord; materials: MaterialRecord[] } | undefined>;
  materials(ref: KeyRef): Promise<MaterialRecord[]>;
  /** Sorted by key id. */
  keyIds(account: string, region: string, page: Page): Promise<string[]>;

  alias(account: string, region: string, name: string): Promise<AliasRecord | undefined>;
  /** Sorted by name; those of one key where `keyId` is given. */
  aliases(account: string, region: string, keyId: string | undefined, page: Page): Promise<AliasRecord[]>;

  /** Keys whose deletion is due at `now`, at most `limit`. */
  keysDueForDeletion(now: number, limit: number): Promise<KeyRecord[]>;
  /** Enabled keys whose automatic rotation is due at `now`, at most `limit`. */
  keysDueForRotation(now: number, limit: number): Promise<KeyRecord[]>;
  /** What is sealed under another domain key than `domainKey`, at most `limit` of each. */
  wrappedUnderOtherThan(
    domainKey: number,
    limit: number,
  ): Promise<{ materials: { ref: KeyRef; material: MaterialRecord }[]; accessKeys: AccessKeyRecord[] }>;
}

export interface Transaction extends Reader {
  putSetting(name: string, value: string): Promise<void>;
  putDomainKey(record: DomainKeyRecord): Promise<void>;
  putAccount(record: AccountRecord): Promise<void>;
  putAccessKey(record: AccessKeyRecord): Promise<void>;
  /** Makes or replaces a key's record. */
  putKey(record: KeyRecord): Promise<void>;
  /** Destroys a key with its materials and aliases. */
  deleteKey(ref: KeyRef): Promise<void>;
  putMaterial(ref: KeyRef, record: MaterialRecord): Promise<void>;
  putAlias(record: AliasRecord): Promise<void>;
  deleteAlias(account: string, region: string, name: string): Promise<void>;
}

/**
 * Keeps everything durable. Nothing that it holds is secret: key material and secrets come sealed.
 * Reads see committed transactions only.
 */
export interface Store extends Reader {
  /**
   * Runs `run` in a transaction: all of it is done, or nothing. When the promise resolves, it is on disk.
   * Transactions are serialisable. `run` may be called again when another one got in the way, so it does nothing but
   * read and write through its argument, and waits for nothing else.
   * @throws what `run` throws; StoreUnavailable when the engine cannot take it
   */
  transaction<T>(run: (transaction: Transaction) => Promise<T>): Promise<T>;
  /**
   * Called before each request: what any process had acknowledged until now has reached the listeners when this
   * returns, as far as the engine can tell without waiting. Cheap.
   */
  refresh(): void;
  onChange(listener: (change: Change) => void): void;
  close(): Promise<void>;
}

/** The engine cannot be reached, or cannot write. Nothing of the transaction was done. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
}

/** What lies at the store's place is not a store, or not one that this version can read. The message is for the operator. */
export class NotAStore extends Error {
  override readonly name = "NotAStore";
}
