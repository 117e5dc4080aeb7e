import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { createWriteStream, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import { gzipLines } from "../src/cloudtrail/gzipMembers.ts";
import { indexPath } from "../src/cloudtrail/indexer.ts";
import { removeIndex } from "../src/cloudtrail/indexFile.ts";
import type { EventQuery } from "../src/cloudtrail/indexSearch.ts";
import { JournalIndex } from "../src/cloudtrail/journalIndex.ts";
import { entryLine, GENESIS, type Head, headerBody, segmentName } from "../src/cloudtrail/segment.ts";

/**
 * What the index behind the audit journal takes to build and to search:
 *
 *     node bench/auditIndex.ts [--events 10000000] [--uuid 7|4] [--data DIRECTORY]
 *
 * Makes a journal of that many events, of 1,000 keys and 200 users, evenly over 60 days, in segments as a server leaves
 * them; their ids are UUIDs of that version. A directory that is given is kept, and its journal used again.
 */
const { values } = parseArgs({
  options: {
    events: { type: "string", default: "1000000" },
    data: { type: "string" },
    uuid: { type: "string", default: "7" },
  },
});
const EVENTS = Number(values.events);
const SPAN = 60 * 86_400;
const SEGMENT_BYTES = 64 << 20;
const BLOCK = 500;
const ACCOUNT = "111122223333";
const REGION = "us-east-1";
const PAGE = 50;
const LOOKUPS = 30;

const OPERATIONS = ["Decrypt", "Encrypt", "GenerateDataKey", "Sign", "DescribeKey"] as const;
const keyIds = Array.from({ length: 1_000 }, (_, i) => uuid(0x4000, Buffer.from(`key-${i}`.padEnd(16, "."))));
const users = Array.from({ length: 200 }, (_, i) => `user-${i}`);
const end = Math.floor(Date.now() / 1000);

const directory = values.data ?? mkdtempSync(join(tmpdir(), "strongroom-bench-index-"));
try {
  const stream = join(directory, "00");
  mkdirSync(stream, { recursive: true });
  if (readdirSync(stream).length === 0) {
    await timed(`write ${EVENTS} events`, () => writeJournal(stream));
  }
  removeIndex(indexPath(directory));
  const index = new JournalIndex({ directory, writes: true, hurries: true, report: console.error });
  const seconds = await timed("build the index", () => index.catchUp());
  console.log(`  ${Math.round(EVENTS / seconds)} events per second, ${megabytes(process.memoryUsage().rss)} resident`);
  const eventIds = await someEventIds(index);
  await index.close();
  console.log(`  journal ${megabytes(sizeOf(stream))}, index ${megabytes(statSync(indexPath(directory)).size)}`);
  for (const [name, attribute] of Object.entries({
    "by key": () => ["ResourceName", pick(keyIds)],
    "by user": () => ["Username", pick(users)],
    "by operation": () => ["EventName", pick(OPERATIONS)],
    "by read only": () => ["ReadOnly", "true"],
    "by event id": () => ["EventId", pick(eventIds)],
    all: () => undefined,
  } satisfies Record<string, () => EventQuery["attributes"][number] | undefined>)) {
    await measure(name, () => {
      const found = attribute();
      return { account: ACCOUNT, region: REGION, attributes: found === undefined ? [] : [found] };
    });
  }
  await measure("by key, user and operation", () => ({
    attributes: [
      ["ResourceName", pick(keyIds)],
      ["Username", pick(users)],
      ["EventName", "Decrypt"],
    ],
  }));
} finally {
  if (values.data === undefined) rmSync(directory, { recursive: true });
}

async function someEventIds(index: JournalIndex): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < LOOKUPS) {
    const [found] = (await index.find({ attributes: [], through: end - randomInt(SPAN) }, 1)).events;
    if (found !== undefined) ids.push(found.event.eventId);
  }
  return ids;
}

/** Each lookup with an index that was just opened, as a process opens it that was just started. */
async function measure(name: string, query: () => EventQuery): Promise<void> {
  const first: number[] = [];
  const twentieth: number[] = [];
  let found = 0;
  for (let i = 0; i < LOOKUPS; i++) {
    const index = new JournalIndex({ directory, writes: false });
    const wanted = query();
    let started = performance.now();
    let page = await index.find(wanted, PAGE);
    first.push(performance.now() - started);
    found += page.events.length;
    if (page.events.length === 0 && !name.includes(",")) throw new Error(`nothing found: ${JSON.stringify(wanted)}`);
    for (let n = 2; n <= 20 && page.next !== undefined; n++) {
      started = performance.now();
      page = await index.find(wanted, PAGE, page.next);
      if (n === 20) twentieth.push(performance.now() - started);
    }
    await index.close();
  }
  const line = [`${name}:`.padEnd(28), `${found / LOOKUPS} found`.padEnd(14), `first page ${distribution(first)}`];
  if (twentieth.length > 0) line.push(`20th page ${distribution(twentieth)}`);
  console.log(line.join(" "));
}

