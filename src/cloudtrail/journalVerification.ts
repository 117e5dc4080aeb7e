import { createHash } from "node:crypto";
import { join } from "node:path";
import { listSegments, listStreams } from "./journalReader.ts";
import { type Head, type Segment, soundEntry } from "./segment.ts";
import { readBeginning, readLines, SegmentUnreadable } from "./segmentLines.ts";
import { type Divergence, Diverges, StreamWalk } from "./streamWalk.ts";

/** What is known of a stream from elsewhere: that it had this entry. */
export interface Anchor extends Head {
  readonly stream: string;
}

/** What is known of all streams from elsewhere: that there were these, and no others. */
export interface Snapshot {
  /** milliseconds since the epoch */
  readonly at: number;
  readonly streams: readonly string[];
}

export interface StreamVerification {
  readonly stream: string;
  /** the first thing that is not as it was written; absent if all is */
  readonly divergence?: Divergence;
  /** of what is sound, up to the divergence: */
  readonly segments: number;
  readonly entries: number;
  readonly events: number;
  readonly head: Head;
  /** Entries up to this were removed because of their age or size, says the journal; 0: none. */
  readonly expiredThrough: number;
  /** anchors that it holds; and those that it is too short to hold, as their entries have expired */
  readonly anchorsHeld: number;
  readonly anchorsExpired: number;
  /** how often a crash, and a disk that failed, left something behind that was never acknowledged */
  readonly sealedOff: number;
  /** events that the journal admits to have lost while it could not be written; they were never acknowledged */
  readonly unrecorded: number;
  /** how often the clock went back */
  readonly clockSteps: number;
  /** of a line at the very end that is being written, or was when a crash came; bytes */
  readonly unfinished: number;
}

/** Segments that disappear while they are read have expired; then the stream is read again. */
const ATTEMPTS = 3;

/**
 * Reads the whole journal and checks that it is what was written. What the chain cannot show are entries cut off at the
 * end, and everything chained anew from some point on: for these there must be an anchor that was kept elsewhere.
 * @param directory of all streams
 * @param snapshots a stream that one of them does not have may hold nothing older
 * @returns one for each stream that is there or has an anchor, by name
 */
export async function verifyJournal(
  directory: string,
  anchors: readonly Anchor[] = [],
  snapshots: readonly Snapshot[] = [],
): Promise<StreamVerification[]> {
  const streams = new Set([...(await listStreams(directory)), ...anchors.map(({ stream }) => stream)]);
  const verifications: StreamVerification[] = [];
  for (const stream of [...streams].sort()) {
    const without = snapshots.filter(({ streams }) => !streams.includes(stream)).map(({ at }) => at);
    verifications.push(await verifyStream(directory, stream, anchors, Math.max(0, ...without)));
  }
  return verifications;
}

/**
 * The same, of one stream. Anchors of others are passed over.
 * @param notBefore it may hold nothing older; milliseconds since the epoch
 */
export async function verifyStream(
  directory: string,
  stream: string,
  anchors: readonly Anchor[] = [],
  notBefore = 0,
): Promise<StreamVerification> {
  for (let attempt = 1; ; attempt++) {
    const walk = new StreamWalk(
      stream,
      anchors.filter((anchor) => anchor.stream === stream),
      notBefore,
    );
    try {
      await walkSegments(join(directory, stream), walk);
      return walk.result();
    } catch (error) {
      if (error instanceof SegmentUnreadable) {
        if (error.gone && attempt < ATTEMPTS) continue;
        return walk.result({ kind: "unreadable", segment: error.segment, detail: error.message });
      }
      if (!(error instanceof Diverges)) throw error;
      const { divergence } = error;
      const reordered =
        divergence.kind === "removed" && (await isElsewhere(join(directory, stream), divergence.sequence));
      return walk.result(reordered ? { ...divergence, kind: "reordered" } : divergence);
    }
  }
}

async function walkSegments(directory: string, walk: StreamWalk): Promise<void> {
  const segments = await listSegments(directory);
  for (const [i, segment] of segments.entries()) {
    if (segment.plain && segment.compressed) await compareCopies(directory, segment);
    const next = segments[i + 1];
    // If it cannot be read, that shows when its turn comes.
    const beginning = next && (await readBeginning(directory, next).catch(undefinedIfUnreadable));
    const after = beginning?.header.after;
    walk.enter(segment, after?.segment === segment.name ? after : undefined, next === undefined);
    for await (const line of readLines(directory, segment)) {
      walk.read(line);
    }
    walk.leave();
  }
  walk.finish();
}

function undefinedIfUnreadable(error: unknown): undefined {
  if (!(error instanceof SegmentUnreadable)) throw error;
}

async function compareCopies(directory: string, segment: Segment): Promise<void> {
  const plain = await contentHash(directory, { ...segment, compressed: false });
  if (plain === (await contentHash(directory, { ...segment, plain: false }))) return;
  const detail = "the compressed segment and the other one differ";
  throw new Diverges({ kind: "copiesDiffer", segment: segment.name, detail });
}

async function contentHash(directory: string, segment: Segment): Promise<string> {
  const hash = createHash("sha256");
  for await (const { bytes, ended } of readLines(directory, segment)) hash.update(bytes).update(ended ? "\n" : "");
  return hash.digest("hex");
}

async function isElsewhere(directory: string, sequence: number | undefined): Promise<boolean> {
  for (const segment of await listSegments(directory)) {
    try {
      for await (const { bytes } of readLines(directory, segment)) {
        if (soundEntry(bytes)?.sequence === sequence) return true;
      }
    } catch (error) {
      undefinedIfUnreadable(error);
    }
  }
  return false;
}
