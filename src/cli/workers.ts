import cluster, { type Worker } from "node:cluster";
import type { Logger } from "pino";
import { AggregatorRegistry, type RegistryContentType } from "prom-client";
import type { Metrics } from "../server/metrics.ts";

/** How long the workers may take to stop, and to tell their metrics; milliseconds. */
const STOP_TIMEOUT = 15_000;
const METRICS_TIMEOUT = 2_000;
/** A worker that dies so soon after its start will not get better by being started again at once. */
const EARLY_DEATH_MS = 1_000;

type Message =
  | { readonly strongroom: "ready"; readonly endpoint: string }
  | { readonly strongroom: "failed"; readonly message: string }
  | { readonly strongroom: "metrics?" | "metrics!"; readonly id: number; readonly text: string };

export interface Workers {
  /** their endpoint, once all accept requests; rejects when one cannot be started, with none left running */
  readonly ready: Promise<string>;
  /** also while they are being started: then `ready` stays pending */
  stop(): Promise<void>;
}

/**
 * Runs `count` processes that share one port; the cluster's primary hands connections round. A worker that dies is
 * replaced.
 */
export function startWorkers(count: number, log: Logger): Workers {
  cluster.schedulingPolicy = cluster.SCHED_RR;
  const aggregator = new AggregatorRegistry();
  let stopping = false;

  const start = () =>
    new Promise<string>((resolve, reject) => {
      const started = performance.now();
      const worker = cluster.fork();
      worker.on("message", (message: Message) => {
        if (message.strongroom === "ready") resolve(message.endpoint);
        else if (message.strongroom === "failed") reject(new Error(message.message));
        else if (message.strongroom === "metrics?") answerMetrics(worker, message.id, aggregator);
      });
      worker.once("exit", (code, signal) => {
        if (stopping) return;
        reject(new Error(`a worker ended before it was ready (${signal ?? code})`));
        const delay = performance.now() - started < EARLY_DEATH_MS ? EARLY_DEATH_MS : 0;
        log.error({ pid: worker.process.pid, code, signal }, "a worker died; starting another");
        setTimeout(() => {
          if (!stopping) start().catch((error) => log.error({ err: error }, "a worker cannot be started"));
        }, delay);
      });
    });

  async function stop(): Promise<void> {
    stopping = true;
    const workers = Object.values(cluster.workers ?? {}) as Worker[];
    await Promise.all(
      workers.map(
        (worker) =>
          new Promise<void>((resolve) => {
            const timer = setTimeout(() => worker.process.kill("SIGKILL"), STOP_TIMEOUT);
            worker.once("exit", () => {
              clearTimeout(timer);
              resolve();
            });
            worker.process.kill("SIGTERM");
          }),
      ),
    );
  }

  const ready = Promise.all(Array.from({ length: count }, start)).then(
    ([endpoint]) => endpoint as string,
    async (error) => {
      await stop();
      throw error;
    },
  );
  return { ready, stop };
}

function answerMetrics(worker: Worker, id: number, aggregator: AggregatorRegistry<RegistryContentType>): void {
  aggregator.clusterMetrics().then(
    (text) => worker.isConnected() && worker.send({ strongroom: "metrics!", id, text } satisfies Message),
    () => undefined,
  );
}

/** In a worker: tells the primary that requests are served, or why not. */
export function reportToPrimary(message: Extract<Message, { strongroom: "ready" | "failed" }>): Promise<void> {
  return new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()));
}

/** In a worker: the metrics of all workers, which the primary gathers; gives it this worker's own when it asks. */
export function clusterExposition(own: Metrics): () => Promise<string> {
  new AggregatorRegistry(); // what answers the primary starts with the first of these
  AggregatorRegistry.setRegistries([own.registry]);
  let lastId = 0;
  const waiting = new Map<number, (text: string) => void>();
  process.on("message", (message: Message) => {
    if (message.strongroom === "metrics!") waiting.get(message.id)?.(message.text);
  });
  return () => {
    const id = ++lastId;
    return new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("the primary did not answer")), METRICS_TIMEOUT);
      waiting.set(id, (text) => {
        clearTimeout(timer);
        resolve(text);
      });
      process.send?.({ strongroom: "metrics?", id, text: "" } satisfies Message);
    }).finally(() => waiting.delete(id));
  };
}
