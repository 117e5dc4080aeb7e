import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeBlock, type EventRow, encodeBlock } from "./eventBlocks.ts";
import { PostingDamaged } from "./postings.ts";

const rows = fc
  .uniqueArray(
    fc.record(
      {
        id: fc.maxSafeNat(),
        stream: fc.nat(),
        sequence: fc.nat({ max: 1e14 }),
        offset: fc.nat({ max: 1e14 }),
        tag: fc.nat(2 ** 32 - 1),
      },
      { noNullPrototype: true },
    ),
    { selector: ({ id }) => id, minLength: 1, maxLength: 200 },
  )
  .map((all) => all.sort((a, b) => a.id - b.id));

test("a block decodes to what was encoded", () => {
  fc.assert(
    fc.property(rows, (all) => {
      assert.deepEqual(decodeBlock((all[0] as EventRow).id, encodeBlock(all)), all);
    }),
  );
  const [a, b] = [
    { id: 7, stream: 1, sequence: 200, offset: 3, tag: 0xffff_fffe },
    { id: 8, stream: 1, sequence: 199, offset: 4, tag: 1 },
  ];
  assert.equal(encodeBlock([a, b]).toString("hex"), "0001900306feffffff" + "0101010201000000");
});

test("bytes that nobody wrote: PostingDamaged, or other events, but ascending and of safe numbers", () => {
  for (const hex of ["", "00", "0001010100", "01010101" + "00000000", "0080808080808080808001" + "0000" + "00000000"]) {
    assert.throws(() => decodeBlock(5, Buffer.from(hex, "hex")), PostingDamaged, hex);
  }
  // A sequence number below 0.
  assert.throws(() => decodeBlock(5, Buffer.from("0001010000000000", "hex")), PostingDamaged);
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.uint8Array({ maxLength: 40 }), (first, bytes) => {
      try {
        const all = decodeBlock(first, bytes);
        for (const [i, { id, sequence, offset }] of all.entries()) {
          assert.ok([id, sequence, offset].every((value) => Number.isSafeInteger(value) && value >= 0));
          assert.ok(i === 0 ? id === first : id > (all[i - 1] as EventRow).id);
        }
      } catch (error) {
        assert.ok(error instanceof PostingDamaged);
      }
    }),
  );
});
