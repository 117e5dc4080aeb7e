import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { after, before, test } from "node:test";
import { CreateAliasCommand, CreateKeyCommand, EncryptCommand } from "@aws-sdk/client-kms";
import { pino } from "pino";
import { operations as implementations } from "../../src/kms/operations/index.ts";
import { startTestServer, type TestServer } from "../harness.ts";
import { example, model, operations } from "../modelSites.ts";
import { exchange, open, sign } from "./wire.ts";

/**
 * Whatever bytes come, the edge answers them with 2xx or 4xx or not at all, and goes on. STRONGROOM_FUZZ_SECONDS says how
 * long this is tried, STRONGROOM_FUZZ_SEED repeats what was tried before; each lane draws its own numbers from it.
 */
const SECONDS = Number(process.env.STRONGROOM_FUZZ_SECONDS ?? 5);
const SEED = Number(process.env.STRONGROOM_FUZZ_SEED ?? randomInt(2 ** 31));
const LANES = 24;
/** A key that these were done to would be of little use to the others. */
const HARMFUL = /^(DisableKey|ScheduleKeyDeletion|PutKeyPolicy|DeleteAlias|UpdateAlias|CreateAlias)$/;

/** mulberry32 */
class Dice {
  #state: number;
  constructor(seed: number) {
    this.#state = seed | 0;
  }
  /** from 0, below `bound` */
  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * bound);
  }
  one<T>(of: readonly T[]): T {
    return of[this.below(of.length)]!;
  }
  chance(of: number): boolean {
    return this.below(of) === 0;
  }
  /** of which each character is a byte; more often short than long */
  bytes(most: number): string {
    const length = this.below(this.below(most) + 1);
    return String.fromCharCode(...Array.from({ length }, () => this.below(256)));
  }
}

const implemented = implementations.map(({ name }) => name);

let server: TestServer;
let keyIds: string[];
let victim: string;
let ciphertext: string;
const errors: string[] = [];
const rejections: unknown[] = [];
const rejected = (reason: unknown) => rejections.push(reason);

before(async () => {
  process.on("unhandledRejection", rejected);
  server = await startTestServer({ log: pino({ level: "error" }, { write: (line: string) => errors.push(line) }) });
  const kms = server.client();
  const specs = ["SYMMETRIC_DEFAULT", "SYMMETRIC_DEFAULT"] as const;
  const keys = await Promise.all(specs.map((KeySpec) => kms.send(new CreateKeyCommand({ KeySpec }))));
  const { KeyId, Arn } = keys[0]!.KeyMetadata!;
  await kms.send(new CreateAliasCommand({ AliasName: "alias/fuzz", TargetKeyId: KeyId }));
  keyIds = [KeyId!, Arn!, "alias/fuzz", "alias/aws/s3"];
  victim = keys[1]!.KeyMetadata!.KeyId!;
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("fuzz") }));
  ciphertext = Buffer.from(CiphertextBlob!).toString("base64");
});
after(async () => {
  await server.stop();
  process.off("unhandledRejection", rejected);
});

const STRINGS = [
  "",
  "\u0000",
  "__proto__",
  "constructor",
  "é",
  "😀",
  "\ud800",
  "*",
  "../..",
  "alias/",
  "%00",
  "a".repeat(9000),
];
const NUMBERS = [0, -0, -1, 0.5, 1e300, -1e300, 2 ** 31, 2 ** 53, 8.64e15, 1e-7, 365, 2560];

function anyJson(dice: Dice, depth = 0): unknown {
  const kind = dice.below(depth > 3 ? 5 : 7);
  if (kind === 0) return dice.one(STRINGS);
  if (kind === 1) return dice.one(NUMBERS);
  if (kind === 2) return dice.one([true, false, null]);
  if (kind === 3) return Buffer.from(dice.bytes(100), "latin1").toString("base64");
  if (kind === 4) return dice.one([...keyIds, ciphertext]);
  const items = Array.from({ length: dice.below(4) }, () => anyJson(dice, depth + 1));
  if (kind === 5) return items;
  return Object.fromEntries(items.map((item) => [dice.one([...STRINGS, "KeyId", "a"]), item]));
}

