import type { ServiceEvent } from "../cloudtrail/serviceEvent.ts";
import type { Kms } from "../kms/operation.ts";
import { deleteDueKeys } from "./deletion.ts";
import { expireKeyMaterial } from "./expiry.ts";
import { type Jobs, repeating } from "./repeating.ts";
import { rewrapAll } from "./rewrap.ts";
import { rotateDueKeys } from "./rotation.ts";

/** Puts on record what was done by itself. */
export type Recorder = (events: readonly ServiceEvent[]) => Promise<void>;

export interface JobsParts {
  readonly kms: Kms;
  readonly record: Recorder;
  /** false while nothing can be put on record: then nothing is done either */
  readonly mayRun: () => boolean;
  readonly report: JobsReport;
}

/** What happens by itself. Each may run in several processes at once: what one has done, the other finds done. */
const jobs = {
  "delete keys": deleteDueKeys,
  "expire key material": expireKeyMaterial,
  "rotate keys": rotateDueKeys,
  "rewrap under the newest domain key": rewrapAll,
} as const;

export interface JobsReport {
  done(job: string, count: number): void;
  failed(job: string, error: unknown): void;
}

/** Runs the jobs now and each `intervalMs` from then on, one after the other. */
export function startJobs({ kms, record, mayRun, report }: JobsParts, intervalMs: number): Jobs {
  let stopped = false;

  async function runAll(): Promise<void> {
    for (const [name, job] of Object.entries(jobs)) {
      if (stopped || !mayRun()) return;
      try {
        const count = await job(kms, record);
        if (count > 0) report.done(name, count);
      } catch (error) {
        report.failed(name, error);
      }
    }
  }

  const end = () => {
    stopped = true;
  };
  return repeating({ run: runAll, intervalMs, now: true, end });
}
