import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { InvalidMarkerException } from "./errors.ts";
import { cutPage, listOf, pageOf } from "./page.ts";

const defaults = { default: 50, maximum: 100 };
const page = (input: { Limit?: number; Marker?: string }) => pageOf("ListThings", input, defaults);
const markerAt = (list: string, position: string) => cutPage(list, [position, "more"], 1, (item) => item).NextMarker!;

test("Limit: the list's default, what was asked, and never more than the list's maximum", () => {
  assert.deepEqual(page({}), { after: undefined, limit: 50 });
  for (const [Limit, limit] of [
    [1, 1],
    [50, 50],
    [99, 99],
    [100, 100],
    [101, 100],
    [1000, 100],
  ] as const) {
    assert.deepEqual(page({ Limit }), { after: undefined, limit });
  }
});

test("a marker leads on from where the page ended; whatever stands there", () => {
  for (const position of ["", "alias/a", "é 🔑", "two\nlines", "\n", "a b/c+d=="]) {
    const Marker = markerAt("ListThings", position);
    assert.match(Marker, /^[ -ÿ]{1,1024}$/, "the model takes it");
    assert.deepEqual(page({ Marker, Limit: 3 }), { after: position, limit: 3 });
  }
});

test("a marker of another list, a changed one and a made-up one: InvalidMarkerException", () => {
  const Marker = markerAt("ListThings", "alias/a");
  const encoded = (text: string) => Buffer.from(text).toString("base64url");
  for (const wrong of [
    "",
    "x",
    "AAAA",
    `${Marker}=`,
    `${Marker} `,
    `${Marker}\n`,
    `!${Marker}`,
    Marker.slice(0, -1),
    markerAt("ListOthers", "alias/a"),
    encoded("ListThings"),
    encoded("alias/a"),
    encoded("ListThings\nalias/a"),
    markerAt("ListThings", "alias/?>").replaceAll("-", "+").replaceAll("_", "/"),
  ]) {
    assert.throws(
      () => page({ Marker: wrong }),
      { constructor: InvalidMarkerException, message: "The marker is not valid." },
      JSON.stringify(wrong),
    );
  }
});

test("a list is one account's, in one Region, of what was asked for", () => {
  const call = (account: string, region: string) =>
    ({ principal: { account }, region }) as unknown as Parameters<typeof listOf>[0];
  const lists = [
    listOf(call("1", "r"), "ListThings"),
    listOf(call("2", "r"), "ListThings"),
    listOf(call("1", "s"), "ListThings"),
    listOf(call("1", "r"), "ListOthers"),
    listOf(call("1", "r"), "ListThings", "a", undefined),
    listOf(call("1", "r"), "ListThings", undefined, "a"),
    listOf(call("1", "r"), "ListThings", "a,b"),
    listOf(call("1", "r"), "ListThings", "a", "b"),
  ];
  for (const given of lists) {
    const { NextMarker } = cutPage(given, ["a", "b"], 1, (item) => item);
    for (const asked of lists) {
      const go = () => pageOf(asked, { Marker: NextMarker }, defaults);
      if (asked === given) assert.equal(go().after, "a");
      else assert.throws(go, InvalidMarkerException, `${given} in ${asked}`);
    }
  }
});

test("a page is cut only where more follows", () => {
  const cut = (items: string[], limit: number) => cutPage("ListThings", items, limit, (item) => item);
  assert.deepEqual(cut([], 2), { items: [], Truncated: false });
  assert.deepEqual(cut(["a", "b"], 2), { items: ["a", "b"], Truncated: false });
  assert.deepEqual(cut(["a", "b", "c"], 2), {
    items: ["a", "b"],
    Truncated: true,
    NextMarker: markerAt("ListThings", "b"),
  });
});

test("pages of any size give the whole list, each item once, in its order", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ maxLength: 3 })), fc.integer({ min: 1, max: 5 }), (names, Limit) => {
      const all = names.sort();
      const seen: string[] = [];
      let Marker: string | undefined;
      do {
        const { after, limit } = page({ Limit, ...(Marker !== undefined && { Marker }) });
        const rest = all.filter((name) => after === undefined || name > after).slice(0, limit + 1);
        const { items, ...end } = cutPage("ListThings", rest, limit, (name) => name);
        assert.ok(items.length === Limit || !end.Truncated);
        assert.equal(end.Truncated, end.NextMarker !== undefined);
        seen.push(...items);
        Marker = end.NextMarker;
      } while (Marker !== undefined);
      assert.deepEqual(seen, all);
    }),
  );
});

test("what is made or deleted between two pages neither repeats nor hides another", () => {
  const list = (names: string[], Marker?: string) => {
    const { after, limit } = page({ Limit: 2, ...(Marker !== undefined && { Marker }) });
    return cutPage(
      "ListThings",
      names.filter((name) => after === undefined || name > after).slice(0, limit + 1),
      limit,
      (name) => name,
    );
  };
  const first = list(["a", "b", "d", "e"]);
  assert.deepEqual(first.items, ["a", "b"]);
  assert.deepEqual(list(["a", "aa", "c", "d", "e"], first.NextMarker).items, ["c", "d"]); // b went, aa and c came
});
