import type { Figures, Row } from "./compare.ts";
import type { KeyPairRow } from "./keyPairs.ts";
import type { KeysFigures } from "./keys.ts";
import type { Machine } from "./machine.ts";
import type { MemoryFigures } from "./memory.ts";
import type { SecondCoreFigures } from "./secondCore.ts";
import type { WorkersFigures } from "./workers.ts";

/** Strongroom is to reach this share of the bare server's throughput, with every request durably on record. */
const TARGET = 0.35;
const TARGET_CONNECTIONS = [32, 256];

export interface Results {
  machine: Machine;
  options: Record<string, unknown>;
  rows: Row[];
  keyPairs: KeyPairRow[];
  secondCore: SecondCoreFigures | null;
  keys: KeysFigures | null;
  workers: WorkersFigures | null;
  memory: MemoryFigures | null;
  /** What was left out, and why. */
  skipped: string[];
  /** What makes the figures doubtful. */
  doubts: string[];
  /** Of the whole run, and of its parts. */
  seconds: Record<string, number>;
}

/** Everything a person wants to know, as text. */
export function report(results: Results): string {
  const { machine, rows, keyPairs, secondCore, keys, workers, memory, skipped, doubts, seconds } = results;
  const on = `${machine.cores} cores of ${machine.cpu}, Node ${machine.node}, ${machine.fileSystem}`;
  const compared = [...rows, ...(keys?.rows ?? [])];
  const sections = [
    `Strongroom ${machine.commit ?? "(no commit)"} on ${on}, ${machine.date}, ${seconds.total?.toFixed(0)} s`,
    compared.length > 0 && comparison(compared),
    keyPairs.length > 0 && aboutKeyPairs(keyPairs),
    secondCore !== null && aboutSecondCore(secondCore),
    keys !== null && aboutKeys(keys),
    workers !== null && aboutWorkers(workers),
    memory !== null && aboutMemory(memory),
    skipped.length > 0 && skipped.map((what) => `Skipped: ${what}.`).join("\n"),
    doubts.length > 0 && doubts.map((doubt) => `Doubt: ${doubt}.`).join("\n"),
    rows.some(({ connections }) => connections === 1) && latencyLine(rows),
    rows.some(({ connections }) => TARGET_CONNECTIONS.includes(connections)) && targetLine(rows),
  ];
  return `${sections.filter((section) => section !== false).join("\n\n")}\n`;
}

/** Of two cores, the share that the server and a client on one of them must have had for the ratio to say something. */
const BOTH_BUSY = 0.9;

export function doubtsAboutSecondCore({ two, shared }: SecondCoreFigures): string[] {
  const busy = (two.serverBusy ?? 2) + (shared ? two.clientBusy : 0);
  if (busy >= 2 * BOTH_BUSY) return [];
  return [`other programs ran, or two cores had too little to do: they were busy ${percent(busy / 2)} of the time`];
}

/** What in the rows tells that something besides the servers was measured. */
export function doubtsAbout(rows: Row[]): string[] {
  const limited = rows.filter(({ bare }) => bare.clientBusy > 0.95);
  const disturbed = rows.filter(({ bare, connections }) => connections > 1 && (bare.serverBusy ?? 1) < 0.9);
  const doubts: string[] = [];
  if (limited.length > 0) {
    doubts.push(`the client's core was busy, so the client may have held back the bare server, in ${names(limited)}`);
  }
  if (disturbed.length > 0) {
    const lowest = Math.min(...disturbed.map(({ bare }) => bare.serverBusy ?? 1));
    doubts.push(
      `the bare server had its core for as little as ${percent(lowest)} of the time in ${names(disturbed)}: ` +
        "other programs ran, which flatters the throughput ratios; trust those of CPU time",
    );
  }
  return doubts;
}

function names(rows: Row[]): string {
  return rows.map(({ name, connections }) => `${name} c${connections}`).join(", ");
}

function comparison(rows: Row[]): string {
  const header = ["", "conns", "req/s", "p50 ms", "p99 ms", "CPU µs", "busy"];
  const bareHeader = ["│ bare req/s", "p50 ms", "p99 ms", "CPU µs", "busy"];
  const ratioHeader = ["│ ratio req/s", "(from … to)", "ratio CPU"];
  const lines = rows.map(({ name, connections, bare, strongroom, throughputRatio, cpuRatio }) => [
    name,
    String(connections),
    ...figureCells(strongroom),
    ...figureCells(bare),
    throughputRatio.median.toFixed(2),
    `${throughputRatio.lowest.toFixed(2)} … ${throughputRatio.highest.toFixed(2)}`,
    cpuRatio?.median.toFixed(2) ?? "–",
  ]);
  return table([[...header, ...bareHeader, ...ratioHeader], ...lines]);
}

function figureCells({ requestsPerSecond, p50, p99, cpuMicros, serverBusy }: Figures): string[] {
  return [perSecond(requestsPerSecond), p50.toFixed(2), p99.toFixed(2), micros(cpuMicros), percent(serverBusy)];
}

