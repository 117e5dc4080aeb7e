import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import * as kms from "@aws-sdk/client-kms";
import * as sts from "@aws-sdk/client-sts";
import { A, B, type Keys, keysOf, makeWorld, newUser, policy, REGION, type World } from "./world.ts";

/**
 * Who may use a key, over HTTP: caller × key policy × IAM policies × grant × request, with the message of each denial.
 * Rows by reference/policy-language.md §8 (#n) or the section that says it.
 */

type Caller = "user" | "root" | "session" | "federated" | "mfaless" | "userOfB" | "rootOfB" | "sessionOfB";
type Verdict =
  | "allow"
  | "identity"
  | "resource"
  | "boundary"
  | "session"
  | `deny ${"identity" | "resource" | "boundary" | "session"}`;

interface Row {
  source: string;
  caller: Caller;
  key: object[];
  identity?: object[];
  group?: object[];
  boundary?: object[];
  session?: object[];
  grant?: Partial<kms.CreateGrantRequest>;
  context?: Record<string, string>;
  alias?: true;
  by?: "alias";
  tags?: Record<string, string>;
  userTags?: Record<string, string>;
  want: Verdict;
}

const USER = `arn:aws:iam::${A}:user/team/alice`;
const ROLE = `arn:aws:iam::${A}:role/team/app`;
const SESSION = `arn:aws:sts::${A}:assumed-role/app/one`;
const FEDERATED = `arn:aws:sts::${A}:federated-user/fed`;
const USER_B = `arn:aws:iam::${B}:user/bob`;
const ROLE_B = `arn:aws:iam::${B}:role/appb`;
const SESSION_B = `arn:aws:sts::${B}:assumed-role/appb/one`;
const ALIAS = "alias/table";

const names: Record<Caller, string> = {
  user: USER,
  root: `arn:aws:iam::${A}:root`,
  session: SESSION,
  federated: FEDERATED,
  mfaless: USER,
  userOfB: USER_B,
  rootOfB: `arn:aws:iam::${B}:root`,
  sessionOfB: SESSION_B,
};

const to = (AWS: string | string[], Action: string | string[] = "kms:*", more: object = {}) => ({
  Effect: "Allow",
  Principal: AWS === "*" ? "*" : { AWS },
  Action,
  Resource: "*",
  ...more,
});
const denyTo = (AWS: string, Action: string | string[] = "kms:Encrypt", more: object = {}) => ({
  ...to(AWS, Action, more),
  Effect: "Deny",
});
const ROOT = to(`arn:aws:iam::${A}:root`);
const may = (Action: string | string[] = "kms:Encrypt", Resource: string | string[] = "KEY", Condition?: object) => ({
  Effect: "Allow",
  Action,
  Resource,
  ...(Condition && { Condition }),
});
const mayNot = (Action = "kms:Encrypt", Resource = "*", Condition?: object) => ({
  ...may(Action, Resource, Condition),
  Effect: "Deny",
});
const s3 = may("s3:*", "*");
const when = (operator: string, key: string, value: unknown) => ({ [operator]: { [key]: value } });

