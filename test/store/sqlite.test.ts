import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { newAccount } from "../../src/iam/account.ts";
import { sqliteMigrations } from "../../src/store/migrations/sqlite.ts";
import { SqliteStore } from "../../src/store/sqlite/sqliteStore.ts";
import { NotAStore } from "../../src/store/store.ts";
import { identitySuite } from "./identitySuite.ts";
import { account, keyRecord, material, storeSuite } from "./suite.ts";
import { trailSuite } from "./trailSuite.ts";

const directory = mkdtempSync(join(tmpdir(), "strongroom-store-"));
after(() => rmSync(directory, { recursive: true }));
const path = (name: string) => join(directory, `${name}.db`);

storeSuite("sqlite", async (name) => SqliteStore.open(path(name), { shared: true }));
identitySuite("sqlite", async (name) => SqliteStore.open(path(name), { shared: true }));
trailSuite("sqlite", async (name) => SqliteStore.open(path(name), { shared: true }));

test("sqlite: the file is its owner's alone", async () => {
  const store = SqliteStore.open(path("mode"));
  await store.close();
  assert.equal(statSync(path("mode")).mode & 0o777, 0o600);
});

for (const [title, content] of [
  ["text", Buffer.from("this is no database, this is a text that is longer than a header of SQLite. ".repeat(20))],
  ["a damaged header", Buffer.concat([Buffer.from("SQLite format 3\0"), Buffer.alloc(4096, 0xff)])],
] as const) {
  test(`sqlite: ${title} is refused and left as it is`, () => {
    writeFileSync(path(title), content);
    assert.throws(() => SqliteStore.open(path(title)), NotAStore);
    assert.deepEqual(readFileSync(path(title)), content);
  });
}

test("sqlite: another program's database is refused and left as it is", () => {
  const foreign = new DatabaseSync(path("foreign"));
  foreign.exec("CREATE TABLE t (x); INSERT INTO t VALUES (1)");
  foreign.close();
  assert.throws(() => SqliteStore.open(path("foreign")), /not one of Strongroom's/);
  const again = new DatabaseSync(path("foreign"));
  assert.deepEqual(
    again
      .prepare("SELECT name FROM sqlite_schema")
      .all()
      .map((row) => row.name),
    ["t"],
  );
  again.close();
});

test("sqlite: a newer version's store is refused", async () => {
  await SqliteStore.open(path("newer")).close();
  const database = new DatabaseSync(path("newer"));
  database.exec("PRAGMA user_version = 9999");
  database.close();
  assert.throws(() => SqliteStore.open(path("newer")), /newer version/);
});

test("sqlite: a store of version 2 is brought up, with its keys and their materials", async () => {
  const old = new DatabaseSync(path("old"));
  for (const step of sqliteMigrations.slice(0, 2)) old.exec(step);
  old.exec(`PRAGMA application_id = ${0x53524b4d}; PRAGMA user_version = 2; PRAGMA foreign_keys = ON`);
  old.exec(`
    INSERT INTO account (id, created_at) VALUES ('${account}', 1);
    INSERT INTO key (account, region, id, created_at, description, manager, spec, usage, origin, state, policy, tags,
      current_material_id, rotation_next_at, rotation_period_in_days, rotation_on_demand_count)
      VALUES ('${account}', 'us-east-1', 'k', 1, 'd', 'CUSTOMER', 'SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT', 'AWS_KMS',
        'Enabled', '{}', '[{"TagKey":"k","TagValue":"v"}]', 'm2', 5, 90, 1);
    INSERT INTO material VALUES ('${account}', 'us-east-1', 'k', 'm1', 1, NULL, 1, x'010203');
    INSERT INTO material VALUES ('${account}', 'us-east-1', 'k', 'm2', 2, 'ON_DEMAND', 1, x'010203')`);
  old.close();
  const store = SqliteStore.open(path("old"));
  const record = keyRecord("k", {
    tags: [{ TagKey: "k", TagValue: "v" }],
    currentMaterialId: "m2",
    rotation: { periodInDays: 90, nextAt: 5, onDemandCount: 1 },
  });
  const materials = [material("m1"), material("m2", { createdAt: 2, rotationType: "ON_DEMAND" })];
  assert.deepEqual(await store.keyWithMaterials(record), {
    key: record,
    materials,
    regions: ["us-east-1"],
    use: undefined,
  });
  assert.deepEqual(await store.keysDueForRotation(5, 1), [record]);
  await store.transaction((transaction) => transaction.deleteKey(record));
  assert.deepEqual(await store.materials(record), []);
  await store.close();
});

test("sqlite: when another process holds the write lock, transactions wait for it, and nothing else does", async () => {
  const store = SqliteStore.open(path("busy"));
  await store.transaction((transaction) => transaction.putAccount(newAccount(account, "", 1)));
  const other = new DatabaseSync(path("busy"));
  other.exec("BEGIN IMMEDIATE");
  let done = false;
  const writing = store
    .transaction((transaction) => transaction.putKey(keyRecord("a")))
    .then(() => {
      done = true;
    });
  for (let i = 0; i < 20; i++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(await store.key(keyRecord("a")), undefined);
  }
  assert.equal(done, false);
  other.exec("COMMIT");
  await writing;
  assert.notEqual(await store.key(keyRecord("a")), undefined);
  other.close();
  await store.close();
});
