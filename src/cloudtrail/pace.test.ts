import assert from "node:assert/strict";
import { test } from "node:test";
import { Pace } from "./pace.ts";

test("a thread that works rests most of the time, and one that has not worked does not", () => {
  const pace = new Pace();
  pace.rest();
  const cpu = process.cpuUsage();
  const started = performance.now();
  while (performance.now() - started < 300) pace.rest();
  const { user, system } = process.cpuUsage(cpu);
  assert.ok((user + system) / 1000 < 200, `${(user + system) / 1000} ms of a processor in 300 ms`);
});