async function writeJournal(stream: string): Promise<void> {
  let head: Head = GENESIS;
  let made = 0;
  let after: { segment: string; bytes: number; left: number; how: "closed" } | null = null;
  while (made < EVENTS) {
    const name = segmentName(head.sequence + 1);
    let bytes = 0;
    const blocks = function* () {
      const time = new Date((end - SPAN + (made / EVENTS) * SPAN) * 1000).toISOString();
      const first = entryLine(head, "segment", headerBody({ stream: "00", time, after, unrecorded: 0 }));
      head = first;
      let text = first.line;
      while (made < EVENTS && bytes < SEGMENT_BYTES) {
        for (let i = 0; i < BLOCK && made < EVENTS; i++) {
          const entry = entryLine(head, "event", record(made++));
          head = entry;
          text += entry.line;
        }
        const block = Buffer.from(text);
        bytes += block.length;
        text = "";
        yield block;
      }
    };
    if (EVENTS - made > SEGMENT_BYTES / 1_000) {
      await pipeline(Readable.from(blocks()), gzipLines(), createWriteStream(join(stream, `${name}.gz`)));
    } else {
      writeFileSync(join(stream, name), Buffer.concat([...blocks()]));
    }
    after = { segment: name, bytes, left: 0, how: "closed" };
  }
}

function record(n: number): string {
  const milliseconds = Math.floor((end - SPAN + (n / EVENTS) * SPAN) * 1000);
  const user = pick(users);
  const keyId = pick(keyIds);
  const operation = pick(OPERATIONS);
  const eventID = values.uuid === "7" ? uuid(0x7000, randomBytes(16), milliseconds) : randomUUID();
  return JSON.stringify({
    eventVersion: "1.11",
    userIdentity: {
      type: "IAMUser",
      principalId: `AIDA${user.toUpperCase().replaceAll("-", "X").padEnd(17, "Q")}`,
      arn: `arn:aws:iam::${ACCOUNT}:user/${user}`,
      accountId: ACCOUNT,
      accessKeyId: `AKIA${user.toUpperCase().replaceAll("-", "X").padEnd(16, "Z")}`,
      userName: user,
    },
    eventTime: `${new Date(milliseconds).toISOString().slice(0, 19)}Z`,
    eventSource: "kms.amazonaws.com",
    eventName: operation,
    awsRegion: REGION,
    sourceIPAddress: `10.0.${randomInt(16)}.${randomInt(256)}`,
    userAgent:
      "aws-cli/2.31.2 md/awscrt#0.28.1 ua/2.1 os/linux#6.8.0 md/arch#x86_64 lang/python#3.13.7 cfg/retry-mode#standard",
    ...(n % 100 === 0 && {
      errorCode: "AccessDenied",
      errorMessage: `User: arn:aws:iam::${ACCOUNT}:user/${user} is not authorized`,
    }),
    requestParameters: {
      encryptionContext: { tenant: `tenant-${randomInt(5_000)}`, purpose: "backup" },
      keyId,
      encryptionAlgorithm: "SYMMETRIC_DEFAULT",
    },
    responseElements: null,
    additionalEventData: { keyMaterialId: keyId.replaceAll("-", "").repeat(2) },
    requestID: randomUUID(),
    eventID,
    readOnly: true,
    resources: [{ accountId: ACCOUNT, type: "AWS::KMS::Key", ARN: `arn:aws:kms:${REGION}:${ACCOUNT}:key/${keyId}` }],
    eventType: "AwsApiCall",
    managementEvent: true,
    recipientAccountId: ACCOUNT,
    eventCategory: "Management",
    tlsDetails: {
      tlsVersion: "TLSv1.3",
      cipherSuite: "TLS_AES_128_GCM_SHA256",
      clientProvidedHostHeader: "kms.example.com:4566",
      keyExchange: "X25519MLKEM768",
    },
  });
}

function uuid(version: number, bytes: Buffer, milliseconds?: number): string {
  if (milliseconds !== undefined) bytes.writeUIntBE(milliseconds, 0, 6);
  bytes.writeUInt16BE((bytes.readUInt16BE(6) & 0x0fff) | version, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function pick<T>(items: readonly T[]): T {
  return items[randomInt(items.length)] as T;
}

async function timed(what: string, run: () => Promise<void>): Promise<number> {
  const started = performance.now();
  const cpu = process.cpuUsage();
  await run();
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  console.log(`${what}: ${seconds.toFixed(1)} s, of a processor ${((user + system) / 1e6).toFixed(1)} s`);
  return seconds;
}

function distribution(times: number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  return `${(sorted[sorted.length >> 1] as number).toFixed(1)} ms (at most ${(sorted.at(-1) as number).toFixed(1)})`;
}

function sizeOf(path: string): number {
  return readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
