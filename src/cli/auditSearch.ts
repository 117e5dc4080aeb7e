import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { type Command, InvalidArgumentError } from "commander";
import type { IndexReport } from "../cloudtrail/indexer.ts";
import type { AttributeKey, EventQuery } from "../cloudtrail/indexSearch.ts";
import type { StreamPosition } from "../cloudtrail/indexWriter.ts";
import { allEntriesAfter, bodyOf, type JournalEntry, positionAfter } from "../cloudtrail/journalEvents.ts";
import { type FoundEvent, JournalIndex, matches } from "../cloudtrail/journalIndex.ts";
import { searchableEvent } from "../cloudtrail/searchableEvent.ts";
import { isKeyId } from "../kms/arn.ts";
import { SqliteReader } from "../store/sqlite/connection.ts";
import { eventNameOf } from "./auditEventName.ts";
import { eventLine, paintFor, visible } from "./eventLine.ts";
import { accountId } from "./options.ts";
import { serverDefaults } from "./server.ts";
import { dataPaths } from "./service.ts";

/** Events read at a time. */
const PAGE = 500;
const LIMIT_MAX = 1_000_000;
/** How often a journal that is followed is looked at; milliseconds. */
const POLL_INTERVAL = 300;

interface FilterFlags {
  data: string;
  key?: string;
  user?: string;
  operation?: string;
  accessKey?: string;
  eventId?: string;
  errors?: true;
  account?: string;
  region?: string;
  json?: true;
}

interface SearchFlags extends FilterFlags {
  since?: number;
  until?: number;
  limit: number;
}

interface TailFlags extends FilterFlags {
  lines: number;
  follow?: true;
}

/** `audit search` and `audit tail`: for people. Programs ask LookupEvents. */
export function auditSearchCommands(audit: Command): void {
  filterOptions(audit.command("search").description("Find events in the audit trail, newest first."))
    .option("--since <time>", "not before: 2026-11-23T10:00:00Z, or 30m, 2h, 7d ago", pastSecond)
    .option("--until <time>", "not after", pastSecond)
    .option("--limit <count>", "how many at most", count, 100)
    .addHelpText(
      "after",
      `
Examples:
  $ strongroom audit search --key alias/app --since 2h --errors
  $ strongroom audit search --user bob --operation Decrypt --json | jq .sourceIPAddress

Beside a running server or without one; never needs the root key. Looks through an index, DATA/audit/index.db, which it
brings up to date first. Events stay in it for 90 days; older ones are in the journal as long as that is kept.`,
    )
    .action(search);
  filterOptions(audit.command("tail").description("Show the newest events of the audit trail, oldest first."))
    .option("-n, --lines <count>", "how many", count, 20)
    .option("-f, --follow", "go on with what is new, until interrupted")
    .addHelpText("after", "\nExample:\n  $ strongroom audit tail --follow --user bob")
    .action(tail);
}

function filterOptions(command: Command): Command {
  return command
    .option("--data <directory>", "the server's data directory", serverDefaults.data)
    .option("--key <key>", "about this KMS key: its id or ARN, or an alias, which means the key it points to now")
    .option("--user <name>", "by this user, or session of a role; root")
    .option("--operation <name>", "of this name, such as Decrypt or kms:Decrypt, in any case")
    .option("--access-key <id>", "by this access key")
    .option("--event-id <id>", "the event of this id")
    .option("--errors", "only what failed")
    .option("--account <id>", "on record in this account", accountId)
    .option("--region <name>", "in this Region")
    .option("--json", "the CloudTrail records, one a line");
}

async function search(flags: SearchFlags): Promise<void> {
  const index = openIndex(flags.data);
  try {
    const query = { ...(await queryOf(flags)), from: flags.since, through: flags.until };
    await index.catchUp();
    const show = shower(flags);
    let left = flags.limit;
    for (let before: number | undefined; left > 0; ) {
      const page = await index.find(query, Math.min(left, PAGE), before);
      await show(page.events);
      left -= page.events.length;
      if (page.next === undefined) break;
      before = page.next;
    }
    if (left === flags.limit) process.stderr.write("strongroom: no event matches\n");
  } finally {
    await index.close();
  }
}

async function tail(flags: TailFlags): Promise<void> {
  const index = openIndex(flags.data);
  const query = await queryOf(flags);
  const show = shower(flags);
  let positions: ReadonlyMap<string, StreamPosition>;
  const newest: FoundEvent[] = [];
  try {
    await index.catchUp();
    positions = index.positions();
    for (let before: number | undefined; newest.length < flags.lines; ) {
      const page = await index.find(query, Math.min(flags.lines - newest.length, PAGE), before);
      newest.push(...page.events);
      if (page.next === undefined) break;
      before = page.next;
    }
  } finally {
    await index.close();
  }
  await show(newest.reverse());
  if (flags.follow) await follow(join(flags.data, "audit"), positions, query, new Set(newest.map(eventId)), show);
}

const eventId = ({ event }: FoundEvent) => event.eventId;

