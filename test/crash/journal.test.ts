import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { eventsIn, journalDirectory, verificationOf } from "../cloudtrail/journalReading.ts";

const program = fileURLToPath(new URL("../cloudtrail/appendForever.ts", import.meta.url));

/** What the process has printed, line by line; a last line that was never ended is none. */
function printed(child: ChildProcess): () => string[] {
  let text = "";
  child.stdout?.setEncoding("utf8").on("data", (piece) => {
    text += piece;
  });
  return () => text.split("\n").slice(0, -1);
}

for (const mode of ["strict", "batched"]) {
  test(`${mode}: whatever was acknowledged before the process was killed, ten times, is there`, async (t) => {
    const directory = journalDirectory(t);
    const acknowledged = new Set<number>();
    for (let round = 0; round < 10; round++) {
      const args = [program, directory, String(round * 1_000_000), mode];
      const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
      const lines = printed(child);
      await once(child.stdout, "data");
      await sleep(Math.random() * 60);
      if (round % 3 === 0) assert.equal((await verificationOf(directory)).divergence, undefined, "while it is written");
      child.kill("SIGKILL");
      await once(child, "close");
      for (const line of lines()) acknowledged.add(Number(line));
    }
    const { divergence, segments, events } = await verificationOf(directory);
    assert.equal(divergence, undefined);
    const numbers = (await eventsIn(directory)).map((event) => (event as { number: number }).number);
    assert.equal(new Set(numbers).size, numbers.length, "no event twice");
    assert.deepEqual(
      [...acknowledged].filter((number) => !numbers.includes(number)),
      [],
    );
    assert(acknowledged.size > 100 && segments > 10, `${acknowledged.size} of ${events} events, ${segments} segments`);
  });
}

test("files that may not grow any further: refused, then written elsewhere; nothing acknowledged is lost", async (t) => {
  const directory = journalDirectory(t);
  // 48 blocks, of 512 or 1024 bytes: less than the segments would become.
  const command = `ulimit -f 48 && exec "$0" "$@"`;
  const child = spawn("/bin/sh", ["-c", command, process.execPath, program, directory], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = printed(child);
  // Written again, after it was refused.
  const recoveries = () =>
    lines().filter((line, i, all) => !line.startsWith("-") && all[i - 1]?.startsWith("-")).length;
  while (recoveries() < 3) await sleep(50);
  child.kill("SIGKILL");
  await once(child, "close");
  const refusals = lines().filter((line) => line.startsWith("-"));
  assert(
    refusals.every((reason) => reason.startsWith("-EFBIG")),
    refusals.join(),
  );
  const acknowledged = lines()
    .filter((line) => !line.startsWith("-"))
    .map(Number);
  const { divergence, sealedOff } = await verificationOf(directory);
  assert.equal(divergence, undefined);
  assert(sealedOff > 1, `${sealedOff} segments were left for another`);
  const numbers = (await eventsIn(directory)).map((event) => (event as { number: number }).number);
  assert.equal(new Set(numbers).size, numbers.length, "no event twice");
  assert.deepEqual(
    acknowledged.filter((number) => !numbers.includes(number)),
    [],
  );
  const stream = join(directory, "00");
  assert(readdirSync(stream).every((name) => statSync(join(stream, name)).size <= 48 * 1024));
});
