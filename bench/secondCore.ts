import { type Bench, newInstance } from "./bench.ts";
import { alternate, type Contender, type Figures, median, medians } from "./compare.ts";
import { opensslOn, signRequests } from "./keyPairs.ts";

/** Enough that every thread of the server's has something to do while answers travel. */
const CONNECTIONS = 64;
const OPERATION = ["RSA_2048", "RSASSA_PSS_SHA_256"] as const;

export interface SecondCoreFigures {
  operation: string;
  connections: number;
  one: Figures;
  two: Figures;
  throughputRatio: number;
  /** The same for OpenSSL alone, with a process on each core: what this machine's second core is worth. */
  bareRatio: number;
  /** True when one of the two cores is the load generator's too, which takes its part of it. */
  shared: boolean;
}

/**
 * What a second core gains one process where a private key is what takes the time. The load generator keeps its core: on
 * a machine with two it is one of the server's, and what it needs of it (`clientBusy` of `two`) cannot be gained.
 */
export async function measureSecondCore(bench: Bench): Promise<SecondCoreFigures | null> {
  const { generator, cores, pace, progress } = bench;
  if (cores.client === null || cores.server === null || cores.pair === null) return null;
  const operation = `Sign ${OPERATION[0]}`;
  progress(`${operation} on one core and on two`);
  const contenders: Contender[] = [];
  for (const pinned of [cores.server, cores.pair]) {
    const instance = await newInstance(bench, { cores: pinned });
    contenders.push({ server: instance.server, requests: await signRequests(bench, instance, ...OPERATION) });
  }
  const warmUp = { seconds: pace.seconds, rampSeconds: 0, rounds: 1 };
  await alternate(generator, contenders, CONNECTIONS, warmUp);
  const one: Figures[] = [];
  const two: Figures[] = [];
  const bare: number[] = [];
  const openssl = (core: string) => opensslOn(core, operation, pace.seconds);
  const pair = cores.pair.split(",");
  while (one.length < pace.rounds) {
    const [ones = [], twos = []] = await alternate(generator, contenders, CONNECTIONS, { ...pace, rounds: 2 });
    one.push(...ones);
    two.push(...twos);
    const alone = await openssl(cores.server);
    const [first = 0, second = 0] = await Promise.all(pair.map(openssl));
    bare.push((first + second) / alone);
  }
  for (const { server } of contenders) await server.stop();
  return {
    operation,
    connections: CONNECTIONS,
    one: medians(one),
    two: medians(two),
    throughputRatio: median(two.map((figures, r) => figures.requestsPerSecond / one[r]!.requestsPerSecond)),
    bareRatio: median(bare),
    shared: pair.includes(cores.client),
  };
}
