import { join } from "node:path";
import type { Logger } from "pino";
import { journalSource } from "../cloudtrail/delivery/journalSource.ts";
import { lostEntries } from "../cloudtrail/delivery/lostEntries.ts";
import { recordsOf } from "../cloudtrail/event.ts";
import { Journal, type JournalReport, JournalUnavailable } from "../cloudtrail/journal.ts";
import type { Retention } from "../cloudtrail/retention.ts";
import { StreamLocked } from "../cloudtrail/streamLock.ts";
import type { Jobs } from "../jobs/repeating.ts";
import { keepJournal } from "../jobs/retention.ts";
import { type Audit, AuditUnavailable } from "../server/audit.ts";
import type { Store } from "../store/store.ts";

/** Processes of one data directory, at most: workers and their primary. */
const MOST_STREAMS = 1000;

/** How often closed segments are looked for. */
const KEEP_INTERVAL_MS = 60_000;

export type AuditMode = "strict" | "batched";

export interface AuditTrailOptions {
  /** the data directory */
  readonly data: string;
  readonly mode: AuditMode;
  readonly store: Store;
  readonly retention: Pick<Retention, "maxAge" | "maxBytes">;
  /**
   * Whether this process keeps the streams, too, whose processes are no more, and looks whether any has lost its end: one
   * of a data directory does.
   */
  readonly orphans: boolean;
  /** milliseconds since the epoch */
  readonly clock: () => number;
  readonly log: Logger;
}

/** What happens in this process, put on record. */
export interface AuditTrail {
  readonly journal: Journal;
  readonly audit: Audit;
  /** Puts records on record that are made of no request. @throws AuditUnavailable */
  append(records: readonly string[]): Promise<void>;
  /** compresses and shortens the journal, by itself */
  readonly keeping: Pick<Jobs, "runAll">;
  close(): Promise<void>;
}

export function auditDirectory(data: string): string {
  return join(data, "audit");
}

/** Opens the first stream of the journal that no other process writes. */
export async function openAuditTrail(options: AuditTrailOptions): Promise<AuditTrail> {
  const { data, mode, clock, log } = options;
  const report = (event: JournalReport) => tell(log, event);
  if (options.orphans) await tellOfLost(options);
  const journal = await firstFree((stream) =>
    Journal.open({ directory: auditDirectory(data), stream, mode, clock, report }),
  );
  const keeping = keepJournal(
    {
      ...options,
      journal,
      report,
      failed: (error, stream) =>
        log.error({ err: error, stream }, "the audit journal cannot be compressed or shortened; it goes on growing"),
      expired: (segments, stream) =>
        log.info({ segments, stream }, "removed what the audit journal need not keep any longer"),
    },
    KEEP_INTERVAL_MS,
  );
  let written: Promise<void> = Promise.resolve();
  let told = written;
  /** What is written together has one promise, and is told with one. */
  function appendOne(record: string): Promise<void> {
    const appending = journal.append(record);
    if (appending !== written) {
      written = appending;
      told = appending.catch(refused);
    }
    return told;
  }
  async function append(records: readonly string[]): Promise<void> {
    await Promise.all(records.map(appendOne));
  }
  return {
    journal,
    audit: {
      get fault() {
        return journal.fault;
      },
      record(finished) {
        const [record, ...more] = recordsOf({ ...finished, at: clock() });
        if (record === undefined) return DONE;
        return more.length === 0 ? appendOne(record) : append([record, ...more]);
      },
    },
    append,
    keeping,
    async close() {
      await keeping.stop();
      await journal.close();
    },
  };
}

/** Before anything is written after the loss. The digests themselves are for `strongroom audit verify` to check. */
async function tellOfLost({ data, store, log }: AuditTrailOptions): Promise<void> {
  try {
    for (const lost of await lostEntries(store, await journalSource(auditDirectory(data)).heads())) {
      log.error(
        lost,
        "the audit journal ends before what a signed digest says was in it: entries are lost. A disk that failed explains that, with --audit batched a power failure as well; else someone has removed them: see what `strongroom audit verify` says, and keep the digest",
      );
    }
  } catch (error) {
    log.error({ err: error }, "whether the audit journal has all that digests say of it could not be checked");
  }
}

const DONE = Promise.resolve();

function refused(error: unknown): never {
  throw error instanceof JournalUnavailable ? new AuditUnavailable(error.message) : error;
}

async function firstFree(open: (stream: string) => Promise<Journal>): Promise<Journal> {
  for (let n = 0; ; n++) {
    try {
      return await open(String(n).padStart(2, "0"));
    } catch (error) {
      if (!(error instanceof StreamLocked) || n === MOST_STREAMS) throw error;
    }
  }
}

function tell(log: Logger, event: JournalReport): void {
  if (event.kind === "unavailable") {
    log.error({ reason: event.reason }, "the audit journal cannot be written: requests are refused until it can be");
  } else if (event.kind === "resumed") {
    log.warn({ unrecorded: event.unrecorded }, "the audit journal can be written again: requests are served");
  } else if (event.kind === "removed") {
    log.error(
      { segment: event.segment, bytes: event.bytes },
      "the audit journal's segment was removed or replaced while it was being written: what it held is lost, and writing goes on in a new one",
    );
  } else if (event.kind === "torn") {
    log.info(
      { ending: event.ending },
      "the last line of the audit journal was cut short by a crash, and is sealed off",
    );
  } else {
    log.error(
      { ending: event.ending },
      "the audit journal was damaged; what is written now follows the damage. `strongroom audit verify` says more",
    );
  }
}
