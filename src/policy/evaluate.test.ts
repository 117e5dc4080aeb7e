import assert from "node:assert/strict";
import { test } from "node:test";
import { compilePolicy } from "./document.ts";
import { type AccessRequest, decide, type PolicySets } from "./evaluate.ts";

const A = "111122223333";
const KEY = `arn:aws:kms:eu-west-1:${A}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
const request: AccessRequest = {
  caller: { kind: "user", account: A, names: { direct: [`arn:aws:iam::${A}:user/alice`], issuer: [], account: A } },
  action: "kms:decrypt",
  resource: KEY,
  owner: A,
  context: { get: () => undefined },
};
const policy = (kind: "resource" | "identity", ...statements: object[]) =>
  compilePolicy(
    JSON.stringify({
      Version: "2012-10-17",
      Statement: statements.map((statement) => ({
        Effect: "Allow",
        Action: "kms:Decrypt",
        Resource: "*",
        ...statement,
      })),
    }),
    kind,
  );
const sets: PolicySets = {
  resource: [policy("resource", { Principal: { AWS: A } })],
  identity: [policy("identity", { Resource: KEY })],
  boundary: undefined,
  session: undefined,
  resourceMustAllow: true,
};

test("an explicit deny says by which policy and statement: the first, the resource's before the caller's own", () => {
  const deny = { Effect: "Deny" };
  const [identity, boundary] = [policy("identity", {}, deny, deny), policy("identity", deny)];
  const resource = policy("resource", { Principal: { AWS: A } }, { ...deny, Principal: "*" });
  const own = { ...sets, identity: [sets.identity[0] ?? identity, identity], boundary, session: [boundary] };
  assert.deepEqual(decide(request, own), {
    effect: "explicit deny",
    source: "identity",
    policy: identity,
    statement: identity.statements[1],
  });
  assert.deepEqual(decide(request, { ...own, resource: [resource] }), {
    effect: "explicit deny",
    source: "resource",
    policy: resource,
    statement: resource.statements[1],
  });
});

test("an operation without resource: * alone covers it", () => {
  const create = { ...request, action: "kms:createkey", resource: "*" };
  const allows = (...Resource: string[]) =>
    decide(create, {
      ...sets,
      resource: [],
      identity: [policy("identity", { Action: "kms:*", Resource })],
      resourceMustAllow: false,
    }).effect;
  assert.equal(allows("*"), "allow");
  assert.equal(allows("arn:aws:kms:*:*:*"), "implicit deny");
  assert.equal(allows("arn:aws:kms"), "implicit deny");
  assert.equal(allows("arn:aws:kms:*", "*"), "allow");
});

test("a typical decision takes a few microseconds at most", (t) => {
  const tagged = {
    Resource: KEY,
    Condition: { StringEquals: { "aws:ResourceTag/team": "${aws:PrincipalTag/team}" } },
  };
  const typical = { ...sets, identity: [...sets.identity, policy("identity", tagged)] };
  const rounds = 20_000;
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 10; round++) {
    const started = performance.now();
    for (let i = 0; i < rounds; i++) decide(request, typical);
    best = Math.min(best, ((performance.now() - started) * 1000) / rounds);
  }
  t.diagnostic(`${best.toFixed(2)} µs`);
  assert.ok(best < 10);
});
