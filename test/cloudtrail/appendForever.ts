import { setTimeout } from "node:timers/promises";
import { Journal } from "../../src/cloudtrail/journal.ts";

/**
 * A process that appends to stream 00 of the journal in the directory named by its first argument until it is killed:
 * numbers, from its second argument on, 16 at a time. Prints each number once it is acknowledged, and the reason, after
 * a minus, when it is refused.
 */
const [directory = "", first = "0", mode = "strict"] = process.argv.slice(2);
const journal = await Journal.open({ directory, stream: "00", mode: mode as "strict", segmentBytes: 100_000 });
let number = Number(first);

await Promise.all(
  Array.from({ length: 16 }, async () => {
    for (;;) {
      // As the service does: no work is begun that could not be recorded.
      if (journal.fault !== undefined) await setTimeout(100);
      if (journal.fault !== undefined) continue;
      const mine = number++;
      await journal.append(JSON.stringify({ number: mine, pad: "x".repeat(mine % 900) })).then(
        () => process.stdout.write(`${mine}\n`),
        (error) => process.stdout.write(`-${error.reason}\n`),
      );
    }
  }),
);
