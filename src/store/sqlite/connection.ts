import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type { DeliveryState, DigestChain } from "../../cloudtrail/delivery/state.ts";
import type { DigestKeyRecord } from "../../cloudtrail/digestKey.ts";
import type { TrailRecord } from "../../cloudtrail/trail.ts";
import type { DomainKeyRecord } from "../../hsm/hsm.ts";
import type { AccessKeyRecord, AccessKeyUse, AccountRecord } from "../../iam/accessKey.ts";
import type { Entity, EntityIndex, EntityKind, EntityOf, MfaDeviceRecord } from "../../iam/entity.ts";
import type { GrantRecord } from "../../kms/grant.ts";
import type { AliasRecord, KeyRecord, KeyRef, MaterialRecord } from "../../kms/key.ts";
import type { KeyUse } from "../../kms/keyUses.ts";
import type { Change, Page, Reader, Transaction } from "../store.ts";
import {
  accessKeyOf,
  accountOf,
  aliasOf,
  digestKeyOf,
  domainKeyOf,
  entityOf,
  grantOf,
  keyOf,
  keyRefOfMaterial,
  materialOf,
} from "./rows.ts";

/** A key's first material has no rotation, nor has one that waits for it. */
const OLDEST_MATERIAL_FIRST = "pending, material.created_at, rotation_type IS NOT NULL";

/** Reads over one SQLite connection. */
export class SqliteReader implements Reader {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  protected one(sql: string, ...values: SQLInputValue[]): Record<string, unknown> | undefined {
    return this.#statement(sql).get(...values);
  }

  protected all(sql: string, ...values: SQLInputValue[]): Record<string, unknown>[] {
    return this.#statement(sql).all(...values);
  }

  protected count(sql: string, ...values: SQLInputValue[]): number {
    return this.one(sql, ...values)?.n as number;
  }

  protected run(sql: string, ...values: SQLInputValue[]): void {
    this.#statement(sql).run(...values);
  }

  async setting(name: string): Promise<string | undefined> {
    return this.one("SELECT value FROM setting WHERE name = ?", name)?.value as string | undefined;
  }

  async domainKeys(): Promise<DomainKeyRecord[]> {
    return this.all("SELECT * FROM domain_key ORDER BY id").map(domainKeyOf);
  }

  async account(id: string): Promise<AccountRecord | undefined> {
    const row = this.one("SELECT * FROM account WHERE id = ?", id);
    return row && accountOf(row);
  }

  async accountWithAlias(alias: string): Promise<AccountRecord | undefined> {
    const row = this.one("SELECT * FROM account WHERE alias = ?", alias);
    return row && accountOf(row);
  }

  async accounts(page: Page): Promise<AccountRecord[]> {
    return this.all("SELECT * FROM account WHERE id > ? ORDER BY id LIMIT ?", page.after ?? "", page.limit).map(
      accountOf,
    );
  }

  async accessKey(id: string): Promise<AccessKeyRecord | undefined> {
    const row = this.one("SELECT * FROM access_key WHERE id = ?", id);
    return row && accessKeyOf(row);
  }

  async accessKeysOf(account: string, userId: string | null): Promise<AccessKeyRecord[]> {
    return this.all(
      "SELECT * FROM access_key WHERE account = ? AND user_id IS ? ORDER BY created_at, id",
      account,
      userId,
    ).map(accessKeyOf);
  }

  async entity(id: string): Promise<Entity | undefined> {
    const row = this.one("SELECT * FROM entity WHERE id = ?", id);
    return row && entityOf(row);
  }

  async entityNamed<K extends EntityKind>(account: string, kind: K, name: string): Promise<EntityOf<K> | undefined> {
    const row = this.one("SELECT * FROM entity WHERE account = ? AND kind = ? AND name = ?", account, kind, name);
    return row && (entityOf(row) as EntityOf<K>);
  }

  async entities<K extends EntityKind>(account: string, kind: K, page: Page): Promise<EntityOf<K>[]> {
    return this.all(
      "SELECT * FROM entity WHERE account = ? AND kind = ? AND name > ? ORDER BY name LIMIT ?",
      account,
      kind,
      page.after ?? "",
      page.limit,
    ).map((row) => entityOf(row) as EntityOf<K>);
  }

  async entitiesLinked(link: string, page: Page): Promise<Entity[]> {
    return this.all(
      "SELECT entity.* FROM entity_link JOIN entity ON id = entity WHERE target = ? AND entity > ? ORDER BY entity LIMIT ?",
      link,
      page.after ?? "",
      page.limit,
    ).map(entityOf);
  }

