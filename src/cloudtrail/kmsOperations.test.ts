import assert from "node:assert/strict";
import { test } from "node:test";
import { operations } from "../kms/operations/index.ts";
import { loadModel } from "../server/protocol/model.ts";
import { kmsRows } from "./kmsOperations.ts";

const model = loadModel(new URL("../../models/kms.json", import.meta.url));

test("every operation that is served has a row, as has every other one of the model but those on custom key stores", () => {
  assert.deepEqual(
    operations.map(({ name }) => name).filter((name) => !Object.hasOwn(kmsRows, name)),
    [],
  );
  const without = [...model.operations.keys()].filter((name) => !Object.hasOwn(kmsRows, name));
  assert.ok(
    without.every((name) => name.includes("CustomKeyStore")),
    without.join(),
  );
  assert.equal(Object.keys(kmsRows).length + without.length, model.operations.size);
});

test("rows name members that the model has", () => {
  for (const [operation, { parameters, response }] of Object.entries(kmsRows)) {
    const { input, output } = model.operation(operation);
    const has = memberSet(input);
    for (const { name } of parameters) assert.ok(has.has(name), `${operation} has no ${name}`);
    for (const name of response?.members ?? [])
      assert.ok(memberSet(output as string).has(name), `${operation} returns no ${name}`);
  }
});

/** reference/kms-operations.md §2.1, column R/W. */
test("what changes nothing is readOnly", () => {
  const writing =
    /^(?:Cancel|Create|Delete|Disable|Enable|Import|Put|Replicate|Retire|Revoke|RotateKeyOnDemand|Schedule|Tag|Untag|Update)/;
  for (const [operation, { readOnly }] of Object.entries(kmsRows))
    assert.equal(readOnly, !writing.test(operation), operation);
});

function memberSet(id: string): Set<string> {
  return new Set(Object.keys(model.shape(id).members ?? {}));
}
