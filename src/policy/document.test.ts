import assert from "node:assert/strict";
import { test } from "node:test";
import { compilePolicy, PolicyFault, type PolicyKind } from "./document.ts";
import { Grade } from "./principal.ts";

const allow = { Effect: "Allow", Action: "kms:*", Resource: "*" };
const forKey = { ...allow, Principal: "*" };

function fault(document: unknown, kind: PolicyKind = "identity"): string {
  try {
    compilePolicy(typeof document === "string" ? document : JSON.stringify(document), kind, { submitted: "inline" });
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
  ["", "json"],
  ["{", "json"],
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
  [{ Statement: { ...allow, Effect: "allow" } }, "value"],
  [{ Statement: { ...allow, Effect: undefined } }, "effect"],
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
  [{ Statement: { ...allow, Action: "Decrypt" } }, "actionForm"],
  [{ Statement: { ...allow, Action: "kms:a:b" } }, "actionColons"],
  [{ Statement: { ...allow, Action: "k*:Decrypt" } }, "actionVendor"],
  [{ Statement: { ...allow, Action: " kms:Decrypt" } }, "actionVendor"],
  [{ Statement: { ...allow, Resource: undefined } }, "resource"],
  [{ Statement: { ...allow, Resource: [] } }, "resource"],
  [{ Statement: { ...allow, Resource: "key" } }, "resourceForm"],
  [{ Statement: { ...allow, Sid: "a b" } }, "sid"],
  [
    {
      Statement: [
        { ...allow, Sid: "a" },
        { ...allow, Sid: "a" },
      ],
    },
    "sidTwice",
  ],
  ['{"Statement":{"Effect":"Allow","Effect":"Deny","Action":"*","Resource":"*"}}', "syntax"],
  ['{"Statement":{"Effect":"Allow","\\u0045ffect":"Deny","Action":"*","Resource":"*"}}', "syntax"],
];

for (const [document, kind] of wrong) {
  test(`refused (${kind}): ${JSON.stringify(document).slice(0, 120)}`, () => assert.equal(fault(document), kind));
}

test("what is stored counts, though it would be refused today", () => {
  const stored = [{ Sid: "a b" }, { Resource: "arn:cloud:kms:x" }, { Action: ["kms:*", "Decrypt", "a:b:c"] }];
  for (const members of stored) {
    const text = JSON.stringify({ Statement: { ...allow, Effect: "Deny", ...members } });
    assert.notEqual(fault(text), "none");
    assert.equal(compilePolicy(text, "identity").statements.length, 1);
  }
});

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

test("a trust policy names principals and no resource; its AWS principals may stand for others", () => {
  const trust = { Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: "arn:aws:iam::111122223333:user/a" } };
  for (const [members, expected] of [
    [{}, "none"],
    [{ Principal: undefined }, "principal"],
    [{ Principal: {} }, "principal"],
    [{ Principal: { AWS: [] } }, "principal"],
    [{ Principal: undefined, NotPrincipal: "*" }, "notPrincipal"],
    [{ Resource: "*" }, "resource"],
    [{ NotResource: [] }, "resource"],
    [{ Sid: "a b" }, "sid"],
  ] as const) {
    assert.equal(fault({ Statement: { ...trust, ...members } }, "trust"), expected, JSON.stringify(members));
  }
  const named = { ...trust, Principal: { AWS: [trust.Principal.AWS, "*"], Service: "s", Federated: "f" } };
  const asked: string[] = [];
  const text = JSON.stringify({ Statement: [trust, named] });
  const [one, two] = compilePolicy(text, "trust", {
    principal: (entry) => {
      asked.push(entry);
      return entry === "*" ? "nobody" : "AIDAALICE";
    },
  }).statements.map(({ principals }) => principals?.list);
  assert.deepEqual(asked, [trust.Principal.AWS, trust.Principal.AWS, "*"]);
  const names = (...direct: string[]) => ({ direct, issuer: [], account: "111122223333" });
  assert.equal(one?.grade(names("AIDAALICE")), Grade.direct);
  assert.equal(one?.grade(names(trust.Principal.AWS)), Grade.none);
  assert.equal(two?.grade(names("AIDABOB")), Grade.none);
  assert.equal(two?.grade(names("s"), "service"), Grade.direct);
  assert.equal(two?.grade(names("f"), "bearer"), Grade.direct);
});

test("the same name in different objects, or as a value, is not given twice", () => {
  const text =
    '{"Statement":[{"Sid":"Sid","Effect":"Allow","Action":"a:b","Resource":"*"},{"Sid":"x\\"","Effect":"Deny","Action":["Effect:x"],"Resource":"*"}]}';
  assert.equal(fault(text, "identity"), "sid"); // x" is no Sid: but it was read to the end
});
