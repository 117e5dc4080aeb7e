import type { DeliveryState, DigestChain } from "../cloudtrail/delivery/state.ts";
import type { DigestKeyRecord } from "../cloudtrail/digestKey.ts";
import type { TrailRecord } from "../cloudtrail/trail.ts";
import type { DomainKeyRecord } from "../hsm/hsm.ts";
import type { AccessKeyRecord, AccessKeyUse, AccountRecord } from "../iam/accessKey.ts";
import type { Entity, EntityIndex, EntityKind, EntityOf, MfaDeviceRecord } from "../iam/entity.ts";
import type { GrantRecord } from "../kms/grant.ts";
import type { AliasRecord, KeyRecord, KeyRef, MaterialRecord } from "../kms/key.ts";
import type { KeyUse } from "../kms/keyUses.ts";

/** What a listener is told: which cached thing is no longer what the store holds. */
export type Change =
  | { readonly kind: "key"; readonly key: KeyRef }
  | { readonly kind: "alias"; readonly alias: { account: string; region: string; name: string } }
  | { readonly kind: "grant"; readonly key: KeyRef; readonly grantee: string }
  | { readonly kind: "accessKey"; readonly id: string }
  /** the account itself, or any entity of its IAM */
  | { readonly kind: "account"; readonly id: string }
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
  accountWithAlias(alias: string): Promise<AccountRecord | undefined>;
  /** Sorted by id. */
  accounts(page: Page): Promise<AccountRecord[]>;
  accessKey(id: string): Promise<AccessKeyRecord | undefined>;
  /** A user's, or with null the account's root's; oldest first. */
  accessKeysOf(account: string, userId: string | null): Promise<AccessKeyRecord[]>;

  entity(id: string): Promise<Entity | undefined>;
  /** @param name as {@link EntityIndex} has it */
  entityNamed<K extends EntityKind>(account: string, kind: K, name: string): Promise<EntityOf<K> | undefined>;
  /** Sorted by the name that {@link EntityIndex} has; that is also what `after` means. */
  entities<K extends EntityKind>(account: string, kind: K, page: Page): Promise<EntityOf<K>[]>;
  /** Those that refer to `link`, sorted by their ids; `after` is an id. */
  entitiesLinked(link: string, page: Page): Promise<Entity[]>;
  countEntities(account: string, kind: EntityKind): Promise<number>;
  countLinked(link: string): Promise<number>;

  key(ref: KeyRef): Promise<KeyRecord | undefined>;
  /** A key, its materials, oldest first, and the Regions of its related keys, its own included, as they stood at one moment. */
  keyWithMaterials(
    ref: KeyRef,
  ): Promise<{ key: KeyRecord; materials: MaterialRecord[]; regions: string[]; use: KeyUse | undefined } | undefined>;
  /** Oldest first. */
  materials(ref: KeyRef): Promise<MaterialRecord[]>;
  /** All keys that share a multi-Region key's id, the key itself included; sorted by Region. None for a key of one Region. */
  relatedKeys(ref: KeyRef): Promise<KeyRecord[]>;
  /** Sorted by key id. */
  keyIds(account: string, region: string, page: Page): Promise<string[]>;

  alias(account: string, region: string, name: string): Promise<AliasRecord | undefined>;
  /** Sorted by name; those of one key where `keyId` is given. */
  aliases(account: string, region: string, keyId: string | undefined, page: Page): Promise<AliasRecord[]>;

  grant(key: KeyRef, id: string): Promise<GrantRecord | undefined>;
  /** Those of this name, oldest first: names need not be unique. */
  grantsNamed(key: KeyRef, name: string): Promise<GrantRecord[]>;
  /** Sorted by grant id; those of one grantee where it is given. */
  grants(key: KeyRef, grantee: string | undefined, page: Page): Promise<GrantRecord[]>;
  /** All that a principal may retire in a Region, on keys of any account; sorted by grant id. */
  grantsRetirable(retiring: string, region: string, page: Page): Promise<GrantRecord[]>;
  countGrants(key: KeyRef): Promise<number>;
  /** Customer managed keys, whatever their state. */
  countKeys(account: string, region: string): Promise<number>;
  countAliases(key: KeyRef): Promise<number>;

  trail(arn: string): Promise<TrailRecord | undefined>;
  /** Those whose home the Region is, and those of all Regions; sorted by ARN. */
  trailsIn(account: string, region: string): Promise<TrailRecord[]>;
  /** An account's, or everybody's; sorted by ARN, which is what `after` means. */
  trails(account: string | undefined, page: Page): Promise<TrailRecord[]>;
  /** Undefined before anything was delivered. */
  delivery(trail: string): Promise<DeliveryState | undefined>;
  digestChain(trail: string, region: string): Promise<DigestChain | undefined>;
  /** With their Regions, sorted by them. */
  digestChains(trail: string): Promise<[region: string, chain: DigestChain][]>;
  /** A Region's keys that were valid at any time from `from` to `to`, milliseconds since the epoch; the oldest first. */
  digestKeys(region: string, from: number, to: number): Promise<DigestKeyRecord[]>;

  /** Keys whose deletion is due at `now`, at most `limit`. */
  keysDueForDeletion(now: number, limit: number): Promise<KeyRecord[]>;
  /** Enabled keys whose automatic rotation is due at `now`, at most `limit`; of multi-Region keys the primary. */
  keysDueForRotation(now: number, limit: number): Promise<KeyRecord[]>;
  /** Imported material that is still there and whose time is over at `now`, at most `limit`. */
  materialsDueForExpiry(now: number, limit: number): Promise<{ ref: KeyRef; material: MaterialRecord }[]>;
  /** What is sealed under another domain key than `domainKey`, at most `limit` of each. */
  wrappedUnderOtherThan(
    domainKey: number,
    limit: number,
  ): Promise<{
    materials: { ref: KeyRef; material: MaterialRecord }[];
    accessKeys: AccessKeyRecord[];
    mfaDevices: MfaDeviceRecord[];
    digestKeys: DigestKeyRecord[];
  }>;
}

