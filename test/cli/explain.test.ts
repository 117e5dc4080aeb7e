import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import * as kms from "@aws-sdk/client-kms";
import type { ExplanationReport } from "../../src/cli/explanationReport.ts";
import { setAccountClosed } from "../../src/iam/account.ts";
import { A, B, type Keys, makeWorld, newUser, policy, type World } from "../authorization/world.ts";
import { allowRole, allowUser, newRole, sessionOf, trusting } from "../sts/client.ts";
import { strongroom } from "./strongroom.ts";

let world: World;
/** made by A's root, with the default key policy, and alias/app */
let key: string;
let bob: { arn: string; keys: Keys };
before(async () => {
  world = await makeWorld();
  key = await newKey();
  await root().send(new kms.CreateAliasCommand({ AliasName: "alias/app", TargetKeyId: key }));
  bob = await newUser(world, world.rootOf.A, "bob");
});
after(() => world.stop());

const root = () => world.kms(world.rootOf.A);

async function newKey(Policy?: string): Promise<string> {
  return (await root().send(new kms.CreateKeyCommand({ Policy }))).KeyMetadata?.Arn as string;
}

const command = (principal: string, action: string, resource: string, ...more: string[]) =>
  strongroom([
    "explain",
    ...["--data", world.server.data],
    ...["--principal", principal, "--action", action, "--resource", resource],
    ...more,
  ]);

/** What the command says, once its exit status agrees. */
async function explained(...args: Parameters<typeof command>): Promise<ExplanationReport> {
  const { stdout, stderr, code } = await command(...args, "--json");
  assert.ok(code === 0 || code === 1, stderr);
  const report: ExplanationReport = JSON.parse(stdout);
  assert.equal(code, report.decision === "allow" ? 0 : 1);
  return report;
}

