import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { Journal } from "../../src/cloudtrail/journal.ts";
import { type Anchor, verifyJournal } from "../../src/cloudtrail/journalVerification.ts";
import { compressSegments } from "../../src/cloudtrail/retention.ts";
import { entryLine, GENESIS, type Head, parseLine, segmentName } from "../../src/cloudtrail/segment.ts";
import type { DivergenceKind } from "../../src/cloudtrail/streamWalk.ts";

/** Of the journal that is attacked: two streams like this. */
export const SEGMENTS = 8;
/** In each segment: a header and four events. */
const SEGMENT_ENTRIES = 5;

export const at = (segment: number, line: number) => (segment - 1) * SEGMENT_ENTRIES + line;
/** The name of a segment of the original. */
export const file = (segment: number) => segmentName(at(segment, 1));

/** @returns where it is, and the last entry of its stream 00 */
export async function makeJournal(): Promise<{ directory: string; anchor: Anchor }> {
  const directory = mkdtempSync(join(tmpdir(), "journal-"));
  const anchors: Anchor[] = [];
  for (const stream of ["00", "01"]) {
    const journal = await Journal.open({ directory, stream, segmentBytes: 1300 });
    for (let number = 1; number <= SEGMENTS * (SEGMENT_ENTRIES - 1); number++) {
      await journal.append(
        JSON.stringify({ eventName: "Encrypt", number: String(number).padStart(3), pad: "x".repeat(80) }),
      );
    }
    anchors.push(journal.head());
    await journal.close();
  }
  return { directory, anchor: anchors[0] as Anchor };
}

/** What someone does to stream 00 of a copy of the journal, and what verification must call it. */
export interface Attack {
  readonly does: (copy: JournalCopy) => void | Promise<void>;
  readonly found: DivergenceKind;
  /** the segment, by its number; the line; and the sequence number of the entry that is wrong or missing */
  readonly where?: [segment: number, line?: number, sequence?: number];
}

/** A copy to be attacked. Segments are counted from 1. */
export class JournalCopy {
  readonly directory = mkdtempSync(join(tmpdir(), "journal-copy-"));
  readonly stream = join(this.directory, "00");

  constructor(original: string) {
    cpSync(original, this.directory, { recursive: true });
  }

  get files(): string[] {
    return readdirSync(this.stream)
      .filter((name) => name !== "lock")
      .sort();
  }

  path(segment: number): string {
    return join(this.stream, this.files[segment - 1] as string);
  }

  lines(segment: number): string[] {
    const bytes = readFileSync(this.path(segment));
    return (this.path(segment).endsWith(".gz") ? gunzipSync(bytes) : bytes).toString().split("\n").slice(0, -1);
  }

  setLines(segment: number, lines: string[]): void {
    this.setText(segment, lines.map((line) => `${line}\n`).join(""));
  }

  setText(segment: number, text: string): void {
    const path = this.path(segment);
    writeFileSync(path, path.endsWith(".gz") ? gzipSync(text) : text);
  }

  change(segment: number, change: (lines: string[]) => string[]): void {
    this.setLines(segment, change(this.lines(segment)));
  }

  changeBytes(segment: number, change: (bytes: Buffer) => Buffer): void {
    writeFileSync(this.path(segment), change(readFileSync(this.path(segment))));
  }

  rename(segment: number, name: string): void {
    renameSync(this.path(segment), join(this.stream, name));
  }

  remove(segment: number): void {
    rmSync(this.path(segment));
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true });
  }

  async compress(): Promise<void> {
    await compressSegments(this.stream);
  }

  /** Chains anew everything from this line on, as someone who knows the format and has the disk can. */
  rechain(segment: number, line: number): void {
    let head: Head = headOf(line > 1 ? this.lines(segment)[line - 2] : this.lines(segment - 1).at(-1));
    for (let s = segment; s <= this.files.length; s++) {
      this.change(s, (lines) =>
        lines.map((text, i) => {
          if (s === segment && i < line - 1) return text;
          const entry = entryOf(text);
          const { line: chained, ...next } = entryLine(head, entry.kind, entry.body);
          head = next;
          return chained.slice(0, -1);
        }),
      );
    }
  }
}

export function entryOf(line: string | undefined) {
  return parseLine(Buffer.from(line as string))!.entry;
}

export function headOf(line: string | undefined): Head {
  return line === undefined ? GENESIS : entryOf(line);
}

/** With the hash that its bytes have. */
export function rehashed(line: string, edit: (line: string) => string): string {
  const { kind, body, previous, sequence } = entryOf(edit(line));
  return entryLine({ sequence: sequence - 1, hash: previous }, kind, body).line.slice(0, -1);
}

export function without<T>(list: T[], index: number): T[] {
  return list.toSpliced(index, 1);
}

export function swapped<T>(list: T[], a: number, b: number): T[] {
  return list.with(a, list[b] as T).with(b, list[a] as T);
}

export function flipped(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
  return changed;
}

export const edited = (line: string) => line.replace("Encrypt", "Decrypt");

/** Verification of stream 00 of a copy finds what is done to it, and where. */
export async function assertFound({ does, found, where }: Attack, original: string, anchors: Anchor[] = []) {
  using copy = new JournalCopy(original);
  await does(copy);
  const verifications = await verifyJournal(copy.directory, anchors);
  const divergence = verifications.find(({ stream }) => stream === "00")?.divergence;
  assert.equal(divergence?.kind, found, divergence?.detail ?? "nothing is found");
  const [segment, line, sequence] = where ?? [];
  if (segment !== undefined) assert.equal(divergence?.segment, file(segment));
  if (line !== undefined) assert.equal(divergence?.line, line);
  if (sequence !== undefined) assert.equal(divergence?.sequence, sequence);
}