export interface Transaction extends Reader {
  putSetting(name: string, value: string): Promise<void>;
  putDomainKey(record: DomainKeyRecord): Promise<void>;
  putAccount(record: AccountRecord): Promise<void>;
  putAccessKey(record: AccessKeyRecord): Promise<void>;
  deleteAccessKey(id: string): Promise<void>;
  /** Nobody is told: what it changes is not what requests are decided by. */
  putAccessKeyUse(id: string, use: AccessKeyUse): Promise<void>;
  /** Makes or replaces an entity; its kind and account never change. Use `putEntity` of `src/iam/entities.ts`. */
  putEntity(entity: Entity, index: EntityIndex): Promise<void>;
  deleteEntity(entity: Entity): Promise<void>;
  putGrant(record: GrantRecord): Promise<void>;
  deleteGrant(record: GrantRecord): Promise<void>;
  /** Makes or replaces a key's record. */
  putKey(record: KeyRecord): Promise<void>;
  /** Destroys a key with its materials, aliases and grants. */
  deleteKey(ref: KeyRef): Promise<void>;
  putMaterial(ref: KeyRef, record: MaterialRecord): Promise<void>;
  deleteMaterial(ref: KeyRef, id: string): Promise<void>;
  /** Nobody is told; nothing happens when the key is no more. */
  putKeyUse(ref: KeyRef, use: KeyUse): Promise<void>;
  putAlias(record: AliasRecord): Promise<void>;
  deleteAlias(account: string, region: string, name: string): Promise<void>;
  /** Nobody is told of these: no request is decided by them. */
  putTrail(arn: string, record: TrailRecord): Promise<void>;
  /** With how far it has got. */
  deleteTrail(arn: string): Promise<void>;
  /** Nothing happens when the trail is no more; the same for its digests. */
  putDelivery(trail: string, state: DeliveryState): Promise<void>;
  putDigestChain(trail: string, region: string, chain: DigestChain): Promise<void>;
  deleteDigestChain(trail: string, region: string): Promise<void>;
  putDigestKey(record: DigestKeyRecord): Promise<void>;
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
