import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/** Which cores the two sides run on, as `taskset -c` lists; null where processes cannot be pinned. */
export interface Cores {
  count: number;
  client: string | null;
  server: string | null;
  /** Every core but the client's, for a server with several workers. */
  workers: string | null;
  /** Two cores for one server: without the client's, where there are three. */
  pair: string | null;
}

/** Splits the cores this process may use: the first for the client, the last for the server. */
export function splitCores(): Cores {
  const allowed = allowedCores();
  const canPin = allowed.length >= 2 && spawnSync("taskset", ["--version"]).status === 0;
  if (!canPin) return { count: availableParallelism(), client: null, server: null, workers: null, pair: null };
  return {
    count: allowed.length,
    client: String(allowed[0]),
    server: String(allowed.at(-1)),
    workers: allowed.slice(1).join(","),
    pair: allowed.slice(-2).join(","),
  };
}

/** Moves this process, with all its threads, to the given cores. */
export function pinSelf(cores: string | null): void {
  if (cores !== null) execFileSync("taskset", ["-a", "-c", "-p", cores, String(process.pid)], { stdio: "ignore" });
}

/** The command line that runs `node` with the arguments on the given cores. */
export function nodeOn(cores: string | null, args: string[]): [file: string, args: string[]] {
  return cores === null ? [process.execPath, args] : ["taskset", ["-c", cores, process.execPath, ...args]];
}

function allowedCores(): number[] {
  try {
    const list = readFileSync("/proc/self/status", "utf8").match(/^Cpus_allowed_list:\s*(\S+)$/m)?.[1] ?? "";
    return list.split(",").flatMap((range) => {
      const [first = 0, last = first] = range.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    });
  } catch {
    return [];
  }
}
