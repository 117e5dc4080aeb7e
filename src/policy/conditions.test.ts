import assert from "node:assert/strict";
import { test } from "node:test";
import { type Condition, compileCondition } from "./conditions.ts";

type Values = Record<string, string | string[]>;

function holds(
  operator: string,
  policyValues: string | string[],
  request?: string | string[],
  more: Values = {},
): boolean {
  const values: Values = { ...more, ...(request !== undefined && { k: request }) };
  const condition = compileCondition(operator, "K", [policyValues].flat(), true);
  assert.equal(typeof condition, "object", `${operator} ${policyValues}`);
  return (condition as Condition).holds({ get: (key) => values[key] });
}

const rows: readonly [
  operator: string,
  policy: string | string[],
  request: string | string[] | undefined,
  expected: boolean,
][] = [
  ["StringEquals", "a", "a", true],
  ["StringEquals", "a", "A", false],
  ["StringEquals", ["b", "a"], "a", true],
  ["StringEquals", "a*", "ab", false],
  ["StringEquals", [], "a", false],
  ["StringNotEquals", [], "a", true],
  ["StringNotEquals", ["a", "b"], "a", false],
  ["StringNotEquals", ["a", "b"], "c", true],
  ["StringEqualsIgnoreCase", "Ab", "aB", true],
  ["StringNotEqualsIgnoreCase", "Ab", "aB", false],
  ["StringLike", "a*", "ab", true],
  ["StringLike", "a*", "Ab", false],
  ["StringLike", "*:*", "a:b:c", true],
  ["StringNotLike", "a*", "ab", false],
  ["NumericEquals", "7", "7.0", true],
  ["NumericEquals", "7", "seven", false],
  ["NumericNotEquals", "7", "seven", true],
  ["NumericLessThan", "10", "9", true],
  ["NumericLessThan", "10", "10", false],
  ["NumericLessThanEquals", "10", "10", true],
  ["NumericGreaterThan", "10", "10.5", true],
  ["NumericGreaterThanEquals", "10", "9.99", false],
  ["DateEquals", "2026-11-23", "2026-11-23T00:00:00Z", true],
  ["DateEquals", "2026", "2026-01-01T00:00:00Z", true],
  ["DateEquals", "2026-11-23T12:00:00+02:00", "2026-11-23T10:00:00Z", true],
  ["DateEquals", "1795437296", "2026-11-23T12:34:56Z", true],
  ["DateLessThan", "2026-11-23T10:15Z", "2026-11-23T10:14:59.9Z", true],
  ["DateGreaterThan", "2026-11-23T10:15Z", "1700000000", false],
  ["DateNotEquals", "2026", "no date", true],
  ["DateLessThan", "0050", "1950-01-01", false],
  ["DateLessThan", "0050", "0049-12-31T23:59Z", true],
  ["DateLessThan", "292278993-01", "2026", true],
  ["DateGreaterThan", "-292275054", "2026", true],
  ["DateEquals", "2026-01-01t10:00:00.5z", "2026-01-01T12:00:00.500+02", true],
  ["Bool", "true", "TRUE", true],
  ["Bool", "false", "true", false],
  ["BinaryEquals", "QUI=", "QUI=", true],
  ["BinaryEquals", "QUI=", "QUM=", false],
  ["IpAddress", "203.0.113.0/24", "203.0.113.9", true],
  ["IpAddress", "203.0.113.0/24", "203.0.114.9", false],
  ["IpAddress", "203.0.113.9", "::ffff:203.0.113.9", true],
  ["IpAddress", "2001:DB8::/32", "2001:db8:1::5", true],
  ["IpAddress", "0.0.0.0/0", "2001:db8::1", false],
  ["IpAddress", "10.0.0.0/8", "no address", false],
  ["NotIpAddress", "10.0.0.0/8", "127.0.0.1", true],
  ["ArnEquals", "arn:aws:iam::*:role/*", "arn:aws:iam::111122223333:role/a/b", true],
  ["ArnLike", "arn:aws:iam:*:1:role/?", "arn:aws:iam::1:role/a", true],
  ["ArnNotLike", "arn:aws:iam::*:role/*", "arn:aws:iam::1:user/a", true],
  ["ArnEquals", "*", "arn:aws:iam::1:user/a", true],
  ["Null", "true", undefined, true],
  ["Null", "true", "", false],
  ["Null", "false", "x", true],
  ["Null", "false", undefined, false],
  ["Null", "true", [], true],
  // absent keys
  ["StringEquals", "a", undefined, false],
  ["StringNotEquals", "a", undefined, true],
  ["StringEqualsIfExists", "a", undefined, true],
  ["StringEqualsIfExists", "a", "b", false],
  ["StringNotEqualsIfExists", "a", undefined, true],
  ["ForAllValues:StringEquals", "a", undefined, true],
  ["ForAllValues:StringNotEquals", "a", undefined, true],
  ["ForAnyValue:StringEquals", "a", undefined, false],
  ["ForAnyValue:StringNotEquals", "a", undefined, false],
  ["ForAnyValue:StringEqualsIfExists", "a", undefined, true],
  // sets
  ["ForAllValues:StringEquals", ["a", "b"], ["a"], true],
  ["ForAllValues:StringEquals", ["a", "b"], ["a", "c"], false],
  ["ForAllValues:StringEquals", ["a", "b"], [], true],
  ["ForAllValues:StringEquals", ["a"], "", true],
  ["ForAnyValue:StringEquals", ["a", "b"], ["c", "a"], true],
  ["ForAnyValue:StringEquals", ["a", "b"], ["c"], false],
  ["ForAllValues:StringNotEquals", ["a", "b"], ["c"], true],
  ["ForAllValues:StringNotEquals", ["a", "b"], ["c", "a"], false],
  ["ForAnyValue:StringNotEquals", ["a", "b"], ["c", "a"], true],
  ["ForAnyValue:StringLike", "alias/x*", ["alias/y", "alias/xy"], true],
  // a list without a set operator
  ["StringEquals", "a", ["a"], true],
  ["StringEquals", "a", ["b", "a"], true],
  ["StringNotEquals", "a", ["b", "a"], false],
];

