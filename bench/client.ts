import { connect, type Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { Histogram } from "./histogram.ts";
import { cpuSeconds, processTree } from "./processStat.ts";
import { ResponseReader } from "./responseReader.ts";

/** One closed-loop run: every connection sends its next request as soon as it has the answer to its last. */
export interface Run {
  port: number;
  /** The server's processes, whose CPU time is read at both ends of the measured window. */
  pids: number[];
  connections: number;
  /** When the measured window ends. With `seconds`, `rampSeconds` come first and do not count. */
  until: { seconds: number; rampSeconds: number } | { requests: number };
  /** Keep the answers' bodies, in the order of the requests. Needs `until.requests`. */
  keepBodies?: boolean;
}

export interface Outcome {
  requests: number;
  seconds: number;
  p50: number;
  p99: number;
  /** CPU time of the server and of this client in the window. */
  serverCpuSeconds: number | null;
  clientCpuSeconds: number;
  /** Answers other than 200 and broken connections, in the window and outside. */
  errors: number;
  firstError: string | null;
  bodies: string[];
}

/** Sends `requests`, round and round from a random one on, as `run` says. */
export function runLoad(requests: Uint8Array[], run: Run): Promise<Outcome> {
  return new Promise((resolve) => new Load(requests, run, resolve).start());
}

class Load {
  readonly #requests: Uint8Array[];
  readonly #run: Run;
  readonly #resolve: (outcome: Outcome) => void;
  readonly #latencies = new Histogram();
  readonly #bodies: string[] = [];
  readonly #chunk = Buffer.allocUnsafe(1 << 16); // shared: a reader is done with it when its call returns
  readonly #quota: number;
  #next: number;
  #sent = 0;
  #open = 0;
  #unconnected: number;
  #stopping = false;
  #errors = 0;
  #firstError: string | null = null;
  #startedAt = 0;
  #serverCpuAtStart: number | null = null;
  #clientCpuAtStart = 0;
  #outcome: Outcome | undefined;

  constructor(requests: Uint8Array[], run: Run, resolve: (outcome: Outcome) => void) {
    this.#requests = requests;
    this.#run = run;
    this.#resolve = resolve;
    this.#quota = "requests" in run.until ? run.until.requests : Number.POSITIVE_INFINITY;
    this.#next = run.keepBodies ? 0 : Math.floor(Math.random() * requests.length);
    this.#unconnected = run.connections;
  }

  start(): void {
    const sendFirst: (() => void)[] = [];
    for (let i = 0; i < this.#run.connections; i++) {
      this.#connect((send) => {
        sendFirst.push(send);
        if (--this.#unconnected === 0) this.#begin(sendFirst);
      });
    }
  }

  // One connection's life. All its requests are closures made here once: nothing is allocated per request.
  #connect(onConnected: (send: () => void) => void): void {
    let sentAt = 0;
    let index = 0;
    let waiting = false;
    const send = (): void => {
      if (this.#stopping || this.#sent >= this.#quota) {
        socket.end();
        return;
      }
      index = this.#sent++;
      const request = this.#requests[this.#next]!;
      this.#next = this.#next + 1 === this.#requests.length ? 0 : this.#next + 1;
      waiting = true;
      sentAt = performance.now();
      socket.write(request);
    };
    const reader = new ResponseReader((status, body) => {
      waiting = false;
      if (status !== 200) this.#fail(`status ${status}: ${body.slice(0, 1000)}`);
      this.#latencies.record(performance.now() - sentAt);
      if (this.#run.keepBodies) this.#bodies[index] = body;
      if (this.#latencies.total === this.#quota) this.#closeWindow();
      send();
    }, this.#run.keepBodies);
    const socket: Socket = connect({
      host: "127.0.0.1",
      port: this.#run.port,
      noDelay: true,
      onread: {
        buffer: this.#chunk,
        callback: (length, chunk) => {
          try {
            reader.read(chunk as Buffer, length);
          } catch (error) {
            socket.destroy(error as Error);
          }
          return true;
        },
      },
    });
    this.#open++;
    socket.on("connect", () => onConnected(send));
    socket.on("error", (error) => this.#fail(error.message));
    socket.on("close", (hadError) => {
      if (waiting && !hadError) this.#fail("the server closed a connection before it answered");
      if (--this.#open === 0) this.#finish();
    });
  }

  #begin(sendFirst: (() => void)[]): void {
    const { until } = this.#run;
    if ("seconds" in until) {
      setTimeout(() => {
        this.#openWindow();
        setTimeout(() => {
          this.#closeWindow();
          this.#stopping = true;
        }, until.seconds * 1000);
      }, until.rampSeconds * 1000);
    } else {
      this.#openWindow();
    }
    for (const send of sendFirst) send();
  }

  #openWindow(): void {
    this.#latencies.clear();
    this.#serverCpuAtStart = cpuSeconds(this.#run.pids);
    this.#clientCpuAtStart = ownCpuSeconds();
    this.#startedAt = performance.now();
  }

  #closeWindow(): void {
    const serverCpu = cpuSeconds(this.#run.pids);
    this.#outcome = {
      requests: this.#latencies.total,
      seconds: (performance.now() - this.#startedAt) / 1000,
      p50: this.#latencies.percentile(0.5),
      p99: this.#latencies.percentile(0.99),
      serverCpuSeconds:
        serverCpu === null || this.#serverCpuAtStart === null ? null : serverCpu - this.#serverCpuAtStart,
      clientCpuSeconds: ownCpuSeconds() - this.#clientCpuAtStart,
      errors: 0,
      firstError: null,
      bodies: this.#bodies,
    };
  }

  #fail(message: string): void {
    this.#errors++;
    this.#firstError ??= message;
  }

  // When the last connection is closed: after the window, or early when the server went away.
  #finish(): void {
    if (this.#outcome === undefined) this.#closeWindow();
    this.#resolve({ ...this.#outcome!, errors: this.#errors, firstError: this.#firstError });
  }
}

function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** What `LoadGenerator` says to this process. Requests are loaded once and then sent by any number of runs. */
export type ToClient = { requests: Uint8Array[] } | { run: Run };

function serveParent(): void {
  let requests: Uint8Array[] = [];
  process.on("message", async (message: ToClient) => {
    if ("requests" in message) requests = message.requests;
    else process.send?.(await runLoad(requests, message.run));
  });
  process.on("disconnect", () => process.exit(0));
}

/** Alone: `node bench/client.ts PORT [connections [seconds [server pid]]]` posts a small request over and over. */
async function runAlone(args: string[]): Promise<void> {
  const [port = 0, connections = 32, seconds = 5, pid] = args.map(Number);
  const request = Buffer.from(`POST / HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-length: 2\r\n\r\n{}`);
  const pids = pid === undefined ? [] : processTree(pid);
  const outcome = await runLoad([request], { port, pids, connections, until: { seconds, rampSeconds: 0.5 } });
  console.log({ requestsPerSecond: outcome.requests / outcome.seconds, ...outcome });
}

if (import.meta.main) {
  if (process.send === undefined) await runAlone(process.argv.slice(2));
  else serveParent();
}
