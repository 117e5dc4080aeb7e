import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalEncryptionContext } from "./encryptionContext.ts";

const canonical = (context?: Record<string, string>) => canonicalEncryptionContext(context).toString("hex");

test("each name and value behind its length in bytes", () => {
  assert.equal(canonical({ a: "" }), "00000001" + "61" + "00000000");
  assert.equal(canonical({ "": "ab" }), "00000000" + "00000002" + "6162");
  assert.equal(canonical({ é: "🔑" }), "00000002" + "c3a9" + "00000004" + "f09f9491");
  assert.equal(
    canonical({ b: "1", a: "2" }),
    `${"00000001" + "61" + "00000001" + "32"}${"00000001" + "62" + "00000001" + "31"}`,
  );
});

test("none and an empty one are the same", () => {
  assert.equal(canonical(undefined), "");
  assert.equal(canonical({}), "");
  assert.notEqual(canonical({ "": "" }), "");
});

test("the order is that of UTF-8 bytes, not of UTF-16 units", () => {
  const [tilde, linearB] = ["\uff5e", "\u{10000}"]; // ef bd 9e before f0 90 80 80, but ff5e after d800
  assert.ok(tilde > linearB);
  assert.equal(
    canonical({ [linearB]: "", [tilde]: "" }),
    "00000003" + "efbd9e" + "00000000" + "00000004" + "f0908080" + "00000000",
  );
  assert.equal(
    canonical({ b: "", ab: "", a: "", B: "" }).replaceAll("00000000", " "),
    ["00000001" + "42 ", "00000001" + "61 ", "00000002" + "6162 ", "00000001" + "62 "].join(""),
  );
});

test("names that JavaScript orders or treats by itself", () => {
  assert.equal(
    canonical({ 10: "x", 9: "y" }),
    canonical(
      Object.fromEntries([
        ["9", "y"],
        ["10", "x"],
      ]),
    ),
  );
  assert.equal(canonical({ 10: "x", 9: "y" }).slice(0, 12), "000000023130", "10 before 9, as text");
  const own = JSON.parse('{"__proto__":"x"}') as Record<string, string>;
  assert.equal(canonical(own), `00000009${Buffer.from("__proto__").toString("hex")}0000000178`);
});

/** Few letters, so that equal contexts and near misses come up, among them those that UTF-16 orders wrongly; and any text. */
const text = fc.oneof(
  fc.constantFrom("", "a", "b", "aa", "\0", "\uff5e", "\u{10000}", "\0\0\0\u0001a"),
  fc.string({ unit: "grapheme" }),
);
const pairs = fc.array(fc.tuple(text, text), { maxLength: 4 });

test("equal bytes if and only if the same pairs, in any order", () => {
  fc.assert(
    fc.property(pairs, fc.oneof(pairs, fc.constantFrom(undefined)), (one, others) => {
      const two = others ?? [...one].reverse();
      const [a, b] = [Object.fromEntries(one), Object.fromEntries(two)];
      let same = true;
      try {
        assert.deepEqual(a, b);
      } catch {
        same = false;
      }
      assert.equal(canonical(a) === canonical(b), same);
      assert.equal(canonical(Object.fromEntries(Object.entries(a).reverse())), canonical(a));
    }),
    { numRuns: 500 },
  );
});

test("injective: the pairs can be read back from the bytes", () => {
  fc.assert(
    fc.property(pairs, (some) => {
      const context = Object.fromEntries(some);
      assert.deepEqual(read(canonicalEncryptionContext(context)), context);
    }),
  );
});

function read(bytes: Buffer): Record<string, string> {
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + bytes.readUInt32BE(at);
    assert.ok(end <= bytes.length);
    texts.push(bytes.toString("utf8", at + 4, end));
    at = end;
  }
  const entries = texts.flatMap((name, i) => (i % 2 === 0 ? [[name, texts[i + 1]!]] : []));
  return Object.fromEntries(entries);
}