const rows: Row[] = [
  // A user of the key's account
  { source: "#1", caller: "user", key: [ROOT], want: "identity" },
  { source: "#2", caller: "user", key: [ROOT], identity: [may()], want: "allow" },
  { source: "#3", caller: "user", key: [to(USER)], want: "allow" },
  { source: "#4", caller: "user", key: [to(ROLE)], identity: [may()], want: "resource" },
  { source: "#5", caller: "root", key: [ROOT], want: "allow" },
  { source: "#6", caller: "root", key: [to(USER)], want: "resource" },
  { source: "#7", caller: "user", key: [ROOT], identity: [may(), mayNot()], want: "deny identity" },
  { source: "#8", caller: "user", key: [ROOT, denyTo(USER)], identity: [may()], want: "deny resource" },
  { source: "#9", caller: "user", key: [to(USER)], identity: [mayNot()], want: "deny identity" },
  {
    source: "#10",
    caller: "user",
    key: [ROOT],
    identity: [may("kms:Encrypt", `arn:aws:kms:*:${A}:key/*`)],
    want: "allow",
  },
  {
    source: "#11",
    caller: "user",
    key: [ROOT],
    alias: true,
    by: "alias",
    identity: [may("kms:Encrypt", `arn:aws:kms:${REGION}:${A}:${ALIAS}`)],
    want: "identity",
  },
  { source: "#12", caller: "user", key: [ROOT], group: [may("kms:*", "*")], want: "allow" },
  {
    source: "#12 denied by group",
    caller: "user",
    key: [ROOT],
    identity: [may()],
    group: [mayNot()],
    want: "deny identity",
  },
  { source: "#13", caller: "user", key: [ROOT], identity: [may()], boundary: [s3], want: "boundary" },
  {
    source: "#13 boundary allows",
    caller: "user",
    key: [ROOT],
    identity: [may()],
    boundary: [may("kms:*", "*")],
    want: "allow",
  },
  {
    source: "§5.1 boundary never grants",
    caller: "user",
    key: [ROOT],
    boundary: [may("kms:*", "*")],
    want: "identity",
  },
  { source: "§5 deny in boundary", caller: "user", key: [to(USER)], boundary: [mayNot()], want: "deny boundary" },
  { source: "#14", caller: "user", key: [to(USER)], boundary: [s3], want: "allow" },
  { source: '§5.3 user, "*"', caller: "user", key: [to("*")], boundary: [s3], want: "allow" },
  { source: "§5.3 user, account", caller: "user", key: [to(A)], identity: [may()], want: "allow" },
  { source: "#58", caller: "user", key: [to(A)], identity: [may()], boundary: [s3], want: "boundary" },
  {
    source: "§5.4 delegation opens its actions alone",
    caller: "user",
    key: [to(`arn:aws:iam::${A}:root`, "kms:Decrypt")],
    identity: [may()],
    want: "resource",
  },
  {
    source: "§5.4 delegation under its conditions",
    caller: "user",
    key: [to(`arn:aws:iam::${A}:root`, "kms:*", { Condition: when("StringEquals", "aws:username", "eve") })],
    identity: [may()],
    want: "resource",
  },
  {
    source: "§5.4 naming a user delegates nothing",
    caller: "session",
    key: [to(USER)],
    identity: [may()],
    want: "resource",
  },
  // A role's session
  { source: "#15", caller: "session", key: [to(ROLE)], boundary: [s3], want: "boundary" },
  { source: "#16", caller: "session", key: [to(SESSION)], boundary: [s3], want: "allow" },
  { source: "#17", caller: "session", key: [ROOT], identity: [may()], session: [s3], want: "session" },
  { source: "#18", caller: "session", key: [to(ROLE)], session: [s3], want: "session" },
  { source: "#19", caller: "session", key: [to(SESSION)], session: [s3], want: "allow" },
  { source: "#20", caller: "session", key: [ROOT], session: [may()], want: "identity" },
  {
    source: "§5.6 session policies allow",
    caller: "session",
    key: [ROOT],
    identity: [may()],
    session: [may()],
    want: "allow",
  },
  {
    source: "§5 deny in session policy",
    caller: "session",
    key: [to(SESSION)],
    session: [may(), mayNot()],
    want: "deny session",
  },
  { source: "§5.3 role named", caller: "session", key: [to(ROLE)], want: "allow" },
  { source: "§5.3 role's account", caller: "session", key: [ROOT], want: "identity" },
  {
    source: '§5.3 session, "*" by aws:PrincipalArn',
    caller: "session",
    key: [to("*", "kms:*", { Condition: when("ArnEquals", "aws:PrincipalArn", ROLE) })],
    boundary: [s3],
    session: [s3],
    want: "allow",
  },
  {
    source: "§1.2 another session",
    caller: "session",
    key: [to(`arn:aws:sts::${A}:assumed-role/app/two`)],
    want: "resource",
  },
  {
    source: "§4.1 aws:PrincipalArn is the role's",
    caller: "session",
    key: [ROOT],
    identity: [may("kms:Encrypt", "KEY", when("ArnLike", "aws:PrincipalArn", `arn:aws:iam::${A}:role/team/*`))],
    want: "allow",
  },
  {
    source: "§4.1 aws:userid of a session",
    caller: "session",
    key: [ROOT],
    identity: [may("kms:Encrypt", "KEY", when("StringLike", "aws:userid", "AROA*:one"))],
    want: "allow",
  },
  {
    source: "§4.1 no aws:username in a session",
    caller: "session",
    key: [ROOT],
    identity: [may("kms:Encrypt", "KEY", when("Null", "aws:username", "true"))],
    want: "allow",
  },
  {
    source: "§4.1 aws:PrincipalType",
    caller: "session",
    key: [ROOT],
    identity: [may("kms:Encrypt", "KEY", when("StringEquals", "aws:PrincipalType", "AssumedRole"))],
    want: "allow",
  },
  // A federated user
  { source: "#65", caller: "federated", key: [to(USER)], want: "session" },
  {
    source: "§5.3 federated, user named, policy passed",
    caller: "federated",
    key: [to(USER)],
    session: [may()],
    want: "allow",
  },
  { source: "§5.3 federated named", caller: "federated", key: [to(FEDERATED)], want: "allow" },
  {
    source: "§5.3 federated, account",
    caller: "federated",
    key: [ROOT],
    identity: [may()],
    session: [may()],
    want: "allow",
  },
  { source: "§5.3 federated, account, no IAM", caller: "federated", key: [ROOT], session: [may()], want: "identity" },
  // A GetSessionToken session
  { source: "§5.6 GetSessionToken", caller: "mfaless", key: [ROOT], identity: [may()], want: "allow" },
  { source: "§5.3 GetSessionToken, user named", caller: "mfaless", key: [to(USER)], boundary: [s3], want: "allow" },
  {
    source: "#45",
    caller: "mfaless",
    key: [ROOT],
    identity: [may(), mayNot("kms:Encrypt", "*", when("BoolIfExists", "aws:MultiFactorAuthPresent", "false"))],
    want: "deny identity",
  },
  {
    source: "§4.1 MultiFactorAuthPresent is false",
    caller: "mfaless",
    key: [ROOT],
    identity: [may(), mayNot("kms:Encrypt", "*", when("Bool", "aws:MultiFactorAuthPresent", "false"))],
    want: "deny identity",
  },
  // Another account
  { source: "#21", caller: "userOfB", key: [ROOT], identity: [may()], want: "resource" },
  { source: "#22", caller: "userOfB", key: [ROOT, to(B)], want: "identity" },
  { source: "#23", caller: "userOfB", key: [ROOT, to(B)], identity: [may()], want: "allow" },
  { source: "#24", caller: "userOfB", key: [ROOT, to(USER_B)], want: "identity" },
  {
    source: "§5.2 user of B named, IAM in B",
    caller: "userOfB",
    key: [ROOT, to(USER_B)],
    identity: [may()],
    want: "allow",
  },
  { source: "#25", caller: "rootOfB", key: [ROOT, to(`arn:aws:iam::${B}:root`)], want: "allow" },
  { source: "§5.2 root of B", caller: "rootOfB", key: [ROOT], want: "resource" },
  {
    source: "#26",
    caller: "userOfB",
    key: [ROOT, to("*", "kms:*", { Condition: when("StringEquals", "kms:CallerAccount", B) })],
    identity: [may()],
    want: "allow",
  },
  {
    source: "§5.2 condition on the caller's account",
    caller: "userOfB",
    key: [ROOT, to("*", "kms:*", { Condition: when("StringEquals", "kms:CallerAccount", A) })],
    identity: [may()],
    want: "resource",
  },
  {
    source: "§5.2 no exception from boundaries",
    caller: "userOfB",
    key: [ROOT, to(USER_B)],
    identity: [may()],
    boundary: [s3],
    want: "boundary",
  },
  {
    source: "§5.2 no exception from session policies",
    caller: "sessionOfB",
    key: [ROOT, to(SESSION_B)],
    identity: [may()],
    session: [s3],
    want: "session",
  },
  { source: "§5.2 session of B", caller: "sessionOfB", key: [ROOT, to(ROLE_B)], identity: [may()], want: "allow" },
  {
    source: "§5.2 deny on the caller's side",
    caller: "userOfB",
    key: [ROOT, to(B)],
    identity: [may(), mayNot()],
    want: "deny identity",
  },
  {
    source: "§5.2 deny on the owner's side",
    caller: "userOfB",
    key: [ROOT, to(B), denyTo(B)],
    identity: [may()],
    want: "resource",
  },
  // Grants
  { source: "#27", caller: "user", key: [ROOT], grant: { Operations: ["Encrypt"] }, want: "allow" },
  { source: "#28", caller: "user", key: [ROOT], grant: { Operations: ["Decrypt"] }, want: "identity" },
  {
    source: "#29",
    caller: "user",
    key: [ROOT],
    grant: { Constraints: { EncryptionContextEquals: { a: "1" } } },
    context: { a: "1" },
    want: "allow",
  },
  {
    source: "#30",
    caller: "user",
    key: [ROOT],
    grant: { Constraints: { EncryptionContextEquals: { a: "1" } } },
    context: { a: "1", b: "2" },
    want: "identity",
  },
  {
    source: "#30 no context",
    caller: "user",
    key: [ROOT],
    grant: { Constraints: { EncryptionContextEquals: { a: "1" } } },
    want: "identity",
  },
  {
    source: "#31",
    caller: "user",
    key: [ROOT],
    grant: { Constraints: { EncryptionContextSubset: { a: "1" } } },
    context: { a: "1", b: "2" },
    want: "allow",
  },
  {
    source: "#31 other value",
    caller: "user",
    key: [ROOT],
    grant: { Constraints: { EncryptionContextSubset: { a: "1" } } },
    context: { a: "2", b: "2" },
    want: "identity",
  },
  { source: "#32", caller: "user", key: [ROOT, denyTo(USER)], grant: {}, want: "deny resource" },
  {
    source: "§5.4 deny in IAM against a grant",
    caller: "user",
    key: [ROOT],
    identity: [mayNot()],
    grant: {},
    want: "deny identity",
  },
  { source: "#33", caller: "session", key: [ROOT], grant: {}, want: "allow" },
  {
    source: "§5.4 grant to a role: boundary limits",
    caller: "session",
    key: [ROOT],
    boundary: [s3],
    grant: {},
    want: "boundary",
  },
  { source: "#34", caller: "userOfB", key: [ROOT], grant: {}, want: "allow" },
  {
    source: "§5.4 a grant needs no delegation",
    caller: "user",
    key: [to(`arn:aws:iam::${A}:root`, ["kms:CreateGrant", "kms:DescribeKey"])],
    grant: {},
    want: "allow",
  },
  { source: "§5.4 grant to another", caller: "user", key: [ROOT], grant: { GranteePrincipal: ROLE }, want: "identity" },
  // Conditions
  {
    source: "#35",
    caller: "user",
    key: [ROOT, to(USER, "kms:Encrypt", { Condition: when("StringEquals", "kms:EncryptionContext:App", "x") })],
    context: { App: "x" },
    want: "allow",
  },
  {
    source: "#36",
    caller: "user",
    key: [ROOT, to(USER, "kms:Encrypt", { Condition: when("StringEquals", "kms:EncryptionContext:App", "x") })],
    context: { app: "x" },
    want: "allow",
  },
  {
    source: "#37",
    caller: "user",
    key: [ROOT, to(USER, "kms:Encrypt", { Condition: when("StringEquals", "kms:EncryptionContext:App", "x") })],
    context: { App: "X" },
    want: "identity",
  },
  {
    source: "#38",
    caller: "user",
    key: [
      ROOT,
      to(USER, "kms:Encrypt", {
        Condition: when("ForAllValues:StringEquals", "kms:EncryptionContextKeys", ["a", "b"]),
      }),
    ],
    context: { a: "1" },
    want: "allow",
  },
  {
    source: "#39",
    caller: "user",
    key: [
      ROOT,
      to(USER, "kms:Encrypt", {
        Condition: when("ForAllValues:StringEquals", "kms:EncryptionContextKeys", ["a", "b"]),
      }),
    ],
    want: "allow",
  },
  {
    source: "#40",
    caller: "user",
    key: [
      ROOT,
      to(USER, "kms:Encrypt", {
        Condition: {
          ...when("ForAllValues:StringEquals", "kms:EncryptionContextKeys", ["a", "b"]),
          ...when("Null", "kms:EncryptionContextKeys", "false"),
        },
      }),
    ],
    want: "identity",
  },
  {
    source: "#41",
    caller: "user",
    key: [
      ROOT,
      to(USER, "kms:Encrypt", { Condition: when("ForAnyValue:StringEquals", "kms:EncryptionContextKeys", ["a", "b"]) }),
    ],
    context: { c: "1" },
    want: "identity",
  },
  {
    source: "#42",
    caller: "user",
    key: [ROOT, denyTo("*", "kms:*", { Condition: when("Bool", "aws:SecureTransport", "false") })],
    identity: [may()],
    want: "deny resource",
  },
  {
    source: "#43",
    caller: "user",
    key: [ROOT],
    identity: [may("kms:Encrypt", "KEY", when("IpAddress", "aws:SourceIp", "10.0.0.0/8"))],
    want: "identity",
  },
  {
    source: "#43 in range",
    caller: "user",
    key: [ROOT],
    identity: [may("kms:Encrypt", "KEY", when("IpAddress", "aws:SourceIp", "127.0.0.0/8"))],
    want: "allow",
  },
  {
    source: "#44",
    caller: "user",
    key: [ROOT],
    identity: [may("kms:Encrypt", "KEY", when("Bool", "aws:MultiFactorAuthPresent", "true"))],
    want: "identity",
  },
  {
    source: "#45 long-term key",
    caller: "user",
    key: [ROOT],
    identity: [may(), mayNot("kms:Encrypt", "*", when("BoolIfExists", "aws:MultiFactorAuthPresent", "false"))],
    want: "deny identity",
  },
  {
    source: "#46",
    caller: "user",
    key: [ROOT],
    identity: [may(), mayNot("kms:Encrypt", "*", when("Bool", "aws:MultiFactorAuthPresent", "false"))],
    want: "allow",
  },
  {
    source: "#47",
    caller: "user",
    key: [ROOT],
    tags: { team: "blue" },
    userTags: { Team: "blue" },
    identity: [may("kms:Encrypt", "*", when("StringEquals", "aws:ResourceTag/team", "${aws:PrincipalTag/team}"))],
    want: "allow",
  },
  {
    source: "#47 other team",
    caller: "user",
    key: [ROOT],
    tags: { team: "red" },
    userTags: { Team: "blue" },
    identity: [may("kms:Encrypt", "*", when("StringEquals", "aws:ResourceTag/team", "${aws:PrincipalTag/team}"))],
    want: "identity",
  },
  {
    source: "#48",
    caller: "user",
    key: [ROOT],
    tags: { team: "blue" },
    identity: [may("kms:Encrypt", "*", when("StringEquals", "aws:ResourceTag/team", "${aws:PrincipalTag/team}"))],
    want: "identity",
  },
  {
    source: "#49",
    caller: "user",
    key: [ROOT],
    alias: true,
    identity: [may("kms:Encrypt", "*", when("StringEquals", "kms:RequestAlias", ALIAS))],
    want: "identity",
  },
  {
    source: "#50",
    caller: "user",
    key: [ROOT],
    alias: true,
    by: "alias",
    identity: [may("kms:Encrypt", "*", when("StringEquals", "kms:RequestAlias", ALIAS))],
    want: "allow",
  },
  {
    source: "#51",
    caller: "user",
    key: [ROOT],
    alias: true,
    identity: [may("kms:Encrypt", "*", when("ForAnyValue:StringEquals", "kms:ResourceAliases", [ALIAS]))],
    want: "allow",
  },
  {
    source: "#51 no alias",
    caller: "user",
    key: [ROOT],
    identity: [may("kms:Encrypt", "*", when("ForAnyValue:StringEquals", "kms:ResourceAliases", [ALIAS]))],
    want: "identity",
  },
  {
    source: "§5.7 kms:ResourceAliases not in key policies",
    caller: "user",
    key: [
      ROOT,
      to(USER, "kms:Encrypt", { Condition: when("ForAnyValue:StringEquals", "kms:ResourceAliases", [ALIAS]) }),
    ],
    alias: true,
    want: "identity",
  },
  { source: "#52", caller: "user", key: [ROOT], identity: [may("KMS:encrypt")], want: "allow" },
  { source: "#53", caller: "user", key: [ROOT], identity: [may("kms:Encryp?")], want: "allow" },
  {
    source: "#54",
    caller: "user",
    key: [ROOT],
    identity: [{ Effect: "Allow", NotAction: "kms:Decrypt", Resource: "*" }],
    want: "allow",
  },
  {
    source: "#54 the action itself",
    caller: "user",
    key: [ROOT],
    identity: [{ Effect: "Allow", NotAction: "kms:Encrypt", Resource: "*" }],
    want: "identity",
  },
  {
    source: "#55",
    caller: "user",
    key: [ROOT],
    identity: [{ Effect: "Allow", Action: "kms:*", NotResource: "KEY" }],
    want: "identity",
  },
  {
    source: "#59",
    caller: "user",
    key: [ROOT],
    identity: [may("kms:Encrypt", "*", when("DateLessThan", "aws:CurrentTime", "2020-01-01"))],
    want: "identity",
  },
  {
    source: "§4.2 aws:RequestedRegion",
    caller: "user",
    key: [ROOT],
    identity: [may("kms:Encrypt", "*", when("StringEquals", "aws:RequestedRegion", "eu-west-1"))],
    want: "identity",
  },
  {
    source: "§4.2 aws:ResourceAccount",
    caller: "userOfB",
    key: [ROOT, to(B)],
    identity: [may("kms:Encrypt", "*", when("StringEquals", "aws:ResourceAccount", A))],
    want: "allow",
  },
  {
    source: "§4.2 aws:username",
    caller: "user",
    key: [ROOT],
    identity: [may("kms:Encrypt", "*", when("StringEquals", "aws:username", "alice"))],
    want: "allow",
  },
  {
    source: "§4.2 aws:UserAgent",
    caller: "user",
    key: [ROOT],
    identity: [may("kms:Encrypt", "*", when("StringLike", "aws:UserAgent", "aws-sdk-js/*"))],
    want: "allow",
  },
  {
    source: "§5.5 Deny with NotPrincipal spares who is listed",
    caller: "user",
    key: [ROOT, { Effect: "Deny", NotPrincipal: { AWS: [USER, A] }, Action: "kms:Encrypt", Resource: "*" }],
    identity: [may()],
    want: "allow",
  },
  {
    source: "§5.5 Deny with NotPrincipal denies others",
    caller: "session",
    key: [ROOT, { Effect: "Deny", NotPrincipal: { AWS: [USER] }, Action: "kms:Encrypt", Resource: "*" }],
    identity: [may()],
    want: "deny resource",
  },
  {
    source: "§5.5 Deny with NotPrincipal and a boundary",
    caller: "user",
    key: [ROOT, { Effect: "Deny", NotPrincipal: { AWS: [USER, A] }, Action: "kms:Encrypt", Resource: "*" }],
    identity: [may()],
    boundary: [may("*", "*")],
    want: "deny resource",
  },
];

