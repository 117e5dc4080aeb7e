import assert from "node:assert/strict";
import { test } from "node:test";
import type { ContextValue } from "./context.ts";
import { compilePolicy, type Policy } from "./document.ts";
import { decide } from "./evaluate.ts";

/** What an action, a resource and conditions do to a decision: reference/policy-language.md §2, §3, and §8 from row 10. */

const A = "111122223333";
const B = "444455556666";
const KEY = `arn:aws:kms:eu-west-1:${A}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
const ALICE = `arn:aws:iam::${A}:user/alice`;

type Statement = Record<string, unknown>;
type Context = Record<string, ContextValue>;

const policy = (kind: "resource" | "identity", statements: Statement[], Version?: string): Policy =>
  compilePolicy(JSON.stringify({ Version: Version ?? "2012-10-17", Statement: statements }), kind);
const root = { Effect: "Allow", Principal: { AWS: A }, Action: "kms:*", Resource: "*" };
const idp = { Effect: "Allow", Action: "kms:Decrypt", Resource: KEY };
const alice = { ...root, Principal: { AWS: ALICE } };
const when = (operator: string, key: string, value: unknown) => ({ Condition: { [operator]: { [key]: value } } });
const denyWhen = (operator: string, key: string, value: unknown) => ({
  ...idp,
  Effect: "Deny",
  ...when(operator, key, value),
});

interface Row {
  key?: Statement[];
  iam?: Statement[];
  version?: string;
  account?: string;
  context?: Context;
  resourceContext?: Context;
}

function outcome({ key = [root], iam = [], version, account = A, context = {}, resourceContext }: Row): string {
  const contextOf = (values: Context) => {
    const lower = new Map(Object.entries(values).map(([name, value]) => [name.toLowerCase(), value]));
    return { get: (name: string) => lower.get(name) };
  };
  const found = decide(
    {
      caller: { kind: "user", account, names: { direct: [ALICE.replace(A, account)], issuer: [], account } },
      action: "kms:decrypt",
      resource: KEY,
      owner: A,
      context: contextOf(context),
      ...(resourceContext && { resourceContext: contextOf(resourceContext) }),
    },
    {
      resource: [policy("resource", key)],
      identity: iam.length === 0 ? [] : [policy("identity", iam, version)],
      boundary: undefined,
      session: undefined,
      resourceMustAllow: true,
    },
  );
  if (found.effect === "allow") return "allow";
  return found.effect === "explicit deny" ? `!${found.source}` : found.source;
}

const app = [root, { ...alice, ...when("StringEquals", "kms:EncryptionContext:App", "x") }];
const keys = (operator: string, more: object = {}) => [
  { ...alice, Condition: { [operator]: { "kms:EncryptionContextKeys": ["a", "b"] }, ...more } },
];
const contextKeys = (...names: string[]) => ({ "kms:EncryptionContextKeys": names });
const team = [{ ...idp, ...when("StringEquals", "aws:ResourceTag/team", "${aws:PrincipalTag/team}") }];
const mfa = "aws:MultiFactorAuthPresent";
const on = (Resource: string | string[]) => [{ ...idp, Resource }];
const notOn = (NotResource: string | string[]) => [{ Effect: "Allow", Action: "kms:*", NotResource }];
const notDo = (NotAction: string | string[]) => [{ Effect: "Allow", NotAction, Resource: "*" }];
const does = (Action: string | string[]) => [{ ...idp, Action }];
const allowB = { ...root, Principal: "*", ...when("StringEquals", "kms:CallerAccount", B) };

const rows: readonly [source: string, row: Row, expected: string][] = [
  ["§8 row 10", { iam: on(`arn:aws:kms:*:${A}:key/*`) }, "allow"],
  ["§8 row 11", { iam: on(`arn:aws:kms:eu-west-1:${A}:alias/x`) }, "identity"],
  ["§8 row 12", { iam: [{ ...idp, Action: "kms:*", Resource: "*" }] }, "allow"],
  ["§8 row 26", { account: B, key: [allowB], iam: [idp], context: { "kms:CallerAccount": B } }, "allow"],
  ["§8 row 26, of another", { account: B, key: [allowB], iam: [idp], context: { "kms:CallerAccount": A } }, "resource"],
  ["§8 row 35", { key: app, context: { "kms:EncryptionContext:App": "x" } }, "allow"],
  ["§8 row 36", { key: app, context: { "kms:EncryptionContext:app": "x" } }, "allow"],
  ["§8 row 37", { key: app, context: { "kms:EncryptionContext:App": "X" } }, "identity"],
  ["§8 row 38", { key: keys("ForAllValues:StringEquals"), context: contextKeys("a") }, "allow"],
  ["§8 row 38, too much", { key: keys("ForAllValues:StringEquals"), context: contextKeys("a", "c") }, "resource"],
  ["§8 row 39", { key: keys("ForAllValues:StringEquals") }, "allow"],
  [
    "§8 row 40",
    { key: keys("ForAllValues:StringEquals", { Null: { "kms:EncryptionContextKeys": "false" } }) },
    "resource",
  ],
  ["§8 row 41", { key: keys("ForAnyValue:StringEquals"), context: contextKeys("c") }, "resource"],
  ["§8 row 41, one of them", { key: keys("ForAnyValue:StringEquals"), context: contextKeys("c", "b") }, "allow"],
  [
    "§8 row 42",
    { iam: [idp, denyWhen("Bool", "aws:SecureTransport", "false")], context: { "aws:SecureTransport": "false" } },
    "!identity",
  ],
  [
    "§8 row 43",
    {
      iam: [{ ...idp, ...when("IpAddress", "aws:SourceIp", "10.0.0.0/8") }],
      context: { "aws:SourceIp": "127.0.0.1" },
    },
    "identity",
  ],
  ["§8 row 44", { iam: [{ ...idp, ...when("Bool", mfa, "true") }] }, "identity"],
  ["§8 row 45", { iam: [idp, denyWhen("BoolIfExists", mfa, "false")] }, "!identity"],
  ["§8 row 46", { iam: [idp, denyWhen("Bool", mfa, "false")] }, "allow"],
  ["§8 row 47", { iam: team, context: { "aws:ResourceTag/team": "red", "aws:PrincipalTag/team": "red" } }, "allow"],
  [
    "§8 row 47, another",
    { iam: team, context: { "aws:ResourceTag/team": "red", "aws:PrincipalTag/team": "r*" } },
    "identity",
  ],
  ["§8 row 48", { iam: team, context: { "aws:ResourceTag/team": "red" } }, "identity"],
  ["§8 row 49", { iam: [{ ...idp, ...when("StringEquals", "kms:RequestAlias", "alias/x") }] }, "identity"],
  [
    "§8 row 50",
    {
      iam: [{ ...idp, ...when("StringEquals", "kms:RequestAlias", "alias/x") }],
      context: { "kms:RequestAlias": "alias/x" },
    },
    "allow",
  ],
  [
    "§8 row 51",
    {
      iam: [{ ...idp, ...when("ForAnyValue:StringEquals", "kms:ResourceAliases", "alias/x") }],
      context: { "kms:ResourceAliases": ["alias/y", "alias/x"] },
    },
    "allow",
  ],
  [
    "§5.7, in the key's policy",
    {
      key: [{ ...alice, ...when("ForAnyValue:StringEquals", "kms:ResourceAliases", "alias/x") }],
      context: { "kms:ResourceAliases": ["alias/x"] },
      resourceContext: {},
    },
    "resource",
  ],
  ["§8 row 52", { iam: does("KMS:decrypt") }, "allow"],
  ["§8 row 53", { iam: does("kms:Decryp?") }, "allow"],
  ["§8 row 54", { iam: notDo("kms:Encrypt") }, "allow"],
  ["§8 row 55", { iam: notOn(KEY) }, "identity"],
  [
    "§8 row 56",
    { iam: on("arn:aws:kms:*:*:${k}"), version: "2008-10-17", context: { k: KEY.split(":")[5] as string } },
    "identity",
  ],
  ["§8 row 56, in 2012", { iam: on("arn:aws:kms:*:*:${k}"), context: { k: KEY.split(":")[5] as string } }, "allow"],
  [
    "§8 row 59",
    {
      iam: [{ ...idp, ...when("DateLessThan", "aws:CurrentTime", "2020-01-01T00:00:00Z") }],
      context: { "aws:CurrentTime": "2026-11-24T00:00:00Z" },
    },
    "identity",
  ],
  ["§2.2 action", { iam: does("*") }, "allow"],
  ["§2.2 action", { iam: does("kms:*crypt") }, "allow"],
  ["§2.2 action", { iam: does("kms:De?rypt") }, "allow"],
  ["§2.2 action", { iam: does("kms:Decrypt?") }, "identity"],
  ["§1 action", { iam: does("kms:Decrypt ") }, "identity"],
  ["§1 action", { iam: does("kms: Decrypt") }, "identity"],
  ["§1 action", { iam: does("kms:Encrypt,kms") }, "identity"],
  ["§1 action", { iam: does(["unknown:Thing", "kms:Encrypt", "kms:Decrypt"]) }, "allow"],
  ["§2.2 variable", { iam: does("kms:${k}"), context: { k: "Decrypt" } }, "identity"],
  ["§2.1 resource", { iam: on(KEY.toUpperCase()) }, "identity"],
  ["§2.3 resource", { iam: on("arn:aws:kms") }, "allow"],
  ["§2.3 resource", { iam: on("arn:aws:kms:*") }, "allow"],
  ["§2.3 resource", { iam: on("arn:aws:s3") }, "identity"],
  ["§2.3 resource", { iam: on("arn:aws:kms:eu-west-1:*:key/1234*") }, "allow"],
  ["§2.3 resource", { iam: on("arn:aws:kms:*:key/*") }, "identity"],
  ["§2.3 resource", { iam: on(["arn:aws:s3:::x", KEY]) }, "allow"],
  ["§2.3 key policy", { key: [{ ...alice, Resource: "arn:aws:kms" }] }, "resource"],
  ["§2.3 key policy", { key: [{ ...alice, Resource: "arn:aws:kms:*" }] }, "allow"],
  ["§2.3 key policy", { key: [{ ...alice, Resource: KEY }] }, "allow"],
  ["§2.3 key policy", { key: [{ ...alice, Resource: KEY.replace("1234", "4321") }] }, "resource"],
  ["§2.2 no value", { iam: on(`arn:aws:kms:*:${A}:key/\${k}*`) }, "identity"],
  ["§2.2 default", { iam: on(`arn:aws:kms:*:${A}:key/\${k, '1234'}*`) }, "allow"],
  ["§2.2 multivalued", { iam: on(`arn:aws:kms:*:${A}:key/\${k}*`), context: { k: ["1234"] } }, "identity"],
  ["§2.2 multivalued", { iam: on(`arn:aws:kms:*:${A}:key/\${k, '1234'}*`), context: { k: ["x"] } }, "allow"],
  ["§2.2 literal value", { iam: on(`arn:aws:kms:*:${A}:key/\${k}`), context: { k: "*" } }, "identity"],
  ["§2.2 NotResource without value", { iam: notOn(`arn:aws:kms:*:${A}:key/\${k}`) }, "allow"],
  [
    "§2.2 negated without value",
    { iam: [idp, denyWhen("StringNotEquals", "k", "${aws:PrincipalTag/t}")], context: { k: "x" } },
    "!identity",
  ],
  [
    "§2.2 ARN with a variable",
    {
      iam: [{ ...idp, ...when("ArnEquals", "k", "arn:aws:iam::${aws:PrincipalAccount}:root") }],
      context: { k: `arn:aws:iam::${A}:root`, "aws:PrincipalAccount": A },
    },
    "allow",
  ],
  [
    "§2.2 ARN with a variable",
    {
      iam: [{ ...idp, ...when("ArnEquals", "k", "arn:aws:iam::${aws:PrincipalAccount}:root") }],
      context: { k: `arn:aws:iam::${A}:root`, "aws:PrincipalAccount": B },
    },
    "identity",
  ],
  ["§5.5 NotAction", { iam: notDo("kms:Decrypt") }, "identity"],
  ["§5.5 NotAction", { iam: notDo(["kms:Encrypt", "kms:D*"]) }, "identity"],
  ["§5.5 NotAction", { iam: notDo("iam:*") }, "allow"],
  ["§5.5 NotAction, Deny", { iam: [idp, ...notDo("kms:Decrypt").map((one) => ({ ...one, Effect: "Deny" }))] }, "allow"],
  [
    "§5.5 NotAction, Deny",
    { iam: [idp, ...notDo("kms:Encrypt").map((one) => ({ ...one, Effect: "Deny" }))] },
    "!identity",
  ],
  ["§5.5 NotResource", { iam: notOn("arn:aws:s3:::x") }, "allow"],
  ["§5.5 NotResource", { iam: notOn("*") }, "identity"],
  ["§5.5 NotResource, Deny", { iam: [idp, ...notOn(KEY).map((one) => ({ ...one, Effect: "Deny" }))] }, "allow"],
  [
    "§5.5 NotResource, Deny",
    { iam: [idp, ...notOn("arn:aws:s3:::x").map((one) => ({ ...one, Effect: "Deny" }))] },
    "!identity",
  ],
  [
    "§3 AND",
    { iam: [{ ...idp, Condition: { StringEquals: { a: "1", b: "2" } } }], context: { a: "1", b: "2" } },
    "allow",
  ],
  [
    "§3 AND",
    { iam: [{ ...idp, Condition: { StringEquals: { a: "1", b: "2" } } }], context: { a: "1", b: "1" } },
    "identity",
  ],
  [
    "§3 AND",
    { iam: [{ ...idp, Condition: { StringEquals: { a: "1" }, StringNotEquals: { a: "1" } } }], context: { a: "1" } },
    "identity",
  ],
  ["§3 empty", { iam: [{ ...idp, Condition: {} }] }, "allow"],
  ["§3 empty", { iam: [{ ...idp, ...when("StringEquals", "k", []) }], context: { k: "x" } }, "identity"],
  ["§3 empty", { iam: [{ ...idp, ...when("StringNotEquals", "k", []) }], context: { k: "x" } }, "allow"],
];

for (const [source, row, expected] of rows) {
  test(`${source}: ${JSON.stringify(row)}: ${expected}`, () => assert.equal(outcome(row), expected));
}

/** Each operator: a policy's value, a request's that matches it, one that does not, one of another type. */
const operators: readonly [
  name: string,
  negation: string | undefined,
  value: string,
  match: string,
  miss: string,
  other?: string,
][] = [
  ["StringEquals", "StringNotEquals", "a*", "a*", "ab"],
  ["StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "Ab", "aB", "b"],
  ["StringLike", "StringNotLike", "a*", "ab", "Ab"],
  ["NumericEquals", "NumericNotEquals", "7", "7.0", "8", "seven"],
  ["NumericLessThan", undefined, "10", "9", "10", "nine"],
  ["NumericLessThanEquals", undefined, "10", "10", "10.1", "ten"],
  ["NumericGreaterThan", undefined, "10", "10.1", "10", "eleven"],
  ["NumericGreaterThanEquals", undefined, "10", "10", "9.9", "ten"],
  ["DateEquals", "DateNotEquals", "2026", "2026-01-01T00:00:00Z", "2026-01-02", "new year"],
  ["DateLessThan", undefined, "2026", "2025-12-31T23:59:59Z", "2026", "before"],
  ["DateLessThanEquals", undefined, "2026", "2026", "2026-01-01T00:00:01Z", "before"],
  ["DateGreaterThan", undefined, "2026", "2026-01-01T00:00:01Z", "2026", "after"],
  ["DateGreaterThanEquals", undefined, "2026", "2026", "2025", "after"],
  ["Bool", undefined, "true", "TRUE", "false", "perhaps"],
  ["BinaryEquals", undefined, "QUI=", "QUI=", "QUM=", "?"],
  ["IpAddress", "NotIpAddress", "10.0.0.0/8", "10.1.2.3", "11.0.0.1", "home"],
  ["ArnEquals", "ArnNotEquals", "arn:aws:iam::*:role/*", "arn:aws:iam::1:role/a/b", "arn:aws:iam::1:user/a", "role/a"],
  ["ArnLike", "ArnNotLike", "arn:aws:iam::*:role/*", "arn:aws:iam::1:role/a/b", "arn:aws:iam::1:user/a", "role/a"],
];

/** Whether an operator holds, as an Allow and as a Deny see it. */
function holds(operator: string, value: string | string[], given: ContextValue | undefined): boolean {
  const context: Context = given === undefined ? {} : { k: given };
  const allowed = outcome({ iam: [{ ...idp, ...when(operator, "k", value) }], context });
  const denied = outcome({ iam: [idp, denyWhen(operator, "k", value)], context });
  assert.ok(
    (allowed === "allow" && denied === "!identity") || (allowed === "identity" && denied === "allow"),
    `${operator}: ${allowed}, ${denied}`,
  );
  return allowed === "allow";
}

/** The absent-key table of §3, by the form of the operator: what a positive one says, and a negated one. */
const absent: readonly [set: string, suffix: string, positive: boolean, negated: boolean][] = [
  ["", "", false, true],
  ["", "IfExists", true, true],
  ["ForAllValues:", "", true, true],
  ["ForAllValues:", "IfExists", true, true],
  ["ForAnyValue:", "", false, false],
  ["ForAnyValue:", "IfExists", true, true],
];

for (const [name, negation, value, match, miss, other = miss] of operators) {
  for (const operator of negation === undefined ? [name] : [name, negation]) {
    const negated = operator === negation;
    test(`§3 ${operator}: absent keys`, () => {
      for (const [set, suffix, positive, negative] of absent) {
        for (const nothing of [undefined, []]) {
          assert.equal(holds(set + operator + suffix, value, nothing), negated ? negative : positive, set + suffix);
        }
      }
    });
    test(`§3 ${operator}: keys that are there`, () => {
      for (const [set, suffix] of absent) {
        const form = set + operator + suffix;
        assert.equal(holds(form, value, match), !negated, form);
        assert.equal(holds(form, value, miss), negated, form);
        assert.equal(holds(form, value, other), negated, form);
        assert.equal(holds(form, [], match), negated, `${form} []`);
        assert.equal(holds(form, [value, value], match), !negated, `${form} [value, value]`);
        assert.equal(holds(form, value, [match]), !negated, `${form} of a list`);
        assert.equal(holds(form, value, [match, match]), !negated, `${form} of a list`);
        assert.equal(holds(form, value, [miss, other]), negated, `${form} of a list`);
      }
    });
    // Some match and some do not. Without a set operator a list is as ForAnyValue; negated, as ForAllValues.
    test(`§3 ${operator}: mixed lists`, () => {
      for (const suffix of ["", "IfExists"]) {
        assert.equal(holds(`ForAllValues:${operator}${suffix}`, value, [match, miss]), false);
        assert.equal(holds(`ForAnyValue:${operator}${suffix}`, value, [match, miss]), true);
        assert.equal(holds(operator + suffix, value, [match, miss]), !negated);
      }
      assert.equal(holds(`ForAllValues:${operator}`, value, ""), true, "the empty string");
    });
  }
}

test("§3 Null", () => {
  for (const [value, whenAbsent, whenPresent] of [
    ["true", true, false],
    ["false", false, true],
    ["TRUE", true, false],
    ["perhaps", false, false],
  ] as const) {
    assert.equal(holds("Null", value, undefined), whenAbsent, value);
    assert.equal(holds("Null", value, []), whenAbsent, value);
    for (const given of ["x", "", ["x"]]) assert.equal(holds("Null", value, given), whenPresent, value);
  }
  assert.equal(holds("Null", ["true", "false"], undefined), true);
  assert.equal(holds("Null", ["true", "false"], "x"), true);
});
