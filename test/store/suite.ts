import assert from "node:assert/strict";
import { test } from "node:test";
import { newAccount, rootAccessKey } from "../../src/iam/account.ts";
import type { AliasRecord, KeyRecord, MaterialRecord } from "../../src/kms/key.ts";
import type { Change, Store } from "../../src/store/store.ts";

export const account = "000000000000";
export const region = "us-east-1";

export function keyRecord(id: string, change: Partial<KeyRecord> = {}): KeyRecord {
  return {
    account,
    region,
    id,
    createdAt: 1,
    description: "d",
    manager: "CUSTOMER",
    spec: "SYMMETRIC_DEFAULT",
    usage: "ENCRYPT_DECRYPT",
    origin: "AWS_KMS",
    state: "Enabled",
    deletionAt: null,
    pendingWindowInDays: null,
    policy: "{}",
    tags: [{ TagKey: "k", TagValue: "v\n\u0000\u{1f511}" }],
    currentMaterialId: "m1",
    rotation: { periodInDays: null, nextAt: null, onDemandCount: 0 },
    primaryRegion: null,
    ...change,
  };
}

const sealed = (domainKey: number) => ({ domainKey, bytes: new Uint8Array([1, 2, 3]) });

export const material = (id: string, change: Partial<MaterialRecord> = {}): MaterialRecord => ({
  id,
  createdAt: 1,
  rotationType: null,
  pending: false,
  wrapped: sealed(1),
  publicKey: null,
  imported: null,
  ...change,
});

const alias = (name: string, keyId: string): AliasRecord => ({
  account,
  region,
  name,
  keyId,
  createdAt: 1,
  updatedAt: 2,
});
const all = { after: undefined, limit: 100 };

async function putKey(store: Store, record: KeyRecord): Promise<void> {
  await store.transaction(async (transaction) => {
    await transaction.putKey(record);
    await transaction.putMaterial(record, material(record.currentMaterialId ?? "m1"));
  });
}

/**
 * What every adapter must do. `open` gives the store at one place: called twice with the same name it is the same store,
 * as another process would see it.
 */
