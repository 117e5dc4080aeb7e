import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { pino } from "pino";
import { DeliveryWorld, HOUR, MINUTE, trailRecord } from "../../test/cloudtrail/deliveryWorld.ts";
import { openAuditTrail } from "./auditTrail.ts";

let world: DeliveryWorld;
beforeEach(async () => {
  world = await DeliveryWorld.open();
});
afterEach(() => world.close());

/** What the log says at error level when the audit trail is opened. */
async function errorsAtStart(orphans = true): Promise<Record<string, unknown>[]> {
  const lines: string[] = [];
  const log = pino({ level: "error" }, { write: (line: string) => lines.push(line) });
  const { store } = world.service.kms;
  const options = { data: world.directory, mode: "strict", store, retention: {}, clock: () => world.now, log } as const;
  const trail = await openAuditTrail({ ...options, orphans });
  await trail.close();
  return lines.map((line) => JSON.parse(line));
}

async function withDigests(): Promise<string> {
  await world.put(trailRecord());
  await world.pass(MINUTE);
  for (let i = 0; i < 5; i++) await world.event();
  await world.pass(HOUR);
  await world.journal.close();
  return join(world.journal.directory, readdirSync(world.journal.directory).find((name) => name.endsWith(".jsonl"))!);
}

test("a start says at error level what the journal has lost that digests say it had, and where", async () => {
  const segment = await withDigests();
  writeFileSync(segment, `${readFileSync(segment, "utf8").split("\n").slice(0, 3).join("\n")}\n`);
  const [error, ...none] = await errorsAtStart();
  assert.deepEqual(none, []);
  const { stream, endsAt, entries, digest } = error!;
  const expected = { stream: "00", endsAt: 3, entries: 3, digest: `logs/${world.digests()[0]}` };
  assert.deepEqual({ stream, endsAt, entries, digest }, expected);
});

test("it says nothing where nothing is lost, nor in a process beside the first one", async () => {
  await withDigests();
  assert.deepEqual(await errorsAtStart(), []);
  for (const name of readdirSync(world.journal.directory)) rmSync(join(world.journal.directory, name));
  assert.deepEqual(await errorsAtStart(false), []);
});

test("a start says so, too, of a stream that is gone altogether", async () => {
  const segment = await withDigests();
  writeFileSync(segment, "");
  const errors = (await errorsAtStart()).filter(({ entries }) => entries !== undefined);
  assert.deepEqual(
    errors.map(({ stream, endsAt, entries }) => ({ stream, endsAt, entries })),
    [{ stream: "00", endsAt: 0, entries: 6 }],
  );
});
