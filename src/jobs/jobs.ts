import type { ServiceEvent } from "../cloudtrail/serviceEvent.ts";
import type { Kms } from "../kms/operation.ts";
import { deleteDueKeys } from "./deletion.ts";
import { expireKeyMaterial } from "./expiry.ts";
import { rewrapAll } from "./rewrap.ts";
import { rotateDueKeys } from "./rotation.ts";

/** Puts on record what was done by itself. */
export type Recorder = (events: readonly ServiceEvent[]) => Promise<void>;

/** What happens by itself. Each may run in several processes at once: what one has done, the other finds done. */
const jobs = {
  "delete keys": deleteDueKeys,
  "expire key material": expireKeyMaterial,
  "rotate keys": rotateDueKeys,
  "rewrap under the newest domain key": rewrapAll,
} as const;

export interface Jobs {
  /** Runs each once, now. */
  runAll(): Promise<void>;
  /** Waits for what is running, and runs nothing further. */
  stop(): Promise<void>;
}

export interface JobsReport {
  done(job: string, count: number): void;
  failed(job: string, error: unknown): void;
}

/** Runs the jobs now and each `intervalMs` from then on, one after the other. */
export function startJobs(kms: Kms, record: Recorder, intervalMs: number, report: JobsReport): Jobs {
  let running: Promise<void> | undefined;
  let stopped = false;

  async function runAll(): Promise<void> {
    for (const [name, job] of Object.entries(jobs)) {
      if (stopped) return;
      try {
        const count = await job(kms, record);
        if (count > 0) report.done(name, count);
      } catch (error) {
        report.failed(name, error);
      }
    }
  }

  const run = () => {
    running ??= runAll().finally(() => {
      running = undefined;
    });
    return running;
  };
  const timer = setInterval(run, intervalMs);
  timer.unref();
  void run();

  return {
    async runAll() {
      await running;
      await run();
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      await running;
    },
  };
}
