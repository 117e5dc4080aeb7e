import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { generateKeyPairSync, hash } from "node:crypto";
import { test } from "node:test";
import { inKeyWorker } from "./keyWorkers.ts";

const url = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
const run = (program: string) =>
  execFileSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8", timeout: 30_000 });

test("threads start with their first task, and do not keep the process alive", () => {
  const started = run(`
    import { registerHooks } from "node:module";
    import { generateKeyPairSync } from "node:crypto";
    const loaded = [];
    registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
    await import(${url("./softwareHsm.ts")});
    const own = loaded.filter((url) => url.includes("node_modules"));
    const { inKeyWorker } = await import(${url("./keyWorkers.ts")});
    const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    const signature = await inKeyWorker("signEcdsaDigest", { key, curve: "P-256", digest: new Uint8Array(32) });
    console.log(JSON.stringify({ own, signed: signature.length > 60, later: loaded.some((url) => url.includes("piscina")) }));
  `);
  assert.deepEqual(JSON.parse(started), { own: [], signed: true, later: true });
});

test("a task that fails fails alone", async () => {
  const key = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const digest = new Uint8Array(hash("sha256", "message", "buffer"));
  const task = { key: key.privateKey, curve: "P-256", digest } as const;
  const outcomes = await Promise.allSettled([
    inKeyWorker("signEcdsaDigest", task),
    // a public key has no private part
    inKeyWorker("signEcdsaDigest", { ...task, key: key.publicKey }),
    inKeyWorker("signEcdsaDigest", task),
  ]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ["fulfilled", "rejected", "fulfilled"],
  );
  for (const outcome of outcomes.filter(({ status }) => status === "fulfilled")) {
    const signature = (outcome as PromiseFulfilledResult<Uint8Array>).value;
    assert.ok(await inKeyWorker("verifyEcdsaDigest", { ...task, key: key.publicKey, signature }));
  }
});
