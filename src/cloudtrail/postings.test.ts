import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodePiece, encodeAfter, encodePiece, merged, PostingDamaged, placeBelow } from "./postings.ts";

const ascending = fc
  .uniqueArray(fc.maxSafeNat(), { minLength: 1, maxLength: 300 })
  .map((ids) => ids.sort((a, b) => a - b));

test("a piece decodes to what was encoded", () => {
  fc.assert(
    fc.property(ascending, (ids) => {
      assert.deepEqual(decodePiece(ids[0] as number, encodePiece(ids)), ids);
    }),
  );
  assert.deepEqual(decodePiece(0, encodePiece([0, Number.MAX_SAFE_INTEGER])), [0, Number.MAX_SAFE_INTEGER]);
  assert.equal(encodePiece([7]).length, 0);
  assert.deepEqual([...encodePiece([1, 2, 129, 257])], [1, 127, 128, 1]);
});

test("a piece grows by what is appended", () => {
  fc.assert(
    fc.property(ascending, fc.nat(), (ids, at) => {
      const cut = 1 + (at % ids.length);
      const rest = Buffer.concat([encodePiece(ids.slice(0, cut)), encodeAfter(ids[cut - 1] as number, ids.slice(cut))]);
      assert.deepEqual(decodePiece(ids[0] as number, rest), ids);
    }),
  );
});

test("bytes that nobody wrote: PostingDamaged, or other numbers, but ascending and safe ones", () => {
  for (const bytes of [[0], [1, 0], [128], [129, 128], [255, 255, 255, 255, 255, 255, 255, 255, 127]]) {
    assert.throws(() => decodePiece(5, Buffer.from(bytes)), PostingDamaged, String(bytes));
  }
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.uint8Array({ maxLength: 40 }), (first, bytes) => {
      try {
        const ids = decodePiece(first, bytes);
        assert.ok(ids.every((id, i) => Number.isSafeInteger(id) && (i === 0 || id > (ids[i - 1] as number))));
      } catch (error) {
        assert.ok(error instanceof PostingDamaged);
      }
    }),
  );
});

test("merging keeps all, each once", () => {
  fc.assert(
    fc.property(ascending, ascending, (a, b) => {
      assert.deepEqual(
        merged(a, b),
        [...new Set([...a, ...b])].sort((x, y) => x - y),
      );
    }),
  );
  assert.deepEqual(merged([], [1]), [1]);
});

test("the place below a limit", () => {
  fc.assert(
    fc.property(ascending, fc.maxSafeNat(), (ids, limit) => {
      assert.equal(
        placeBelow(ids, limit),
        ids.findLastIndex((id) => id < limit),
      );
    }),
  );
});