let world: World;
let alice: Awaited<ReturnType<typeof newUser>>;
let bob: typeof alice;

before(async () => {
  world = await makeWorld();
  const [a, b] = [world.iam(world.rootOf.A), world.iam(world.rootOf.B)];
  alice = await newUser(world, world.rootOf.A, "alice");
  await a.send(new iam.UpdateUserCommand({ UserName: "alice", NewPath: "/team/" }));
  bob = await newUser(world, world.rootOf.B, "bob");
  const trust = (AWS: string) => policy({ Effect: "Allow", Principal: { AWS }, Action: "sts:AssumeRole" });
  await a.send(new iam.CreateRoleCommand({ RoleName: "app", Path: "/team/", AssumeRolePolicyDocument: trust(USER) }));
  await b.send(new iam.CreateRoleCommand({ RoleName: "appb", AssumeRolePolicyDocument: trust(USER_B) }));
  await a.send(new iam.CreateGroupCommand({ GroupName: "team" }));
  await a.send(new iam.AddUserToGroupCommand({ GroupName: "team", UserName: "alice" }));
  for (const [client, account] of [
    [a, A],
    [b, B],
  ] as const) {
    await client.send(new iam.CreatePolicyCommand({ PolicyName: "boundary", PolicyDocument: policy(s3) }));
    assert.match(`arn:aws:iam::${account}:policy/boundary`, /policy/);
  }
});
after(() => world.stop());

