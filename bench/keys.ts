import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { type Bench, type Instance, newInstance } from "./bench.ts";
import { compareWithBare, median, type Row } from "./compare.ts";
import { residentBytes } from "./processStat.ts";
import { Requests } from "./requests.ts";
import { encryptWith, openSession } from "./workloads.ts";

const CREATE_CONNECTIONS = 64;
const CREATE_BATCH = 10_000; // few enough that no signature of a batch gets old
const CONNECTIONS = 32;
const REQUESTS = 20_000; // each for another key, picked at random
const CHECKED_AFTER_CRASH = 1_000;
const STARTS = 3;

export interface KeysFigures {
  keys: number;
  createKey: {
    connections: number;
    requestsPerSecond: number;
    p50: number;
    p99: number;
    cpuMicros: number | null;
    /** How many of the last keys were there again after SIGKILL: all, or the benchmark would have failed. */
    keptOverSigkill: number;
  };
  /** Encrypt with keys that the server has not used since it started. */
  firstUse: { keys: number; requestsPerSecond: number; cpuMicros: number | null };
  /** Encrypt with the only key in the store, and with the same keys as in `firstUse` again. */
  rows: Row[];
  /** Memory of a server that has just encrypted with many keys. */
  residentBytes: number | null;
  startMs: StartTimes;
}

/** From the spawn to the first 200 of `/readyz`, medians but for the first. */
export interface StartTimes {
  firstEver: number;
  emptyStore: number;
  withKeys: number;
  afterSigkill: number;
}

/** What many keys cost: to create, to use and to start with. */
export async function measureKeys(bench: Bench, count: number): Promise<KeysFigures> {
  const { generator, bare, pace, progress } = bench;
  const few = await openSession(generator, await newInstance(bench));
  const oneKey = encryptWith(few, Array(2_000).fill(few.keyId));
  let many = await newInstance(bench);

  progress(`CreateKey × ${count}`);
  const { keyIds, ...createKey } = await createKeys(bench, many, count);
  await many.server.kill();
  many = await many.restart();
  const afterSigkill = many.server.startMs;
  const lastKeys = keyIds.slice(-CHECKED_AFTER_CRASH);
  await generator.answers(many.server, encryptWith(many, lastKeys));

  const manyKeys = encryptWith(many, sample(keyIds, REQUESTS));
  const contenders = [
    { server: few.server, requests: oneKey, name: "Encrypt, 1 key" },
    { server: many.server, requests: manyKeys, name: `Encrypt, ${count.toLocaleString("en")} keys` },
  ];
  progress(`Encrypt with ${count} keys`);
  await sendAll(bench, few, oneKey); // so that V8 has compiled what it measures
  const firstUse = await sendAll(bench, many, manyKeys);
  const rows = await compareWithBare(generator, { server: bare, requests: oneKey }, contenders, CONNECTIONS, pace);
  const resident = residentBytes(many.server.processes());
  await few.server.stop();

  progress("start-up");
  await many.server.stop();
  const withKeys = await restartTime(many);
  const empty = await newInstance(bench);
  const firstEver = empty.server.startMs;
  await empty.server.stop();
  const startMs = { firstEver, emptyStore: await restartTime(empty), withKeys, afterSigkill };
  return {
    keys: count,
    createKey: { ...createKey, keptOverSigkill: lastKeys.length },
    firstUse,
    rows,
    residentBytes: resident,
    startMs,
  };
}

/** Sends each of the requests once. */
async function sendAll(
  { generator }: Bench,
  { server }: Instance,
  requests: Requests,
): Promise<KeysFigures["firstUse"]> {
  const until = { requests: requests.count };
  const { seconds, serverCpuSeconds } = await generator.run(server, requests, { connections: CONNECTIONS, until });
  return {
    keys: requests.count,
    requestsPerSecond: requests.count / seconds,
    cpuMicros: serverCpuSeconds === null ? null : (serverCpuSeconds / requests.count) * 1e6,
  };
}

async function createKeys({ generator }: Bench, { server, signer }: Instance, count: number) {
  const keyIds: string[] = [];
  const p50s: number[] = [];
  const p99s: number[] = [];
  let seconds = 0;
  let cpuSeconds: number | null = 0;
  while (keyIds.length < count) {
    const batch = Math.min(CREATE_BATCH, count - keyIds.length);
    const inputs = Array.from({ length: batch }, (_, i) => ({ Description: `key ${keyIds.length + i}` }));
    const outcome = await generator.run(server, new Requests(signer, "CreateKey", inputs), {
      connections: CREATE_CONNECTIONS,
      until: { requests: batch },
      keepBodies: true,
    });
    for (const body of outcome.bodies) keyIds.push(JSON.parse(body).KeyMetadata.KeyId);
    p50s.push(outcome.p50);
    p99s.push(outcome.p99);
    seconds += outcome.seconds;
    cpuSeconds =
      cpuSeconds === null || outcome.serverCpuSeconds === null ? null : cpuSeconds + outcome.serverCpuSeconds;
  }
  assert.equal(new Set(keyIds).size, count, "CreateKey answered the same key twice");
  return {
    keyIds,
    connections: CREATE_CONNECTIONS,
    requestsPerSecond: count / seconds,
    p50: median(p50s),
    p99: median(p99s),
    cpuMicros: cpuSeconds === null ? null : (cpuSeconds / count) * 1e6,
  };
}

async function restartTime(instance: Instance): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < STARTS; i++) {
    const { server } = await instance.restart();
    times.push(server.startMs);
    await server.stop();
  }
  return median(times);
}

/** `count` different ones, or all in random order when there are fewer. */
function sample(values: string[], count: number): string[] {
  const shuffled = [...values];
  const wanted = Math.min(count, shuffled.length);
  for (let i = 0; i < wanted; i++) {
    const j = randomInt(i, shuffled.length);
    [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
  }
  return shuffled.slice(0, wanted);
}
