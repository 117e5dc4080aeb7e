import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { contextKeys, distinctKeys, grantsService, statementSpans } from "./policyText.ts";

test("statements stand where they can be cut out of the text", () => {
  const statement = fc.record(
    {
      Sid: fc.constantFrom("a", 'x"}{[\\', "Statement"),
      Condition: fc.constantFrom({}, { Bool: { Statement: ["{", "}"] } }),
    },
    { noNullPrototype: true },
  );
  const list = fc.oneof(statement, fc.array(statement));
  fc.assert(
    fc.property(list, fc.constantFrom(0, 1, 4), fc.boolean(), (Statement, indent, last) => {
      const rest = { Version: "2012-10-17", Id: "Statement" };
      const text = JSON.stringify(last ? { ...rest, Statement } : { Statement, ...rest }, undefined, indent);
      const lines = text.split("\n");
      const offset = ({ Line, Column }: { Line: number; Column: number }) =>
        lines.slice(0, Line - 1).reduce((sum, line) => sum + line.length + 1, 0) + Column - 1;
      const cut = statementSpans(text).map(({ start, end }) => JSON.parse(text.slice(offset(start), offset(end) + 1)));
      assert.deepEqual(cut, [Statement].flat());
    }),
  );
});

test("keys that differ by case are one, spelled as first seen", () => {
  assert.deepEqual(distinctKeys(["aws:A", "b", "AWS:a", "b", "c"]), ["aws:A", "b", "c"]);
});

test("condition keys and variables", () => {
  const statement = { Effect: "Allow", Action: "*", NotResource: ["arn:${a}", "${b, 'x'}${*}${"] };
  const Condition = { StringLike: { c: "${d}" }, Bool: { e: true } };
  const text = (Version: string) => JSON.stringify({ Version, Statement: { ...statement, Condition } });
  assert.deepEqual(contextKeys(text("2012-10-17")), ["c", "e", "a", "b", "d"]);
  assert.deepEqual(contextKeys(text("2008-10-17")), ["c", "e"]);
});

test("what grants anything of a service", () => {
  for (const [statement, expected] of [
    [{ Effect: "Allow", Action: "KMS:Decrypt" }, true],
    [{ Effect: "Allow", Action: ["iam:*", "*"] }, true],
    [{ Effect: "Allow", Action: "kmsx:*" }, false],
    [{ Effect: "Deny", Action: "kms:*" }, false],
    [{ Effect: "Allow", NotAction: "iam:*" }, true],
    [{ Effect: "Allow", NotAction: "kms:*" }, false],
    [{ Effect: "Allow", NotAction: ["kms:Decrypt"] }, true],
  ] as const) {
    assert.equal(grantsService(JSON.stringify({ Statement: statement }), "kms"), expected, JSON.stringify(statement));
  }
});