/** An operation's input, first as the model has it, then with some of it changed. */
function anyInput(dice: Dice, operation: string): string {
  const { input } = model.operation(operation);
  const value = example({ target: input }, dice.chance(2)) as Record<string, unknown>;
  for (const name of ["KeyId", "TargetKeyId", "SourceKeyId", "DestinationKeyId"]) {
    if (name in value && !dice.chance(8)) value[name] = HARMFUL.test(operation) ? victim : dice.one(keyIds);
  }
  for (const name of ["DryRun", "Recipient"]) if (!dice.chance(4)) delete value[name];
  if ("CiphertextBlob" in value && !dice.chance(4)) value.CiphertextBlob = ciphertext;
  const members = Object.keys(model.shape(input).members ?? {});
  for (let changes = dice.chance(2) ? 0 : dice.below(4); changes > 0 && members.length > 0; changes--) {
    const name = dice.one(members);
    if (dice.chance(3)) delete value[name];
    else value[name] = anyJson(dice);
  }
  const text = JSON.stringify(value);
  return dice.chance(5) ? mutate(dice, text) : text;
}

/** Changes some bytes. */
function mutate(dice: Dice, bytes: string): string {
  let text = bytes;
  for (let changes = 1 + dice.below(4); changes > 0; changes--) {
    const at = dice.below(text.length + 1);
    const end = Math.min(text.length, at + 1 + dice.below(dice.chance(2) ? 4 : 60));
    const flipped = String.fromCharCode((text.charCodeAt(at) ^ (1 << dice.below(8))) & 0xff);
    text = dice.one([
      () => text.slice(0, at) + flipped + text.slice(at + 1),
      () => text.slice(0, at),
      () => text.slice(0, at) + text.slice(end),
      () => text.slice(0, end) + text.slice(at),
      () =>
        text.slice(0, at) +
        dice.one(["\u0000", "\r", "\n", "\r\n", "\r\n\r\n", " ", ":", "\u00ff", ","]) +
        text.slice(at),
      () => text.slice(0, at) + dice.bytes(40) + text.slice(end),
    ])();
  }
  return text;
}

/** Changes headers, whole lines of them. */
function mutateHead(dice: Dice, bytes: string): string {
  const end = bytes.indexOf("\r\n\r\n");
  const [line, ...headers] = bytes.slice(0, end).split("\r\n");
  let body = bytes.slice(end + 4);
  let start = line!;
  const at = dice.below(headers.length);
  dice.one([
    () => headers.splice(at, 1),
    () => headers.push(headers[at]!),
    () => headers.splice(at, 1, mutate(dice, headers[at]!)),
    () => headers.push(...Array.from({ length: dice.one([90, 100, 256, 257, 2000]) }, (_, i) => `x-${i}: ${i}`)),
    () => headers.push(`x-long: ${"x".repeat(dice.one([100, 15_000, 16_384, 70_000]))}`),
    () =>
      headers.push(
        `Content-Length: ${dice.one(["", "0", "-1", "1", "1e3", "0x2", "99999999999999999999", "2, 2", " 2 "])}`,
      ),
    () =>
      headers.push(
        `Transfer-Encoding: ${dice.one(["chunked", "identity", "gzip, chunked", "chunked, chunked", "", "\u000bchunked", "x"])}`,
      ),
    () => {
      const other = headers.filter((header) => !/^content-length/i.test(header));
      headers.splice(0, headers.length, ...other, "Transfer-Encoding: chunked");
      const size = dice.one([body.length.toString(16), "0", "-1", "ffffffffffffffff", "2;x=y", "g", "00000000002"]);
      body = `${size}\r\n${body}\r\n0\r\n${dice.one(["", "x-trailer: y\r\n", "x"])}\r\n`;
    },
    () => headers.push(`Expect: ${dice.one(["100-continue", "x"])}`),
    () => headers.push("Connection: Upgrade", `Upgrade: ${dice.one(["websocket", "h2c", "TLS/1.0"])}`),
    () =>
      (start = start.replace(
        "POST",
        dice.one(["GET", "HEAD", "OPTIONS", "PUT", "CONNECT", "TRACE", "PRI", "post", "M-SEARCH", ""]),
      )),
    () =>
      (start = start.replace(
        " / ",
        ` ${dice.one(["*", "//", "/?", "/%", "/%00", "http://x/", "/?X-Amz-Algorithm=AWS4-HMAC-SHA256", "/é", "/healthz", "/metrics", `/${"a".repeat(9000)}`])} `,
      )),
    () => (start = start.replace("HTTP/1.1", dice.one(["HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/1.10", "", "ICY"]))),
  ])();
  return `${start}\r\n${headers.join("\r\n")}\r\n\r\n${body}`;
}

