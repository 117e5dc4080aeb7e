import assert from "node:assert/strict";
import { test } from "node:test";
import { type DeliveryState, type DigestChain, NOTHING_DELIVERED } from "../../src/cloudtrail/delivery/state.ts";
import type { DigestKeyRecord } from "../../src/cloudtrail/digestKey.ts";
import { type TrailRecord, trailArn } from "../../src/cloudtrail/trail.ts";
import { newAccount } from "../../src/iam/account.ts";
import type { Store } from "../../src/store/store.ts";
import { trailRecord } from "../cloudtrail/deliveryWorld.ts";
import { account, region } from "./suite.ts";

const all = { after: undefined, limit: 100 };
const digestKey = (id: string, change: Partial<DigestKeyRecord> = {}): DigestKeyRecord => ({
  id,
  region,
  validFrom: 10,
  validTo: 20,
  fingerprint: "f",
  publicKey: new Uint8Array([1]),
  materialId: "m",
  wrapped: { domainKey: 1, bytes: new Uint8Array([2]) },
  ...change,
});
const chain: DigestChain = {
  start: 5,
  previous: { bucket: "b", object: "o", hash: "h", signature: "s" },
  logFiles: [{ bucket: "b", object: "l", hash: "h", newestEventTime: "n", oldestEventTime: "o", at: 6 }],
  pending: null,
};
const state: DeliveryState = { ...NOTHING_DELIVERED, idle: false, positions: { "00": 7 }, latestError: "NoSuchBucket" };

/** What every adapter must do for trails; `open` as in storeSuite. */
export function trailSuite(adapter: string, open: (name: string) => Promise<Store>): void {
  const withStore = (title: string, run: (store: Store, name: string) => Promise<void>) =>
    test(`${adapter}: ${title}`, async () => {
      const name = title.replaceAll(/\W+/g, "-");
      const store = await open(name);
      try {
        await store.transaction(async (transaction) => {
          for (const id of [account, "111111111111"]) await transaction.putAccount(newAccount(id, "", 1));
        });
        await run(store, name);
      } finally {
        await store.close();
      }
    });
  const put = (store: Store, ...trails: TrailRecord[]) =>
    store.transaction(async (transaction) => {
      for (const trail of trails) await transaction.putTrail(trailArn(trail), trail);
    });

  withStore("trails: kept, replaced, found by Region and by account", async (store, name) => {
    const home = trailRecord({ name: "home", multiRegion: false, tags: [{ Key: "k\u0000", Value: "\u{1f511}" }] });
    const everywhere = trailRecord({ name: "everywhere", region: "eu-west-1" });
    const foreign = trailRecord({ name: "foreign", account: "111111111111" });
    await put(store, { ...home, bucket: "other" }, everywhere, foreign);
    await put(store, home);
    const again = await open(name);
    assert.deepEqual(await again.trail(trailArn(home)), home);
    assert.equal(await again.trail(trailArn({ ...home, name: "none" })), undefined);
    assert.deepEqual(await again.trailsIn(account, region), [everywhere, home]);
    assert.deepEqual(await again.trailsIn(account, "eu-west-1"), [everywhere]);
    assert.deepEqual(await again.trails(account, all), [everywhere, home]);
    assert.deepEqual(await again.trails(undefined, { after: trailArn(everywhere), limit: 1 }), [home]);
    assert.deepEqual(await again.trails(undefined, { after: trailArn(home), limit: 9 }), [foreign]);
    await again.close();
  });

  withStore("how far a trail has got stands apart from it, and goes with it", async (store) => {
    const trail = trailRecord();
    const arn = trailArn(trail);
    const deliver = () =>
      store.transaction(async (transaction) => {
        await transaction.putDelivery(arn, state);
        await transaction.putDigestChain(arn, region, { ...chain, start: 4 });
        await transaction.putDigestChain(arn, region, chain);
        await transaction.putDigestChain(arn, "eu-west-1", chain);
      });
    await deliver();
    assert.deepEqual([await store.delivery(arn), await store.digestChains(arn)], [undefined, []], "of no trail");
    await put(store, trail);
    assert.equal(await store.delivery(arn), undefined);
    await deliver();
    await put(store, { ...trail, bucket: "other" });
    assert.deepEqual(await store.delivery(arn), state);
    assert.deepEqual(await store.digestChain(arn, region), chain);
    await store.transaction((transaction) => transaction.deleteDigestChain(arn, region));
    assert.deepEqual(await store.digestChains(arn), [["eu-west-1", chain]]);
    await store.transaction((transaction) => transaction.deleteTrail(arn));
    await put(store, trail);
    assert.deepEqual([await store.delivery(arn), await store.digestChains(arn)], [undefined, []]);
  });

  withStore("digest keys: by Region and time, sealed anew, gone for good", async (store) => {
    const later = digestKey("a", { validFrom: 15, validTo: 30 });
    await store.transaction(async (transaction) => {
      for (const key of [later, digestKey("b"), digestKey("c", { region: "eu-west-1" })])
        await transaction.putDigestKey(key);
    });
    const ids = async (from: number, to: number) => (await store.digestKeys(region, from, to)).map(({ id }) => id);
    assert.deepEqual(await store.digestKeys(region, 0, 99), [digestKey("b"), later]);
    assert.deepEqual(
      [await ids(0, 9), await ids(0, 10), await ids(20, 20), await ids(21, 99), await ids(31, 99)],
      [[], ["b"], ["b", "a"], ["a"], []],
    );
    assert.equal((await store.wrappedUnderOtherThan(2, 10)).digestKeys.length, 3);
    await store.transaction(async (transaction) => {
      await transaction.putDigestKey({ ...later, wrapped: { domainKey: 2, bytes: new Uint8Array([3]) } });
      await transaction.putDigestKey({ ...digestKey("b"), wrapped: null });
    });
    assert.deepEqual(
      (await store.wrappedUnderOtherThan(2, 10)).digestKeys.map(({ id }) => id),
      ["c"],
    );
    assert.deepEqual(
      (await store.digestKeys(region, 0, 99)).map(({ wrapped }) => wrapped && [wrapped.domainKey, ...wrapped.bytes]),
      [null, [2, 3]],
    );
  });
}
