import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { accountOfSessionKey, sessionKeyId } from "./session.ts";

test("a temporary access key id holds its account", () => {
  const account = fc.bigInt(0n, 999_999_999_999n).map((number) => number.toString().padStart(12, "0"));
  fc.assert(
    fc.property(account, (id) => {
      const key = sessionKeyId(id);
      assert.match(key, /^ASIA[A-Z2-7]{16}$/);
      assert.equal(accountOfSessionKey(key), id);
    }),
  );
});

test("ids differ", () => {
  const ids = new Set(Array.from({ length: 2000 }, () => sessionKeyId("111122223333")));
  assert.equal(ids.size, 2000);
});

test("the account is where AWS's own ids have it", () => {
  // The reading that is in use for theirs: 40 bits of the first 48, above the lowest seven.
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...sessionKeyId("111122223333").slice(4)].reduce(
    (sum, c) => (sum << 5n) | BigInt(alphabet.indexOf(c)),
    0n,
  );
  const first48 = bits >> 32n;
  assert.equal((first48 & 0x7fffffffff80n) >> 7n, 111_122_223_333n);
});

test("what is no temporary access key id has none", () => {
  for (const id of [
    "",
    "AKIAIOSFODNN7EXAMPLE",
    "ASIAAAAAAAAAAAAAAAAA",
    "ASIA2222222222222222x",
    "asia2222222222222222",
    "ASIA0000000000000000",
  ]) {
    assert.equal(accountOfSessionKey(id), undefined);
  }
});
