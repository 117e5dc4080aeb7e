import assert from "node:assert/strict";
import { test } from "node:test";
import type { ContextValue } from "./context.ts";
import { compilePolicy, type Policy } from "./document.ts";
import { type Caller, decide, type PolicySets } from "./evaluate.ts";

const A = "111122223333";
const B = "444455556666";
const KEY = `arn:aws:kms:eu-west-1:${A}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
const USER = `arn:aws:iam::${A}:user/alice`;
const ROLE = `arn:aws:iam::${A}:role/app`;
const SESSION = `arn:aws:sts::${A}:assumed-role/app/s1`;

const user: Caller = { kind: "user", account: A, names: { direct: [USER], issuer: [], account: A } };
const root: Caller = { kind: "root", account: A, names: { direct: [], issuer: [], account: A } };
const session: Caller = { kind: "role", account: A, names: { direct: [SESSION], issuer: [ROLE], account: A } };
const federated: Caller = {
  kind: "federated",
  account: A,
  names: { direct: [`arn:aws:sts::${A}:federated-user/f`], issuer: [USER], account: A },
};
const userOfB: Caller = {
  kind: "user",
  account: B,
  names: { direct: [`arn:aws:iam::${B}:user/bob`], issuer: [], account: B },
};
const rootOfB: Caller = { kind: "root", account: B, names: { direct: [], issuer: [], account: B } };

type Statement = Record<string, unknown>;
const policy = (kind: "resource" | "identity", ...statements: Statement[]): Policy =>
  compilePolicy(JSON.stringify({ Version: "2012-10-17", Statement: statements }), kind);
const keyPolicy = (...statements: Statement[]) =>
  policy(
    "resource",
    ...statements.map((statement) => ({ Effect: "Allow", Action: "kms:*", Resource: "*", ...statement })),
  );
const iam = (...statements: Statement[]) =>
  policy(
    "identity",
    ...statements.map((statement) => ({ Effect: "Allow", Action: "kms:Decrypt", Resource: KEY, ...statement })),
  );

const rootStatement = { Principal: { AWS: `arn:aws:iam::${A}:root` } };
const names = (AWS: string) => ({ Principal: { AWS } });

interface Row {
  caller?: Caller;
  key: Policy | Policy[];
  iam?: Policy | Policy[];
  boundary?: Policy;
  session?: Policy[];
  context?: Record<string, ContextValue>;
  action?: string;
}

function outcome(row: Row): string {
  const values = Object.fromEntries(
    Object.entries(row.context ?? {}).map(([key, value]) => [key.toLowerCase(), value]),
  );
  const sets: PolicySets = {
    resource: [row.key].flat(),
    identity: [row.iam ?? []].flat(),
    boundary: row.boundary,
    session: row.session,
    resourceMustAllow: true,
  };
  const decision = decide(
    {
      caller: row.caller ?? user,
      action: row.action ?? "kms:decrypt",
      resource: KEY,
      owner: A,
      context: { get: (key) => values[key] },
    },
    sets,
  );
  if (decision.effect === "allow") return "allow";
  return `${decision.effect === "explicit deny" ? "explicit" : "deny"}: ${decision.source}`;
}

const withoutKms = policy("identity", { Effect: "Allow", Action: "s3:*", Resource: "*" });
const all = policy("identity", { Effect: "Allow", Action: "*", Resource: "*" });
const rs = keyPolicy(rootStatement);
const denyUser = { Effect: "Deny", Action: "kms:Decrypt", ...names(USER) };
const contextIs = (operator: string, key: string, value: unknown) => ({ Condition: { [operator]: { [key]: value } } });
const app = keyPolicy(rootStatement, {
  ...names(USER),
  ...contextIs("StringEquals", "kms:EncryptionContext:App", "x"),
});
const setOf = (operator: string, more: object = {}) =>
  keyPolicy({ ...names(USER), Condition: { [operator]: { "kms:EncryptionContextKeys": ["a", "b"] }, ...more } });
const team = iam(contextIs("StringEquals", "aws:ResourceTag/team", "${aws:PrincipalTag/team}"));

/** reference/policy-language.md §8, by its numbers, as far as the engine alone decides them. */
const rows: Record<string, [Row, string]> = {
  1: [{ key: rs }, "deny: identity"],
  2: [{ key: rs, iam: iam({}) }, "allow"],
  3: [{ key: keyPolicy(names(USER)) }, "allow"],
  4: [{ key: keyPolicy(names(`${USER}2`)), iam: iam({}) }, "deny: resource"],
  5: [{ caller: root, key: rs }, "allow"],
  6: [{ caller: root, key: keyPolicy(names(USER)) }, "deny: resource"],
  7: [{ key: rs, iam: [iam({}), iam({ Effect: "Deny" })] }, "explicit: identity"],
  8: [{ key: keyPolicy(rootStatement, denyUser), iam: iam({}) }, "explicit: resource"],
  9: [{ key: keyPolicy(names(USER)), iam: iam({ Effect: "Deny" }) }, "explicit: identity"],
  10: [{ key: rs, iam: iam({ Resource: `arn:aws:kms:*:${A}:key/*` }) }, "allow"],
  11: [{ key: rs, iam: iam({ Resource: `arn:aws:kms:eu-west-1:${A}:alias/x` }) }, "deny: identity"],
  12: [{ key: rs, iam: iam({ Action: "kms:*", Resource: "*" }) }, "allow"],
  13: [{ key: rs, iam: iam({}), boundary: withoutKms }, "deny: boundary"],
  14: [{ key: keyPolicy(names(USER)), boundary: withoutKms }, "allow"],
  15: [{ caller: session, key: keyPolicy(names(ROLE)), boundary: withoutKms }, "deny: boundary"],
  16: [{ caller: session, key: keyPolicy(names(SESSION)), boundary: withoutKms }, "allow"],
  17: [{ caller: session, key: rs, iam: all, session: [withoutKms] }, "deny: session"],
  18: [{ caller: session, key: keyPolicy(names(ROLE)), session: [withoutKms] }, "deny: session"],
  19: [{ caller: session, key: keyPolicy(names(SESSION)), session: [withoutKms] }, "allow"],
  20: [{ caller: session, key: rs, session: [all] }, "deny: identity"],
  21: [{ caller: userOfB, key: rs, iam: iam({}) }, "deny: resource"],
  22: [{ caller: userOfB, key: keyPolicy(names(B)) }, "deny: identity"],
  23: [{ caller: userOfB, key: keyPolicy(names(B)), iam: iam({}) }, "allow"],
  24: [{ caller: userOfB, key: keyPolicy(names(`arn:aws:iam::${B}:user/bob`)) }, "deny: identity"],
  25: [{ caller: rootOfB, key: keyPolicy(names(B)) }, "allow"],
  26: [
    {
      caller: userOfB,
      key: keyPolicy({ Principal: "*", ...contextIs("StringEquals", "kms:CallerAccount", B) }),
      iam: iam({}),
      context: { "kms:CallerAccount": B },
    },
    "allow",
  ],
  35: [{ key: app, context: { "kms:EncryptionContext:App": "x" } }, "allow"],
  36: [{ key: app, context: { "kms:EncryptionContext:app": "x" } }, "allow"],
  37: [{ key: app, context: { "kms:EncryptionContext:App": "X" } }, "deny: identity"],
  38: [{ key: setOf("ForAllValues:StringEquals"), context: { "kms:EncryptionContextKeys": ["a"] } }, "allow"],
  39: [{ key: setOf("ForAllValues:StringEquals") }, "allow"],
  40: [
    { key: setOf("ForAllValues:StringEquals", { Null: { "kms:EncryptionContextKeys": "false" } }) },
    "deny: resource",
  ],
  41: [{ key: setOf("ForAnyValue:StringEquals"), context: { "kms:EncryptionContextKeys": ["c"] } }, "deny: resource"],
  42: [
    {
      key: rs,
      iam: [iam({}), iam({ Effect: "Deny", ...contextIs("Bool", "aws:SecureTransport", "false") })],
      context: { "aws:SecureTransport": "false" },
    },
    "explicit: identity",
  ],
  43: [
    {
      key: rs,
      iam: iam(contextIs("IpAddress", "aws:SourceIp", "10.0.0.0/8")),
      context: { "aws:SourceIp": "127.0.0.1" },
    },
    "deny: identity",
  ],
  44: [{ key: rs, iam: iam(contextIs("Bool", "aws:MultiFactorAuthPresent", "true")) }, "deny: identity"],
  45: [
    {
      key: rs,
      iam: [iam({}), iam({ Effect: "Deny", ...contextIs("BoolIfExists", "aws:MultiFactorAuthPresent", "false") })],
    },
    "explicit: identity",
  ],
  46: [
    { key: rs, iam: [iam({}), iam({ Effect: "Deny", ...contextIs("Bool", "aws:MultiFactorAuthPresent", "false") })] },
    "allow",
  ],
  47: [{ key: rs, iam: team, context: { "aws:ResourceTag/team": "red", "aws:PrincipalTag/team": "red" } }, "allow"],
  48: [{ key: rs, iam: team, context: { "aws:ResourceTag/team": "red" } }, "deny: identity"],
  49: [{ key: rs, iam: iam(contextIs("StringEquals", "kms:RequestAlias", "alias/x")) }, "deny: identity"],
  50: [
    {
      key: rs,
      iam: iam(contextIs("StringEquals", "kms:RequestAlias", "alias/x")),
      context: { "kms:RequestAlias": "alias/x" },
    },
    "allow",
  ],
  51: [
    {
      key: rs,
      iam: iam(contextIs("ForAnyValue:StringEquals", "kms:ResourceAliases", "alias/x")),
      context: { "kms:ResourceAliases": ["alias/y", "alias/x"] },
    },
    "allow",
  ],
  52: [{ key: rs, iam: iam({ Action: "KMS:decrypt" }) }, "allow"],
  53: [{ key: rs, iam: iam({ Action: "kms:Decryp?" }) }, "allow"],
  54: [{ key: rs, iam: iam({ Action: undefined, NotAction: "kms:Encrypt" }) }, "allow"],
  55: [{ key: rs, iam: iam({ Action: "kms:*", Resource: undefined, NotResource: KEY }) }, "deny: identity"],
  57: [{ key: keyPolicy(names("AIDAEXAMPLE")) }, "deny: resource"],
  58: [{ key: keyPolicy(names(A)), iam: iam({}) }, "allow"],
  59: [
    {
      key: rs,
      iam: iam(contextIs("DateLessThan", "aws:CurrentTime", "2020-01-01T00:00:00Z")),
      context: { "aws:CurrentTime": "2026-11-24T00:00:00Z" },
    },
    "deny: identity",
  ],
  65: [{ caller: federated, key: keyPolicy(names(USER)) }, "deny: session"],
};

for (const [number, [row, expected]] of Object.entries(rows)) {
  test(`row ${number}: ${expected}`, () => assert.equal(outcome(row), expected));
}

test("row 56: in version 2008-10-17 a variable is plain text", () => {
  const old = compilePolicy(
    JSON.stringify({ Statement: { Effect: "Allow", Action: "kms:*", Resource: "arn:aws:kms:*:*:${k}" } }),
    "identity",
  );
  const context = { k: KEY.split(":")[5] as string };
  assert.equal(outcome({ key: rs, iam: old, context }), "deny: identity");
  const now = iam({ Resource: "arn:aws:kms:*:*:${k}" });
  assert.equal(outcome({ key: rs, iam: now, context }), "allow");
});

test("NotPrincipal: Deny spares whom it names and nobody with a boundary; Allow lets nobody in", () => {
  const deny = { Effect: "Deny", Principal: undefined, NotPrincipal: { AWS: [USER, A] } };
  const key = keyPolicy({ Principal: "*" }, deny);
  assert.equal(outcome({ key }), "allow");
  assert.equal(outcome({ caller: root, key }), "allow");
  assert.equal(outcome({ caller: session, key }), "explicit: resource");
  assert.equal(outcome({ key, boundary: all }), "explicit: resource");
  assert.equal(
    outcome({ caller: session, key: keyPolicy({ Principal: undefined, NotPrincipal: { AWS: USER } }) }),
    "deny: resource",
  );
});

test("an explicit deny wins over every allow, wherever both stand", () => {
  const deny = iam({ Effect: "Deny" });
  assert.equal(outcome({ key: keyPolicy({ Principal: "*" }), iam: all, boundary: deny }), "explicit: boundary");
  assert.equal(outcome({ caller: session, key: keyPolicy(names(SESSION)), session: [all, deny] }), "explicit: session");
});

test("an operation without resource: * alone covers it", () => {
  const request = { caller: user, action: "kms:createkey", resource: "*", owner: A, context: { get: () => undefined } };
  const sets = (identity: Policy): PolicySets => ({
    resource: [],
    identity: [identity],
    boundary: undefined,
    session: undefined,
    resourceMustAllow: false,
  });
  assert.equal(decide(request, sets(all)).effect, "allow");
  assert.equal(decide(request, sets(iam({ Action: "kms:*", Resource: "arn:aws:kms:*:*:*" }))).effect, "implicit deny");
  assert.equal(decide({ ...request, caller: root }, sets(withoutKms)).effect, "allow");
});

test("a typical decision takes a few microseconds at most", (t) => {
  const sets: PolicySets = {
    resource: [rs],
    identity: [iam({}), team],
    boundary: undefined,
    session: undefined,
    resourceMustAllow: true,
  };
  const request = { caller: user, action: "kms:decrypt", resource: KEY, owner: A, context: { get: () => undefined } };
  const rounds = 20_000;
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 10; round++) {
    const started = performance.now();
    for (let i = 0; i < rounds; i++) decide(request, sets);
    best = Math.min(best, ((performance.now() - started) * 1000) / rounds);
  }
  t.diagnostic(`${best.toFixed(2)} µs`);
  assert.ok(best < 10);
});
