import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  entryLine,
  GENESIS,
  isTorn,
  parseHeader,
  parseLine,
  SEQUENCE_MAX,
  segmentName,
  segmentsOf,
} from "./segment.ts";

/** What an attacker puts into a user agent, a key's description, an encryption context. */
const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc
    .constantFrom("\n", "\r\n", "\0", "\u2028", "\u2029", "\u0085", "\ud800", "\u001b[2J", '"}}\n{"hash":"', "\\u000a")
    .map((text) => text.repeat(40)),
  fc.string({ minLength: 8192, maxLength: 8192 }),
);
const event = fc.dictionary(hostile, fc.oneof(hostile, fc.array(hostile, { maxLength: 3 })), { maxKeys: 4 });
const head = fc.record({
  sequence: fc.nat({ max: SEQUENCE_MAX }),
  hash: fc.stringMatching(/^[0-9a-f]{64}$/),
});

test("whatever an event holds, its line is one line, and reads as what was written", () => {
  fc.assert(
    fc.property(head, event, (before, event) => {
      const body = JSON.stringify(event);
      const { line, sequence, hash } = entryLine(before, "event", body);
      const bytes = Buffer.from(line);
      assert.equal(bytes.indexOf("\n"), bytes.length - 1);
      assert.deepEqual(parseLine(bytes.subarray(0, -1)), {
        sound: true,
        entry: { sequence, hash, previous: before.hash, kind: "event", body },
      });
      assert.equal(sequence, before.sequence + 1);
    }),
  );
});

test("a line of which any byte was changed, added or removed is not sound", () => {
  const change = fc.record({
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    removed: fc.nat({ max: 3 }),
    added: fc.uint8Array({ maxLength: 3 }),
  });
  fc.assert(
    fc.property(event, change, (event, { at, removed, added }) => {
      const bytes = Buffer.from(entryLine(GENESIS, "event", JSON.stringify(event)).line).subarray(0, -1);
      const start = Math.floor(at * bytes.length);
      const changed = Buffer.concat([bytes.subarray(0, start), added, bytes.subarray(start + removed)]);
      fc.pre(!changed.equals(bytes));
      assert.notEqual(parseLine(changed)?.sound, true);
    }),
    { numRuns: 1000 },
  );
});

test("bytes that are no entry", () => {
  const line = entryLine(GENESIS, "event", "{}").line.slice(0, -1);
  for (const text of [
    "",
    "{}",
    "null",
    ` ${line}`,
    `${line} `,
    line.replace('"seq":1', '"seq":01'),
    line.replace('"seq":1', '"seq":1e3'),
    line.replace('"seq":1', `"seq":${"1".repeat(16)}`),
    line.replace('"event"', '"record"'),
    line.replace("{}", "[]"),
    line.replace('"hash":"', '"hash":"A').replace(/.",/, '",'),
  ]) {
    assert.equal(parseLine(Buffer.from(text)), undefined, text);
  }
});

test("headers that this version does not know", () => {
  const header = { version: 1, stream: "00", time: "2026-11-23T10:00:00.000Z", after: null, unrecorded: 0 };
  const ending = { segment: segmentName(1), bytes: 1, left: 0, how: "closed" };
  const parse = (body: unknown, kind: "segment" | "event" = "segment") =>
    parseHeader({ sequence: 1, hash: "", previous: "", kind, body: JSON.stringify(body) });
  assert.deepEqual(parse(header), header);
  assert.deepEqual(parse({ ...header, after: ending }), { ...header, after: ending });
  assert.equal(parse(header, "event"), undefined);
  for (const change of [
    { version: 2 },
    { stream: 0 },
    { after: undefined },
    { after: 1 },
    { after: {} },
    { after: { ...ending, segment: "../x" } },
    { after: { ...ending, bytes: -1.5 } },
    { unrecorded: "1" },
    { time: null },
  ]) {
    assert.equal(parse({ ...header, ...change }), undefined, JSON.stringify(change));
  }
});

test("segments among the files of a directory", () => {
  const files = [
    "lock",
    segmentName(12),
    `${segmentName(3)}.gz`,
    segmentName(3),
    `${segmentName(30)}.new`,
    "1.jsonl",
    `${segmentName(200)}.gz`,
    "9999999999999999.jsonl",
  ];
  assert.deepEqual(segmentsOf(files), [
    { sequence: 3, name: "0000000000000003.jsonl", plain: true, compressed: true },
    { sequence: 12, name: "0000000000000012.jsonl", plain: true, compressed: false },
    { sequence: 200, name: "0000000000000200.jsonl", plain: false, compressed: true },
  ]);
});

test("what a crash may leave", () => {
  const torn = (text: string, offset: number, ended = true) => isTorn({ bytes: Buffer.from(text), ended, offset });
  const nul = (count: number) => "\0".repeat(count);
  assert.equal(torn('{"hash":"00', 0, false), true);
  assert.equal(torn(`{"hash":"00${nul(7)}`, 0, false), true);
  assert.equal(torn('{"hash":"00', 0), false);
  assert.equal(torn(`{"a":${nul(512)}7}`, 1024 - 5), true, "a block");
  assert.equal(torn(`{"a":${nul(1024)}${"x".repeat(512)}${nul(512)}7}`, 2048 - 5), true, "every other");
  assert.equal(torn(`${nul(112)}7}`, 400), true, "from where the file ended before");
  assert.equal(torn(`{"a":${nul(512)}7}`, 1024), false, "in the middle of blocks");
  assert.equal(torn(`{"a":${nul(500)}7}`, 1024 - 5), false, "less than a block");
  assert.equal(torn(`{"a":${nul(512)}7${nul(1)}}`, 1024 - 5), false, "and another byte");
  assert.equal(torn(nul(300), 400), false, "a line, blanked");
});
