import assert from "node:assert/strict";
import { test } from "node:test";
import { awsManagedPolicies } from "./awsManagedPolicies.ts";
import { parseIdentityPolicy } from "./policyDocument.ts";

const statement = { Effect: "Allow", Action: "kms:Decrypt", Resource: "*" };
const policy = (Statement: unknown, more: object = {}) => JSON.stringify({ Version: "2012-10-17", ...more, Statement });
const one = (members: object) => policy({ ...statement, ...members });
const when = (operator: string, values: unknown) => one({ Condition: { [operator]: { "aws:k": values } } });

function fault(text: string, managed = true): string | undefined {
  const parsed = parseIdentityPolicy(text, { managed });
  return "fault" in parsed ? parsed.fault : undefined;
}

const SYNTAX = "Syntax errors in policy.";
const PRINCIPAL = "Policy document should not specify a principal.";
const VERSION = "Policy document must be version 2012-10-17 or greater.";
const LEGACY = "The policy failed legacy parsing";
const SID = "Statement IDs (SID) must be alpha-numeric";
const TWICE = "Statement IDs (SID) in a single policy must be unique.";
const ACTIONS = "Policy statement must contain actions.";
const RESOURCES = "Policy statement must contain resources.";
const VENDOR = "Resource vendor must be fully qualified and cannot contain regexes.";
const PATH =
  'IAM resource path must either be "*", root, or start with user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.';
const PREFACED = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
const COLON = "Actions/Condition can contain only one colon.";
const partition = (shown: string) => `Partition "${shown.split(":")[1]}" is not valid for resource "${shown}".`;

