import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import {
  type Attack,
  assertFound,
  at,
  edited,
  entryOf,
  file,
  flipped,
  headOf,
  makeJournal,
  rehashed,
  SEGMENTS,
  swapped,
  without,
} from "../../test/cloudtrail/journalCopy.ts";
import { type Anchor, verifyJournal } from "./journalVerification.ts";
import { entryLine } from "./segment.ts";

let original: { directory: string; anchor: Anchor };
before(async () => {
  original = await makeJournal();
});
after(() => rmSync(original.directory, { recursive: true }));

const editing: Record<string, Attack> = {
  "a field is changed": {
    does: (copy) => copy.change(3, (lines) => lines.with(2, edited(lines[2]!))),
    found: "edited",
    where: [3, 3, 13],
  },
  "one bit of an event is changed": {
    does: (copy) => copy.changeBytes(2, (bytes) => flipped(bytes, bytes.length - 20)),
    found: "edited",
    where: [2, 5, 10],
  },
  "one bit of a hash is changed": {
    does: (copy) =>
      copy.change(3, (lines) =>
        lines.with(
          1,
          lines[1]!.replace(/("hash":")(.)/, (_, a, b) => a + (b === "0" ? "1" : "0")),
        ),
      ),
    found: "edited",
    where: [3, 2, 12],
  },
  "the hash of the entry before is changed": {
    does: (copy) =>
      copy.change(3, (lines) =>
        lines.with(
          1,
          lines[1]!.replace(/("prev":")(.)/, (_, a, b) => a + (b === "0" ? "1" : "0")),
        ),
      ),
    found: "edited",
    where: [3, 2, 12],
  },
  "a sequence number is changed": {
    does: (copy) => copy.change(3, (lines) => lines.with(1, lines[1]!.replace('"seq":12', '"seq":92'))),
    found: "edited",
    where: [3, 2],
  },
  "an event becomes another kind of entry": {
    does: (copy) => copy.change(3, (lines) => lines.with(1, lines[1]!.replace('"event":', '"clock":'))),
    found: "edited",
    where: [3, 2, 12],
  },
  "a byte is no UTF-8 any more": {
    does: (copy) =>
      copy.changeBytes(2, (bytes) => Buffer.concat([bytes.subarray(0, -20), Buffer.from([0xff]), bytes.subarray(-19)])),
    found: "edited",
    where: [2, 5, 10],
  },
  "white space is added": {
    does: (copy) => copy.change(2, (lines) => lines.with(1, lines[1]!.replace(',"number"', ', "number"'))),
    found: "edited",
    where: [2, 2, 7],
  },
  "a carriage return is added": {
    does: (copy) => copy.change(2, (lines) => lines.with(1, `${lines[1]}\r`)),
    found: "malformed",
    where: [2, 2, 7],
  },
  "a line is emptied": {
    does: (copy) => copy.change(2, (lines) => lines.with(1, "")),
    found: "malformed",
    where: [2, 2, 7],
  },
  "a line is broken in two": {
    does: (copy) => copy.change(2, (lines) => lines.with(1, `${lines[1]!.slice(0, 100)}\n${lines[1]!.slice(100)}`)),
    found: "malformed",
    where: [2, 2, 7],
  },
  "something without an end is put in, of such a size that what follows is read as a line": {
    does: (copy) => {
      const piece = 13 * 256 * 1024;
      copy.change(8, (lines) => {
        const before = lines.slice(0, 2).join("\n").length + 1;
        return lines.with(2, "x".repeat(piece - before) + lines[2]);
      });
    },
    found: "malformed",
    where: [8, 4, 38],
  },
  "two lines become one": {
    does: (copy) => copy.change(2, (lines) => lines.toSpliced(1, 2, lines[1]! + lines[2]!)),
    found: "edited",
    where: [2, 2, 7],
  },
  "a line is blanked with NUL bytes": {
    does: (copy) => copy.change(2, (lines) => lines.with(1, "\0".repeat(lines[1]!.length))),
    found: "malformed",
    where: [2, 2, 7],
  },
  "the hash of a changed entry is computed anew": {
    does: (copy) => copy.change(3, (lines) => lines.with(2, rehashed(lines[2]!, edited))),
    found: "unchained",
    where: [3, 4, 14],
  },
  "and it is the last one of a segment": {
    does: (copy) => copy.change(3, (lines) => lines.with(4, rehashed(lines[4]!, edited))),
    found: "unchained",
    where: [4, 1, 16],
  },
  "a header is changed": {
    does: (copy) => copy.change(4, (lines) => lines.with(0, lines[0]!.replace('"unrecorded":0', '"unrecorded":1'))),
    found: "edited",
    where: [4, 1, 16],
  },
};

const moving: Record<string, Attack> = {
  "a line is removed": {
    does: (copy) => copy.change(3, (lines) => without(lines, 2)),
    found: "removed",
    where: [3, 3, 13],
  },
  "a segment's last line is removed": {
    does: (copy) => copy.change(3, (lines) => without(lines, 4)),
    found: "truncated",
    where: [3, 4, 15],
  },
  "two lines change places": {
    does: (copy) => copy.change(3, (lines) => swapped(lines, 2, 3)),
    found: "reordered",
    where: [3, 3, 13],
  },
  "a line moves to another segment": {
    does: (copy) => {
      const [line] = copy.lines(2).slice(2, 3) as [string];
      copy.change(2, (lines) => without(lines, 2));
      copy.change(5, (lines) => [...lines, line]);
    },
    found: "reordered",
    where: [2, 3, 8],
  },
  "a line is there twice": {
    does: (copy) => copy.change(3, (lines) => lines.toSpliced(2, 0, lines[2]!)),
    found: "duplicated",
    where: [3, 4, 13],
  },
  "an older line comes again": {
    does: (copy) => copy.change(3, (lines) => lines.toSpliced(3, 0, copy.lines(1)[2]!)),
    found: "duplicated",
    where: [3, 4, 3],
  },
  "the last line is there twice": {
    does: (copy) => copy.change(8, (lines) => [...lines, lines.at(-1)!]),
    found: "duplicated",
    where: [8, 6, 40],
  },
  "a line is put in, with the hashes that it needs": {
    does: (copy) =>
      copy.change(3, (lines) => lines.toSpliced(3, 0, entryLine(headOf(lines[2]), "event", "{}").line.slice(0, -1))),
    found: "duplicated",
    where: [3, 5, 14],
  },
  "a line is replaced, with the hashes that it needs": {
    does: (copy) =>
      copy.change(3, (lines) => lines.with(3, entryLine(headOf(lines[2]), "event", "{}").line.slice(0, -1))),
    found: "unchained",
    where: [3, 5, 15],
  },
  "a line is added to a closed segment": {
    does: (copy) => copy.change(3, (lines) => [...lines, entryLine(headOf(lines[4]), "event", "{}").line.slice(0, -1)]),
    found: "extended",
    where: [3],
  },
  "a line of another stream is put in": {
    does: (copy) =>
      copy.change(3, (lines) => {
        const other = readFileSync(join(copy.directory, "01", file(3)), "utf8").split("\n")[2] as string;
        return lines.with(2, other);
      }),
    found: "unchained",
    where: [3, 3, 13],
  },
};

const cutting: Record<string, Attack> = {
  "a closed segment ends within a line": {
    does: (copy) => copy.changeBytes(3, (bytes) => bytes.subarray(0, -30)),
    found: "truncated",
    where: [3, 5, 15],
  },
  "a closed segment ends without its line feed": {
    does: (copy) => copy.changeBytes(3, (bytes) => bytes.subarray(0, -1)),
    found: "truncated",
    where: [3, 5, 15],
  },
  "a closed segment has only its header": {
    does: (copy) => copy.change(3, (lines) => lines.slice(0, 1)),
    found: "truncated",
    where: [3, 1, 12],
  },
  "a segment is emptied": {
    does: (copy) => copy.setText(3, ""),
    found: "headerMissing",
    where: [3],
  },
  "the last segment is emptied": {
    does: (copy) => copy.setText(8, ""),
    found: "headerMissing",
    where: [8],
  },
  "a closed segment's last line is cut, and its next header chained anew": {
    does: (copy) => {
      copy.change(7, (lines) => lines.slice(0, -1));
      const head = headOf(copy.lines(7).at(-1));
      copy.change(8, (lines) => lines.with(0, entryLine(head, "segment", entryOf(lines[0]).body).line.slice(0, -1)));
    },
    found: "truncated",
    where: [7, 4, 35],
  },
};

test("what nobody has attacked is sound", async () => {
  const verifications = await verifyJournal(original.directory, [original.anchor]);
  assert.deepEqual(
    verifications.map(({ head, ...rest }) => ({ ...rest, head: head.sequence })),
    ["00", "01"].map((stream) => ({
      stream,
      segments: SEGMENTS,
      entries: at(SEGMENTS, 5),
      events: 4 * SEGMENTS,
      head: at(SEGMENTS, 5),
      expiredThrough: 0,
      anchorsHeld: stream === "00" ? 1 : 0,
      anchorsExpired: 0,
      sealedOff: 0,
      unrecorded: 0,
      clockSteps: 0,
      unfinished: 0,
    })),
  );
});

const attacks: Record<string, Attack> = { ...editing, ...moving, ...cutting };
for (const [name, attack] of Object.entries(attacks)) {
  test(name, () => assertFound(attack, original.directory));
}