/** Gives the caller what the row says it has. Returns its credentials. */
async function become({ caller, identity, group, boundary, session, userTags }: Row, keyArn: string): Promise<Keys> {
  if (caller === "root" || caller === "rootOfB") return world.rootOf[caller === "root" ? "A" : "B"];
  const ofB = caller.endsWith("OfB");
  const account = ofB ? B : A;
  const client = world.iam(ofB ? world.rootOf.B : world.rootOf.A);
  const text = (statements: object[]) => policy(...statements).replaceAll('"KEY"', JSON.stringify(keyArn));
  const role = caller.startsWith("session") ? (ofB ? "appb" : "app") : undefined;
  const user = ofB ? "bob" : "alice";
  const inline = { PolicyName: "p", PolicyDocument: text(identity ?? [s3]) };
  if (role) await client.send(new iam.PutRolePolicyCommand({ RoleName: role, ...inline }));
  else await client.send(new iam.PutUserPolicyCommand({ UserName: user, ...inline }));
  if (!ofB) {
    await client.send(
      new iam.PutGroupPolicyCommand({ GroupName: "team", PolicyName: "p", PolicyDocument: text(group ?? [s3]) }),
    );
  }
  const PermissionsBoundary = `arn:aws:iam::${account}:policy/boundary`;
  if (boundary) {
    const PolicyArn = PermissionsBoundary;
    const { PolicyVersion } = await client.send(
      new iam.CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: text(boundary), SetAsDefault: true }),
    );
    const { Versions } = await client.send(new iam.ListPolicyVersionsCommand({ PolicyArn }));
    for (const { VersionId } of Versions ?? []) {
      if (VersionId === PolicyVersion?.VersionId) continue;
      await client.send(new iam.DeletePolicyVersionCommand({ PolicyArn, VersionId }));
    }
    if (role) await client.send(new iam.PutRolePermissionsBoundaryCommand({ RoleName: role, PermissionsBoundary }));
    else await client.send(new iam.PutUserPermissionsBoundaryCommand({ UserName: user, PermissionsBoundary }));
  }
  for (const [Key, Value] of Object.entries(userTags ?? {})) {
    await client.send(new iam.TagUserCommand({ UserName: user, Tags: [{ Key, Value }] }));
  }
  const own = ofB ? bob.keys : alice.keys;
  const Policy = session && text(session);
  if (caller === "mfaless") return keysOf((await world.sts(own).send(new sts.GetSessionTokenCommand())).Credentials);
  if (caller === "federated") {
    // The right to ask for the session is not what is tested here: it goes again before the key is used.
    const grants = policy(
      ...(identity ?? []).map((statement) => JSON.parse(text([statement])).Statement[0]),
      may("sts:GetFederationToken", "*"),
    );
    await client.send(new iam.PutUserPolicyCommand({ UserName: user, PolicyName: "p", PolicyDocument: grants }));
    return keysOf((await world.sts(own).send(new sts.GetFederationTokenCommand({ Name: "fed", Policy }))).Credentials);
  }
  if (role === undefined) return own;
  const RoleArn = ofB ? ROLE_B : ROLE;
  return keysOf(
    (await world.sts(own).send(new sts.AssumeRoleCommand({ RoleArn, RoleSessionName: "one", Policy }))).Credentials,
  );
}

