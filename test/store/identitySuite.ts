import assert from "node:assert/strict";
import { test } from "node:test";
import { newAccount, rootAccessKey } from "../../src/iam/account.ts";
import { link, putEntity } from "../../src/iam/entities.ts";
import type { GroupRecord, MfaDeviceRecord, UserRecord } from "../../src/iam/entity.ts";
import type { GrantRecord } from "../../src/kms/grant.ts";
import type { Change, Store } from "../../src/store/store.ts";
import { account, keyRecord, material, region } from "./suite.ts";

const other = "111122223333";
const all = { after: undefined, limit: 100 };
const POLICY = "arn:aws:iam::aws:policy/AdministratorAccess";

const user = (name: string, change: Partial<UserRecord> = {}): UserRecord => ({
  kind: "user",
  id: `AIDA${name.toUpperCase()}`,
  account,
  name,
  path: "/",
  createdAt: 1,
  policies: { "p\u0000": '{"a":"ü\u{1f511}"}' },
  attached: [],
  tags: [{ Key: "k", Value: "" }],
  boundary: null,
  groups: [],
  loginProfile: null,
  passwordLastUsedAt: null,
  ...change,
});

const group = (name: string, change: Partial<GroupRecord> = {}): GroupRecord => ({
  kind: "group",
  id: `AGPA${name.toUpperCase()}`,
  account,
  name,
  path: "/x/",
  createdAt: 1,
  policies: {},
  attached: [],
  ...change,
});

const grant = (id: string, change: Partial<GrantRecord> = {}): GrantRecord => ({
  key: { account, region, id: "a" },
  id,
  grantee: "AIDABOB",
  retiring: null,
  issuer: account,
  name: "",
  operations: ["Decrypt"],
  constraints: null,
  createdAt: 1,
  ...change,
});

const put = (store: Store, ...entities: Parameters<typeof putEntity>[1][]) =>
  store.transaction(async (transaction) => {
    for (const entity of entities) await putEntity(transaction, entity);
  });