/** reference/iam-sts.md §3.6, policy-language.md §1.1 */
const refused: readonly [text: string, fault: string][] = [
  ...["", "{", "null", "[]", "1", '"x"', "{}", '{"Statement":{}}'].map((text) => [text, SYNTAX] as [string, string]),
  [policy([]), SYNTAX],
  [policy(["x"]), SYNTAX],
  [policy([[statement]]), SYNTAX],
  [policy(null), SYNTAX],
  [policy(statement, { Extra: 1 }), SYNTAX],
  [policy(statement, { version: "2012-10-17" }), SYNTAX],
  [policy(statement, { Version: "2012-10-18" }), SYNTAX],
  [policy(statement, { Version: null }), SYNTAX],
  [policy(statement, { Id: 1 }), SYNTAX],
  [policy([statement, { ...statement, Extra: 1 }]), SYNTAX],
  [`{"Version":"2012-10-17","Version":"2012-10-17","Statement":${JSON.stringify(statement)}}`, SYNTAX],
  [one({ Sid: 1 }), SYNTAX],
  [one({ Sid: {} }), SYNTAX],
  [one({ Effect: undefined }), SYNTAX],
  [one({ Effect: "Perhaps" }), SYNTAX],
  [one({ Effect: ["Allow"] }), SYNTAX],
  [one({ Action: 1 }), SYNTAX],
  [one({ Action: {} }), SYNTAX],
  [one({ Action: null }), SYNTAX],
  [one({ Action: [["kms:*"]] }), SYNTAX],
  [one({ NotAction: [] }), SYNTAX],
  [one({ Resource: {} }), SYNTAX],
  [one({ Resource: ["*", 1] }), SYNTAX],
  [one({ NotResource: "*" }), SYNTAX],
  [one({ Principal: 1 }), SYNTAX],
  [one({ Condition: [] }), SYNTAX],
  [one({ Condition: null }), SYNTAX],
  [one({ Condition: "x" }), SYNTAX],
  [one({ Condition: { StringEquals: "x" } }), SYNTAX],
  [when("StringEquals", {}), SYNTAX],
  [when("StringEquals", null), SYNTAX],
  [when("StringEquals", [["x"]]), SYNTAX],
  [when("Unknown", "x"), SYNTAX],
  [when("stringEquals", "x"), SYNTAX],
  [when("NullIfExists", "true"), SYNTAX],
  [when("ForAnyValue::StringEquals", "x"), SYNTAX],
  [when("BinaryEquals", "not base64"), SYNTAX],
  [one({ Principal: "*" }), PRINCIPAL],
  [one({ Principal: { AWS: "111122223333" } }), PRINCIPAL],
  [one({ NotPrincipal: "*" }), PRINCIPAL],
  [policy(statement, { Version: undefined }), VERSION],
  [policy(statement, { Version: "2008-10-17" }), VERSION],
  [one({ Effect: "allow" }), LEGACY],
  [one({ Effect: "denY" }), LEGACY],
  [when("NumericEquals", "ten"), LEGACY],
  ...[
    "sdfdsf",
    "234-13",
    "2026-02-30",
    "2026-1-1",
    "2026-01-01T24:00",
    "2026-01-01T10:60Z",
    "2026-01-01T10:00:00.",
  ].map((date) => [when("DateLessThan", date), LEGACY] as [string, string]),
  [when("DateLessThan", ["2026", "2026-01-01T10:00:00+24:00"]), LEGACY],
  [when("ForAnyValue:DateEqualsIfExists", "9223372036854775808"), LEGACY],
  [when("DateEquals", "-292275055-01-01"), LEGACY],
  [when("IpAddress", "10.0.0.0/33"), LEGACY],
  [when("ArnLike", "role/x"), LEGACY],
  [when("ArnLike", "arn:${aws:a}:${aws:b}"), LEGACY],
  [one({ Resource: "arn:aws:s3::x" }), LEGACY],
  [one({ Resource: "arn:aws::x" }), LEGACY],
  [one({ Resource: "arn:aws::::x" }), LEGACY],
  [one({ Resource: ["*", "arn:aws:::::x"] }), LEGACY],
  [one({ Resource: "arn:aws:iam::${aws:PrincipalAccount}:role/x" }), LEGACY],
  [one({ Resource: "arn:aws:kms:eu-west-1:<account>:key/x" }), LEGACY],
  [one({ Sid: "a b" }), SID],
  [one({ Sid: "é" }), SID],
  [policy([{ ...statement, Sid: "a" }, statement, { ...statement, Sid: "a" }]), TWICE],
  [one({ Action: undefined }), ACTIONS],
  [one({ Action: [] }), ACTIONS],
  [one({ Action: undefined, NotAction: [] }), ACTIONS],
  [one({ Resource: undefined }), RESOURCES],
  [one({ Resource: [] }), RESOURCES],
  [one({ Resource: undefined, NotResource: [] }), RESOURCES],
  [one({ Resource: "x" }), 'Resource x must be in ARN format or "*".'],
  [one({ Resource: "" }), 'Resource  must be in ARN format or "*".'],
  [one({ Resource: undefined, NotResource: ["*", "x y"] }), 'Resource x y must be in ARN format or "*".'],
  [one({ Resource: "a:b" }), partition("arn:b:*:*:*:*")],
  [one({ Resource: "a:b:" }), partition("arn:b:*:*:*:*")],
  [one({ Resource: "a:b:c" }), partition("arn:b:c:*:*:*")],
  [one({ Resource: "a:b:c:d:e:f:g:h" }), partition("arn:b:c:d:e:f:g:h")],
  [one({ Resource: "aws:s3:::x" }), partition("arn:s3:::x:*")],
  [one({ Resource: "s3::x/*" }), partition("arn::x/*:*:*:*")],
  [one({ Resource: ["arn:error:s3:::x", "arn:other:s3::x"] }), partition("arn:error:s3:::x")],
  [one({ Resource: "arn:*:s3:::x" }), partition("arn:*:s3:::x")],
  [one({ Resource: "arn:aws" }), VENDOR],
  [one({ Resource: "arn:aws:*:*:*:*x*" }), VENDOR],
  [one({ Resource: "arn:aws:k?s" }), VENDOR],
  [
    one({ Resource: "arn:aws:iam:us-east-1::user/x" }),
    "IAM resource arn:aws:iam:us-east-1::user/x cannot contain region information.",
  ],
  [one({ Resource: "arn:aws:iam:*:*:*" }), "IAM resource arn:aws:iam:*:*:* cannot contain region information."],
  [
    one({ Resource: "arn:aws:s3:us-east-1::x" }),
    "Resource arn:aws:s3:us-east-1::x can not contain region information.",
  ],
  [one({ Resource: "arn:aws:iam::111122223333:x" }), PATH],
  [one({ Resource: "arn:aws:iam::111122223333:user" }), PATH],
  [one({ Action: "nocolon" }), PREFACED],
  [one({ Action: "" }), PREFACED],
  [one({ Action: ["kms:*", "**"] }), PREFACED],
  [one({ Action: "a:b:c" }), COLON],
  [one({ Action: "a a:b" }), "Vendor a a is not valid"],
  [one({ Action: undefined, NotAction: "k*:Decrypt" }), "Vendor k* is not valid"],
  [one({ Action: ":b" }), "Vendor  is not valid"],
];