for (const [operator, policy, request, expected] of rows) {
  test(`${operator} ${JSON.stringify(policy)} of ${JSON.stringify(request)}: ${expected}`, () => {
    assert.equal(holds(operator, policy, request), expected);
  });
}

test("variables in values; without a value positive does not match, negated does", () => {
  const tag = { "aws:principaltag/team": "red" };
  assert.equal(holds("StringEquals", "${aws:PrincipalTag/Team}", "red", tag), true);
  assert.equal(holds("StringEquals", "${aws:PrincipalTag/Team}", "red"), false);
  assert.equal(holds("StringNotEquals", "${aws:PrincipalTag/Team}", "red"), true);
  assert.equal(holds("StringEquals", "${aws:PrincipalTag/Team, 'red'}", "red"), true);
});

test("what is no operator, and values that an operator cannot take", () => {
  for (const name of [
    "stringEquals",
    "StringEqualsX",
    "NullIfExists",
    "ForAnyValue::StringEquals",
    "ForEach:Bool",
    "",
  ]) {
    assert.equal(compileCondition(name, "k", ["a"], true), "operator", name);
  }
  for (const [operator, value] of [
    ["NumericEquals", "a"],
    ["DateEquals", "yesterday"],
    ["IpAddress", "10.0.0.0/33"],
    ["IpAddress", "10.0.0"],
    ["ArnEquals", "role/x"],
  ] as const) {
    assert.equal(compileCondition(operator, "k", [value], true), "value", operator);
  }
  assert.equal(compileCondition("BinaryEquals", "k", ["not base64"], true), "base64");
});
