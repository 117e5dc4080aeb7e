import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LimitExceededException, MalformedPolicyDocumentException, NotFoundException } from "./errors.ts";
import {
  awsManagedKeyPolicy,
  defaultKeyPolicy,
  parseKeyPolicy,
  printPolicy,
  requirePolicyName,
} from "./policyDocument.ts";

const statement = { Effect: "Allow", Principal: "*", Action: "kms:*", Resource: "*" };
const parse = (policy: unknown) => parseKeyPolicy(JSON.stringify(policy)).text;

test("printed as Jackson's default pretty printer does", () => {
  for (const [value, printed] of [
    [{}, "{ }"],
    [[], "[ ]"],
    [{ a: {} }, '{\n  "a" : { }\n}'],
    [{ a: [] }, '{\n  "a" : [ ]\n}'],
    [{ a: 1, b: true, c: null, d: 1.5 }, '{\n  "a" : 1,\n  "b" : true,\n  "c" : null,\n  "d" : 1.5\n}'],
    [["a", "b"], '[ "a", "b" ]'],
    [[[], {}, ["a"]], '[ [ ], { }, [ "a" ] ]'],
    [[{ a: 1 }, { b: 2 }], '[ {\n  "a" : 1\n}, {\n  "b" : 2\n} ]'],
    [{ a: { b: { c: "d" } } }, '{\n  "a" : {\n    "b" : {\n      "c" : "d"\n    }\n  }\n}'],
    [{ a: [{ b: ["x", "y"] }, { c: {} }] }, '{\n  "a" : [ {\n    "b" : [ "x", "y" ]\n  }, {\n    "c" : { }\n  } ]\n}'],
    [{ é: "ÿ" }, '{\n  "é" : "ÿ"\n}'],
    [{ "🔑": "ключ" }, '{\n  "🔑" : "ключ"\n}'],
    [{ 'a"b': "c\\d\n\t\u0001/" }, '{\n  "a\\"b" : "c\\\\d\\n\\t\\u0001/"\n}'],
    ["text", '"text"'],
  ] as const) {
    assert.equal(printPolicy(value), printed);
  }
});

test("what is printed says the same as what was given", () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: "grapheme" }), (value) => {
      const plain = JSON.parse(JSON.stringify(value));
      assert.deepEqual(JSON.parse(printPolicy(plain)), plain);
    }),
  );
});

test("the default policy, as AWS gives it", () => {
  assert.equal(
    defaultKeyPolicy("111122223333"),
    `{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:aws:iam::111122223333:root"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  } ]
}`,
  );
});

test("an AWS managed key's policy: use through its service, metadata for the account", () => {
  const printed = awsManagedKeyPolicy("111122223333", "eu-west-1", "s3");
  assert.equal(parseKeyPolicy(printed).text, printed);
  const { Id, Statement } = JSON.parse(printed);
  assert.equal(Id, "auto-s3-1");
  assert.deepEqual(Statement[0].Condition, {
    StringEquals: { "kms:CallerAccount": "111122223333", "kms:ViaService": "s3.eu-west-1.amazonaws.com" },
  });
  assert.deepEqual(Statement[1].Principal, { AWS: "arn:aws:iam::111122223333:root" });
  assert.deepEqual(Statement[1].Action, ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"]);
});

test("a policy in form is printed anew: members in their order, nothing added", () => {
  assert.equal(
    parseKeyPolicy(
      '{"Statement":{"Principal":"*","Effect":"Deny","Action":"*","Resource":"*"},\r\n\t"Version":"2008-10-17"}',
    ).text,
    '{\n  "Statement" : {\n    "Principal" : "*",\n    "Effect" : "Deny",\n    "Action" : "*",\n    "Resource" : "*"\n  },\n  "Version" : "2008-10-17"\n}',
  );
  for (const policy of [
    { Statement: [statement] },
    { Version: "2012-10-17", Id: "", Statement: statement },
    {
      Statement: [{ Effect: "Deny", NotPrincipal: { AWS: ["*"] }, NotAction: ["kms:*"], Resource: "*", Condition: {} }],
    },
  ]) {
    const printed = parse(policy);
    assert.deepEqual(JSON.parse(printed), policy);
    assert.equal(parseKeyPolicy(printed).text, printed, "and so printed stays as it is");
  }
});

test("what is no policy: MalformedPolicyDocumentException", () => {
  for (const text of [
    "",
    "{",
    "null",
    "[]",
    '"text"',
    "1",
    "{}",
    '{"Statement":[]}',
    '{"Statement":null}',
    '{"Statement":"*"}',
    '{"Statement":[null]}',
    '{"Statement":[[]]}',
    ...[
      { Statement: [{ ...statement, Effect: undefined }] },
      { Statement: [{ ...statement, Effect: "allow" }] },
      { Statement: [{ ...statement, Principal: undefined }] },
      { Statement: [{ ...statement, Action: undefined }] },
      { Statement: [{ ...statement, Resource: undefined }] },
      { Statement: [{ ...statement, Principal: { AWS: "nobody" } }] },
      { Statement: [{ ...statement, Principal: { AWS: "arn:aws:iam::111122223333:user/*" } }] },
      { Statement: [{ ...statement, Principal: { Federated: "x" } }] },
      { Statement: [statement, { ...statement, Effect: "Maybe" }] },
      { Version: "2012-10-18", Statement: [statement] },
      { Version: null, Statement: [statement] },
      { version: "2012-10-17", Statement: [statement] },
      { Statement: [statement], Comment: "" },
    ].map((policy) => JSON.stringify(policy)),
    `${JSON.stringify({ Statement: [statement] })} x`,
  ]) {
    assert.throws(
      () => parseKeyPolicy(text),
      (error) => error instanceof MalformedPolicyDocumentException && error.message.length > 10,
      text,
    );
  }
});

test("32,768 bytes are the most, counted as UTF-8", () => {
  const policy = (Id: string) => JSON.stringify({ Id, Statement: [statement] });
  const room = 32_768 - Buffer.byteLength(policy(""));
  assert.equal(JSON.parse(parseKeyPolicy(policy("x".repeat(room))).text).Id.length, room);
  assert.throws(() => parseKeyPolicy(policy("x".repeat(room + 1))), { constructor: LimitExceededException });
  assert.equal(
    JSON.parse(parseKeyPolicy(policy("é".repeat(Math.floor(room / 2)))).text).Id.length,
    Math.floor(room / 2),
  );
  assert.throws(() => parseKeyPolicy(policy("é".repeat(Math.floor(room / 2) + 1))), {
    constructor: LimitExceededException,
  });
});

test("a key's policy has one name", () => {
  requirePolicyName();
  requirePolicyName("default");
  for (const name of ["", "Default", "other"]) {
    assert.throws(() => requirePolicyName(name), { constructor: NotFoundException, message: "No such policy exists" });
  }
});
