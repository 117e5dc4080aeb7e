import { type Bench, newInstance } from "./bench.ts";
import { residentBytes } from "./processStat.ts";
import { openSession, workloads } from "./workloads.ts";

const STEP = 200_000;
const STEPS = 5;
const SLICE = 20_000; // few enough that no signature of a slice gets old
const CONNECTIONS = 32;
const STEADY = 1.1;

export interface MemoryFigures {
  /** Resident memory after so many requests. */
  samples: { requests: number; residentBytes: number | null }[];
  /** Whether the last sample is at most a tenth above the one after 400,000 requests. */
  steady: boolean | null;
}

/** Whether a server's memory grows with the requests it has answered. */
export async function measureMemory(bench: Bench): Promise<MemoryFigures> {
  const { generator, progress } = bench;
  const instance = await newInstance(bench);
  const resident = () => residentBytes(instance.server.processes());
  const samples = [{ requests: 0, residentBytes: resident() }];
  const requests = await workloads.GenerateDataKey!(await openSession(generator, instance));
  for (let step = 1; step <= STEPS; step++) {
    progress(`memory, ${step * STEP} requests`);
    for (let sent = 0; sent < STEP; sent += SLICE) {
      await generator.run(instance.server, requests, { connections: CONNECTIONS, until: { requests: SLICE } });
    }
    samples.push({ requests: step * STEP, residentBytes: resident() });
  }
  await instance.server.stop();
  const settled = samples[2]?.residentBytes;
  const last = samples.at(-1)?.residentBytes;
  return { samples, steady: settled && last ? last <= STEADY * settled : null };
}