/** What every adapter must do about accounts, identities and grants; as `storeSuite`. */
export function identitySuite(adapter: string, open: (name: string) => Promise<Store>): void {
  const withStore = (title: string, run: (store: Store, name: string) => Promise<void>) =>
    test(`${adapter}: ${title}`, async () => {
      const name = `identities ${title}`;
      const store = await open(name);
      try {
        await store.transaction(async (transaction) => {
          await transaction.putAccount(newAccount(account, "", 1));
          await transaction.putAccount(newAccount(other, "other", 2));
        });
        await run(store, name);
      } finally {
        await store.close();
      }
    });

  withStore("keeps accounts, and finds them by alias", async (store) => {
    const changed = { ...newAccount(other, "n", 2), alias: "acme", closedAt: 9 };
    await store.transaction((transaction) => transaction.putAccount(changed));
    assert.deepEqual(await store.account(other), changed);
    assert.deepEqual(await store.accountWithAlias("acme"), changed);
    assert.equal(await store.accountWithAlias("none"), undefined);
    assert.deepEqual(await store.accounts(all), [newAccount(account, "", 1), changed]);
    assert.deepEqual(await store.accounts({ after: account, limit: 1 }), [changed]);
    const taken = store.transaction((transaction) =>
      transaction.putAccount({ ...newAccount(account, "", 1), alias: "acme" }),
    );
    await assert.rejects(taken);
  });

  withStore("keeps access keys of root and of users apart", async (store) => {
    const secret = { domainKey: 1, bytes: new Uint8Array([8]) };
    await store.transaction(async (transaction) => {
      await transaction.putAccessKey(rootAccessKey("AKIAROOT", account, secret, 5));
      for (const [id, createdAt] of [
        ["AKIA2", 2],
        ["AKIA1", 3],
      ] as const) {
        await transaction.putAccessKey({ ...rootAccessKey(id, account, secret, createdAt), userId: "AIDABOB" });
      }
    });
    const ids = async (userId: string | null) => (await store.accessKeysOf(account, userId)).map(({ id }) => id);
    assert.deepEqual(await ids(null), ["AKIAROOT"]);
    assert.deepEqual(await ids("AIDABOB"), ["AKIA2", "AKIA1"]);
    assert.deepEqual(await ids("AIDAEVE"), []);
    const use = { at: 7, service: "kms", region };
    await store.transaction(async (transaction) => {
      await transaction.putAccessKeyUse("AKIA1", use);
      const record = (await transaction.accessKey("AKIA1"))!;
      await transaction.putAccessKey({ ...record, status: "Inactive" });
      await transaction.deleteAccessKey("AKIA2");
    });
    assert.deepEqual(await store.accessKeysOf(account, "AIDABOB"), [
      {
        ...rootAccessKey("AKIA1", account, secret, 3),
        userId: "AIDABOB",
        status: "Inactive",
        lastUsed: use,
      },
    ]);
  });

  withStore("keeps entities, whatever is in them, and finds them by name", async (store) => {
    await put(store, user("Bob"), group("Bob"), user("bob", { account: other, id: "AIDAOTHER" }));
    assert.deepEqual(await store.entity("AIDABOB"), user("Bob"));
    assert.deepEqual(await store.entityNamed(account, "user", "bob"), user("Bob"));
    assert.deepEqual(await store.entityNamed(account, "group", "bob"), group("Bob"));
    assert.equal(await store.entityNamed(account, "role", "bob"), undefined);
    assert.equal((await store.entityNamed(other, "user", "bob"))?.id, "AIDAOTHER");
    assert.equal(await store.countEntities(account, "user"), 1);
    await assert.rejects(put(store, user("BOB", { id: "AIDASECOND" })), "a name belongs to one");
    await put(store, user("Bob", { name: "Alice", path: "/p/" }));
    assert.equal(await store.entityNamed(account, "user", "bob"), undefined);
    assert.deepEqual(await store.entityNamed(account, "user", "alice"), user("Bob", { name: "Alice", path: "/p/" }));
    await store.transaction((transaction) => transaction.deleteEntity(user("Bob")));
    assert.equal(await store.entity("AIDABOB"), undefined);
  });

  withStore("lists entities by name, a page at a time", async (store) => {
    await put(store, ...["c", "A", "b"].map((name) => user(name)), user("z", { account: other }));
    const names = async (page: { after: string | undefined; limit: number }) =>
      (await store.entities(account, "user", page)).map(({ name }) => name);
    assert.deepEqual(await names(all), ["A", "b", "c"]);
    assert.deepEqual(await names({ after: undefined, limit: 2 }), ["A", "b"]);
    assert.deepEqual(await names({ after: "b", limit: 2 }), ["c"]);
  });

  withStore("finds entities by what they refer to", async (store) => {
    await put(
      store,
      group("g"),
      user("bob", { groups: ["AGPAG"], attached: [POLICY], boundary: POLICY }),
      user("eve", { groups: ["AGPAG"] }),
      user("far", { account: other, attached: [POLICY] }),
    );
    const linked = async (text: string) => (await store.entitiesLinked(text, all)).map(({ id }) => id);
    assert.deepEqual(await linked(link.member("AGPAG")), ["AIDABOB", "AIDAEVE"]);
    assert.deepEqual(await linked(link.attached(account, POLICY)), ["AIDABOB"]);
    assert.deepEqual(await linked(link.attached(other, POLICY)), ["AIDAFAR"]);
    assert.deepEqual(await linked(link.boundary(account, POLICY)), ["AIDABOB"]);
    assert.equal(await store.countLinked(link.member("AGPAG")), 2);
    const page = { after: "AIDABOB", limit: 1 };
    assert.deepEqual(
      (await store.entitiesLinked(link.member("AGPAG"), page)).map(({ id }) => id),
      ["AIDAEVE"],
    );
    await put(store, user("bob"));
    assert.deepEqual(await linked(link.attached(account, POLICY)), []);
    await store.transaction((transaction) => transaction.deleteEntity(user("eve")));
    assert.deepEqual(await linked(link.member("AGPAG")), []);
  });

  withStore("keeps an MFA device's seed where a new domain key finds it", async (store) => {
    const device: MfaDeviceRecord = {
      kind: "mfaDevice",
      id: "mfa1",
      account,
      name: "phone",
      path: "/",
      createdAt: 1,
      seed: { domainKey: 1, bytes: new Uint8Array([1, 0, 255]) },
      owner: null,
      enabledAt: null,
      lastCounter: 0,
      drift: 0,
      tags: [],
    };
    await put(store, device);
    assert.deepEqual(await store.entity("mfa1"), device);
    assert.deepEqual((await store.wrappedUnderOtherThan(2, 10)).mfaDevices, [device]);
    await put(store, { ...device, seed: { domainKey: 2, bytes: new Uint8Array([7]) } });
    assert.deepEqual((await store.wrappedUnderOtherThan(2, 10)).mfaDevices, []);
  });

  withStore("keeps grants, and finds them by key, grantee, name and who may retire them", async (store) => {
    const full = grant("g2", {
      retiring: "AROAR",
      name: "n",
      operations: ["Encrypt", "CreateGrant"],
      constraints: { EncryptionContextSubset: { a: "ü" } },
    });
    const earlier = grant("g3", { name: "n", createdAt: 0, grantee: "AIDAEVE" });
    await store.transaction(async (transaction) => {
      await transaction.putKey(keyRecord("a"));
      await transaction.putMaterial(keyRecord("a"), material("m1"));
      for (const record of [grant("g1"), full, earlier]) await transaction.putGrant(record);
    });
    const { key } = full;
    assert.deepEqual(await store.grant(key, "g2"), full);
    assert.equal(await store.grant({ ...key, region: "eu-west-1" }, "g2"), undefined);
    assert.deepEqual(await store.grants(key, undefined, all), [grant("g1"), full, earlier]);
    assert.deepEqual(await store.grants(key, "AIDABOB", { after: "g1", limit: 1 }), [full]);
    assert.deepEqual(await store.grantsNamed(key, "n"), [earlier, full]);
    assert.deepEqual(await store.grantsNamed(key, ""), []);
    assert.deepEqual(await store.grantsRetirable("AROAR", region, all), [full]);
    assert.deepEqual(await store.grantsRetirable("AROAR", "eu-west-1", all), []);
    assert.equal(await store.countGrants(key), 3);
    assert.equal(await store.countKeys(account, region), 1);
    assert.equal(await store.countKeys(account, "eu-west-1"), 0);
    await store.transaction((transaction) => transaction.putKey(keyRecord("managed", { manager: "AWS" })));
    await store.transaction((transaction) => transaction.putKey(keyRecord("a", { description: "changed" })));
    assert.equal(await store.countKeys(account, region), 1);
    await store.transaction((transaction) => transaction.deleteGrant(full));
    assert.equal(await store.grant(key, "g2"), undefined);
    await store.transaction((transaction) => transaction.deleteKey(key));
    assert.equal(await store.countGrants(key), 0);
    assert.equal(await store.countKeys(account, region), 0);
  });

  withStore("tells of changes to identities and grants, and of aliases to their keys", async (store) => {
    const heard: Change[] = [];
    await store.transaction(async (transaction) => {
      await transaction.putKey(keyRecord("a"));
      await transaction.putKey(keyRecord("b"));
    });
    store.onChange((change) => heard.push(change));
    const take = () => heard.splice(0);
    await put(store, user("bob"));
    await store.transaction((transaction) => transaction.deleteEntity(user("bob")));
    const changed = { kind: "account", id: account };
    assert.deepEqual(take(), [changed, changed]);
    await store.transaction((transaction) => transaction.putGrant(grant("g")));
    await store.transaction((transaction) => transaction.deleteGrant(grant("g")));
    const granted = { kind: "grant", key: { account, region, id: "a" }, grantee: "AIDABOB" };
    assert.deepEqual(take(), [granted, granted]);
    const alias = { account, region, name: "alias/x", createdAt: 1, updatedAt: 1 };
    await store.transaction((transaction) => transaction.putAlias({ ...alias, keyId: "a" }));
    await store.transaction((transaction) => transaction.putAlias({ ...alias, keyId: "b" }));
    await store.transaction((transaction) => transaction.deleteAlias(account, region, "alias/x"));
    const keys = take().flatMap((change) => (change.kind === "key" ? [change.key.id] : []));
    assert.deepEqual(keys, ["a", "a", "b", "b"]);
  });
}
