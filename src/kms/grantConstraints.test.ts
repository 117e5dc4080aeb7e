import assert from "node:assert/strict";
import { test } from "node:test";
import { ValidationException } from "./errors.ts";
import { constraintConditions, equalConstraints, isAsStrict, requireConstraints } from "./grantConstraints.ts";

const equals = (EncryptionContextEquals: Record<string, string>) => ({ EncryptionContextEquals });
const subset = (EncryptionContextSubset: Record<string, string>) => ({ EncryptionContextSubset });
const refused = (requested: Parameters<typeof requireConstraints>[0], contexts = true) => {
  try {
    requireConstraints(requested, contexts);
  } catch (error) {
    assert.ok(error instanceof ValidationException);
    return error.message;
  }
  return undefined;
};

test("constraints as they are kept: what is not set is not there", () => {
  assert.equal(requireConstraints(undefined, true), null);
  assert.equal(requireConstraints({}, true), null);
  assert.equal(
    requireConstraints({ EncryptionContextEquals: undefined, EncryptionContextSubset: undefined }, true),
    null,
  );
  assert.deepEqual(requireConstraints(equals({}), true), equals({}));
  const SourceArn = "arn:aws:dynamodb:us-east-1:111122223333:table/t";
  assert.deepEqual(requireConstraints({ ...subset({ a: "1" }), SourceArn }, true), {
    ...subset({ a: "1" }),
    SourceArn,
  });
  assert.deepEqual(requireConstraints({ SourceArn }, false), { SourceArn });
});

test("constraints that no grant can have", () => {
  assert.match(refused({ ...equals({ a: "1" }), ...subset({ a: "1" }) })!, /but not both/);
  assert.match(refused(equals({ a: "1" }), false)!, /only on symmetric encryption KMS keys/);
  const pairs = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`n${i}`, "v"]));
  assert.equal(refused(subset(pairs(8))), undefined);
  assert.match(refused(subset(pairs(9)))!, /at most 8/);
  assert.equal(refused(equals({ a: "x".repeat(384) })), undefined);
  assert.match(refused(equals({ a: "x".repeat(385) }))!, /at most 384/);
});

test("which constraints a child may have under which of its parent", () => {
  const rows: [parent: Parameters<typeof isAsStrict>[1], child: Parameters<typeof isAsStrict>[0], may: boolean][] = [
    [null, null, true],
    [null, equals({ a: "1" }), true],
    [null, subset({ a: "1" }), true],
    [equals({ a: "1" }), null, false],
    [equals({ a: "1" }), equals({ a: "1" }), true],
    [equals({ a: "1", b: "2" }), equals({ b: "2", a: "1" }), true],
    [equals({ a: "1" }), equals({ a: "1", b: "2" }), false],
    [equals({ a: "1" }), equals({ a: "2" }), false],
    [equals({ a: "1" }), subset({ a: "1" }), false],
    [equals({}), equals({}), true],
    [equals({}), subset({}), false],
    [subset({ a: "1" }), null, false],
    [subset({ a: "1" }), subset({ a: "1" }), true],
    [subset({ a: "1" }), subset({ a: "1", b: "2" }), true],
    [subset({ a: "1", b: "2" }), subset({ a: "1" }), false],
    [subset({ a: "1" }), subset({ A: "1" }), false],
    [subset({ a: "1" }), equals({ a: "1", b: "2" }), true],
    [subset({ a: "1" }), equals({ b: "2" }), false],
    [subset({ toString: "1" }), subset({}), false],
    [{ SourceArn: "arn:1" }, { SourceArn: "arn:1" }, true],
    [{ SourceArn: "arn:1" }, null, false],
  ];
  for (const [parent, child, may] of rows) {
    assert.equal(isAsStrict(child, parent), may, `${JSON.stringify(child)} under ${JSON.stringify(parent)}`);
  }
});

test("constraints are the same whatever the order of their pairs", () => {
  assert.ok(equalConstraints(null, null));
  assert.ok(equalConstraints(equals({ a: "1", b: "2" }), equals({ b: "2", a: "1" })));
  assert.ok(!equalConstraints(equals({ a: "1" }), subset({ a: "1" })));
  assert.ok(!equalConstraints(subset({ a: "1" }), equals({ a: "1" })));
  assert.ok(!equalConstraints(subset({}), null));
});

test("what constraints say to conditions", () => {
  const said = constraintConditions({ ...subset({ Team: "a", b: "2" }), SourceArn: "arn:1" });
  assert.equal(said("kms:encryptioncontext:team"), "a");
  assert.deepEqual(said("kms:encryptioncontextkeys"), ["Team", "b"]);
  assert.equal(said("kms:grantconstrainttype"), "EncryptionContextSubset");
  assert.equal(said("kms:grantconstraintsourcearn"), "arn:1");
  assert.equal(said("kms:encryptionalgorithm"), undefined);
  assert.equal(constraintConditions(equals({}))("kms:grantconstrainttype"), "EncryptionContextEquals");
  assert.equal(constraintConditions({ SourceArn: "arn:1" })("kms:grantconstrainttype"), undefined);
  assert.equal(constraintConditions(null)("kms:grantconstrainttype"), undefined);
});
