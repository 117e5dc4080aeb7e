import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Command, InvalidArgumentError } from "commander";
import { everyTrail } from "../cloudtrail/delivery/everyTrail.ts";
import { type IndexVerification, verifyIndex } from "../cloudtrail/indexVerification.ts";
import { type Anchor, type Snapshot, verifyJournal } from "../cloudtrail/journalVerification.ts";
import { type DigestPublicKey, publicKeyPem } from "../cloudtrail/publicKey.ts";
import { readPublicKeyFile, readPublicKeys } from "../cloudtrail/publicKeyFiles.ts";
import { trailArn } from "../cloudtrail/trail.ts";
import {
  type DeliveredVerification,
  type ExpectedDigest,
  verifyDelivered,
} from "../cloudtrail/verification/verification.ts";
import { SqliteReader } from "../store/sqlite/connection.ts";
import { publicKeysDirectory } from "./auditDelivery.ts";
import { DELIVERY_PLACE, type DeliveryPlace, deliveredDirectory } from "./auditOptions.ts";
import { auditSearchCommands } from "./auditSearch.ts";
import { auditDirectory } from "./auditTrail.ts";
import { serverDefaults } from "./server.ts";
import { dataPaths } from "./service.ts";

interface VerifyFlags {
  data?: string;
  delivered?: string;
  publicKey?: string[];
  since?: number;
  index: boolean;
}

export function auditCommand(program: Command): Command {
  const audit = program
    .command("audit")
    .description("Look into the audit trail, and check that it is what was written.");
  audit
    .command("verify")
    .description("Check the journal, and the log files and digest files of trails. Needs no server and no root key.")
    .option(
      "--data <directory>",
      `the server's data directory (default: ${serverDefaults.data}, unless --delivered is given)`,
    )
    .option("--delivered <directory>", "where buckets are directories (default: where the server delivers to)")
    .option(
      "--public-key <file...>",
      "keys that digests must be signed by, PEM or DER, kept where the server's disk cannot change them (default: DATA/audit/public-keys)",
    )
    .option(
      "--since <time>",
      "of delivered files only what is later, 2026-11-23T10:00:00Z: older ones need not be there",
      time,
    )
    .option("--no-index", "leave out the index that searches go through, which takes most of the time")
    .addHelpText(
      "after",
      `
Examples:
  $ strongroom audit verify --data /var/lib/strongroom
  $ strongroom audit verify --delivered copies --public-key us-east-1.pem   # an auditor, with copies of the buckets

One line a finding, the first divergence first. Status 0: all is as it was written; 1: it is not, or there is nothing.
A digest's signature lies beside it in FILE.signature; of a copy of a bucket of S3, the output of aws s3api head-object
put there serves as well, and is needed for the last digest of each trail and Region alone.`,
    )
    .action(verify);
  audit
    .command("public-keys")
    .description("Print the public keys of digest files, for auditors to keep.")
    .option("--data <directory>", "the server's data directory", serverDefaults.data)
    .action(printPublicKeys);
  auditSearchCommands(audit);
  return audit;
}

async function verify(flags: VerifyFlags): Promise<void> {
  const data = flags.data ?? (flags.delivered === undefined ? serverDefaults.data : undefined);
  if (data !== undefined && !existsSync(data)) throw new Error(`there is no data directory ${data}`);
  const report = new Report();
  const { place, expected, ...known } = data === undefined ? NOTHING_KNOWN : await knownDelivery(data, report);
  const delivered = flags.delivered ?? place.directory ?? deliveredDirectory(data as string);
  if (flags.delivered !== undefined && !existsSync(delivered)) throw new Error(`there is no directory ${delivered}`);
  let files: DeliveredVerification | undefined;
  if (existsSync(delivered) && (flags.delivered !== undefined || place.url === undefined)) {
    // Copies may be of some buckets.
    const complete = flags.delivered === undefined;
    const keys = await publicKeys(data, flags);
    files = await verifyDelivered(delivered, { keys, expected, complete, ...sinceOf(flags) });
    report.files(files);
  } else if (expected.length > 0) {
    report.unchecked(expected, place.url, delivered);
  }
  // Of a trail that has stopped, the store does not know its last digest any more, but that there were some.
  if (flags.delivered === undefined && place.url === undefined && flags.since === undefined) {
    report.vanished(known.digested, files?.chains.map(({ trail }) => trail) ?? []);
  }
  if (data !== undefined) {
    const anchors = files?.chains.flatMap((chain) => chain.anchors) ?? known.anchors;
    const directory = auditDirectory(resolve(data));
    const snapshots = files?.chains.flatMap((chain) => chain.snapshots) ?? known.snapshots;
    report.journal(await verifyJournal(directory, anchors, snapshots));
    // What is found by an index is read in the journal: one that does not fit can hide events, and nothing else.
    if (flags.index && report.isSound) report.index(await verifyIndex(directory));
  }
  report.print();
}

