import cluster, { type Worker } from "node:cluster";
import type { Logger } from "pino";
import { AggregatorRegistry } from "prom-client";
import type { Metrics } from "../server/metrics.ts";

/** How long the workers may take to stop, and to tell their metrics; milliseconds. */
const STOP_TIMEOUT = 15_000;
const METRICS_TIMEOUT = 2_000;
/** A worker that dies so soon after its start will not get better by being started again at once. */
const EARLY_DEATH_MS = 1_000;

type Message =
  | { readonly strongroom: "ready"; readonly endpoint: string }
  | { readonly strongroom: "failed"; readonly message: string }
  | ({ readonly strongroom: "question"; readonly id: number } & Question)
  | { readonly strongroom: "answer"; readonly id: number; readonly text: string };

/** What a worker asks the primary: the metrics of all workers, or to be told when the index has caught up. */
type Question = { readonly about: "metrics" } | { readonly about: "index"; readonly limit: number };

/** What the primary does for its workers. */
export interface ForWorkers {
  /** Waits until what is in the audit journal now is indexed, so many milliseconds at most. */
  catchUp(limit: number): Promise<void>;
}

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
export function startWorkers(count: number, log: Logger, primary: ForWorkers): Workers {
  cluster.schedulingPolicy = cluster.SCHED_RR;
  const aggregator = new AggregatorRegistry();
  let stopping = false;

  const answerTo = async (question: Question): Promise<string> => {
    if (question.about === "metrics") return aggregator.clusterMetrics();
    await primary.catchUp(question.limit);
    return "";
  };

  const start = () =>
    new Promise<string>((resolve, reject) => {
      const started = performance.now();
      const worker = cluster.fork();
      worker.on("message", (message: Message) => {
        if (message.strongroom === "ready") resolve(message.endpoint);
        else if (message.strongroom === "failed") reject(new Error(message.message));
        else if (message.strongroom === "question") answer(worker, message.id, answerTo(message));
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

function answer(worker: Worker, id: number, answering: Promise<string>): void {
  answering.then(
    (text) => worker.isConnected() && worker.send({ strongroom: "answer", id, text } satisfies Message),
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
  return async () => {
    const text = await answerOfPrimary({ about: "metrics" }, METRICS_TIMEOUT);
    if (text === undefined) throw new Error("the primary did not answer");
    return text;
  };
}

/** In a worker: waits until what is in the audit journal now is indexed, by the primary. @param limit milliseconds */
export async function catchUpInPrimary(limit: number): Promise<void> {
  await answerOfPrimary({ about: "index", limit }, limit);
}

let lastQuestion = 0;
const waiting = new Map<number, (text: string) => void>();

/** In a worker: undefined when the primary does not answer in time. @param limit milliseconds */
function answerOfPrimary(question: Question, limit: number): Promise<string | undefined> {
  if (lastQuestion === 0) process.on("message", heard);
  const id = ++lastQuestion;
  return new Promise<string | undefined>((resolve) => {
    const timer = setTimeout(resolve, limit, undefined);
    waiting.set(id, (text) => {
      clearTimeout(timer);
      resolve(text);
    });
    const message: Message = { strongroom: "question", id, ...question };
    // Of a primary that is gone this worker hears by `disconnect`.
    process.send?.(message, undefined, undefined, () => undefined);
  }).finally(() => waiting.delete(id));
}

function heard(message: Message): void {
  if (message.strongroom === "answer") waiting.get(message.id)?.(message.text);
}
