import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import {
  allSites,
  decode,
  example,
  MODEL,
  model,
  operations,
  PATTERNS,
  refusal,
  trait,
} from "../../../test/modelSites.ts";
import { ValidationException } from "./errors.ts";
import { jsonCodec, loadModel, type Member } from "./model.ts";

suite("the model of KMS", () => {
  test("names its service", () => {
    assert.equal(model.name, "KMS");
    assert.equal(model.version, "2014-11-01");
    assert.equal(model.targetPrefix, "TrentService");
    assert.equal(operations.length, 56);
    assert.throws(() => jsonCodec(model, "Nothing"), /KMS has no operation Nothing/);
    assert.throws(() => model.shape("a#B"), /no shape a#B/);
    assert.throws(() => loadModel({ shapes: {} }), /no service/);
    assert.equal(loadModel(JSON.parse(readFileSync(MODEL, "utf8"))).operations.size, 56);
  });

  test("is all reached by the tests below", () => {
    assert(allSites.length > 250);
    const types = new Set(allSites.map(({ shape }) => shape.type));
    assert.deepEqual([...types].sort(), [
      "blob",
      "boolean",
      "enum",
      "integer",
      "list",
      "map",
      "string",
      "structure",
      "timestamp",
    ]);
    const patterns = new Set(allSites.map((site) => trait<string>(site, "pattern")).filter((p) => p !== undefined));
    assert.deepEqual([...patterns].sort(), Object.keys(PATTERNS).sort());
  });
});

suite("each operation's input", () => {
  for (const operation of operations) {
    const input: Member = { target: model.operation(operation).input };

    test(`${operation}: what is required, and all there is`, () => {
      for (const all of [false, true]) {
        const value = example(input, all) as Record<string, unknown>;
        const decoded = decode(operation, JSON.stringify(value)) as Record<string, unknown>;
        assert.deepEqual(Object.keys(decoded), Object.keys(value));
        const unknown = { ...value, Unknown: [null, { deep: [1] }], __proto: 1, toString: null };
        assert.deepEqual(decode(operation, JSON.stringify(unknown)), decoded);
      }
    });

    test(`${operation}: nothing at all`, () => {
      const required = Object.keys(example(input) as object);
      for (const body of ["", "{}"]) {
        const message = refusal(operation, body, ValidationException);
        if (required.length === 0) assert.equal(message, undefined);
        else assert.match(message!, new RegExp(`^${required.length} validation errors? detected: Value `));
      }
    });
  }
});
