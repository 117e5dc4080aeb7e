import { extname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { FromThread, ToThread } from "./indexThread.ts";
import { type FoundPage, JournalIndex } from "./journalIndex.ts";

/** .ts in the sources, .js in what is published */
const THREAD = new URL(`./indexThread${extname(import.meta.filename)}`, import.meta.url);
/** How long after `follow` the thread starts, so that it takes nothing from the start; and until another takes its place if it dies. Milliseconds. */
const START_DELAY = 2_000;
const RESTART_DELAY = 30_000;
/** It may be in the middle of something, which the next start finds undone. Milliseconds. */
const END_LIMIT = 5_000;

export interface BackgroundIndexOptions {
  /** the journal's, of all streams */
  readonly directory: string;
  /** Whether this process indexes. One that does not sees what another has indexed. */
  readonly writes: boolean;
  /** Where another process does: waits until that has caught up, so many milliseconds at most. Nothing is waited for when absent. */
  readonly catchUpElsewhere?: (limit: number) => Promise<void>;
  /** hears what the operator should know */
  readonly report: (report: Extract<FromThread, { report: unknown }>["report"]) => void;
}

/** The index of the journal, read here and written by a thread of its own, which keeps no request waiting. */
export class BackgroundIndex {
  readonly #options: BackgroundIndexOptions;
  readonly #reading: JournalIndex;
  readonly #waiting = new Map<number, () => void>();
  #thread: Worker | undefined;
  #timer: NodeJS.Timeout | undefined;
  #asked = 0;
  #closed = false;

  constructor(options: BackgroundIndexOptions) {
    this.#options = options;
    this.#reading = new JournalIndex({ directory: options.directory, writes: false });
  }

  /** Indexes what is new from now on. */
  follow(): void {
    this.#startIn(START_DELAY);
  }

  #startIn(milliseconds: number): void {
    if (!this.#options.writes || this.#closed || this.#thread !== undefined) return;
    this.#timer ??= setTimeout(() => this.#start(), milliseconds).unref();
  }

  /**
   * Waits until what is in the journal now is indexed, here or elsewhere.
   * @param limit how long; milliseconds
   */
  async catchUp(limit: number): Promise<void> {
    if (this.#closed) return;
    if (!this.#options.writes) return this.#options.catchUpElsewhere?.(limit);
    const thread = this.#thread ?? this.#start();
    const number = ++this.#asked;
    const caughtUp = new Promise<void>((resolve) => this.#waiting.set(number, resolve));
    thread.postMessage(number satisfies ToThread);
    const waiting = new AbortController();
    await Promise.race([caughtUp, delay(limit, undefined, { signal: waiting.signal, ref: false })]);
    waiting.abort();
    this.#waiting.delete(number);
  }

  /** As {@link JournalIndex.find}. */
  find(...query: Parameters<JournalIndex["find"]>): Promise<FoundPage> {
    return this.#reading.find(...query);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const thread = this.#thread;
    if (thread !== undefined) {
      const ended = new Promise((resolve) => thread.once("exit", resolve));
      thread.postMessage(null satisfies ToThread);
      const limit = setTimeout(() => void thread.terminate(), END_LIMIT);
      await ended;
      clearTimeout(limit);
    }
    await this.#reading.close();
  }

  #start(): Worker {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const thread = new Worker(THREAD, { workerData: { directory: this.#options.directory } });
    thread.unref();
    thread.on("message", (message: FromThread) => {
      if ("caughtUp" in message) this.#waiting.get(message.caughtUp)?.();
      else this.#options.report(message.report);
    });
    thread.on("error", (error) => this.#options.report({ kind: "failing", reason: (error as Error).message }));
    thread.once("exit", () => {
      this.#thread = undefined;
      for (const resolve of this.#waiting.values()) resolve();
      this.#startIn(RESTART_DELAY);
    });
    this.#thread = thread;
    return thread;
  }
}
