import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { operations } from "../../src/kms/operations/index.ts";
import { operations as modelled } from "../modelSites.ts";

/** Custom key stores stand for hardware or a proxy elsewhere; a server without them does not know these. */
const OF_KEY_STORES = [
  "ConnectCustomKeyStore",
  "CreateCustomKeyStore",
  "DeleteCustomKeyStore",
  "DescribeCustomKeyStores",
  "DisconnectCustomKeyStore",
  "UpdateCustomKeyStore",
];

test("every operation of the API is there, but those of custom key stores", () => {
  const registered = operations.map(({ name }) => name);
  assert.equal(new Set(registered).size, registered.length, "none twice");
  assert.deepEqual(
    modelled.filter((name) => !registered.includes(name)).sort(),
    OF_KEY_STORES.filter((name) => !registered.includes(name)),
    "missing",
  );
  assert.deepEqual(
    registered.filter((name) => !modelled.includes(name)),
    [],
    "not in the model",
  );
});

/** The operations whose commands the tests of a directory make: `new EncryptCommand(…)`, `new sdk.EncryptCommand(…)`. */
function commandsIn(directory: string): string[] {
  const root = new URL(directory, import.meta.url);
  return readdirSync(root)
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => readFileSync(new URL(file, root), "utf8").replace(/^\s*(\/\/|\/?\*).*$/gm, ""))
    .flatMap((source) => [...source.matchAll(/\bnew (?:sdk\.)?([A-Z]\w+)Command\(/g)].map(([, name]) => name!));
}

test("every operation that is there is driven by AWS's SDK in these tests", () => {
  const driven = new Set([...commandsIn("./"), ...commandsIn("../clients/")]);
  assert.deepEqual(
    operations.map(({ name }) => name).filter((name) => !driven.has(name)),
    [],
  );
});
