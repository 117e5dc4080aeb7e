import { cpSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import {
  type Attack,
  assertFound,
  edited,
  file,
  flipped,
  makeJournal,
  without,
} from "../../test/cloudtrail/journalCopy.ts";
import { Journal } from "./journal.ts";
import type { Anchor } from "./journalVerification.ts";
import { segmentName } from "./segment.ts";

let original: { directory: string; anchor: Anchor };
before(async () => {
  original = await makeJournal();
});
after(() => rmSync(original.directory, { recursive: true }));

const segments: Record<string, Attack> = {
  "a segment is removed": { does: (copy) => copy.remove(3), found: "segmentRemoved", where: [4, 1, 11] },
  "the first segment is removed": { does: (copy) => copy.remove(1), found: "beginningRemoved" },
  "two segments change names": {
    does: (copy) => {
      copy.rename(3, "away");
      copy.rename(3, file(3));
      renameSync(join(copy.stream, "away"), join(copy.stream, file(4)));
    },
    found: "renamed",
    where: [3, 1, 16],
  },
  "a segment is there twice": {
    does: (copy) => cpSync(copy.path(3), join(copy.stream, segmentName(12))),
    found: "renamed",
  },
  "a segment gets another name": { does: (copy) => copy.rename(3, segmentName(12)), found: "renamed" },
  "a segment's name is none any more": { does: (copy) => copy.rename(3, "old.jsonl"), found: "segmentRemoved" },
  "a segment comes from another stream": {
    does: (copy) => cpSync(join(copy.directory, "01", file(3)), copy.path(3)),
    found: "foreign",
    where: [3, 1, 11],
  },
  "a header is removed": {
    does: (copy) => copy.change(3, (lines) => without(lines, 0)),
    found: "headerMissing",
    where: [3, 1, 12],
  },
  "two segments are put into one file": {
    does: (copy) => {
      copy.change(7, (lines) => [...lines, ...copy.lines(8)]);
      copy.remove(8);
    },
    found: "headerMisplaced",
    where: [7, 6, 36],
  },
  "two streams change names": {
    does: (copy) => {
      renameSync(copy.stream, join(copy.directory, "02"));
      renameSync(join(copy.directory, "01"), copy.stream);
    },
    found: "foreign",
    where: [1, 1, 1],
  },
  "a compressed segment's content is changed": {
    does: async (copy) => {
      await copy.compress();
      copy.change(3, (lines) => lines.with(2, edited(lines[2]!)));
    },
    found: "edited",
    where: [3, 3, 13],
  },
  "a compressed segment is broken": {
    does: async (copy) => {
      await copy.compress();
      copy.changeBytes(3, (bytes) => flipped(bytes, bytes.length >> 1));
    },
    found: "unreadable",
    where: [3],
  },
  "a compressed segment is cut": {
    does: async (copy) => {
      await copy.compress();
      copy.changeBytes(3, (bytes) => bytes.subarray(0, -12));
    },
    found: "unreadable",
    where: [3],
  },
  "something follows a compressed segment": {
    does: async (copy) => {
      await copy.compress();
      copy.changeBytes(3, (bytes) => Buffer.concat([bytes, Buffer.from("more")]));
    },
    found: "unreadable",
    where: [3],
  },
  "another gzip member follows a compressed segment": {
    does: async (copy) => {
      await copy.compress();
      copy.changeBytes(3, (bytes) => Buffer.concat([bytes, gzipSync(`${copy.lines(2)[1]}\n`)]));
    },
    found: "extended",
    where: [3],
  },
  "beside the compressed segment lies a changed one": {
    does: async (copy) => {
      const lines = copy.lines(3);
      await copy.compress();
      writeFileSync(join(copy.stream, file(3)), lines.with(2, edited(lines[2]!)).join("\n"));
    },
    found: "copiesDiffer",
    where: [3],
  },
};

const rewriting: Record<string, Attack> = {
  "everything is chained anew from some entry on": {
    does: (copy) => {
      copy.change(3, (lines) => lines.with(2, edited(lines[2]!)));
      copy.rechain(3, 3);
    },
    found: "rewritten",
    where: [8],
  },
  "the last segment is removed": { does: (copy) => copy.remove(8), found: "cutOff" },
  "the last segment keeps only its header": {
    does: (copy) => copy.change(8, (lines) => lines.slice(0, 1)),
    found: "cutOff",
  },
  "a whole stream is removed": { does: (copy) => rmSync(copy.stream, { recursive: true }), found: "cutOff" },
  "all segments of a stream are removed": {
    does: (copy) => {
      for (let left = copy.files.length; left > 0; left--) copy.remove(1);
    },
    found: "cutOff",
  },
  "the tail is cut off, and the server goes on": {
    does: async (copy) => {
      copy.remove(8);
      const journal = await Journal.open({ directory: copy.directory, stream: "00" });
      for (let i = 0; i < 9; i++) await journal.append("{}");
      await journal.close();
    },
    found: "rewritten",
  },
  "an event is changed while the server is away": {
    does: async (copy) => {
      copy.change(8, (lines) => lines.with(2, edited(lines[2]!)));
      await (await Journal.open({ directory: copy.directory, stream: "00" })).close();
    },
    found: "edited",
    where: [8, 3, 38],
  },
  "the last event is changed while the server is away": {
    does: async (copy) => {
      copy.change(8, (lines) => lines.with(-1, edited(lines.at(-1)!)));
      await (await Journal.open({ directory: copy.directory, stream: "00" })).close();
    },
    found: "damaged",
  },
  "an event is blanked while the server is away": {
    does: async (copy) => {
      copy.change(8, (lines) => lines.with(2, "\0".repeat(lines[2]!.length)));
      await (await Journal.open({ directory: copy.directory, stream: "00" })).close();
    },
    found: "malformed",
    where: [8, 3, 38],
  },
  "the last events are blanked while the server is away, as if by a crash": {
    does: async (copy) => {
      const end = copy.lines(8).slice(-2).join("\n").length + 1;
      copy.changeBytes(8, (bytes) => Buffer.concat([bytes.subarray(0, -end), Buffer.alloc(end)]));
      const journal = await Journal.open({ directory: copy.directory, stream: "00" });
      for (let i = 0; i < 9; i++) await journal.append("{}");
      await journal.close();
    },
    found: "rewritten",
  },
};

const attacks: Record<string, Attack> = { ...segments, ...rewriting };
for (const [name, attack] of Object.entries(attacks)) {
  test(name, () => assertFound(attack, original.directory, [original.anchor]));
}