function aboutKeyPairs(rows: KeyPairRow[]): string {
  const header = ["at 32 connections", "req/s", "p99 ms", "│ OpenSSL /s, one thread", "│ ratio"];
  const lines = rows.map(({ name, requestsPerSecond, p99, bare, ratio }) => [
    name,
    perSecond(requestsPerSecond),
    p99.toFixed(2),
    perSecond(bare),
    ratio.toFixed(2),
  ]);
  return table([header, ...lines]);
}

function aboutSecondCore(figures: SecondCoreFigures): string {
  const { operation, connections, one, two, throughputRatio, bareRatio, shared } = figures;
  const rates = `${perSecond(two.requestsPerSecond)} req/s against ${perSecond(one.requestsPerSecond)} on one`;
  const ratios = `ratio ${throughputRatio.toFixed(2)}, OpenSSL's ${bareRatio.toFixed(2)}`;
  const cost = `${micros(two.cpuMicros)} CPU µs each against ${micros(one.cpuMicros)}`;
  const busy = `the server busy ${percent(two.serverBusy)} against ${percent(one.serverBusy)}`;
  const client = shared ? `, the client, on one of the two, ${percent(two.clientBusy)}` : "";
  return [
    `${operation} on two cores at ${connections} connections: ${rates}, ${ratios}`,
    `  ${cost}, ${busy}${client}`,
  ].join("\n");
}

function aboutKeys({ keys, createKey, firstUse, residentBytes, startMs }: KeysFigures): string {
  const { connections, requestsPerSecond, p50, p99, cpuMicros, keptOverSigkill } = createKey;
  const count = keys.toLocaleString("en");
  const times = `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, ${micros(cpuMicros)} CPU µs each`;
  return [
    `CreateKey: ${count} keys at ${connections} connections, ${perSecond(requestsPerSecond)} req/s, ${times}`,
    `  the last ${keptOverSigkill.toLocaleString("en")} of them were all there again after SIGKILL`,
    `First use of ${firstUse.keys.toLocaleString("en")} of them: Encrypt, ${perSecond(firstUse.requestsPerSecond)} req/s, ` +
      `${micros(firstUse.cpuMicros)} CPU µs each (the row above is of these keys used again)`,
    `Memory with ${count} keys: ${mebibytes(residentBytes)}`,
    `Start-up: first ever ${startMs.firstEver.toFixed(0)} ms, empty store ${startMs.emptyStore.toFixed(0)} ms, ` +
      `${count} keys ${startMs.withKeys.toFixed(0)} ms, ${count} keys after SIGKILL ${startMs.afterSigkill.toFixed(0)} ms`,
  ].join("\n");
}

function aboutWorkers({ workers, connections, one, several, throughputRatio, meaningful }: WorkersFigures): string {
  const rates = `${perSecond(several.requestsPerSecond)} req/s against ${perSecond(one.requestsPerSecond)} with one`;
  const line = `Workers: ${workers} at ${connections} connections, ${rates}, ratio ${throughputRatio.toFixed(2)}`;
  return meaningful ? line : `${line} (meaningless: they shared a core)`;
}

function aboutMemory({ samples, steady }: MemoryFigures): string {
  const cells = samples.map(({ requests, residentBytes }) => [requests.toLocaleString("en"), mebibytes(residentBytes)]);
  const verdict = steady === null ? "unknown" : steady ? "steady" : "not steady";
  return `${table([["requests", "memory"], ...cells])}\nMemory is ${verdict}.`;
}

function latencyLine(rows: Row[]): string {
  const times = rows
    .filter(({ connections }) => connections === 1)
    .map(({ name, strongroom, bare }) => `${name} ${inMs(strongroom)} (bare ${inMs(bare)})`);
  return `Latency at 1 connection, p50 / p99 ms: ${times.join(", ")}`;
}

function targetLine(rows: Row[]): string {
  const ratios = rows
    .filter(({ connections }) => TARGET_CONNECTIONS.includes(connections))
    .map(({ name, connections, throughputRatio, cpuRatio }) => {
      const verdict = throughputRatio.median >= TARGET ? "met" : "MISSED";
      const byCpu = cpuRatio === null ? "" : ` (by CPU ${cpuRatio.median.toFixed(3)})`;
      return `${name} c${connections} ${throughputRatio.median.toFixed(3)} ${verdict}${byCpu}`;
    });
  const of = `Ratio to bare node:http at ${TARGET_CONNECTIONS.join(" and ")} connections, target ${TARGET.toFixed(2)}`;
  return `${of}: ${ratios.join(", ")}`;
}

/** Columns aligned: the first to the left, the others to the right. */
function table(lines: string[][]): string {
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) => line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  "))
    .join("\n");
}

function inMs({ p50, p99 }: Figures): string {
  return `${p50.toFixed(2)} / ${p99.toFixed(2)}`;
}

function perSecond(value: number): string {
  return Math.round(value).toLocaleString("en");
}

function micros(value: number | null): string {
  return value?.toFixed(1) ?? "–";
}

function percent(share: number | null): string {
  return share === null ? "–" : `${Math.round(share * 100)} %`;
}

function mebibytes(bytes: number | null): string {
  return bytes === null ? "–" : `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}
