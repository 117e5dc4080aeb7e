import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { after } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { KMSClient, type KMSClientConfig } from "@aws-sdk/client-kms";

export const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
/** How long a server may take to start or to end on a machine that has other things to do; milliseconds. */
const PATIENCE = 30_000;
/** An answer that takes so long never comes; milliseconds. */
const REQUEST_LIMIT = 10_000;

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ProcessOptions extends SpawnOptions {
  /** what to run instead of `node main.ts serve` with its arguments: gets these as its last arguments */
  readonly command?: readonly [string, ...string[]];
}

/** Servers that a test that failed half-way leaves running. They would keep the test's own process alive. */
const running = new Set<ChildProcess>();
after(() => {
  for (const child of running) child.kill("SIGKILL");
});

/** A server as its users run it: a process of its own, on a port of its own. */
export class ServerProcess {
  readonly data: string;
  readonly child: ChildProcess;
  readonly ended: Promise<Ending>;
  #stdout = "";
  #stderr = "";
  readonly #clients: KMSClient[] = [];

  constructor(data: string, args: readonly string[] = [], { command, ...options }: ProcessOptions = {}) {
    this.data = data;
    const [program, ...first] = command ?? [process.execPath, main, "serve"];
    const child = spawn(program, [...first, "--port", "0", "--data", data, ...args], {
      ...options,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child = child;
    running.add(child);
    child.stdout!.on("data", (chunk) => (this.#stdout += chunk));
    child.stderr!.on("data", (chunk) => (this.#stderr += chunk));
    this.ended = new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => {
        running.delete(child);
        resolve({ code, signal });
      });
    });
  }

  /** One that serves. */
  static async start(data: string, args?: readonly string[], options?: ProcessOptions): Promise<ServerProcess> {
    const server = new ServerProcess(data, args, options);
    await server.ready();
    return server;
  }

  async ready(): Promise<void> {
    await until(() => {
      const { exitCode, signalCode } = this.child;
      assert.ok(exitCode === null && signalCode === null, `ended with ${exitCode ?? signalCode}: ${this.#stderr}`);
      return this.#stdout.includes("aws kms create-key");
    }, "the server serves");
  }

  get pid(): number {
    return this.child.pid!;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get endpoint(): string {
    return /serves AWS KMS on (\S+)/.exec(this.#stdout)![1]!;
  }

  /** With a connection of its own, kept alive, and no second attempts. */
  client(config: KMSClientConfig = {}): KMSClient {
    const client = new KMSClient({
      endpoint: this.endpoint,
      region: "us-east-1",
      credentials: credentialsOf(this.data),
      maxAttempts: 1,
      requestHandler: {
        httpAgent: { keepAlive: true, maxSockets: 1 },
        requestTimeout: REQUEST_LIMIT,
        throwOnRequestTimeout: true,
      },
      ...config,
    });
    this.#clients.push(client);
    return client;
  }

  kill(signal: NodeJS.Signals, limit = PATIENCE): Promise<Ending> {
    for (const client of this.#clients) client.destroy();
    this.child.kill(signal);
    return Promise.race([
      this.ended,
      delay(limit, undefined, { ref: false }).then(() => assert.fail(`does not end on ${signal}: ${this.#stderr}`)),
    ]);
  }

  /** As an operator stops it. */
  async stop(): Promise<void> {
    assert.deepEqual(await this.kill("SIGTERM"), { code: 0, signal: null }, this.#stderr);
  }
}

/** As a client's library reads them: with nothing of the server's own code. */
export function credentialsOf(data: string): { accessKeyId: string; secretAccessKey: string } {
  const match =
    /^\[default\]\naws_access_key_id = (\S+)\naws_secret_access_key = (\S+)\n$/.exec(
      readFileSync(join(data, "credentials"), "utf8"),
    ) ?? assert.fail("the credentials file is not whole");
  return { accessKeyId: match[1]!, secretAccessKey: match[2]! };
}

/** Waits for what is to come true soon. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  limit = PATIENCE,
): Promise<number> {
  const started = performance.now();
  while (!(await condition())) {
    if (performance.now() - started > limit) assert.fail(`not within ${limit} ms: ${what}`);
    await delay(5);
  }
  return performance.now() - started;
}

/** The pids of a process's children. */
export function childrenOf(pid: number): number[] {
  return execFileSync("ps", ["-A", "-o", "pid=,ppid=,comm="], { encoding: "utf8" })
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, name]) => Number(parent) === pid && name !== "ps")
    .map(([child]) => Number(child));
}

/** Whether a process runs; one that has ended and waits for its parent to ask for its status does not. */
export function isRunning(pid: number): boolean {
  try {
    return !execFileSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" }).startsWith("Z");
  } catch {
    return false; // ps ends with 1 when there is no such process
  }
}

/** GET over a connection of its own. */
export function get(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request(url, { agent: false }, (response) => {
      let body = "";
      response.on("data", (chunk) => (body += chunk));
      response.on("end", () =>
        response.statusCode === 200 ? resolve(body) : reject(new Error(`${response.statusCode}: ${body}`)),
      );
    })
      .on("error", reject)
      .end();
  });
}