export function storeSuite(adapter: string, open: (name: string) => Promise<Store>): void {
  const withStore = (title: string, run: (store: Store, name: string) => Promise<void>) =>
    test(`${adapter}: ${title}`, async () => {
      const name = title.replaceAll(/\W+/g, "-");
      const store = await open(name);
      try {
        await store.transaction((transaction) => transaction.putAccount(newAccount(account, "", 1)));
        await run(store, name);
      } finally {
        await store.close();
      }
    });

  withStore("keeps what it is given, to the bit", async (store, name) => {
    const record = keyRecord("a", { deletionAt: 5, rotation: { periodInDays: 90, nextAt: 7, onDemandCount: 3 } });
    await putKey(store, record);
    await store.transaction(async (transaction) => {
      await transaction.putAlias(alias("alias/a", "a"));
      await transaction.putSetting("s", "v");
      await transaction.putDomainKey({ id: 1, bytes: new Uint8Array([9]), createdAt: 3 });
      await transaction.putAccessKey(rootAccessKey("AK", account, { domainKey: 1, bytes: new Uint8Array([8]) }, 4));
    });
    const again = await open(name);
    try {
      assert.deepEqual(await again.key(record), record);
      assert.deepEqual(await again.keyWithMaterials(record), {
        key: record,
        materials: [material("m1")],
        regions: [region],
        use: undefined,
      });
      assert.deepEqual(await again.alias(account, region, "alias/a"), alias("alias/a", "a"));
      assert.equal(await again.setting("s"), "v");
      assert.deepEqual(await again.domainKeys(), [{ id: 1, bytes: new Uint8Array([9]), createdAt: 3 }]);
      assert.deepEqual((await again.accessKey("AK"))?.secret, { domainKey: 1, bytes: new Uint8Array([8]) });
      assert.deepEqual(await again.account(account), newAccount(account, "", 1));
    } finally {
      await again.close();
    }
  });

  withStore("has nothing where nothing was put", async (store) => {
    assert.equal(await store.key({ account, region, id: "none" }), undefined);
    assert.equal(await store.keyWithMaterials({ account, region, id: "none" }), undefined);
    assert.equal(await store.alias(account, region, "alias/none"), undefined);
    assert.equal(await store.accessKey("none"), undefined);
    assert.equal(await store.account("111111111111"), undefined);
    assert.equal(await store.setting("none"), undefined);
  });

  withStore("walls: a key is in its account and Region alone", async (store) => {
    await putKey(store, keyRecord("a"));
    assert.equal(await store.key({ account, region: "eu-west-1", id: "a" }), undefined);
    assert.deepEqual(await store.keyIds(account, "eu-west-1", all), []);
    assert.deepEqual(await store.keyIds("111111111111", region, all), []);
  });

  withStore("a transaction that throws leaves nothing, and its neighbours everything", async (store) => {
    const thrown = new Error("no");
    const outcomes = await Promise.allSettled([
      putKey(store, keyRecord("a")),
      store.transaction(async (transaction) => {
        await transaction.putKey(keyRecord("b"));
        assert.notEqual(await transaction.key(keyRecord("b")), undefined, "it sees its own writes");
        throw thrown;
      }),
      putKey(store, keyRecord("c")),
    ]);
    assert.deepEqual(
      outcomes.map((outcome) => outcome.status),
      ["fulfilled", "rejected", "fulfilled"],
    );
    assert.equal((outcomes[1] as PromiseRejectedResult).reason, thrown);
    assert.deepEqual(await store.keyIds(account, region, all), ["a", "c"]);
  });

  withStore("what is not committed is not read by others", async (store) => {
    const reading = store.transaction(async (transaction) => {
      await transaction.putKey(keyRecord("a"));
      return store.key(keyRecord("a"));
    });
    assert.equal(await reading, undefined);
    assert.notEqual(await store.key(keyRecord("a")), undefined);
  });

  withStore("transactions are serialisable: no increment is lost", async (store, name) => {
    const second = await open(name);
    await store.transaction((transaction) => transaction.putSetting("n", "0"));
    const increment = (on: Store) =>
      on.transaction(async (transaction) => {
        const n = Number(await transaction.setting("n"));
        await transaction.putSetting("n", String(n + 1));
      });
    await Promise.all(Array.from({ length: 200 }, (_, i) => increment(i % 2 ? store : second)));
    await second.close();
    assert.equal(await store.setting("n"), "200");
  });

  withStore("pages go on where they ended, whatever changed between them", async (store) => {
    for (const id of ["a", "b", "c", "d", "e"]) await putKey(store, keyRecord(id));
    assert.deepEqual(await store.keyIds(account, region, { after: undefined, limit: 2 }), ["a", "b"]);
    await store.transaction(async (transaction) => {
      await transaction.deleteKey(keyRecord("b"));
      await transaction.deleteKey(keyRecord("c"));
    });
    await putKey(store, keyRecord("bb"));
    assert.deepEqual(await store.keyIds(account, region, { after: "b", limit: 2 }), ["bb", "d"]);
    assert.deepEqual(await store.keyIds(account, region, { after: "d", limit: 2 }), ["e"]);
  });

  withStore("aliases: sorted, by key, moved and deleted", async (store) => {
    await putKey(store, keyRecord("a"));
    await putKey(store, keyRecord("b"));
    await store.transaction(async (transaction) => {
      for (const name of ["alias/z", "alias/B", "alias/m"]) await transaction.putAlias(alias(name, "a"));
      await transaction.putAlias(alias("alias/b", "b"));
    });
    const names = async (keyId?: string) => (await store.aliases(account, region, keyId, all)).map(({ name }) => name);
    assert.deepEqual(await names(), ["alias/B", "alias/b", "alias/m", "alias/z"]);
    assert.deepEqual(await names("a"), ["alias/B", "alias/m", "alias/z"]);
    await store.transaction((transaction) => transaction.putAlias(alias("alias/m", "b")));
    await store.transaction((transaction) => transaction.deleteAlias(account, region, "alias/z"));
    assert.deepEqual(await names("a"), ["alias/B"]);
    assert.deepEqual(await names("b"), ["alias/b", "alias/m"]);
  });

  withStore("a deleted key takes its materials and aliases along", async (store) => {
    await putKey(store, keyRecord("a"));
    await store.transaction((transaction) => transaction.putAlias(alias("alias/a", "a")));
    await store.transaction((transaction) => transaction.deleteKey(keyRecord("a")));
    assert.equal(await store.key(keyRecord("a")), undefined);
    assert.deepEqual(await store.materials(keyRecord("a")), []);
    assert.equal(await store.alias(account, region, "alias/a"), undefined);
  });

  withStore("materials: oldest first, current kept beside the former", async (store) => {
    const record = keyRecord("a");
    await putKey(store, record);
    await store.transaction(async (transaction) => {
      await transaction.putMaterial(record, material("m3", { createdAt: 3, rotationType: "AUTOMATIC" }));
      await transaction.putMaterial(record, material("m2", { createdAt: 2, rotationType: "ON_DEMAND" }));
    });
    assert.deepEqual(
      (await store.materials(record)).map(({ id }) => id),
      ["m1", "m2", "m3"],
    );
    assert.deepEqual(
      (await store.keyWithMaterials(record))?.materials.map(({ id }) => id),
      ["m1", "m2", "m3"],
    );
  });

  withStore("finds what is due", async (store) => {
    await putKey(store, keyRecord("later", { state: "PendingDeletion", deletionAt: 20 }));
    await putKey(store, keyRecord("due", { state: "PendingDeletion", deletionAt: 10 }));
    await putKey(store, keyRecord("rotates", { rotation: { periodInDays: 90, nextAt: 10, onDemandCount: 0 } }));
    await putKey(
      store,
      keyRecord("disabled", { state: "Disabled", rotation: { periodInDays: 90, nextAt: 10, onDemandCount: 0 } }),
    );
    await putKey(store, keyRecord("never"));
    assert.deepEqual(
      (await store.keysDueForDeletion(9, 10)).map(({ id }) => id),
      [],
    );
    assert.deepEqual(
      (await store.keysDueForDeletion(10, 10)).map(({ id }) => id),
      ["due"],
    );
    assert.deepEqual(
      (await store.keysDueForDeletion(99, 1)).map(({ id }) => id),
      ["due"],
    );
    assert.deepEqual(
      (await store.keysDueForRotation(10, 10)).map(({ id }) => id),
      ["rotates"],
    );
  });

  withStore("a key that waits for its import, and its material through all of that", async (store, name) => {
    const record = keyRecord("a", { origin: "EXTERNAL", state: "PendingImport", currentMaterialId: null });
    await store.transaction((transaction) => transaction.putKey(record));
    assert.deepEqual(await store.keyWithMaterials(record), {
      key: record,
      materials: [],
      regions: [region],
      use: undefined,
    });
    const imported = { description: "from \u0000 a safe", validTo: 50 };
    const waiting = material("m2", { createdAt: 9, pending: true, imported, publicKey: new Uint8Array([9]) });
    const first = material("m1", { createdAt: 10, imported: { description: null, validTo: null } });
    const put = (...materials: MaterialRecord[]) =>
      store.transaction(async (transaction) => {
        for (const each of materials) await transaction.putMaterial(record, each);
      });
    await put(first, waiting);
    assert.deepEqual(await store.materials(record), [first, waiting], "what waits comes last");
    const due = async (now: number) => (await store.materialsDueForExpiry(now, 10)).map(({ material: { id } }) => id);
    assert.deepEqual([await due(49), await due(50)], [[], ["m2"]]);
    await put({ ...first, wrapped: null }, { ...waiting, createdAt: 11, rotationType: "ON_DEMAND", pending: false });
    const again = await open(name);
    assert.deepEqual(await again.materials(record), [
      { ...first, wrapped: null },
      { ...waiting, createdAt: 11, rotationType: "ON_DEMAND", pending: false },
    ]);
    assert.deepEqual((await again.wrappedUnderOtherThan(2, 10)).materials.length, 1, "what is away is not sealed");
    await put({ ...waiting, wrapped: null });
    assert.deepEqual(await due(1000), [], "what is away does not expire");
    await store.transaction((transaction) => transaction.deleteMaterial(record, "m2"));
    assert.deepEqual(
      (await store.materials(record)).map(({ id }) => id),
      ["m1"],
    );
    await again.close();
  });

  withStore(
    "related keys: found together, each told of changes of the others, rotated by the primary",
    async (store) => {
      const id = `mrk-${"0".repeat(32)}`;
      const rotation = { periodInDays: 90, nextAt: 5, onDemandCount: 0 };
      const primary = keyRecord(id, { primaryRegion: region, rotation });
      const replica = { ...primary, region: "eu-west-1" };
      await putKey(store, keyRecord("single"));
      await putKey(store, primary);
      const heard: Change[] = [];
      store.onChange((change) => heard.push(change));
      await putKey(store, replica);
      const told = () =>
        new Set(heard.splice(0).map((change) => (change.kind === "key" ? change.key.region : change.kind)));
      assert.deepEqual(told(), new Set([region, "eu-west-1"]));
      assert.deepEqual(await store.relatedKeys(primary), [replica, primary]);
      assert.deepEqual(await store.relatedKeys(keyRecord("single")), []);
      assert.deepEqual((await store.keyWithMaterials(primary))?.regions, ["eu-west-1", region]);
      assert.deepEqual(await store.keysDueForRotation(10, 10), [primary]);
      await store.transaction((transaction) => transaction.deleteKey(replica));
      assert.deepEqual(told(), new Set([region, "eu-west-1"]));
      assert.deepEqual((await store.keyWithMaterials(primary))?.regions, [region]);
      assert.equal(await store.countKeys(account, "eu-west-1"), 0);
    },
  );

  withStore("finds what older domain keys sealed", async (store) => {
    const record = keyRecord("a");
    await putKey(store, record);
    await store.transaction(async (transaction) => {
      await transaction.putMaterial(record, material("m2", { createdAt: 2, wrapped: sealed(2) }));
      await transaction.putAccessKey(rootAccessKey("AK", account, { domainKey: 1, bytes: new Uint8Array([8]) }, 4));
    });
    const { materials, accessKeys } = await store.wrappedUnderOtherThan(2, 10);
    assert.deepEqual(
      materials.map(({ ref, material: { id } }) => [ref.id, id]),
      [["a", "m1"]],
    );
    assert.deepEqual(
      accessKeys.map(({ id }) => id),
      ["AK"],
    );
  });

  withStore("listeners hear of each change: at once here, at the next refresh elsewhere", async (store, name) => {
    const second = await open(name);
    const here: Change[] = [];
    const there: Change[] = [];
    second.refresh();
    store.onChange((change) => here.push(change));
    second.onChange((change) => there.push(change));
    await putKey(store, keyRecord("a"));
    await store.transaction((transaction) => transaction.putAlias(alias("alias/a", "a")));
    await store.transaction((transaction) => transaction.deleteKey(keyRecord("a")));
    const key = { kind: "key", key: { account, region, id: "a" } };
    const named = { kind: "alias", alias: { account, region, name: "alias/a" } };
    assert.deepEqual(here, [key, key, named, key, named, key, key]);
    await new Promise(setImmediate);
    second.refresh();
    assert.deepEqual(there, [key, key, named, key, named, key, key]);
    await second.close();
  });

  withStore("who missed too many changes is told to forget everything", async (store, name) => {
    const second = await open(name);
    const there: Change[] = [];
    second.onChange((change) => there.push(change));
    for (let round = 0; round < 4; round++) {
      await store.transaction(async (transaction) => {
        for (let i = 0; i < 3_000; i++) await transaction.deleteAlias(account, region, `alias/${i}`);
      });
    }
    await new Promise(setImmediate);
    second.refresh();
    assert.deepEqual(there, [{ kind: "everything" }]);
    await second.close();
  });
}
