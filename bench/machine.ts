import { execFileSync } from "node:child_process";
import { statfsSync } from "node:fs";
import { arch, cpus, loadavg, platform, release, totalmem } from "node:os";
import { fileURLToPath } from "node:url";

const FILE_SYSTEMS: Record<number, string> = {
  61267: "ext4",
  16914836: "tmpfs",
  1481003842: "xfs",
  2435016766: "btrfs",
  2035054128: "overlay",
};

/** What the figures depend on besides the code. */
export interface Machine {
  date: string;
  node: string;
  openssl: string;
  platform: string;
  cpu: string;
  cores: number;
  memoryBytes: number;
  /** Of the servers' data directories: on tmpfs nothing durable is measured. */
  fileSystem: string;
  loadAtStart: number;
  commit: string | null;
}

export function machine(dataDirectory: string, cores: number): Machine {
  const { type } = statfsSync(dataDirectory);
  return {
    date: new Date().toISOString(),
    node: process.version,
    openssl: process.versions.openssl ?? "",
    platform: `${platform()} ${release()} ${arch()}`,
    cpu: cpus()[0]?.model ?? "unknown",
    cores,
    memoryBytes: totalmem(),
    fileSystem: FILE_SYSTEMS[type] ?? `0x${type.toString(16)}`,
    loadAtStart: loadavg()[0] ?? 0,
    commit: commit(),
  };
}

function commit(): string | null {
  try {
    const cwd = fileURLToPath(new URL(".", import.meta.url));
    return execFileSync("git", ["describe", "--always", "--dirty"], { cwd, encoding: "utf8", stdio: "pipe" }).trim();
  } catch {
    return null;
  }
}