/** Sends bytes in a few pieces, ends, and gives what came back. */
async function send(dice: Dice, bytes: string): Promise<string> {
  const connection = await open(server.endpoint);
  const cut = dice.chance(3) ? dice.below(bytes.length) : bytes.length;
  connection.send(bytes.slice(0, cut));
  if (cut < bytes.length) {
    await new Promise(setImmediate);
    connection.send(bytes.slice(cut));
  }
  connection.socket.end();
  return connection.rest(5000);
}

test(`for ${SECONDS} s`, { timeout: (SECONDS + 30) * 1000 }, async (context) => {
  context.diagnostic(`STRONGROOM_FUZZ_SEED=${SEED}`);
  const until = performance.now() + SECONDS * 1000;
  const statuses = new Map<number, number>();
  let signed = 0;
  let bytewise = 0;

  const count = (status: number) => statuses.set(status, (statuses.get(status) ?? 0) + 1);

  async function signedRequest(dice: Dice): Promise<void> {
    const served = dice.chance(4) ? operations : implemented;
    const operation = dice.chance(20) ? dice.bytes(20).replace(/[^ -~]/g, "") : dice.one(served);
    const body = operations.includes(operation) ? anyInput(dice, operation) : dice.bytes(50);
    const { bytes } = await sign(server, { operation, body: Buffer.from(body, dice.chance(2) ? "utf8" : "latin1") });
    const answer = await exchange(server.endpoint, bytes);
    const { status, headers } = answer;
    count(status);
    signed++;
    const said = `${operation} ${JSON.stringify(body)}: ${status} ${answer.body}`;
    assert(status === 200 || (status >= 400 && status < 500), said);
    assert.match(headers["x-amzn-requestid"] ?? "", /^[0-9a-f-]{36}$/, said);
    if (answer.body !== "") assert.equal(typeof JSON.parse(answer.body), "object", said);
    if (status !== 200) assert.match(JSON.parse(answer.body).__type, /^\w+Exception$/, said);
  }

  async function anyBytes(dice: Dice): Promise<void> {
    const valid = (await sign(server, { operation: dice.one(operations), body: anyInput(dice, "DescribeKey") })).bytes;
    const bytes = dice.one([
      () => dice.bytes(2000),
      () => mutate(dice, valid),
      () => mutateHead(dice, valid),
      () => mutate(dice, mutateHead(dice, valid)),
      () => mutateHead(dice, mutateHead(dice, valid)),
      () => valid + mutate(dice, valid) + valid,
    ])();
    const text = await send(dice, bytes);
    bytewise++;
    const said = `${JSON.stringify(bytes)}: ${text}`;
    assert(text === "" || text.startsWith("HTTP/1.1 "), said);
    for (const [, status] of text.matchAll(/HTTP\/1\.1 (\d{3}) /g)) {
      count(Number(status));
      assert.match(status!, /^(100|2..|4..)$/, said);
    }
  }

  async function lane(index: number): Promise<void> {
    const dice = new Dice(SEED + index * 7919);
    for (let i = 0; performance.now() < until; i++) {
      await (dice.chance(2) ? signedRequest(dice) : anyBytes(dice));
      if (i % 50 !== 0) continue;
      const { bytes } = await sign(server, { operation: "GenerateRandom", body: '{"NumberOfBytes":8}' });
      assert.equal((await exchange(server.endpoint, bytes)).status, 200);
    }
  }

  await Promise.all(Array.from({ length: LANES }, (_, index) => lane(index))).catch((error) => {
    error.message = `STRONGROOM_FUZZ_SEED=${SEED}\n${error.message}`;
    throw error;
  });
  const { bytes } = await sign(server, { operation: "ListKeys" });
  assert.equal((await exchange(server.endpoint, bytes)).status, 200);
  const told = [...statuses].sort(([a], [b]) => a - b).map(([status, times]) => `${times} × ${status}`);
  context.diagnostic(`${signed} signed requests, ${bytewise} others: ${told.join(", ")}`);
  assert(signed > 20 * SECONDS && bytewise > 20 * SECONDS);
  assert((statuses.get(200) ?? 0) > signed / 20 && (statuses.get(400) ?? 0) > signed / 20, "one of them hardly ever");
  assert.deepEqual(errors, [], `STRONGROOM_FUZZ_SEED=${SEED}`);
  assert.deepEqual(rejections, [], `STRONGROOM_FUZZ_SEED=${SEED}`);
});