/** Shows what comes after the positions, for as long as the process lives. @param shown events that may come again */
async function follow(
  directory: string,
  from: ReadonlyMap<string, StreamPosition>,
  query: EventQuery,
  shown: ReadonlySet<string>,
  show: Show,
): Promise<void> {
  const positions = new Map(from);
  for (;;) {
    const read = (entry: JournalEntry) => {
      const event = entry.kind === "event" ? searchableEvent(bodyOf(entry)) : undefined;
      return { second: event?.second, entry, event };
    };
    for await (const entries of allEntriesAfter(directory, new Map(positions), read)) {
      for (const { entry, event } of entries) {
        positions.set(entry.stream, positionAfter(entry));
        if (event === undefined || !matches(event, query) || shown.has(event.eventId)) continue;
        await show([{ event, record: bodyOf(entry) }]);
      }
    }
    await delay(POLL_INTERVAL);
  }
}

const REPORTS: Readonly<Record<IndexReport["kind"], string>> = {
  lost: "the audit journal has lost entries that were in it (see what strongroom audit verify says)",
  rebuilding: "making the index of the audit trail",
  failing: "the index of the audit trail cannot be brought up to date, what is new may be missing",
};

function openIndex(data: string): JournalIndex {
  const directory = join(data, "audit");
  if (!existsSync(directory)) {
    throw new Error(`there is no audit trail in ${data}. Has a server been started with --data ${data}?`);
  }
  return new JournalIndex({
    directory,
    writes: true,
    hurries: true,
    report(report) {
      process.stderr.write(`strongroom: ${visible(`${REPORTS[report.kind]}: ${report.reason}`)}\n`);
    },
  });
}

async function queryOf(flags: FilterFlags): Promise<EventQuery> {
  const attributes: (readonly [AttributeKey, string])[] = [];
  if (flags.key !== undefined) attributes.push(["ResourceName", await keyName(flags.key, flags)]);
  if (flags.eventId !== undefined) attributes.push(["EventId", flags.eventId]);
  if (flags.accessKey !== undefined) attributes.push(["AccessKeyId", flags.accessKey]);
  if (flags.user !== undefined) attributes.push(["Username", flags.user]);
  if (flags.operation !== undefined) attributes.push(["EventName", eventNameOf(flags.operation)]);
  return { attributes, account: flags.account, region: flags.region, failed: flags.errors };
}

const OF_KEY_ARN = /^arn:[^:]+:kms:[^:]+:\d{12}:key\//;
const ALIAS = /^(?:arn:[^:]+:kms:([^:]+):(\d{12}):)?(alias\/.+)$/;

/** The id of the key that an alias points to; what is no alias stays as it is. */
async function keyName(key: string, { data, account, region }: FilterFlags): Promise<string> {
  const [, ofRegion = region ?? "us-east-1", ofAccount = account, name] = ALIAS.exec(key) ?? [];
  if (name === undefined) {
    if (isKeyId(key.replace(OF_KEY_ARN, ""))) return key;
    throw new Error(
      `--key ${key} is no key: its id (1234abcd-12ab-34cd-56ef-1234567890ab, mrk-…), its ARN, or an alias (alias/NAME, or the alias's ARN) is needed`,
    );
  }
  const path = dataPaths(resolve(data)).store;
  if (!existsSync(path)) throw new Error(`${path} is not there, which knows the aliases: give the key's id or ARN`);
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const store = new SqliteReader(database);
    const owner = ofAccount ?? (await store.setting("account")) ?? "";
    const alias = await store.alias(owner, ofRegion, name);
    if (alias === undefined) throw new Error(`there is no ${name} in account ${owner}, Region ${ofRegion}`);
    return alias.keyId;
  } finally {
    database.close();
  }
}

type Show = (events: readonly Pick<FoundEvent, "event" | "record">[]) => Promise<void>;

function shower({ json }: FilterFlags): Show {
  const { stdout } = process;
  const paint = paintFor(stdout);
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    // Whoever was reading has seen enough.
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  return async (events) => {
    const lines = events.map((found) => (json ? visible(found.record) : eventLine(found, paint)));
    if (lines.length > 0 && !stdout.write(`${lines.join("\n")}\n`)) {
      await new Promise((done) => stdout.once("drain", done));
    }
  };
}

function count(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1 || number > LIMIT_MAX) {
    throw new InvalidArgumentError(`A number from 1 to ${LIMIT_MAX} is needed.`);
  }
  return number;
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** seconds since the epoch */
function pastSecond(text: string): number {
  const [, ago, unit = ""] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const second =
    ago === undefined
      ? Math.floor(Date.parse(/^\d{4}-/.test(text) ? text : "") / 1000)
      : Math.floor(Date.now() / 1000) - Number(ago) * (UNITS[unit] as number);
  if (Number.isNaN(second)) throw new InvalidArgumentError("A time such as 2026-11-23T10:00:00Z, or 30m, 2h or 7d.");
  return Math.max(0, second);
}