  async countEntities(account: string, kind: EntityKind): Promise<number> {
    return this.count("SELECT count(*) AS n FROM entity WHERE account = ? AND kind = ?", account, kind);
  }

  async countLinked(link: string): Promise<number> {
    return this.count("SELECT count(*) AS n FROM entity_link WHERE target = ?", link);
  }

  async grant(key: KeyRef, id: string): Promise<GrantRecord | undefined> {
    const row = this.one(
      "SELECT * FROM key_grant WHERE account = ? AND region = ? AND key_id = ? AND id = ?",
      key.account,
      key.region,
      key.id,
      id,
    );
    return row && grantOf(row);
  }

  async grantsNamed(key: KeyRef, name: string): Promise<GrantRecord[]> {
    return this.all(
      `SELECT * FROM key_grant WHERE account = ? AND region = ? AND key_id = ? AND name = ? AND name <> ''
       ORDER BY created_at, id`,
      key.account,
      key.region,
      key.id,
      name,
    ).map(grantOf);
  }

  async grants(key: KeyRef, grantee: string | undefined, page: Page): Promise<GrantRecord[]> {
    const after = page.after ?? "";
    const rows =
      grantee === undefined
        ? this.all(
            "SELECT * FROM key_grant WHERE account = ? AND region = ? AND key_id = ? AND id > ? ORDER BY id LIMIT ?",
            key.account,
            key.region,
            key.id,
            after,
            page.limit,
          )
        : this.all(
            `SELECT * FROM key_grant WHERE account = ? AND region = ? AND key_id = ? AND grantee = ? AND id > ?
             ORDER BY id LIMIT ?`,
            key.account,
            key.region,
            key.id,
            grantee,
            after,
            page.limit,
          );
    return rows.map(grantOf);
  }

  async grantsRetirable(retiring: string, region: string, page: Page): Promise<GrantRecord[]> {
    return this.all(
      "SELECT * FROM key_grant WHERE retiring = ? AND region = ? AND id > ? ORDER BY id LIMIT ?",
      retiring,
      region,
      page.after ?? "",
      page.limit,
    ).map(grantOf);
  }

  async countGrants({ account, region, id }: KeyRef): Promise<number> {
    return this.count(
      "SELECT count(*) AS n FROM key_grant WHERE account = ? AND region = ? AND key_id = ?",
      account,
      region,
      id,
    );
  }

  async countKeys(account: string, region: string): Promise<number> {
    const row = this.one("SELECT keys FROM key_count WHERE account = ? AND region = ?", account, region);
    return (row?.keys as number | undefined) ?? 0;
  }

  async countAliases({ account, region, id }: KeyRef): Promise<number> {
    return this.count(
      "SELECT count(*) AS n FROM alias WHERE account = ? AND region = ? AND key_id = ?",
      account,
      region,
      id,
    );
  }

  async key(ref: KeyRef): Promise<KeyRecord | undefined> {
    const row = this.one(
      "SELECT * FROM key WHERE account = ? AND region = ? AND id = ?",
      ref.account,
      ref.region,
      ref.id,
    );
    return row && keyOf(row);
  }

  async keyWithMaterials(ref: KeyRef) {
    // One statement sees one moment, two do not: another process may commit in between.
    const rows = this.all(
      `SELECT key.*, material.id AS material_id, material.created_at AS material_created_at, rotation_type, pending,
         domain_key, bytes, public_key, imported,
         CASE WHEN primary_region IS NOT NULL THEN (
           SELECT json_group_array(region ORDER BY region) FROM key AS related
           WHERE related.account = key.account AND related.id = key.id AND related.primary_region IS NOT NULL
         ) END AS regions
       FROM key LEFT JOIN material ON material.account = key.account AND material.region = key.region AND key_id = key.id
       WHERE key.account = ? AND key.region = ? AND key.id = ? ORDER BY ${OLDEST_MATERIAL_FIRST}`,
      ref.account,
      ref.region,
      ref.id,
    );
    const first = rows[0];
    if (first === undefined) return undefined;
    const materials = rows.filter((row) => row.material_id !== null);
    return {
      key: keyOf(first),
      materials: materials.map((row) =>
        materialOf({ ...row, id: row.material_id, created_at: row.material_created_at }),
      ),
      regions: first.regions === null ? [ref.region] : JSON.parse(first.regions as string),
      use: first.last_use === null ? undefined : JSON.parse(first.last_use as string),
    };
  }

