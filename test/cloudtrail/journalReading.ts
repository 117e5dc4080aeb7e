import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type ReadOptions, readEntries } from "../../src/cloudtrail/journalReader.ts";
import { verifyJournal } from "../../src/cloudtrail/journalVerification.ts";
import type { Entry } from "../../src/cloudtrail/segment.ts";

/** Of a journal; removed after the test. */
export function journalDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "journal-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

/** The entries of stream 00. */
export async function entriesIn(directory: string, options?: ReadOptions): Promise<Entry[]> {
  return Array.fromAsync(readEntries(join(directory, "00"), options));
}

/** What the events of stream 00 hold. */
export async function eventsIn(directory: string, options?: ReadOptions): Promise<unknown[]> {
  const entries = await entriesIn(directory, options);
  return entries.filter(({ kind }) => kind === "event").map(({ body }) => JSON.parse(body));
}

/** The result of verifying a journal of one stream. */
export async function verificationOf(directory: string) {
  const [verification] = await verifyJournal(directory);
  if (verification === undefined) throw new Error("there is no stream");
  return verification;
}
