import { availableParallelism } from "node:os";
import { extname } from "node:path";
import type { Piscina } from "piscina";

/*
 * Threads for what would otherwise run on the thread that answers requests. They start with their first task and do not
 * keep the process alive; until then nothing of them is loaded.
 */

const IDLE_TIMEOUT = 60_000;

/** @param module beside this file, without its extension: .ts in the sources, .js in what is published */
function workers<Tasks>(module: string, maxThreads: number) {
  let pool: Promise<Piscina> | undefined;
  const filename = new URL(`./${module}${extname(import.meta.filename)}`, import.meta.url).href;
  const start = async () => {
    const { Piscina } = await import("piscina");
    return new Piscina({ filename, minThreads: 0, maxThreads, idleTimeout: IDLE_TIMEOUT, recordTiming: false });
  };
  return async <N extends keyof Tasks & string>(name: N, task: TaskOf<Tasks[N]>): Promise<ResultOf<Tasks[N]>> => {
    pool ??= start();
    return (await pool).run(task, { name });
  };
}

type TaskOf<F> = F extends (task: infer T) => unknown ? T : never;
type ResultOf<F> = F extends (task: never) => infer R ? R : never;

/** Runs a function of keyWorker.ts in a thread. */
export const inKeyWorker = workers<typeof import("./keyWorker.ts")>("keyWorker", availableParallelism());

/**
 * Threads of their own for making RSA keys, which takes seconds: in Node.js's pool four at a time would hold up every
 * signature, and on all cores the requests.
 */
export const inRsaWorker = workers<typeof import("./rsaWorker.ts")>(
  "rsaWorker",
  Math.max(1, availableParallelism() - 1),
);