const sinceOf = ({ since }: VerifyFlags) => (since === undefined ? {} : { since });

async function publicKeys(data: string | undefined, { publicKey }: VerifyFlags): Promise<DigestPublicKey[]> {
  if (publicKey !== undefined) return (await Promise.all(publicKey.map(readPublicKeyFile))).flat();
  if (data === undefined) throw new Error("without --data, --public-key is needed");
  return (await readPublicKeys(publicKeysDirectory(data))).map(({ key }) => key);
}

interface KnownDelivery {
  readonly place: DeliveryPlace;
  /** the last digest of each trail and Region */
  readonly expected: readonly ExpectedDigest[];
  /** the ARNs of the trails that have had digests, and when the last was delivered; milliseconds since the epoch */
  readonly digested: ReadonlyMap<string, number>;
  /** what these say of the journal, for when they themselves are elsewhere */
  readonly anchors: readonly Anchor[];
  readonly snapshots: readonly Snapshot[];
}

const NOTHING_KNOWN: KnownDelivery = {
  place: {},
  expected: [],
  digested: new Map(),
  anchors: [],
  snapshots: [],
};

/** What the store knows of it: nothing that is sealed is opened, nothing changed. */
async function knownDelivery(data: string, report: Report): Promise<KnownDelivery> {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(dataPaths(resolve(data)).store, { readOnly: true });
    const store = new SqliteReader(database);
    const expected: ExpectedDigest[] = [];
    const digested = new Map<string, number>();
    const anchors: Anchor[] = [];
    const snapshots: Snapshot[] = [];
    for await (const trail of everyTrail(store)) {
      const arn = trailArn(trail);
      const chains = await store.digestChains(arn);
      const latest = (await store.delivery(arn))?.latestDigest ?? null;
      if (latest !== null && chains.every(([, { previous }]) => previous === null)) digested.set(arn, latest);
      for (const [, { previous, start }] of chains) {
        if (previous === null) continue;
        expected.push(previous);
        if (previous.journal === undefined) continue;
        anchors.push(...previous.journal);
        snapshots.push({ at: start, streams: previous.journal.map(({ stream }) => stream) });
      }
    }
    return { place: JSON.parse((await store.setting(DELIVERY_PLACE)) ?? "{}"), expected, digested, anchors, snapshots };
  } catch (error) {
    report.note(
      `the store cannot be read (${(error as Error).message}): whether the last digests are there was not checked`,
    );
    return NOTHING_KNOWN;
  } finally {
    database?.close();
  }
}

/** What was found, one line each: what is wrong comes first. */
class Report {
  readonly #findings: string[] = [];
  readonly #summary: string[] = [];
  /** there was something of which it can be said */
  #hasVerified = false;

  note(line: string): void {
    this.#summary.push(line);
  }

