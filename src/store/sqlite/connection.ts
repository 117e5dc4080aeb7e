import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type { DomainKeyRecord } from "../../hsm/hsm.ts";
import type { AccessKeyRecord, AccountRecord } from "../../iam/accessKey.ts";
import type { AliasRecord, KeyRecord, KeyRef, MaterialRecord } from "../../kms/key.ts";
import type { Change, Page, Reader, Transaction } from "../store.ts";
import { accessKeyOf, aliasOf, domainKeyOf, keyOf, keyRefOfMaterial, materialOf } from "./rows.ts";

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
    return row && { id: row.id as string, createdAt: row.created_at as number };
  }

  async accessKey(id: string): Promise<AccessKeyRecord | undefined> {
    const row = this.one("SELECT * FROM access_key WHERE id = ?", id);
    return row && accessKeyOf(row);
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

  async keyWithMaterials(ref: KeyRef): Promise<{ key: KeyRecord; materials: MaterialRecord[] } | undefined> {
    // One statement sees one moment, two do not: another process may commit in between.
    const rows = this.all(
      `SELECT key.*, material.id AS material_id, material.created_at AS material_created_at, rotation_type, domain_key, bytes
       FROM key JOIN material ON material.account = key.account AND material.region = key.region AND key_id = key.id
       WHERE key.account = ? AND key.region = ? AND key.id = ? ORDER BY material.created_at, rotation_type IS NOT NULL`,
      ref.account,
      ref.region,
      ref.id,
    );
    const first = rows[0];
    return (
      first && {
        key: keyOf(first),
        materials: rows.map((row) => materialOf({ ...row, id: row.material_id, created_at: row.material_created_at })),
      }
    );
  }

  async materials(ref: KeyRef): Promise<MaterialRecord[]> {
    return this.all(
      "SELECT * FROM material WHERE account = ? AND region = ? AND key_id = ? ORDER BY created_at, rotation_type IS NOT NULL",
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

  async keysDueForDeletion(now: number, limit: number): Promise<KeyRecord[]> {
    return this.all("SELECT * FROM key WHERE deletion_at <= ? ORDER BY deletion_at LIMIT ?", now, limit).map(keyOf);
  }

  async keysDueForRotation(now: number, limit: number): Promise<KeyRecord[]> {
    return this.all(
      "SELECT * FROM key WHERE rotation_next_at <= ? AND rotation_next_at IS NOT NULL AND state = 'Enabled' ORDER BY rotation_next_at LIMIT ?",
      now,
      limit,
    ).map(keyOf);
  }

  async wrappedUnderOtherThan(domainKey: number, limit: number) {
    const materials = this.all("SELECT * FROM material WHERE domain_key < ? LIMIT ?", domainKey, limit);
    const accessKeys = this.all("SELECT * FROM access_key WHERE domain_key < ? LIMIT ?", domainKey, limit);
    return {
      materials: materials.map((row) => ({ ref: keyRefOfMaterial(row), material: materialOf(row) })),
      accessKeys: accessKeys.map(accessKeyOf),
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
    this.run("INSERT INTO account (id, created_at) VALUES (?, ?)", record.id, record.createdAt);
  }

  async putAccessKey(record: AccessKeyRecord): Promise<void> {
    this.run(
      `INSERT INTO access_key (id, account, domain_key, secret, created_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET domain_key = excluded.domain_key, secret = excluded.secret`,
      record.id,
      record.account,
      record.secret.domainKey,
      record.secret.bytes,
      record.createdAt,
    );
    this.#changed({ kind: "accessKey", id: record.id });
  }

  async putKey(record: KeyRecord): Promise<void> {
    this.run(
      `INSERT INTO key (account, region, id, created_at, description, manager, spec, usage, origin, state, deletion_at,
         policy, tags, current_material_id, rotation_period_in_days, rotation_next_at, rotation_on_demand_count)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET description = excluded.description, state = excluded.state,
         deletion_at = excluded.deletion_at, policy = excluded.policy, tags = excluded.tags,
         current_material_id = excluded.current_material_id, rotation_period_in_days = excluded.rotation_period_in_days,
         rotation_next_at = excluded.rotation_next_at, rotation_on_demand_count = excluded.rotation_on_demand_count`,
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
      record.policy,
      JSON.stringify(record.tags),
      record.currentMaterialId,
      record.rotation.periodInDays,
      record.rotation.nextAt,
      record.rotation.onDemandCount,
    );
    this.#keyChanged(record);
  }

  async deleteKey(ref: KeyRef): Promise<void> {
    for (const alias of await this.aliases(ref.account, ref.region, ref.id, { after: undefined, limit: -1 })) {
      await this.deleteAlias(alias.account, alias.region, alias.name);
    }
    this.run("DELETE FROM key WHERE account = ? AND region = ? AND id = ?", ref.account, ref.region, ref.id);
    this.#keyChanged(ref);
  }

  async putMaterial(ref: KeyRef, record: MaterialRecord): Promise<void> {
    this.run(
      `INSERT INTO material (account, region, key_id, id, created_at, rotation_type, domain_key, bytes)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET domain_key = excluded.domain_key, bytes = excluded.bytes`,
      ref.account,
      ref.region,
      ref.id,
      record.id,
      record.createdAt,
      record.rotationType,
      record.domainKey,
      record.bytes,
    );
    this.#keyChanged(ref);
  }

  async putAlias(record: AliasRecord): Promise<void> {
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
  }

  async deleteAlias(account: string, region: string, name: string): Promise<void> {
    this.run("DELETE FROM alias WHERE account = ? AND region = ? AND name = ?", account, region, name);
    this.#aliasChanged(account, region, name);
  }

  #keyChanged({ account, region, id }: KeyRef): void {
    this.#changed({ kind: "key", key: { account, region, id } });
  }

  #aliasChanged(account: string, region: string, name: string): void {
    this.#changed({ kind: "alias", alias: { account, region, name } });
  }
}