for (const [text, expected] of refused) {
  test(`${expected} ${text}`, () => assert.equal(fault(text), expected));
}

test("each check runs over the whole document before the next: the first decides, wherever it fails", () => {
  const inOrder: [members: object, fault: string][] = [
    [{ Extra: 1 }, SYNTAX],
    [{ Principal: "*" }, PRINCIPAL],
    [{ Effect: "allow" }, LEGACY],
    [{ Sid: "a b" }, SID],
    [{ Sid: "twice" }, TWICE],
    [{ Action: [] }, ACTIONS],
    [{ Resource: [] }, RESOURCES],
    [{ Resource: "x" }, 'Resource x must be in ARN format or "*".'],
    [{ Action: "nocolon" }, PREFACED],
  ];
  const twice = { ...statement, Sid: "twice" };
  for (const [i, [first, expected]] of inOrder.entries()) {
    for (const [later] of inOrder.slice(i + 1)) {
      const bad = [
        { ...statement, ...first },
        { ...statement, ...later },
      ];
      const rest = "Sid" in first || "Sid" in later ? [twice] : [];
      for (const list of [bad, bad.toReversed()]) {
        assert.equal(fault(policy([...list, ...rest])), expected, JSON.stringify(list));
      }
    }
  }
  const old = { Version: "2008-10-17" };
  assert.equal(fault(policy({ ...statement, Principal: "*" }, old)), PRINCIPAL);
  assert.equal(fault(policy({ ...statement, Effect: "allow" }, old)), VERSION);
});

test("what passes, though odd", () => {
  for (const text of [
    policy([statement], { Id: "x" }),
    policy([statement, statement, { ...statement, Sid: "" }, { ...statement, Sid: "" }]),
    one({ Condition: {} }),
    one({ Condition: { StringEquals: {}, Unknown: {}, NullIfExists: {} } }),
    when("StringEquals", []),
    when("DateEquals", []),
    when("NumericEquals", 7),
    when("Bool", [true, "false", "neither"]),
    when("Null", "perhaps"),
    when("ForAllValues:StringLikeIfExists", "a*"),
    when("ArnLike", ["*", "arn:aws:iam::${aws:PrincipalAccount}:role/x"]),
    ...["2026", "-292275054", "292278993-12-31", "01T", "2024-02-29", "2026-01-01T10:00:00.123456789+23"].map((date) =>
      when("DateGreaterThan", date),
    ),
    when("DateGreaterThan", "2026-01-01t10:00z"),
    when("DateGreaterThan", [1700000000, "9223372036854775807"]),
    one({ Action: ["unknown:Thing", "kms:De crypt", "a.b-c:*", "*", "kms:Decryp?", "kms:"] }),
    one({ Action: undefined, NotAction: "kms:Encrypt" }),
    one({ Resource: undefined, NotResource: "*" }),
    ...[
      "arn:aws:unknown",
      "arn:aws:kms:x",
      "x:aws:kms:eu-west-1:111122223333:key/x",
      "arn:aws:kms:*:111122223333:key/*",
      "arn:aws:kms:eu-west-1:1111*:key/x",
      "arn:aws:iam::aws:policy/x",
      "arn:aws:iam::*:*name*",
      "arn:aws:iam::111122223333:root",
      "arn:aws:iam::111122223333:user/${aws:username}",
      "arn:aws:s3:eu-west-1:111122223333:accesspoint/x",
    ].map((Resource) => one({ Resource })),
  ]) {
    assert.equal(fault(text), undefined, text);
  }
});

test("AWS's own managed policies pass", () => {
  for (const { name, versions } of awsManagedPolicies) {
    for (const { document } of versions) assert.equal(fault(document), undefined, name);
  }
});

test("inline, an older version passes, or none", () => {
  for (const Version of [undefined, "2008-10-17", "2012-10-17"]) {
    assert.equal(fault(policy(statement, { Version }), false), undefined);
  }
});

test("what is read is compiled", () => {
  const parsed = parseIdentityPolicy(one({ Sid: "a" }), { managed: true });
  assert.ok("policy" in parsed);
  assert.deepEqual(
    parsed.policy.statements.map(({ sid, effect }) => [sid, effect]),
    [["a", "Allow"]],
  );
});
