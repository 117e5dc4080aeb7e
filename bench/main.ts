import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { InvalidArgumentError, program } from "commander";
import { type Bench, newInstance } from "./bench.ts";
import { pinSelf, splitCores } from "./cores.ts";
import { keyPairRowNames, measureKeyPairs } from "./keyPairs.ts";
import { measureKeys } from "./keys.ts";
import { LoadGenerator } from "./loadGenerator.ts";
import { machine } from "./machine.ts";
import { measureMemory } from "./memory.ts";
import { measureOperations, operationRowNames } from "./operations.ts";
import { stolenSeconds } from "./processStat.ts";
import { doubtsAbout, doubtsAboutSecondCore, type Results, report } from "./report.ts";
import { measureSecondCore } from "./secondCore.ts";
import { startBare, temporaryDirectory } from "./server.ts";
import { CORES_NEEDED, measureWorkers } from "./workers.ts";

const MOST_SECONDS = 120; // longer, and signatures would get old within a segment

const options = program
  .name("bench")
  .description("Measures a Strongroom on this machine against a bare node:http server.")
  .option("--json <file>", "write all figures, with the facts of the machine, to this file")
  .option("--seconds <n>", "length of a measured segment (default: 0.6, quick 0.25)", positive)
  .option("--rounds <n>", "segments of each server in a row (default: 7, quick 2)", positiveInteger)
  .option("--quick", "a run of less than a minute, too short for reliable figures", false)
  .option(
    "--only <regex>",
    `only the rows that match, of: ${[...operationRowNames(), ...keyPairRowNames()].join(", ")}, second core, keys, workers, memory`,
    regex,
  )
  .option("--keys <n>", "keys to create for the row `keys` (default: 100000, quick 2000)", positiveInteger)
  .option("--memory", "also see whether memory is steady over a million requests", false)
  .option("--entry <file>", "the server's entry point", fileURLToPath(new URL("../src/main.ts", import.meta.url)))
  .option("--directory <dir>", "where to make the servers' data directories, on the disk that counts", tmpdir())
  .parse()
  .opts<Options>();

interface Options {
  json?: string;
  seconds?: number;
  rounds?: number;
  quick: boolean;
  only?: RegExp;
  keys?: number;
  memory: boolean;
  entry: string;
  directory: string;
}

try {
  const results = await run();
  process.stdout.write(`\n${report(results)}`);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
  process.exit(0);
} catch (error) {
  process.stderr.write(`\nThe benchmark failed: ${error instanceof Error ? error.stack : error}\n`);
  process.exit(1);
}

async function run(): Promise<Results> {
  const { quick } = options;
  const seconds = options.seconds ?? (quick ? 0.25 : 0.6);
  const rounds = options.rounds ?? (quick ? 2 : 7);
  const keyCount = options.keys ?? (quick ? 2_000 : 100_000);
  const cores = splitCores();
  const facts = machine(options.directory, cores.count);
  pinSelf(cores.client); // this process idles while the load generator works
  const bench: Bench = {
    cores,
    entry: options.entry,
    parentDirectory: options.directory,
    pace: { seconds, rounds, rampSeconds: quick ? 0.1 : 0.15, warmUpSeconds: quick ? 0.5 : 4 },
    generator: new LoadGenerator(cores.client),
    bare: await startBare(cores.server, temporaryDirectory(options.directory)),
    progress: (text) => process.stderr.write(`${(performance.now() / 1000).toFixed(1).padStart(6)} s  ${text}\n`),
  };
  const durations: Record<string, number> = {};
  const stolenBefore = stolenSeconds();
  const results: Results = {
    machine: facts,
    options: { ...options, only: options.only?.source, seconds, rounds, keys: keyCount },
    rows: [],
    keyPairs: [],
    secondCore: null,
    keys: null,
    workers: null,
    memory: null,
    skipped: [],
    doubts: [],
    seconds: durations,
  };

  const operations = new Set(operationRowNames().filter(isWanted));
  if (operations.size > 0) {
    await timed("operations", async () => {
      const instance = await newInstance(bench);
      results.rows.push(...(await measureOperations(bench, instance, operations)));
      await instance.server.stop();
    });
  }
  const keyPairs = new Set(keyPairRowNames().filter(isWanted));
  if (keyPairs.size > 0) {
    await timed("keyPairs", async () => {
      const instance = await newInstance(bench);
      results.keyPairs.push(...(await measureKeyPairs(bench, instance, keyPairs)));
      await instance.server.stop();
    });
  }
  if (isWanted("second core")) {
    await timed("secondCore", async () => {
      results.secondCore = await measureSecondCore(bench);
    });
    if (results.secondCore === null) results.skipped.push("second core, which needs taskset and two cores");
  }
  if (isWanted("keys")) {
    await timed("keys", async () => {
      results.keys = await measureKeys(bench, keyCount);
    });
  }
  if (isWanted("workers") && (options.only !== undefined || cores.count >= CORES_NEEDED)) {
    await timed("workers", async () => {
      results.workers = await measureWorkers(bench);
    });
  } else {
    results.skipped.push(
      `workers, which says something with ${CORES_NEEDED} cores or more, and here are ${cores.count}`,
    );
  }
  if (options.memory || (options.only !== undefined && isWanted("memory"))) {
    await timed("memory", async () => {
      results.memory = await measureMemory(bench);
    });
  } else {
    results.skipped.push("memory, which takes minutes: ask with --memory");
  }

  await bench.bare.stop();
  bench.generator.stop();
  durations.total = performance.now() / 1000;
  if (results.secondCore !== null) results.doubts.push(...doubtsAboutSecondCore(results.secondCore));
  results.doubts.push(...doubtsAbout([...results.rows, ...(results.keys?.rows ?? [])]), ...doubtsAboutMachine());
  return results;

  async function timed(part: string, measure: () => Promise<void>): Promise<void> {
    const startedAt = performance.now();
    await measure();
    durations[part] = (performance.now() - startedAt) / 1000;
  }

  function doubtsAboutMachine(): string[] {
    const doubts: string[] = [];
    const stolen = ((stolenSeconds() ?? 0) - (stolenBefore ?? 0)) / (cores.count * (durations.total ?? 1));
    if (stolen > 0.02) doubts.push(`the hypervisor took ${Math.round(stolen * 100)} % of the machine's time`);
    if (cores.client === null) doubts.push("client and server are not pinned to cores of their own");
    if (facts.fileSystem === "tmpfs") doubts.push("the data directories are in memory, so being durable cost nothing");
    return doubts;
  }
}

function isWanted(row: string): boolean {
  return options.only?.test(row) ?? true;
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= MOST_SECONDS)) throw new InvalidArgumentError(`above 0 and at most ${MOST_SECONDS}.`);
  return value;
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError("an integer above 0.");
  return value;
}

function regex(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new InvalidArgumentError(String(error));
  }
}
