import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { atExit } from "./cleanup.ts";
import type { Outcome, Run, ToClient } from "./client.ts";
import { nodeOn } from "./cores.ts";
import type { Requests } from "./requests.ts";
import type { RunningServer } from "./server.ts";

const CLIENT = fileURLToPath(new URL("client.ts", import.meta.url));

/** The load generator's process, pinned to its own cores. One run at a time. */
export class LoadGenerator {
  readonly #process: ChildProcess;
  readonly #ended: Promise<never>;
  #loaded: Buffer[] | undefined;

  constructor(cores: string | null) {
    const [file, args] = nodeOn(cores, []);
    this.#process = fork(CLIENT, { execPath: file, execArgv: args, serialization: "advanced" });
    atExit(() => this.#process.kill("SIGKILL"));
    this.#ended = once(this.#process, "exit").then(() => Promise.reject(new Error("the load generator ended")));
    this.#ended.catch(() => {}); // no news, when it ends because it was stopped
  }

  /** Sends freshly signed requests to the server; throws when any answer was not 200. */
  async run(server: RunningServer, requests: Requests, run: Omit<Run, "port" | "pids">): Promise<Outcome> {
    const signed = requests.signed();
    if (signed !== this.#loaded) this.#send({ requests: signed });
    this.#loaded = signed;
    this.#send({ run: { ...run, port: server.port, pids: server.processes() } });
    const [outcome] = (await Promise.race([once(this.#process, "message"), this.#ended])) as [Outcome];
    if (outcome.errors > 0) {
      const of = `${outcome.errors} errors in ${outcome.requests} answers of ${server.name} to ${requests.operation}`;
      throw new Error(`${of}; the first: ${outcome.firstError}. ${server.lastWords()}`);
    }
    return outcome;
  }

  /** Sends each of the requests once and returns the answers, parsed, in their order. */
  async answers(server: RunningServer, requests: Requests, connections = 32): Promise<Answer[]> {
    const until = { requests: requests.count };
    const outcome = await this.run(server, requests, { connections, until, keepBodies: true });
    return outcome.bodies.map((body) => JSON.parse(body) as Answer);
  }

  stop(): void {
    this.#process.disconnect();
  }

  #send(message: ToClient): void {
    this.#process.send(message);
  }
}

/** What the operations measured here answer. */
export interface Answer {
  CiphertextBlob?: string;
  Plaintext?: string;
  KeyMetadata?: { KeyId: string };
}
