import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** A CloudTrail record as it stands in the journal. */
// biome-ignore lint/suspicious/noExplicitAny: its members differ from event to event
export type Record = any;

/**
 * All records on disk, stream after stream, in their order. Reads the files by itself, as an auditor might: a line's hash
 * covers what follows it, and each line names the hash of the one before.
 * @throws Error when a line does not follow the one before
 */
export function recordsIn(data: string): Record[] {
  const audit = join(data, "audit");
  return readdirSync(audit, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && /^\d+$/.test(entry.name))
    .flatMap((stream) => recordsOfStream(join(audit, stream.name)));
}

function recordsOfStream(directory: string): Record[] {
  const records: Record[] = [];
  let previous = "0".repeat(64);
  let sequence = 0;
  const segments = readdirSync(directory).filter((name) => /^\d{16}\.jsonl(\.gz)?$/.test(name));
  for (const name of segments.sort()) {
    const bytes = readFileSync(join(directory, name));
    const text = (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
    // What a crash has cut short is behind the last line end, and is said so by the next segment.
    for (const line of text.split("\n").slice(0, -1)) {
      const { hash, prev, seq, event } = JSON.parse(line);
      const covered = line.slice(`{"hash":"${hash}",`.length);
      if (createHash("sha256").update(covered).digest("hex") !== hash)
        throw new Error(`${name}: entry ${seq} was changed`);
      if (prev !== previous || seq !== ++sequence) throw new Error(`${name}: entry ${seq} does not follow`);
      previous = hash;
      if (event !== undefined) records.push(event);
    }
  }
  return records;
}