  async relatedKeys({ account, id }: KeyRef): Promise<KeyRecord[]> {
    return this.all(
      "SELECT * FROM key WHERE account = ? AND id = ? AND primary_region IS NOT NULL ORDER BY region",
      account,
      id,
    ).map(keyOf);
  }

  async materials(ref: KeyRef): Promise<MaterialRecord[]> {
    return this.all(
      `SELECT * FROM material WHERE account = ? AND region = ? AND key_id = ? ORDER BY ${OLDEST_MATERIAL_FIRST}`,
      ref.account,
      ref.region,
      ref.id,
    ).map(materialOf);
  }

  async keyIds(account: string, region: string, page: Page): Promise<string[]> {
    return this.all(
      "SELECT id FROM key WHERE account = ? AND region = ? AND id > ? ORDER BY id LIMIT ?",
      account,
      region,
      page.after ?? "",
      page.limit,
    ).map((row) => row.id as string);
  }

  async alias(account: string, region: string, name: string): Promise<AliasRecord | undefined> {
    const row = this.one("SELECT * FROM alias WHERE account = ? AND region = ? AND name = ?", account, region, name);
    return row && aliasOf(row);
  }

  async aliases(account: string, region: string, keyId: string | undefined, page: Page): Promise<AliasRecord[]> {
    const after = page.after ?? "";
    const rows =
      keyId === undefined
        ? this.all(
            "SELECT * FROM alias WHERE account = ? AND region = ? AND name > ? ORDER BY name LIMIT ?",
            account,
            region,
            after,
            page.limit,
          )
        : this.all(
            "SELECT * FROM alias WHERE account = ? AND region = ? AND key_id = ? AND name > ? ORDER BY name LIMIT ?",
            account,
            region,
            keyId,
            after,
            page.limit,
          );
    return rows.map(aliasOf);
  }

  async trail(arn: string): Promise<TrailRecord | undefined> {
    const row = this.one("SELECT record FROM trail WHERE arn = ?", arn);
    return row && JSON.parse(row.record as string);
  }

  async trailsIn(account: string, region: string): Promise<TrailRecord[]> {
    return this.all(
      "SELECT record FROM trail WHERE account = ? AND (region = ? OR multi_region = 1) ORDER BY arn",
      account,
      region,
    ).map((row) => JSON.parse(row.record as string));
  }

  async trails(account: string | undefined, page: Page): Promise<TrailRecord[]> {
    const after = page.after ?? "";
    const rows =
      account === undefined
        ? this.all("SELECT record FROM trail WHERE arn > ? ORDER BY arn LIMIT ?", after, page.limit)
        : this.all(
            "SELECT record FROM trail WHERE account = ? AND arn > ? ORDER BY arn LIMIT ?",
            account,
            after,
            page.limit,
          );
    return rows.map((row) => JSON.parse(row.record as string));
  }

  async delivery(trail: string): Promise<DeliveryState | undefined> {
    const text = this.one("SELECT delivery FROM trail WHERE arn = ?", trail)?.delivery as string | null | undefined;
    return text == null ? undefined : JSON.parse(text);
  }

  async digestChain(trail: string, region: string): Promise<DigestChain | undefined> {
    const row = this.one("SELECT chain FROM digest_chain WHERE trail = ? AND region = ?", trail, region);
    return row && JSON.parse(row.chain as string);
  }

  async digestChains(trail: string): Promise<[region: string, chain: DigestChain][]> {
    return this.all("SELECT region, chain FROM digest_chain WHERE trail = ? ORDER BY region", trail).map((row) => [
      row.region as string,
      JSON.parse(row.chain as string),
    ]);
  }

  async digestKeys(region: string, from: number, to: number): Promise<DigestKeyRecord[]> {
    return this.all(
      "SELECT * FROM digest_key WHERE region = ? AND valid_from <= ? AND valid_to >= ? ORDER BY valid_from, id",
      region,
      to,
      from,
    ).map(digestKeyOf);
  }

  async keysDueForDeletion(now: number, limit: number): Promise<KeyRecord[]> {
    return this.all("SELECT * FROM key WHERE deletion_at <= ? ORDER BY deletion_at LIMIT ?", now, limit).map(keyOf);
  }