async function restore({ caller, boundary, userTags }: Row): Promise<void> {
  if (caller === "root" || caller === "rootOfB") return;
  const ofB = caller.endsWith("OfB");
  const client = world.iam(ofB ? world.rootOf.B : world.rootOf.A);
  const [UserName, RoleName] = ofB ? ["bob", "appb"] : ["alice", "app"];
  if (boundary && caller.startsWith("session"))
    await client.send(new iam.DeleteRolePermissionsBoundaryCommand({ RoleName }));
  else if (boundary) await client.send(new iam.DeleteUserPermissionsBoundaryCommand({ UserName }));
  if (userTags) await client.send(new iam.UntagUserCommand({ UserName, TagKeys: Object.keys(userTags) }));
}

const reasons: Record<Exclude<Verdict, "allow">, string> = {
  identity: "because no identity-based policy allows the kms:Encrypt action",
  resource: "because no resource-based policy allows the kms:Encrypt action",
  boundary: "because no permissions boundary allows the kms:Encrypt action",
  session: "because no session policy allows the kms:Encrypt action",
  "deny identity": "with an explicit deny in an identity-based policy",
  "deny resource": "with an explicit deny in a resource-based policy",
  "deny boundary": `with an explicit deny in a permissions boundary: arn:aws:iam::${A}:policy/boundary`,
  "deny session": "with an explicit deny in a session policy",
};

