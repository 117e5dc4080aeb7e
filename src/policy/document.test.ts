import assert from "node:assert/strict";
import { test } from "node:test";
import { compilePolicy, PolicyFault, type PolicyKind } from "./document.ts";

const allow = { Effect: "Allow", Action: "kms:*", Resource: "*" };
const forKey = { ...allow, Principal: "*" };

function fault(document: unknown, kind: PolicyKind = "identity"): string {
  try {
    compilePolicy(typeof document === "string" ? document : JSON.stringify(document), kind);
  } catch (error) {
    assert.ok(error instanceof PolicyFault, String(error));
    return error.kind;
  }
  return "none";
}

test("what is accepted, on purpose", () => {
  for (const statement of [
    allow,
    { ...allow, Sid: "" },
    { ...allow, Action: ["unknown:Thing", "kms:Decryp?"] },
    { ...allow, Condition: {} },
    { ...allow, Condition: { StringEquals: { a: [] } } },
    { ...allow, Condition: { Nonsense: {} } },
    { ...allow, Condition: { NumericEquals: { a: 7 }, Bool: { b: true } } },
    { ...allow, Resource: undefined, NotResource: "*" },
    { ...allow, Action: undefined, NotAction: "kms:Encrypt" },
    { ...allow, Resource: "arn:aws:x" },
  ]) {
    assert.equal(fault({ Statement: statement }), "none", JSON.stringify(statement));
    assert.equal(fault({ Version: "2012-10-17", Statement: [statement] }), "none");
  }
  for (const Principal of [
    "*",
    { AWS: "111122223333" },
    { AWS: ["arn:aws:iam::111122223333:root"], Service: "x.amazonaws.com" },
  ]) {
    assert.equal(fault({ Id: "x", Statement: [{ ...forKey, Sid: "with spaces: é", Principal }] }, "resource"), "none");
  }
  assert.equal(fault({ Statement: { ...allow, NotPrincipal: "*" } }, "resource"), "none");
});

const wrong: readonly [document: unknown, kind: string][] = [
  ["", "syntax"],
  ["{", "syntax"],
  ["[]", "syntax"],
  ["null", "syntax"],
  [{}, "syntax"],
  [{ Statement: [] }, "syntax"],
  [{ Statement: "x" }, "syntax"],
  [{ Statement: allow, Extra: 1 }, "syntax"],
  [{ Version: "2020-01-01", Statement: allow }, "syntax"],
  [{ version: "2012-10-17", Statement: allow }, "syntax"],
  [{ Id: 1, Statement: allow }, "syntax"],
  [{ Statement: { ...allow, Extra: 1 } }, "syntax"],
  [{ Statement: { ...allow, Effect: "allow" } }, "syntax"],
  [{ Statement: { ...allow, Effect: undefined } }, "syntax"],
  [{ Statement: { ...allow, Sid: 1 } }, "syntax"],
  [{ Statement: { ...allow, NotAction: "kms:*" } }, "syntax"],
  [{ Statement: { ...allow, NotResource: "*" } }, "syntax"],
  [{ Statement: { ...allow, Action: [["kms:*"]] } }, "syntax"],
  [{ Statement: { ...allow, Action: 1 } }, "syntax"],
  [{ Statement: { ...allow, Condition: [] } }, "syntax"],
  [{ Statement: { ...allow, Condition: { Nonsense: { a: "b" } } } }, "syntax"],
  [{ Statement: { ...allow, Condition: { StringEquals: { a: {} } } } }, "syntax"],
  [{ Statement: { ...allow, Condition: { StringEquals: "a" } } }, "syntax"],
  [{ Statement: { ...allow, Condition: { NumericEquals: { a: "b" } } } }, "value"],
  [{ Statement: { ...allow, Principal: "*" } }, "principal"],
  [{ Statement: { ...allow, Action: undefined } }, "action"],
  [{ Statement: { ...allow, Action: [] } }, "action"],
  [{ Statement: { ...allow, Action: "Decrypt" } }, "action"],
  [{ Statement: { ...allow, Action: "kms:a:b" } }, "action"],
  [{ Statement: { ...allow, Action: "k*:Decrypt" } }, "action"],
  [{ Statement: { ...allow, Action: " kms:Decrypt" } }, "action"],
  [{ Statement: { ...allow, Resource: undefined } }, "resource"],
  [{ Statement: { ...allow, Resource: [] } }, "resource"],
  [{ Statement: { ...allow, Resource: "key" } }, "resource"],
  [{ Statement: { ...allow, Sid: "a b" } }, "sid"],
  [
    {
      Statement: [
        { ...allow, Sid: "a" },
        { ...allow, Sid: "a" },
      ],
    },
    "sid",
  ],
  ['{"Statement":{"Effect":"Allow","Effect":"Deny","Action":"*","Resource":"*"}}', "syntax"],
  ['{"Statement":{"Effect":"Allow","\\u0045ffect":"Deny","Action":"*","Resource":"*"}}', "syntax"],
];

for (const [document, kind] of wrong) {
  test(`refused (${kind}): ${JSON.stringify(document).slice(0, 120)}`, () => assert.equal(fault(document), kind));
}

test("principals of a resource's policy", () => {
  const principal = (Principal: unknown) => fault({ Statement: { ...allow, Principal } }, "resource");
  assert.equal(fault({ Statement: allow }, "resource"), "principal");
  assert.equal(principal({}), "principal");
  assert.equal(principal({ AWS: [] }), "principal");
  assert.equal(principal({ Nobody: "x" }), "syntax");
  assert.equal(principal({ AWS: 1 }), "syntax");
  assert.equal(principal("x"), "syntax");
  assert.equal(fault({ Statement: { ...forKey, NotPrincipal: "*" } }, "resource"), "syntax");
});

test("the same name in different objects, or as a value, is not given twice", () => {
  const text =
    '{"Statement":[{"Sid":"Sid","Effect":"Allow","Action":"a:b","Resource":"*"},{"Sid":"x\\"","Effect":"Deny","Action":["Effect:x"],"Resource":"*"}]}';
  assert.equal(fault(text, "identity"), "sid"); // x" is no Sid: but it was read to the end
});
