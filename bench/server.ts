import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { get } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { BARE } from "./bare.ts";
import { atExit } from "./cleanup.ts";
import { nodeOn } from "./cores.ts";
import { processTree } from "./processStat.ts";
import type { SigningIdentity } from "./signer.ts";

const POLL_MS = 5;
const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 30_000;

export interface StrongroomOptions {
  /** The program's entry point, such as `src/main.ts`. */
  entry: string;
  directory: string;
  cores: string | null;
  /** The root credentials, which count at a directory's first start. */
  root: SigningIdentity;
  port?: number;
  serveOptions?: string[];
}

/** A server in a process of its own, on loopback, ready to be measured. */
export class RunningServer {
  readonly name: string;
  readonly port: number;
  /** From the spawn to the first 200 of `/readyz`. */
  readonly startMs: number;
  readonly #process: ChildProcess;
  readonly #log: string;

  constructor(name: string, port: number, startMs: number, process: ChildProcess, log: string) {
    this.name = name;
    this.port = port;
    this.startMs = startMs;
    this.#process = process;
    this.#log = log;
  }

  /** The end of what it has written to its standard output and error. */
  lastWords(): string {
    return lastWordsIn(this.#log);
  }

  processes(): number[] {
    return processTree(this.#process.pid!);
  }

  /** Asks it to end and throws unless it does so with status 0. */
  async stop(): Promise<void> {
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    const late = sleep(STOP_LIMIT_MS, ["no end in 30 s"], { ref: false });
    const [status] = await Promise.race([ended, late]);
    const end = status ?? "death by a signal";
    if (status !== 0) throw new Error(`${this.name} answered SIGTERM with: ${end}. ${this.lastWords()}`);
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await ended;
  }
}

export function startBare(cores: string | null, directory: string): Promise<RunningServer> {
  return start("bare", cores, directory, (port) => [BARE, String(port)]);
}

export function startStrongroom(options: StrongroomOptions): Promise<RunningServer> {
  const { entry, directory, cores, root, port, serveOptions = [] } = options;
  const args = (port: number) => [entry, "serve", "--port", String(port), "--data", join(directory, "data")];
  return start("strongroom", cores, directory, (port) => [...args(port), ...serveOptions], port, {
    STRONGROOM_BOOTSTRAP_ACCESS_KEY_ID: root.accessKeyId,
    STRONGROOM_BOOTSTRAP_SECRET_ACCESS_KEY: root.secretAccessKey,
  });
}

/** A new directory below `parent` that is removed when the benchmark ends. */
export function temporaryDirectory(parent = tmpdir()): string {
  const directory = mkdtempSync(join(parent, "strongroom-bench-"));
  atExit(() => rmSync(directory, { recursive: true, force: true, maxRetries: 10 }));
  return directory;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function start(
  name: string,
  cores: string | null,
  directory: string,
  argsFor: (port: number) => string[],
  fixedPort?: number,
  environment: Record<string, string> = {},
): Promise<RunningServer> {
  const port = fixedPort ?? (await freePort());
  const log = join(directory, `${name}.log`);
  const output = openSync(log, "a"); // a file, not a pipe: reading one would take the client's core
  const [file, args] = nodeOn(cores, argsFor(port));
  const spawnedAt = performance.now();
  const child = spawn(file, args, { env: { ...process.env, ...environment }, stdio: ["ignore", output, output] });
  closeSync(output);
  atExit(() => child.kill("SIGKILL"));
  while (!(await isReady(port))) {
    if (child.exitCode !== null || child.signalCode !== null || performance.now() - spawnedAt > START_LIMIT_MS) {
      const fate = child.exitCode ?? child.signalCode ?? "not ready after 120 s";
      throw new Error(`${name} did not start (${fate}). ${lastWordsIn(log)}`);
    }
    await sleep(POLL_MS);
  }
  return new RunningServer(name, port, performance.now() - spawnedAt, child, log);
}

function lastWordsIn(log: string): string {
  return `Its last words:\n${readFileSync(log, "utf8").slice(-4000)}`;
}

function isReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host: "127.0.0.1", port, path: "/readyz", agent: false, timeout: 1000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(false));
  });
}
