import assert from "node:assert/strict";
import { test } from "node:test";
import { compilePolicy } from "./document.ts";
import type { AccessRequest, PolicySets } from "./evaluate.ts";
import { explain } from "./explain.ts";
import { Grade } from "./principal.ts";

const account = "111122223333";
const user = `arn:aws:iam::${account}:user/alice`;
const statements = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
const identity = (...list: object[]) => compilePolicy(statements(...list), "identity");
const resource = (...list: object[]) => compilePolicy(statements(...list), "resource");
const all = { Effect: "Allow", Action: "kms:*", Resource: "*" };

function request(context: Record<string, string> = {}): AccessRequest {
  return {
    caller: { kind: "user", account, names: { direct: [user], issuer: [], account } },
    action: "kms:decrypt",
    resource: `arn:aws:kms:us-east-1:${account}:key/k`,
    owner: account,
    context: { get: (key) => context[key] },
  };
}
const sets = (some: Partial<PolicySets>): PolicySets => ({
  resource: [],
  identity: [],
  boundary: undefined,
  session: undefined,
  resourceMustAllow: true,
  ...some,
});

test("names each statement that applies, with its policy, its place and its grade", () => {
  const key = resource(
    { ...all, Action: "kms:Encrypt", Principal: "*" },
    { ...all, Principal: { AWS: account } },
    { ...all, Principal: { AWS: "arn:aws:iam::111122223333:user/bob" } },
    { ...all, Principal: { AWS: user } },
  );
  const own = identity({ ...all, Action: "s3:*" }, all);
  const found = explain(request(), sets({ resource: [key], identity: [own] }));
  assert.equal(found.decision.effect, "allow");
  assert.deepEqual(
    found.applied.map(({ source, index, grade }) => [source, index, grade]),
    [
      ["resource", 1, Grade.account],
      ["resource", 3, Grade.direct],
      ["identity", 1, undefined],
    ],
  );
  assert.deepEqual(
    found.applied.map(({ policy }) => policy),
    [key, key, own],
  );
});

test("what would have allowed is told although something denies", () => {
  const found = explain(request(), sets({ identity: [identity(all)], boundary: identity({ ...all, Effect: "Deny" }) }));
  assert.equal(found.decision.effect, "explicit deny");
  assert.deepEqual(
    found.applied.map(({ source, statement: { effect } }) => [source, effect]),
    [
      ["identity", "Allow"],
      ["boundary", "Deny"],
    ],
  );
});

test("tells which condition keys were asked for and are absent", () => {
  const when = (Condition: object, Action = "kms:Decrypt") => ({ ...all, Action, Condition });
  const policy = identity(
    when({ StringEquals: { "aws:username": "alice" } }),
    when({ Bool: { "aws:MultiFactorAuthPresent": "true" } }),
    when({ StringEquals: { "aws:PrincipalTag/Team": "${aws:ResourceTag/Team}" } }),
    when({ StringEquals: { "aws:SourceVpc": "v" } }, "kms:Encrypt"),
  );
  const { absent, decision } = explain(
    request({ "aws:username": "bob", "aws:principaltag/team": "x" }),
    sets({ identity: [policy], resourceMustAllow: false }),
  );
  assert.deepEqual(decision, { effect: "implicit deny", source: "identity" });
  assert.deepEqual(absent, ["aws:multifactorauthpresent", "aws:resourcetag/team"]);
});
