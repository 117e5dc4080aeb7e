import { type Bench, newInstance } from "./bench.ts";
import { alternate, type Contender, type Figures, median, medians } from "./compare.ts";
import { openSession, workloads } from "./workloads.ts";

const CONNECTIONS = 256;
const WORKERS = 2;

/** Two workers need a core each, next to the client's. */
export const CORES_NEEDED = WORKERS + 1;

export interface WorkersFigures {
  workers: number;
  connections: number;
  one: Figures;
  several: Figures;
  throughputRatio: number;
  /** False when the workers shared a core, so that no gain could show. */
  meaningful: boolean;
}

/** What `--workers 2` gains over one, both free to use every core but the client's. */
export async function measureWorkers(bench: Bench): Promise<WorkersFigures> {
  const { generator, cores, pace, progress } = bench;
  progress(`--workers ${WORKERS}`);
  const contenders: Contender[] = [];
  for (const serveOptions of [[], ["--workers", String(WORKERS)]]) {
    const instance = await newInstance(bench, { cores: cores.workers, serveOptions });
    const requests = await workloads.Encrypt!(await openSession(generator, instance));
    contenders.push({ server: instance.server, requests });
  }
  const warmUp = { seconds: pace.seconds, rampSeconds: 0, rounds: 1 };
  await alternate(generator, contenders, CONNECTIONS, warmUp);
  const [one = [], several = []] = await alternate(generator, contenders, CONNECTIONS, pace);
  for (const { server } of contenders) await server.stop();
  return {
    workers: WORKERS,
    connections: CONNECTIONS,
    one: medians(one),
    several: medians(several),
    throughputRatio: median(several.map((figures, r) => figures.requestsPerSecond / one[r]!.requestsPerSecond)),
    meaningful: cores.count >= CORES_NEEDED,
  };
}