  async keysDueForRotation(now: number, limit: number): Promise<KeyRecord[]> {
    return this.all(
      `SELECT * FROM key WHERE rotation_next_at <= ? AND rotation_next_at IS NOT NULL AND state = 'Enabled'
       AND (primary_region IS NULL OR primary_region = region) ORDER BY rotation_next_at LIMIT ?`,
      now,
      limit,
    ).map(keyOf);
  }

  async materialsDueForExpiry(now: number, limit: number) {
    const rows = this.all("SELECT * FROM material WHERE expires_at <= ? ORDER BY expires_at LIMIT ?", now, limit);
    return rows.map((row) => ({ ref: keyRefOfMaterial(row), material: materialOf(row) }));
  }

  async wrappedUnderOtherThan(domainKey: number, limit: number) {
    const materials = this.all("SELECT * FROM material WHERE domain_key < ? LIMIT ?", domainKey, limit);
    const accessKeys = this.all("SELECT * FROM access_key WHERE domain_key < ? LIMIT ?", domainKey, limit);
    const entities = this.all("SELECT * FROM entity WHERE domain_key < ? LIMIT ?", domainKey, limit);
    const digestKeys = this.all("SELECT * FROM digest_key WHERE domain_key < ? LIMIT ?", domainKey, limit);
    return {
      materials: materials.map((row) => ({ ref: keyRefOfMaterial(row), material: materialOf(row) })),
      accessKeys: accessKeys.map(accessKeyOf),
      mfaDevices: entities.map((row) => entityOf(row) as MfaDeviceRecord),
      digestKeys: digestKeys.map(digestKeyOf),
    };
  }

  /** Changes on record after `seq`, oldest first; and whether older ones than these have been dropped from the record since. */
  changesAfter(seq: number): { changes: Change[]; last: number; gap: boolean } {
    const rows = this.all("SELECT seq, change FROM change WHERE seq > ? ORDER BY seq", seq);
    const first = rows[0]?.seq as number | undefined;
    return {
      changes: rows.map((row) => JSON.parse(row.change as string)),
      last: (rows.at(-1)?.seq as number | undefined) ?? seq,
      gap: first !== undefined && first > seq + 1,
    };
  }

  lastChange(): number {
    return (this.one("SELECT max(seq) AS seq FROM change")?.seq as number | null | undefined) ?? 0;
  }

  /** Differs from call to call when another connection, of this process or another, has committed in between. */
  dataVersion(): number {
    return this.one("PRAGMA data_version")?.data_version as number;
  }
}

/** How many changes stay on record. A process that misses more forgets all that it has cached. */
const CHANGES_KEPT = 10_000;

