import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { after, test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { gzipLines, readMember, readMembers } from "./gzipMembers.ts";

const directory = mkdtempSync(join(tmpdir(), "strongroom-gzip-"));
after(() => rmSync(directory, { recursive: true }));

const compressed = (chunks: Buffer[], size?: number) => buffer(Readable.from(chunks).pipe(gzipLines(size)));

async function membersIn(bytes: Buffer) {
  const path = join(directory, "file.gz");
  writeFileSync(path, bytes);
  const file = await open(path);
  try {
    const members = await readMembers(file);
    return members && { members, texts: await Promise.all(members.map((member) => readMember(file, member))) };
  } finally {
    await file.close();
  }
}

/** Chunks that end anywhere in a line. */
function chunksOf(text: Buffer, bytes: number): Buffer[] {
  const chunks: Buffer[] = [];
  for (let start = 0; start < text.length; start += bytes) chunks.push(text.subarray(start, start + bytes));
  return chunks;
}

const lines = (count: number, length: number) =>
  Buffer.from(Array.from({ length: count }, (_, i) => `${i} ${"x".repeat(length - 10)}\n`).join(""));

test("what was compressed comes out again: by gunzip, by zcat, and member by member", async () => {
  for (const [text, chunk] of [
    [lines(5_000, 1_000), 65_536],
    [lines(5_000, 1_000), 777],
    [lines(10, 100), 64],
    [Buffer.concat([lines(3, 100), Buffer.from("without an end")]), 65_536],
    [Buffer.from(`${"y".repeat(1_000_000)}\nz\n`), 65_536],
    [Buffer.alloc(0), 1],
  ] as const) {
    const bytes = await compressed(chunksOf(text, chunk));
    assert.ok(gunzipSync(bytes).equals(text));
    const found = await membersIn(bytes);
    assert.ok(found !== undefined);
    assert.ok(Buffer.concat(found.texts).equals(text));
    for (const [i, { textOffset }] of found.members.entries()) {
      assert.ok(textOffset === 0 || text[textOffset - 1] === 0x0a, `member ${i} begins with a line`);
    }
    assert.ok(execFileSync("zcat", [join(directory, "file.gz")], { maxBuffer: 1 << 24 }).equals(text));
  }
});

test("a member has about 128 KB, and more where there would be too many", async () => {
  const text = lines(2_000, 1_000);
  const found = await membersIn(await compressed(chunksOf(text, 4096)));
  assert.ok(found?.members.slice(0, -1).every(({ textBytes }) => textBytes > 120_000 && textBytes < 140_000));
  const long = await membersIn(await compressed(chunksOf(text, 4096), 8_000 * 1_000_000));
  assert.ok(long?.members.slice(0, -1).every(({ textBytes }) => textBytes > 990_000));
});

test("other gzip files, and damaged ones, have no members", async () => {
  const bytes = await compressed([lines(500, 1_000)]);
  assert.equal(await membersIn(gzipSync(lines(10, 100))), undefined);
  assert.equal(await membersIn(Buffer.alloc(0)), undefined);
  assert.equal(await membersIn(bytes.subarray(0, -1)), undefined);
  assert.equal(await membersIn(bytes.subarray(1)), undefined);
  assert.equal(await membersIn(Buffer.concat([bytes, bytes])), undefined);
  for (let at = bytes.length - 14; at < bytes.length - 8; at++) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] as number) ^ 0x55;
    assert.equal(await membersIn(changed), undefined, `byte ${at}`);
  }
});

test("a changed member is not read", async () => {
  const bytes = await compressed([lines(500, 1_000)]);
  bytes[2_000] = (bytes[2_000] as number) ^ 1;
  await assert.rejects(membersIn(bytes));
});
