import type { LoadGenerator } from "./loadGenerator.ts";
import type { Requests } from "./requests.ts";
import type { RunningServer } from "./server.ts";

/** How long, and how often, each contender is measured. */
export interface Pace {
  /** Of one measured segment; before it come `rampSeconds` that do not count. */
  seconds: number;
  rampSeconds: number;
  rounds: number;
  /** Of load before a contender is first measured with requests of a kind. */
  warmUpSeconds: number;
}

export interface Contender {
  server: RunningServer;
  requests: Requests;
}

export interface Figures {
  requestsPerSecond: number;
  /** Latencies in milliseconds. */
  p50: number;
  p99: number;
  /** CPU time of the server's processes per request, in microseconds; null where it cannot be read. */
  cpuMicros: number | null;
  /** Shares of one core's time that the server and the load generator were running. */
  serverBusy: number | null;
  clientBusy: number;
}

/** One row of the benchmark: medians over all rounds, and ratios to the bare server, 1 meaning as good as bare. */
export interface Row {
  name: string;
  connections: number;
  bare: Figures;
  strongroom: Figures;
  throughputRatio: Spread;
  cpuRatio: Spread | null;
}

export interface Spread {
  median: number;
  lowest: number;
  highest: number;
}

/** Measures the bare server and others in turn, and makes a row of each of the others. */
export async function compareWithBare(
  generator: LoadGenerator,
  bare: Contender,
  others: (Contender & { name: string })[],
  connections: number,
  pace: Pace,
): Promise<Row[]> {
  const [bareRounds = [], ...otherRounds] = await alternate(generator, [bare, ...others], connections, pace);
  return others.map(({ name }, i) => {
    const rounds = otherRounds[i]!;
    const throughput = rounds.map((figures, r) => figures.requestsPerSecond / bareRounds[r]!.requestsPerSecond);
    const cpu = rounds.map((figures, r) => quotient(bareRounds[r]!.cpuMicros, figures.cpuMicros));
    return {
      name,
      connections,
      bare: medians(bareRounds),
      strongroom: medians(rounds),
      throughputRatio: spread(throughput),
      cpuRatio: cpu.every((ratio) => ratio !== null) ? spread(cpu) : null,
    };
  });
}

/**
 * Measures the contenders in turn, round by round, every second round in reverse: what else the machine does meanwhile
 * then hits all of them alike. Returns each one's figures, round by round.
 */
export async function alternate(
  generator: LoadGenerator,
  contenders: Contender[],
  connections: number,
  { seconds, rampSeconds, rounds }: Omit<Pace, "warmUpSeconds">,
): Promise<Figures[][]> {
  const figures: Figures[][] = contenders.map(() => []);
  for (let round = 0; round < rounds; round++) {
    const order = [...contenders.keys()];
    for (const i of round % 2 === 0 ? order : order.reverse()) {
      const { server, requests } = contenders[i]!;
      const outcome = await generator.run(server, requests, { connections, until: { seconds, rampSeconds } });
      const cpu = outcome.serverCpuSeconds;
      figures[i]!.push({
        requestsPerSecond: outcome.requests / outcome.seconds,
        p50: outcome.p50,
        p99: outcome.p99,
        cpuMicros: cpu === null ? null : (cpu / outcome.requests) * 1e6,
        serverBusy: cpu === null ? null : cpu / outcome.seconds,
        clientBusy: outcome.clientCpuSeconds / outcome.seconds,
      });
    }
  }
  return figures;
}

export function medians(rounds: Figures[]): Figures {
  const cpuMicros = rounds.map((figures) => figures.cpuMicros).filter((micros) => micros !== null);
  const serverBusy = rounds.map((figures) => figures.serverBusy).filter((share) => share !== null);
  return {
    requestsPerSecond: median(rounds.map((figures) => figures.requestsPerSecond)),
    p50: median(rounds.map((figures) => figures.p50)),
    p99: median(rounds.map((figures) => figures.p99)),
    cpuMicros: cpuMicros.length === rounds.length ? median(cpuMicros) : null,
    serverBusy: serverBusy.length === rounds.length ? median(serverBusy) : null,
    clientBusy: median(rounds.map((figures) => figures.clientBusy)),
  };
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function spread(values: number[]): Spread {
  return { median: median(values), lowest: Math.min(...values), highest: Math.max(...values) };
}

function quotient(dividend: number | null, divisor: number | null): number | null {
  return dividend === null || divisor === null ? null : dividend / divisor;
}
