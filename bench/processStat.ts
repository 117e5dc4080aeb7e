import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

const TICKS_PER_SECOND = ticksPerSecond();

/** The process and its descendants; only the process itself where there is no /proc. */
export function processTree(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const entry of entriesOf("/proc")) {
    const parent = statOf(Number(entry))?.[1];
    if (parent !== undefined) parents.set(Number(entry), Number(parent));
  }
  const tree = [pid];
  for (const ancestor of tree) for (const [child, parent] of parents) if (parent === ancestor) tree.push(child);
  return tree;
}

/** User and system time the processes have taken since they began, all threads together; null where /proc is absent. */
export function cpuSeconds(pids: number[]): number | null {
  let ticks = 0;
  for (const pid of pids) {
    const stat = statOf(pid);
    if (stat === undefined) return null;
    ticks += Number(stat[11]) + Number(stat[12]);
  }
  return ticks / TICKS_PER_SECOND;
}

/** Resident memory in bytes, summed over the processes; null where /proc is absent. */
export function residentBytes(pids: number[]): number | null {
  let bytes = 0;
  for (const pid of pids) {
    const kibibytes = read(`/proc/${pid}/status`)?.match(/^VmRSS:\s+(\d+) kB$/m)?.[1];
    if (kibibytes === undefined) return null;
    bytes += Number(kibibytes) * 1024;
  }
  return bytes;
}

/** Time the hypervisor gave to others since boot, all cores together: a sign that the figures are noisy. */
export function stolenSeconds(): number | null {
  const steal = read("/proc/stat")?.match(/^cpu +(?:\d+ ){7}(\d+)/)?.[1];
  return steal === undefined ? null : Number(steal) / TICKS_PER_SECOND;
}

// The fields of proc_pid_stat(5) from the third (state) on: the second, the command, may hold spaces.
function statOf(pid: number): string[] | undefined {
  const stat = Number.isNaN(pid) ? undefined : read(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return undefined;
  }
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function ticksPerSecond(): number {
  try {
    return Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
  } catch {
    return 100;
  }
}
