import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Journal } from "../src/cloudtrail/journal.ts";
import { verifyJournal } from "../src/cloudtrail/journalVerification.ts";

/**
 * How many events of 1 KB the audit journal takes in a second, and how much CPU time each costs, on all threads and in
 * the kernel: `node bench/journal.ts [DIRECTORY [SECONDS]]`. The directory should be on the disk that counts.
 */
const [parent = tmpdir(), seconds = "2"] = process.argv.slice(2);
const WAITING = [1, 32, 256];

const event = JSON.stringify({ eventName: "Encrypt", pad: "x".repeat(990) });
const directory = mkdtempSync(join(parent, "journal-bench-"));
try {
  for (const mode of ["strict", "batched"] as const) {
    for (const waiting of WAITING) {
      const journal = await Journal.open({ directory, stream: "00", mode });
      await appendFor(journal, waiting, 0.3);
      report(`${mode}, ${waiting} at a time`, await appendFor(journal, waiting, Number(seconds)));
      await journal.close();
    }
  }
  const started = begin();
  const [verification] = await verifyJournal(directory);
  report("verified", { count: verification?.entries ?? 0, ...started() });
} finally {
  rmSync(directory, { recursive: true });
}

interface Cost {
  count: number;
  wallSeconds: number;
  cpuSeconds: number;
}

async function appendFor(journal: Journal, waiting: number, seconds: number): Promise<Cost> {
  const cost = begin();
  const end = performance.now() + seconds * 1000;
  let count = 0;
  const append = async () => {
    while (performance.now() < end) {
      await journal.append(event);
      count++;
    }
  };
  await Promise.all(Array.from({ length: waiting }, append));
  return { count, ...cost() };
}

function begin(): () => { wallSeconds: number; cpuSeconds: number } {
  const wall = performance.now();
  const cpu = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return { wallSeconds: (performance.now() - wall) / 1000, cpuSeconds: (user + system) / 1e6 };
  };
}

function report(what: string, { count, wallSeconds, cpuSeconds }: Cost): void {
  const rate = Math.round(count / wallSeconds).toLocaleString("en");
  const each = ((cpuSeconds * 1e6) / count).toFixed(1);
  process.stdout.write(`${what.padEnd(24)} ${rate.padStart(9)} events/s ${each.padStart(7)} µs CPU each\n`);
}