const granteeOf: Partial<Record<Caller, string>> = { user: USER, session: ROLE, userOfB: USER_B };

for (const row of rows) {
  test(`${row.source}: ${row.caller} → ${row.want}`, async () => {
    const root = world.kms(world.rootOf.A);
    const Tags = Object.entries(row.tags ?? {}).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));
    const { KeyMetadata } = await root.send(
      new kms.CreateKeyCommand({ Policy: policy(...row.key), BypassPolicyLockoutSafetyCheck: true, Tags }),
    );
    const { Arn = "", KeyId = "" } = KeyMetadata ?? {};
    if (row.alias) await root.send(new kms.CreateAliasCommand({ AliasName: ALIAS, TargetKeyId: KeyId }));
    if (row.grant) {
      const grant = { KeyId, GranteePrincipal: granteeOf[row.caller], Operations: ["Encrypt" as const], ...row.grant };
      await root.send(new kms.CreateGrantCommand(grant));
    }
    try {
      const client = world.kms(await become(row, Arn));
      const request = {
        KeyId: row.by === "alias" ? ALIAS : Arn,
        Plaintext: Buffer.from("x"),
        EncryptionContext: row.context,
      };
      const call = client.send(new kms.EncryptCommand(request));
      if (row.want === "allow") {
        assert.equal((await call).KeyId, Arn);
        return;
      }
      await assert.rejects(call, (error: Error & { $metadata: { httpStatusCode?: number } }) => {
        assert.equal(error.name, "AccessDeniedException");
        assert.equal(error.$metadata.httpStatusCode, 400);
        const reason = reasons[row.want as keyof typeof reasons];
        assert.equal(
          error.message,
          `User: ${names[row.caller]} is not authorized to perform: kms:Encrypt on resource: ${Arn} ${reason}`,
        );
        return true;
      });
    } finally {
      await restore(row);
      if (row.alias) await root.send(new kms.DeleteAliasCommand({ AliasName: ALIAS }));
    }
  });
}