/** Asks the running server for a data key, and holds its answer against the explanation. */
async function agreed(
  principal: string,
  keys: Keys,
  KeyId: string,
  EncryptionContext?: Record<string, string>,
): Promise<ExplanationReport> {
  const context = Object.entries(EncryptionContext ?? {}).flatMap(([name, value]) => [
    "--context",
    `kms:EncryptionContext:${name}=${value}`,
  ]);
  const report = await explained(principal, "kms:generatedatakey", KeyId, ...context);
  const refused: Error | undefined = await world
    .kms(keys)
    .send(new kms.GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256", EncryptionContext }))
    .then(
      () => undefined,
      (error) => error,
    );
  assert.equal(refused === undefined, report.decision === "allow", String(refused));
  if (refused !== undefined) {
    assert.equal(refused.name, "AccessDeniedException");
    assert.ok(refused.message.endsWith(` ${report.reason}`), `${refused.message} / ${report.reason}`);
  }
  return report;
}

const generate = (rest: object = {}) => ({ Effect: "Allow", Action: "kms:GenerateDataKey", Resource: "*", ...rest });

test("root: by the key policy, which names its account", async () => {
  const report = await agreed(`arn:aws:iam::${A}:root`, world.rootOf.A, key);
  assert.deepEqual(report, {
    decision: "allow",
    principal: `arn:aws:iam::${A}:root`,
    action: "kms:GenerateDataKey",
    resource: key,
    policies: { key: "allow", identity: "none", boundary: "none" },
    statements: [
      {
        effect: "Allow",
        policy: "key policy",
        sid: "Enable IAM User Permissions",
        statement: 1,
        line: 4,
        column: 19,
        names: "the caller's account",
      },
    ],
    absentConditionKeys: [],
  });
});

test("a user: denied without a policy, then allowed by one, with its place", async () => {
  const before = await agreed(bob.arn, bob.keys, key);
  assert.equal(before.reason, "because no identity-based policy allows the kms:GenerateDataKey action");
  assert.deepEqual(before.policies, { key: "allow", identity: "none", boundary: "none" });
  await allowUser(world, "bob", [{ ...generate(), Action: "kms:Encrypt" }, generate({ Sid: "Generate" })]);
  const after = await agreed(bob.arn, bob.keys, key);
  const text = policy({ ...generate(), Action: "kms:Encrypt" }, generate({ Sid: "Generate" }));
  assert.deepEqual(after.statements[1], {
    effect: "Allow",
    policy: 'inline policy "p" of user bob',
    sid: "Generate",
    statement: 2,
    line: 1,
    column: text.indexOf("{", text.indexOf("kms:Encrypt")) + 1,
  });
});

test("a deny in a group's managed policy: its ARN, its line; what would have allowed is told too", async () => {
  const client = world.iam(world.rootOf.A);
  const PolicyDocument = `{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
    {"Sid": "NoBackups",
     "Effect": "Deny", "Action": "kms:*", "Resource": "*",
     "Condition": {"StringEquals": {"kms:EncryptionContext:purpose": "backup"}}}
  ]
}`;
  const made = await client.send(new iam.CreatePolicyCommand({ PolicyName: "no-backups", PolicyDocument }));
  const PolicyArn = made.Policy!.Arn!;
  await client.send(new iam.CreateGroupCommand({ GroupName: "staff" }));
  await client.send(new iam.AttachGroupPolicyCommand({ GroupName: "staff", PolicyArn }));
  await client.send(new iam.AddUserToGroupCommand({ GroupName: "staff", UserName: "bob" }));
  const report = await agreed(bob.arn, bob.keys, key, { purpose: "backup" });
  assert.equal(report.decision, "explicit deny");
  assert.deepEqual(
    report.statements.map(({ effect, policy: name, line, column }) => [effect, name, line, column]),
    [
      ["Allow", "key policy", 4, 19],
      ["Allow", 'inline policy "p" of user bob', 1, report.statements[1]!.column],
      ["Deny", PolicyArn, 5, 5],
    ],
  );
  const other = await agreed(bob.arn, bob.keys, key, { purpose: "archive" });
  assert.equal(other.decision, "allow");
  const without = await agreed(bob.arn, bob.keys, key);
  assert.deepEqual([without.decision, without.absentConditionKeys], ["allow", ["kms:encryptioncontext:purpose"]]);
});

test("a permissions boundary that does not allow", async () => {
  const client = world.iam(world.rootOf.A);
  const eve = await newUser(world, world.rootOf.A, "eve");
  await allowUser(world, "eve", [generate()]);
  const PolicyDocument = policy({ Effect: "Allow", Action: "kms:Describe*", Resource: "*" });
  const { Policy } = await client.send(new iam.CreatePolicyCommand({ PolicyName: "describe", PolicyDocument }));
  await client.send(new iam.PutUserPermissionsBoundaryCommand({ UserName: "eve", PermissionsBoundary: Policy!.Arn! }));
  const report = await agreed(eve.arn, eve.keys, key);
  assert.deepEqual(report.policies, { key: "allow", identity: "allow", boundary: "nothing" });
  assert.equal(report.reason, "because no permissions boundary allows the kms:GenerateDataKey action");
});

test("a key policy that names a user, who needs no policy of its own then", async () => {
  const carol = await newUser(world, world.rootOf.A, "carol");
  const own = await newKey(
    policy(
      { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${A}:root` }, Action: "kms:*", Resource: "*" },
      { Sid: "Carol", ...generate({ Principal: { AWS: carol.arn } }) },
    ),
  );
  const report = await agreed(carol.arn, carol.keys, own);
  assert.deepEqual(
    report.statements.map(({ sid, names }) => [sid, names]),
    [
      [undefined, "the caller's account"],
      ["Carol", "the caller"],
    ],
  );
  const other = await newUser(world, world.rootOf.A, "other");
  const notNamed = await agreed(other.arn, other.keys, own);
  assert.deepEqual([notNamed.decision, notNamed.statements.length], ["implicit deny", 1]);
});

test("a grant, within its constraints", async () => {
  const dave = await newUser(world, world.rootOf.A, "dave");
  const { GrantId } = await root().send(
    new kms.CreateGrantCommand({
      KeyId: key,
      GranteePrincipal: dave.arn,
      Operations: ["GenerateDataKey"],
      Constraints: { EncryptionContextSubset: { Tenant: "one" } },
    }),
  );
  const within = await agreed(dave.arn, dave.keys, key, { Tenant: "one", more: "x" });
  assert.deepEqual([within.decision, within.grant], ["allow", GrantId]);
  const outside = await agreed(dave.arn, dave.keys, key, { tenant: "one" });
  assert.deepEqual([outside.decision, outside.grant], ["implicit deny", undefined]);
});

test("a role, as its sessions are", async () => {
  const role = await newRole(world, "app", [trusting({ AWS: bob.arn })]);
  await allowUser(world, "bob", [{ Effect: "Allow", Action: "sts:AssumeRole", Resource: "*" }]);
  await allowRole(world, "app", [
    generate({ Condition: { StringEquals: { "aws:PrincipalArn": role.arn } } }),
    generate({ Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } } }),
  ]);
  const session = await sessionOf(world, bob.keys, role.arn);
  const report = await agreed(role.arn, session, key);
  assert.deepEqual([report.decision, report.absentConditionKeys], ["allow", ["aws:multifactorauthpresent"]]);
  const named = await agreed(`arn:aws:sts::${A}:assumed-role/app/session`, session, key);
  assert.equal(named.principal, `arn:aws:sts::${A}:assumed-role/app/session`);
});

test("an alias stands for its key, and conditions see it", async () => {
  const frank = await newUser(world, world.rootOf.A, "frank");
  await allowUser(world, "frank", [generate({ Condition: { StringEquals: { "kms:RequestAlias": "alias/app" } } })]);
  const alias = `arn:aws:kms:us-east-1:${A}:alias/app`;
  const byAlias = await agreed(frank.arn, frank.keys, alias);
  assert.deepEqual([byAlias.decision, byAlias.key], ["allow", key]);
  const byKey = await agreed(frank.arn, frank.keys, key);
  assert.deepEqual([byKey.decision, byKey.absentConditionKeys], ["implicit deny", ["kms:requestalias"]]);
});

test("another account: both sides must allow; some actions never cross", async () => {
  const guest = `arn:aws:iam::${B}:root`;
  assert.equal((await agreed(guest, world.rootOf.B, key)).decision, "implicit deny");
  const open = await newKey(policy({ Effect: "Allow", Principal: { AWS: [A, B] }, Action: "kms:*", Resource: "*" }));
  assert.equal((await agreed(guest, world.rootOf.B, open)).decision, "allow");
  const { reason, policies } = await explained(guest, "kms:DisableKey", open);
  assert.equal(reason, "kms:DisableKey does not work on a key of another account");
  assert.equal(policies, undefined);
  const { store } = world.server.service.iam;
  await store.transaction((transaction) => setAccountClosed(transaction, B, 1));
  const closed = await explained(guest, "kms:GenerateDataKey", open);
  assert.equal(closed.reason, `account ${B} is closed: nobody in it is let in`);
  await store.transaction((transaction) => setAccountClosed(transaction, B, null));
});

test("actions without a key; what the request says comes from --context", async () => {
  await allowUser(world, "bob", [
    {
      Effect: "Allow",
      Action: "kms:ListKeys",
      Resource: "*",
      Condition: { IpAddress: { "aws:SourceIp": "192.0.2.0/24" } },
    },
  ]);
  const unsaid = await explained(bob.arn, "kms:ListKeys", "*");
  assert.deepEqual(
    [unsaid.decision, unsaid.absentConditionKeys],
    ["implicit deny", ["aws:sourceip", "kms:encryptioncontext:purpose"]],
  );
  const inside = await explained(bob.arn, "kms:ListKeys", "*", "--context", "aws:SourceIp=192.0.2.7");
  assert.equal(inside.decision, "allow");
});

test("for people", async () => {
  const { stdout, code } = await command(bob.arn, "kms:Encrypt", key);
  assert.equal(code, 1);
  assert.equal(
    stdout,
    `implicit deny: because no identity-based policy allows the kms:Encrypt action

principal  ${bob.arn}
action     kms:Encrypt
resource   ${key}

key policy               allows
identity-based policies  has no statement that applies
permissions boundary     there is none

Statements that apply:
  Allow  key policy, statement 1 (Enable IAM User Permissions), at 4:19, names the caller's account

Asked for by conditions, and absent: kms:encryptioncontext:purpose
`,
  );
});

test("a question without an answer says why, with status 2", async () => {
  const absent = `arn:aws:kms:us-east-1:${A}:key/00000000-0000-4000-8000-000000000000`;
  const user = bob.arn;
  for (const [args, message] of [
    [[`arn:aws:iam::${A}:user/nobody`, "kms:Encrypt", key], "there is no root, user or role arn:aws:iam::"],
    [["bob", "kms:Encrypt", key], "there is no root, user or role bob"],
    [[user, "s3:GetObject", key], "s3:GetObject is no action of KMS"],
    [[user, "kms:Encrpyt", key], "kms:Encrpyt is no action that this service has"],
    [[user, "kms:ReEncrypt", key], "kms:ReEncryptFrom and kms:ReEncryptTo"],
    [[user, "kms:Encrypt", absent], `there is no key ${absent}`],
    [[user, "kms:Encrypt", "*"], "kms:Encrypt is about a key"],
    [[user, "kms:ListKeys", key], "kms:ListKeys is about no key"],
    [[user, "kms:Encrypt", "alias/app"], "alias/app is neither a key's or an alias's ARN nor *"],
    [[user, "kms:Encrypt", key, "--context", "x"], "--context x: key=value is needed"],
    [[user, "kms:Encrypt", key, "--nonsense"], "unknown option '--nonsense'"],
  ] as const) {
    const { code, stderr, stdout } = await command(...(args as unknown as Parameters<typeof command>));
    assert.equal(code, 2, args.join(" "));
    assert.equal(stdout, "");
    assert.ok(stderr.includes(message), stderr);
  }
  assert.equal((await strongroom(["explain"])).code, 2);
  assert.equal((await strongroom(["explain", "--help"])).code, 0);
});