/** Reads and writes over the writing connection, within a transaction that its owner begins and ends. */
export class SqliteTransaction extends SqliteReader implements Transaction {
  #changed(change: Change): void {
    this.run("INSERT INTO change (change) VALUES (?)", JSON.stringify(change));
  }

  pruneChanges(): void {
    this.run("DELETE FROM change WHERE seq <= (SELECT max(seq) FROM change) - ?", CHANGES_KEPT);
  }

  async putSetting(name: string, value: string): Promise<void> {
    this.run(
      "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
      name,
      value,
    );
  }

  async putDomainKey(record: DomainKeyRecord): Promise<void> {
    this.run(
      "INSERT INTO domain_key (id, bytes, created_at) VALUES (?, ?, ?)",
      record.id,
      record.bytes,
      record.createdAt,
    );
    this.#changed({ kind: "domainKey", id: record.id });
  }

  async putAccount(record: AccountRecord): Promise<void> {
    this.run(
      `INSERT INTO account (id, created_at, name, closed_at, alias, password_policy) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET name = excluded.name, closed_at = excluded.closed_at, alias = excluded.alias,
         password_policy = excluded.password_policy`,
      record.id,
      record.createdAt,
      record.name,
      record.closedAt,
      record.alias,
      record.passwordPolicy && JSON.stringify(record.passwordPolicy),
    );
    this.#changed({ kind: "account", id: record.id });
  }

  async putAccessKey(record: AccessKeyRecord): Promise<void> {
    this.run(
      `INSERT INTO access_key (id, account, user_id, status, domain_key, secret, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET status = excluded.status, domain_key = excluded.domain_key, secret = excluded.secret`,
      record.id,
      record.account,
      record.userId,
      record.status,
      record.secret.domainKey,
      record.secret.bytes,
      record.createdAt,
    );
    this.#changed({ kind: "accessKey", id: record.id });
  }

  async deleteAccessKey(id: string): Promise<void> {
    this.run("DELETE FROM access_key WHERE id = ?", id);
    this.#changed({ kind: "accessKey", id });
  }

  async putAccessKeyUse(id: string, use: AccessKeyUse): Promise<void> {
    this.run("UPDATE access_key SET last_used = ? WHERE id = ?", JSON.stringify(use), id);
  }

  async putEntity(entity: Entity, index: EntityIndex): Promise<void> {
    const { seed, ...rest } = { seed: undefined, ...entity };
    this.run(
      `INSERT INTO entity (id, account, kind, name, record, domain_key, secret) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET name = excluded.name, record = excluded.record, domain_key = excluded.domain_key,
         secret = excluded.secret`,
      entity.id,
      entity.account,
      entity.kind,
      index.name,
      JSON.stringify(rest),
      seed?.domainKey ?? null,
      seed?.bytes ?? null,
    );
    this.run("DELETE FROM entity_link WHERE entity = ?", entity.id);
    for (const target of new Set(index.links)) {
      this.run("INSERT INTO entity_link (target, entity) VALUES (?, ?)", target, entity.id);
    }
    this.#changed({ kind: "account", id: entity.account });
  }

  async deleteEntity(entity: Entity): Promise<void> {
    this.run("DELETE FROM entity WHERE id = ?", entity.id);
    this.#changed({ kind: "account", id: entity.account });
  }

  async putGrant(record: GrantRecord): Promise<void> {
    const { account, region, id } = record.key;
    this.run(
      `INSERT INTO key_grant (account, region, key_id, id, grantee, retiring, name, created_at, record)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      account,
      region,
      id,
      record.id,
      record.grantee,
      record.retiring,
      record.name,
      record.createdAt,
      JSON.stringify(record),
    );
    this.#grantChanged(record);
  }

  async deleteGrant(record: GrantRecord): Promise<void> {
    const { account, region, id } = record.key;
    this.run(
      "DELETE FROM key_grant WHERE account = ? AND region = ? AND key_id = ? AND id = ?",
      account,
      region,
      id,
      record.id,
    );
    this.#grantChanged(record);
  }

  async putKey(record: KeyRecord): Promise<void> {
    this.run(
      `INSERT INTO key (account, region, id, created_at, description, manager, spec, usage, origin, state, deletion_at,
         pending_window_in_days, policy, tags, current_material_id, rotation_period_in_days, rotation_next_at,
         rotation_on_demand_count, primary_region)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET description = excluded.description, state = excluded.state,
         deletion_at = excluded.deletion_at, pending_window_in_days = excluded.pending_window_in_days,
         policy = excluded.policy, tags = excluded.tags, current_material_id = excluded.current_material_id,
         rotation_period_in_days = excluded.rotation_period_in_days, rotation_next_at = excluded.rotation_next_at,
         rotation_on_demand_count = excluded.rotation_on_demand_count, primary_region = excluded.primary_region`,
      record.account,
      record.region,
      record.id,
      record.createdAt,
      record.description,
      record.manager,
      record.spec,
      record.usage,
      record.origin,
      record.state,
      record.deletionAt,
      record.pendingWindowInDays,
      record.policy,
      JSON.stringify(record.tags),
      record.currentMaterialId ?? "",
      record.rotation.periodInDays,
      record.rotation.nextAt,
      record.rotation.onDemandCount,
      record.primaryRegion,
    );
    await this.#relatedChanged(record);
  }

  async deleteKey(ref: KeyRef): Promise<void> {
    for (const alias of await this.aliases(ref.account, ref.region, ref.id, { after: undefined, limit: -1 })) {
      await this.deleteAlias(alias.account, alias.region, alias.name);
    }
    await this.#relatedChanged(ref);
    this.run("DELETE FROM key WHERE account = ? AND region = ? AND id = ?", ref.account, ref.region, ref.id);
  }

  async putMaterial(ref: KeyRef, record: MaterialRecord): Promise<void> {
    this.run(
      `INSERT INTO material (account, region, key_id, id, created_at, rotation_type, pending, domain_key, bytes, public_key,
         imported, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET created_at = excluded.created_at, rotation_type = excluded.rotation_type,
         pending = excluded.pending, domain_key = excluded.domain_key, bytes = excluded.bytes,
         public_key = excluded.public_key, imported = excluded.imported, expires_at = excluded.expires_at`,
      ref.account,
      ref.region,
      ref.id,
      record.id,
      record.createdAt,
      record.rotationType,
      record.pending ? 1 : 0,
      record.wrapped?.domainKey ?? null,
      record.wrapped?.bytes ?? null,
      record.publicKey,
      record.imported && JSON.stringify(record.imported),
      record.wrapped && (record.imported?.validTo ?? null),
    );
    this.#keyChanged(ref);
  }

  async deleteMaterial(ref: KeyRef, id: string): Promise<void> {
    this.run(
      "DELETE FROM material WHERE account = ? AND region = ? AND key_id = ? AND id = ?",
      ref.account,
      ref.region,
      ref.id,
      id,
    );
    this.#keyChanged(ref);
  }

  async putKeyUse({ account, region, id }: KeyRef, use: KeyUse): Promise<void> {
    this.run(
      "UPDATE key SET last_use = ? WHERE account = ? AND region = ? AND id = ?",
      JSON.stringify(use),
      account,
      region,
      id,
    );
  }

  /** The keys that it comes to and is taken from change with it: what is cached of a key has its aliases. */
  async putAlias(record: AliasRecord): Promise<void> {
    const former = await this.alias(record.account, record.region, record.name);
    this.run(
      `INSERT INTO alias (account, region, name, key_id, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET key_id = excluded.key_id, updated_at = excluded.updated_at`,
      record.account,
      record.region,
      record.name,
      record.keyId,
      record.createdAt,
      record.updatedAt,
    );
    this.#aliasChanged(record.account, record.region, record.name);
    for (const id of new Set([former?.keyId ?? record.keyId, record.keyId])) this.#keyChanged({ ...record, id });
  }

  async deleteAlias(account: string, region: string, name: string): Promise<void> {
    const former = await this.alias(account, region, name);
    this.run("DELETE FROM alias WHERE account = ? AND region = ? AND name = ?", account, region, name);
    this.#aliasChanged(account, region, name);
    if (former !== undefined) this.#keyChanged({ account, region, id: former.keyId });
  }

  async putTrail(arn: string, record: TrailRecord): Promise<void> {
    this.run(
      `INSERT INTO trail (arn, account, region, multi_region, record) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET multi_region = excluded.multi_region, record = excluded.record`,
      arn,
      record.account,
      record.region,
      record.multiRegion ? 1 : 0,
      JSON.stringify(record),
    );
  }

  async deleteTrail(arn: string): Promise<void> {
    this.run("DELETE FROM trail WHERE arn = ?", arn);
  }

  async putDelivery(trail: string, state: DeliveryState): Promise<void> {
    this.run("UPDATE trail SET delivery = ? WHERE arn = ?", JSON.stringify(state), trail);
  }

  async putDigestChain(trail: string, region: string, chain: DigestChain): Promise<void> {
    this.run(
      `INSERT INTO digest_chain (trail, region, chain) SELECT arn, ?, ? FROM trail WHERE arn = ?
       ON CONFLICT DO UPDATE SET chain = excluded.chain`,
      region,
      JSON.stringify(chain),
      trail,
    );
  }

  async deleteDigestChain(trail: string, region: string): Promise<void> {
    this.run("DELETE FROM digest_chain WHERE trail = ? AND region = ?", trail, region);
  }

  async putDigestKey(record: DigestKeyRecord): Promise<void> {
    this.run(
      `INSERT INTO digest_key (id, region, valid_from, valid_to, fingerprint, public_key, material_id, domain_key, bytes)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET domain_key = excluded.domain_key, bytes = excluded.bytes`,
      record.id,
      record.region,
      record.validFrom,
      record.validTo,
      record.fingerprint,
      record.publicKey,
      record.materialId,
      record.wrapped?.domainKey ?? null,
      record.wrapped?.bytes ?? null,
    );
  }

  /** What is cached of a multi-Region key has the Regions of all related ones. */
  async #relatedChanged(ref: KeyRef): Promise<void> {
    const related = await this.relatedKeys(ref);
    for (const key of related) this.#keyChanged(key);
    if (related.length === 0) this.#keyChanged(ref);
  }

  #keyChanged({ account, region, id }: KeyRef): void {
    this.#changed({ kind: "key", key: { account, region, id } });
  }

  #grantChanged({ key, grantee }: GrantRecord): void {
    this.#changed({ kind: "grant", key, grantee });
  }

  #aliasChanged(account: string, region: string, name: string): void {
    this.#changed({ kind: "alias", alias: { account, region, name } });
  }
}