  files({ chains, findings, unlisted, elsewhere }: DeliveredVerification): void {
    for (const { place, detail } of findings) this.#findings.push(`INVALID  ${place}: ${detail}`);
    if (chains.length > 0) this.#hasVerified = true;
    for (const { trail, region, digests, logFiles, from, to, gaps } of chains) {
      const range = from === undefined ? "" : `, ${from} to ${to}`;
      this.#summary.push(
        `${trail} in ${region}: ${digests.valid}/${digests.all} digest files valid, ${logFiles.valid}/${logFiles.all} log files valid${range}`,
      );
      for (const gap of gaps) {
        this.#summary.push(`  no digests ${gap.from} to ${gap.to}: logging or validation was off, say the digests`);
      }
    }
    if (unlisted.length > 0) {
      this.#summary.push(
        `${unlisted.length} log files are in no digest (yet), such as ${unlisted[0]}: nothing is known of them`,
      );
    }
    for (const bucket of elsewhere) this.#summary.push(`the bucket ${bucket} is elsewhere: its files were not checked`);
  }

  /** Digests that were delivered, and of which nothing is here. */
  unchecked(digests: readonly ExpectedDigest[], url: string | undefined, directory: string): void {
    if (url === undefined) {
      for (const { bucket, object } of digests) {
        this.#findings.push(`INVALID  ${bucket}/${object}: digest file: not found, there is no directory ${directory}`);
      }
    } else {
      this.#summary.push(
        `log files and digests were delivered to ${url}, and not checked: copy the buckets, and verify them with --delivered`,
      );
    }
  }

  /** Trails of which no digest is there at all. */
  vanished(digested: ReadonlyMap<string, number>, found: readonly string[]): void {
    for (const [trail, at] of digested) {
      if (found.includes(trail)) continue;
      const until = new Date(at).toISOString();
      this.#findings.push(`INVALID  ${trail}: digest files: none is there, and they were delivered until ${until}`);
    }
  }

  journal(streams: Awaited<ReturnType<typeof verifyJournal>>): void {
    for (const { stream, divergence, events, entries, head, ...counted } of streams) {
      // Directories beside the streams are no streams.
      if (entries === 0 && divergence === undefined) continue;
      this.#hasVerified = true;
      if (divergence !== undefined) {
        const { kind, segment, line, sequence, detail } = divergence;
        const where = [segment, line && `line ${line}`, sequence && `entry ${sequence}`].filter(Boolean).join(", ");
        this.#findings.push(`INVALID  journal, stream ${stream}${where && `, ${where}`}: ${kind}: ${detail}`);
      }
      const more = [
        counted.expiredThrough > 0 && `expired up to entry ${counted.expiredThrough}`,
        counted.anchorsHeld > 0 && `${counted.anchorsHeld} anchors of digests held`,
        counted.sealedOff > 0 && `${counted.sealedOff} torn ends sealed off`,
        counted.unrecorded > 0 && `${counted.unrecorded} events given up while it could not be written`,
        counted.clockSteps > 0 && `the clock went back ${counted.clockSteps} times`,
      ].filter(Boolean);
      const sound = divergence === undefined ? "valid" : "valid before that";
      this.#summary.push(
        `journal, stream ${stream}: ${events} events ${sound}, up to entry ${head.sequence}${more.length > 0 ? `; ${more.join(", ")}` : ""}`,
      );
    }
  }

  index(verification: IndexVerification | undefined): void {
    if (verification === undefined) return;
    const { events, findings, findingCount } = verification;
    for (const { kind, detail } of findings) this.#findings.push(`INVALID  index: ${kind}: ${detail}`);
    if (findingCount > findings.length) this.#findings.push(`INVALID  index: ${findingCount - findings.length} more`);
    this.#summary.push(
      findingCount === 0
        ? `index: ${events} events as in the journal`
        : findings.some(({ kind }) => kind === "lost")
          ? "index: keep a copy of DATA/audit/index.db: the server makes it anew when it starts, without what the journal has lost"
          : "index: remove DATA/audit/index.db, and the server makes it anew from the journal",
    );
  }

  get isSound(): boolean {
    return this.#findings.length === 0;
  }

  print(): void {
    if (!this.#hasVerified && this.#findings.length === 0) {
      this.#findings.push("INVALID  nothing: there is neither a journal nor a digest to verify");
    }
    for (const line of [...this.#findings, ...this.#summary]) process.stdout.write(`${printable(line)}\n`);
    if (this.#findings.length > 0) process.exitCode = 1;
  }
}

async function printPublicKeys({ data }: { data: string }): Promise<void> {
  const keys = await readPublicKeys(publicKeysDirectory(resolve(data)));
  if (keys.length === 0) {
    throw new Error(`there are none in ${publicKeysDirectory(data)}: the first is made when a trail begins to log`);
  }
  for (const { region, key } of keys) {
    process.stdout.write(`# ${region}, fingerprint ${key.fingerprint}\n${publicKeyPem(key)}`);
  }
}

function time(text: string): number {
  const at = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?Z)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new InvalidArgumentError("A time such as 2026-11-23T10:00:00Z, or a day, is needed.");
  return at;
}

/** Names of files and what is in damaged ones must not control the terminal. */
function printable(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\u2028\u2029]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
