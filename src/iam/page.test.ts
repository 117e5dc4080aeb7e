import assert from "node:assert/strict";
import { test } from "node:test";
import { pageOfList, pageOfScan } from "./page.ts";

const invalid = { code: "ValidationError", status: 400, message: "Invalid Marker." };
const scan = (names: readonly string[], Marker: string | undefined, MaxItems: number, keep = (_: string) => true) =>
  pageOfScan(
    "ListUsers",
    { Marker, MaxItems },
    (name) => name,
    keep,
    async (after, limit) => names.filter((name) => name > (after ?? "")).slice(0, limit),
  );

test("a list that is read goes on behind the last name, whatever comes and goes", async () => {
  const names = Array.from({ length: 250 }, (_, n) => `user${String(n).padStart(3, "0")}`);
  const first = await scan(names, undefined, 2, (name) => name.endsWith("9"));
  assert.deepEqual(first.items, ["user009", "user019"]);
  assert.equal(first.IsTruncated, true);
  const others = [...names.filter((name) => name !== "user019"), "user0191", "user0189"].sort();
  const next = await scan(others, first.Marker, 1000, (name) => name.endsWith("9") || name.length > 7);
  assert.deepEqual(next.items.slice(0, 2), ["user0191", "user029"]);
  assert.deepEqual([next.items.length, next.IsTruncated, next.Marker], [24, false, undefined]);
});

test("a page that ends with the list is not truncated", async () => {
  assert.deepEqual(await scan(["a", "b"], undefined, 2), { items: ["a", "b"], IsTruncated: false });
  assert.deepEqual(await scan([], undefined, 2), { items: [], IsTruncated: false });
});

test("a marker of another list, or of none", async () => {
  const { Marker = "" } = await scan(["a", "b"], undefined, 1);
  await assert.rejects(scan(["a"], `${Marker}A`, 1), invalid);
  await assert.rejects(scan(["a"], "nonsense", 1), invalid);
  assert.throws(() => pageOfList("ListUserTags", ["a"], { Marker }, String), invalid);
});

test("a list in memory goes on where its last item is, or was", () => {
  const list = (items: string[], Marker?: string) => pageOfList("ListUserTags", items, { Marker, MaxItems: 2 }, String);
  const { Marker, ...first } = list(["a", "b", "c", "d"]);
  assert.deepEqual(first, { items: ["a", "b"], IsTruncated: true });
  assert.deepEqual(list(["0", "a", "b", "c", "d"], Marker).items, ["c", "d"]);
  assert.deepEqual(list(["a", "c", "d"], Marker), { items: ["c", "d"], IsTruncated: false });
  assert.deepEqual(list(["a"], Marker), { items: [], IsTruncated: false });
});

test("no marker is longer than requests may bring", async () => {
  const long = "x".repeat(230);
  const { Marker = "" } = await scan([long, `${long}y`], undefined, 1);
  assert.ok(Marker.length <= 320);
  const key = "\u{1F511}".repeat(128);
  assert.ok((pageOfList("ListUserTags", [key, "b"], { MaxItems: 1 }, String).Marker ?? "").length <= 320);
});
