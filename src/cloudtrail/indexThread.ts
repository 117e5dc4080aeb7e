import { availableParallelism, setPriority } from "node:os";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import type { IndexReport } from "./indexer.ts";
import { JournalIndex } from "./journalIndex.ts";

/*
 * A thread that indexes the journal. It takes what the threads that answer requests leave of the processor: on Linux a
 * priority is a thread's own, and this one has the least. Where there is one processor alone, it works in small parts besides.
 */

/** What the thread is told: to catch up, and say so under this number; to end, when it is nothing. */
export type ToThread = number | null;

/** What the thread says: that it has caught up as it was asked to, or what the operator should know. */
export type FromThread = { readonly caughtUp: number } | { readonly report: IndexReport };

const LEAST_PRIORITY = 19;

if (process.platform === "linux") {
  try {
    setPriority(0, LEAST_PRIORITY);
  } catch {
    // Not allowed here: it works as well, and takes more.
  }
}

const port = parentPort as MessagePort;
const say = (message: FromThread) => port.postMessage(message);
const index = new JournalIndex({
  directory: (workerData as { directory: string }).directory,
  writes: true,
  hurries: availableParallelism() > 1,
  report: (report) => say({ report }),
});
index.follow();

port.on("message", async (message: ToThread) => {
  if (message === null) {
    await index.close();
    port.close();
  } else {
    await index.catchUp();
    say({ caughtUp: message });
  }
});
