import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import * as kms from "@aws-sdk/client-kms";
import * as sts from "@aws-sdk/client-sts";
import { A, B, type Keys, keysOf, makeWorld, policy, type World } from "../authorization/world.ts";
import { failure } from "../harness.ts";
import {
  allowRole,
  allowUser,
  assume,
  identityOf,
  newRole,
  newUserWith,
  roleArn,
  sessionOf,
  trusting,
} from "./client.ts";

let world: World;
let bob: { arn: string; id: string; keys: Keys };
const assumeAny = {
  Effect: "Allow",
  Action: ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
  Resource: "*",
};
const beginning = { Action: ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"] };

before(async () => {
  world = await makeWorld();
  bob = await newUserWith(world, "bob");
});
after(() => world.stop());

const refused = (who: string, role: string, action = "AssumeRole") =>
  `User: ${who} is not authorized to perform: sts:${action} on resource: ${role}`;

async function denied(call: Promise<unknown>, message: string) {
  assert.deepEqual(await failure(call), { name: "AccessDenied", message, status: 403 });
}

test("a session of a role has the role's rights, and is called by both names", async () => {
  const { arn, id } = await newRole(world, "Whole", [trusting({ AWS: bob.arn })], { Path: "/p/" });
  await allowRole(world, "Whole", [{ Effect: "Allow", Action: "kms:ListKeys", Resource: "*" }]);
  const before = Date.now();
  const { Credentials, AssumedRoleUser, ...rest } = await assume(world, bob.keys, arn, { RoleSessionName: "build@1" });
  assert.deepEqual(AssumedRoleUser, {
    AssumedRoleId: `${id}:build@1`,
    Arn: `arn:aws:sts::${A}:assumed-role/Whole/build@1`,
  });
  assert.deepEqual(Object.keys(rest), ["$metadata"]);
  assert.match(Credentials?.AccessKeyId ?? "", /^ASIA[A-Z2-7]{16}$/);
  assert.match(Credentials?.SecretAccessKey ?? "", /^[\w+/]{40}$/);
  const lasts = (Credentials?.Expiration?.getTime() ?? 0) - before;
  assert.ok(lasts > 3_595_000 && lasts < 3_605_000, `${lasts}`);
  assert.deepEqual(await identityOf(world, keysOf(Credentials)), {
    UserId: `${id}:build@1`,
    Account: A,
    Arn: `arn:aws:sts::${A}:assumed-role/Whole/build@1`,
  });
  const client = world.kms(keysOf(Credentials));
  assert.ok((await client.send(new kms.ListKeysCommand({}))).Keys);
  const { message } = await failure(client.send(new kms.ListAliasesCommand({})));
  assert.equal(
    message,
    `User: arn:aws:sts::${A}:assumed-role/Whole/build@1 is not authorized to perform: kms:ListAliases on resource: * because no identity-based policy allows the kms:ListAliases action`,
  );
});

test("who may assume a role of the own account", async (t) => {
  await newRole(world, "names-user", [trusting({ AWS: bob.arn })]);
  await newRole(world, "names-account", [trusting({ AWS: A })]);
  await newRole(world, "names-all", [trusting({ AWS: "*" })]);
  await newRole(world, "names-service", [trusting({ Service: "ec2.amazonaws.com" })]);
  const eve = await newUserWith(world, "eve", [{ ...assumeAny, Resource: roleArn("names-*") }]);
  const plain = await newUserWith(world, "plain");
  const none = await newUserWith(world, "none", [{ ...assumeAny, Effect: "Deny" }]);

  await t.test(
    "who is named needs nothing else",
    async () => void (await assume(world, bob.keys, roleArn("names-user"))),
  );
  await t.test("everyone is named by *", async () => void (await assume(world, plain.keys, roleArn("names-all"))));
  await t.test(
    "the account lets its own policies decide",
    async () => void (await assume(world, eve.keys, roleArn("names-account"))),
  );
  await t.test("and without them nobody", () =>
    denied(
      assume(world, plain.keys, roleArn("names-account")),
      `${refused(plain.arn, roleArn("names-account"))} because no identity-based policy allows the sts:AssumeRole action`,
    ),
  );
  await t.test("a policy of one's own is not enough", () =>
    denied(assume(world, eve.keys, roleArn("names-user")), refused(eve.arn, roleArn("names-user"))),
  );
  await t.test("a service is not a user", () =>
    denied(assume(world, eve.keys, roleArn("names-service")), refused(eve.arn, roleArn("names-service"))),
  );
  await t.test("a role that is not there is told like one that trusts nobody", () =>
    denied(assume(world, eve.keys, roleArn("names-nothing")), refused(eve.arn, roleArn("names-nothing"))),
  );
  await t.test("neither is a role of another path, or of another case", async () => {
    for (const name of ["x/names-user", "Names-User"]) {
      await denied(assume(world, bob.keys, roleArn(name)), refused(bob.arn, roleArn(name)));
    }
  });
  await t.test("a Deny of one's own holds against being named", () =>
    denied(
      assume(world, none.keys, roleArn("names-all")),
      `${refused(none.arn, roleArn("names-all"))} with an explicit deny in an identity-based policy`,
    ),
  );
  await t.test("root may not", () =>
    denied(assume(world, world.rootOf.A, roleArn("names-all")), "Roles may not be assumed by root accounts."),
  );
  await t.test("nor may root's session", async () => {
    const { Credentials } = await world.sts(world.rootOf.A).send(new sts.GetSessionTokenCommand({}));
    await denied(
      assume(world, keysOf(Credentials), roleArn("names-all")),
      "Roles may not be assumed by root accounts.",
    );
  });
  await t.test("nor a federated user", async () => {
    const allows = { Name: "fed", Policy: policy(assumeAny) };
    const { Credentials } = await world.sts(world.rootOf.A).send(new sts.GetFederationTokenCommand(allows));
    const arn = `arn:aws:sts::${A}:federated-user/fed`;
    await denied(assume(world, keysOf(Credentials), roleArn("names-all")), refused(arn, roleArn("names-all")));
  });
  await t.test("a user's session may", async () => {
    const { Credentials } = await world.sts(bob.keys).send(new sts.GetSessionTokenCommand({}));
    await assume(world, keysOf(Credentials), roleArn("names-user"));
  });
});

test("roles of other accounts need both sides", async () => {
  await newRole(world, "shared", [trusting({ AWS: B })]);
  const denyingAll = trusting({ AWS: "*" }, { Effect: "Deny" });
  await newRole(world, "unshared", [trusting({ AWS: B }), denyingAll]);
  const may = await newUserWith(world, "may", [assumeAny], world.rootOf.B);
  const mayNot = await newUserWith(world, "maynot", [], world.rootOf.B);
  const { AssumedRoleUser } = await assume(world, may.keys, roleArn("shared"));
  assert.equal(AssumedRoleUser?.Arn, `arn:aws:sts::${A}:assumed-role/shared/session`);
  await denied(assume(world, mayNot.keys, roleArn("shared")), refused(mayNot.arn, roleArn("shared")));
  await denied(assume(world, may.keys, roleArn("unshared")), refused(may.arn, roleArn("unshared")));
  await denied(assume(world, may.keys, roleArn("absent")), refused(may.arn, roleArn("absent")));
  await denied(
    assume(world, may.keys, roleArn("absent", "999999999999")),
    refused(may.arn, roleArn("absent", "999999999999")),
  );
  await newRole(world, "named", [trusting({ AWS: mayNot.arn })]);
  await denied(assume(world, mayNot.keys, roleArn("named")), refused(mayNot.arn, roleArn("named")));
});

test("an ARN that is none is invalid", async () => {
  for (const arn of [
    "arn:aws:iam::000000000000",
    "arn::iam::000000000000:role/x",
    "arn:aws::000000000000:role:x:",
    "not-an-arn-but-long-enough",
  ]) {
    const { name, status, message } = await failure(assume(world, bob.keys, arn));
    assert.deepEqual({ name, status, message }, { name: "ValidationError", status: 400, message: `${arn} is invalid` });
  }
  const bucket = "arn:aws:s3:::some-bucket-of-ours";
  await denied(assume(world, bob.keys, bucket), refused(bob.arn, bucket));
});

test("what the request brings is what conditions see", async (t) => {
  const external = { Condition: { StringEquals: { "sts:ExternalId": "the:id/1" } } };
  const conditioned = (name: string, condition: object, rest = {}) =>
    newRole(world, name, [trusting({ AWS: bob.arn }, { ...beginning, Condition: condition })], rest);
  await newRole(world, "external", [trusting({ AWS: bob.arn }, external)]);
  await conditioned("session-name", { StringLike: { "sts:RoleSessionName": "bob-*" } });
  await conditioned(
    "tagged",
    { StringEquals: { "aws:RequestTag/Team": "red", "aws:ResourceTag/Own": "1" } },
    { Tags: [{ Key: "own", Value: "1" }] },
  );
  await conditioned("tag-keys", {
    "ForAllValues:StringEquals": { "aws:TagKeys": ["Team"] },
    Null: { "aws:TagKeys": "false" },
  });
  await conditioned("transitive", { "ForAnyValue:StringEquals": { "sts:TransitiveTagKeys": "Team" } });
  await conditioned("source", { StringEquals: { "sts:SourceIdentity": "bob" } });
  await conditioned("own", {
    StringEquals: {
      "aws:username": "bob",
      "aws:PrincipalArn": bob.arn,
      "aws:PrincipalAccount": A,
      "aws:ResourceAccount": A,
      "aws:RequestedRegion": "us-east-1",
    },
    IpAddress: { "aws:SourceIp": "127.0.0.1/8" },
  });
  const Tags = [{ Key: "Team", Value: "red" }];
  const rows: [
    role: string,
    right: Partial<sts.AssumeRoleCommandInput>,
    ...wrong: Partial<sts.AssumeRoleCommandInput>[],
  ][] = [
    ["external", { ExternalId: "the:id/1" }, {}, { ExternalId: "the:id/2" }],
    ["session-name", { RoleSessionName: "bob-1" }, { RoleSessionName: "eve" }],
    ["tagged", { Tags }, {}, { Tags: [{ Key: "Team", Value: "blue" }] }],
    ["tag-keys", { Tags }, {}, { Tags: [...Tags, { Key: "Other", Value: "" }] }],
    ["transitive", { Tags, TransitiveTagKeys: ["Team"] }, { Tags }],
    ["source", { SourceIdentity: "bob" }, {}, { SourceIdentity: "eve" }],
    ["own", {}],
    ["own", { ExternalId: "nobody-asks" }],
  ];
  for (const [role, right, ...wrong] of rows) {
    await t.test(`${role} ${JSON.stringify(right)}`, async () => {
      await assume(world, bob.keys, roleArn(role), right);
      for (const input of wrong)
        await denied(assume(world, bob.keys, roleArn(role), input), refused(bob.arn, roleArn(role)));
    });
  }
});

test("tags and a source identity need rights of their own", async () => {
  const role = await newRole(world, "only-assume", [trusting({ AWS: bob.arn })]);
  const Tags = [{ Key: "k", Value: "v" }];
  await denied(assume(world, bob.keys, role.arn, { Tags }), refused(bob.arn, role.arn, "TagSession"));
  const source = { SourceIdentity: "bob" };
  await denied(assume(world, bob.keys, role.arn, source), refused(bob.arn, role.arn, "SetSourceIdentity"));
});

test("durations", async () => {
  const { arn } = await newRole(world, "long", [trusting({ AWS: "*" })], { MaxSessionDuration: 7200 });
  const { Credentials } = await assume(world, bob.keys, arn, { DurationSeconds: 7200 });
  const lasts = (Credentials?.Expiration?.getTime() ?? 0) - Date.now();
  assert.ok(lasts > 7_190_000 && lasts < 7_205_000);
  const tooLong = await failure(assume(world, bob.keys, arn, { DurationSeconds: 7201 }));
  assert.deepEqual(tooLong, {
    name: "ValidationError",
    status: 400,
    message: "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
  });
  const chained = await failure(assume(world, keysOf(Credentials), arn, { DurationSeconds: 3601 }));
  assert.equal(
    chained.message,
    "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
  );
  await assume(world, keysOf(Credentials), arn, { DurationSeconds: 900 });
  const { message } = await failure(assume(world, bob.keys, arn, { DurationSeconds: 899, RoleSessionName: "a:b" }));
  assert.match(message, /^2 validation errors detected: /);
  assert.match(
    message,
    /Value 'a:b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern/,
  );
});

test("tags along the chain", async () => {
  const first = await newRole(world, "chain-1", [trusting({ AWS: bob.arn }, beginning)], {
    Tags: [
      { Key: "color", Value: "role" },
      { Key: "Keep", Value: "role" },
    ],
  });
  const byTag = { Condition: { StringEquals: { "aws:PrincipalTag/Color": "red", "aws:PrincipalTag/keep": "role" } } };
  const second = await newRole(world, "chain-2", [trusting({ AWS: first.arn }, { ...beginning, ...byTag })], {
    Tags: [{ Key: "Color", Value: "blue" }],
  });
  const byInherited = {
    Condition: { StringEquals: { "aws:ResourceTag/color": "red", "aws:PrincipalTag/color": "red" } },
  };
  const third = await newRole(world, "chain-3", [trusting({ AWS: second.arn }, { ...beginning, ...byInherited })], {
    Tags: [{ Key: "color", Value: "green" }],
  });
  await newRole(world, "chain-no-tags", [trusting({ AWS: second.arn })]);
  const one = await sessionOf(world, bob.keys, first.arn, {
    Tags: [
      { Key: "Color", Value: "red" },
      { Key: "Once", Value: "1" },
    ],
    TransitiveTagKeys: ["cOLOR"],
  });
  const two = await sessionOf(world, one, second.arn);
  await assume(world, two, third.arn);
  const session2 = `arn:aws:sts::${A}:assumed-role/chain-2/session`;
  await denied(assume(world, two, roleArn("chain-no-tags")), refused(session2, roleArn("chain-no-tags"), "TagSession"));
  const conflict = await failure(assume(world, two, third.arn, { Tags: [{ Key: "COLOR", Value: "x" }] }));
  assert.deepEqual(conflict, {
    name: "InvalidParameterValue",
    status: 400,
    message:
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
  });
  // What was not transitive has gone no further than the first session.
  const once = { Condition: { StringEquals: { "aws:PrincipalTag/Once": "1" } } };
  await newRole(world, "asks-once", [trusting({ AWS: [first.arn, second.arn] }, { ...beginning, ...once })]);
  await assume(world, one, roleArn("asks-once"));
  await denied(assume(world, two, roleArn("asks-once")), refused(session2, roleArn("asks-once")));
});

test("tags that contradict each other", async () => {
  const { arn } = await newRole(world, "tags", [trusting({ AWS: bob.arn }, beginning)]);
  const twice = await failure(
    assume(world, bob.keys, arn, {
      Tags: [
        { Key: "a", Value: "1" },
        { Key: "A", Value: "2" },
      ],
    }),
  );
  assert.deepEqual(twice, {
    name: "InvalidParameterValue",
    status: 400,
    message: "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
  });
  const absent = await failure(
    assume(world, bob.keys, arn, { Tags: [{ Key: "a", Value: "1" }], TransitiveTagKeys: ["b"] }),
  );
  assert.equal(absent.message, "The specified transitive tag key must be included in the requested tags.");
});

test("a source identity stays", async () => {
  const first = await newRole(world, "source-1", [trusting({ AWS: bob.arn }, beginning)]);
  const second = await newRole(world, "source-2", [
    trusting(
      { AWS: first.arn },
      { ...beginning, Condition: { StringEquals: { "aws:SourceIdentity": "Bob", "sts:SourceIdentity": "Bob" } } },
    ),
  ]);
  await newRole(world, "source-no", [trusting({ AWS: first.arn })]);
  const began = await assume(world, bob.keys, first.arn, { SourceIdentity: "Bob" });
  assert.equal(began.SourceIdentity, "Bob");
  const one = keysOf(began.Credentials);
  for (const input of [{}, { SourceIdentity: "Bob" }]) {
    assert.equal((await assume(world, one, second.arn, input)).SourceIdentity, "Bob");
  }
  const session1 = `arn:aws:sts::${A}:assumed-role/source-1/session`;
  for (const [role, input] of [
    [second.arn, { SourceIdentity: "Eve" }],
    [roleArn("source-no"), {}],
  ] as const) {
    await denied(assume(world, one, role, input), refused(session1, role, "SetSourceIdentity"));
  }
});

test("boundary and session policies limit a role that assumes, unless its session is named", async () => {
  const first = await newRole(world, "limited", [trusting({ AWS: bob.arn })]);
  await newRole(world, "by-role", [trusting({ AWS: first.arn })]);
  await newRole(world, "by-session", [trusting({ AWS: `arn:aws:sts::${A}:assumed-role/limited/session` })]);
  const Policy = policy({ Effect: "Allow", Action: "kms:*", Resource: "*" });
  const limited = await sessionOf(world, bob.keys, first.arn, { Policy });
  await assume(world, limited, roleArn("by-session"));
  const who = `arn:aws:sts::${A}:assumed-role/limited/session`;
  await denied(
    assume(world, limited, roleArn("by-role")),
    `${refused(who, roleArn("by-role"))} because no session policy allows the sts:AssumeRole action`,
  );
  await denied(
    assume(world, await sessionOf(world, bob.keys, first.arn, { RoleSessionName: "other" }), roleArn("by-session")),
    refused(`${who.slice(0, -7)}other`, roleArn("by-session")),
  );
  await assume(world, await sessionOf(world, bob.keys, first.arn), roleArn("by-role"));
});

test("a role does not trust itself", async () => {
  const { arn } = await newRole(world, "selfish", [trusting({ AWS: bob.arn })]);
  await allowRole(world, "selfish", [assumeAny]);
  const who = `arn:aws:sts::${A}:assumed-role/selfish/session`;
  await denied(assume(world, await sessionOf(world, bob.keys, arn), arn), refused(who, arn));
});

test("a changed trust policy is obeyed at once, and ends no session", async () => {
  const { arn } = await newRole(world, "changing", [trusting({ AWS: bob.arn })]);
  const keys = await sessionOf(world, bob.keys, arn);
  const other = policy(trusting({ AWS: B }));
  const change = { RoleName: "changing", PolicyDocument: other };
  await world.iam(world.rootOf.A).send(new iam.UpdateAssumeRolePolicyCommand(change));
  await denied(assume(world, bob.keys, arn), refused(bob.arn, arn));
  assert.equal((await identityOf(world, keys)).Account, A);
});

test("a trusted user that was made anew is another", async () => {
  const first = await newUserWith(world, "anew");
  const { arn } = await newRole(world, "trusts-anew", [trusting({ AWS: first.arn })]);
  const root = world.iam(world.rootOf.A);
  await assume(world, first.keys, arn);
  await root.send(new iam.DeleteAccessKeyCommand({ UserName: "anew", AccessKeyId: first.keys.accessKeyId }));
  await root.send(new iam.DeleteUserCommand({ UserName: "anew" }));
  const second = await newUserWith(world, "anew", [assumeAny]);
  assert.equal(second.arn, first.arn);
  await denied(assume(world, second.keys, arn), refused(second.arn, arn));
});

test("contexts are of no provider that is known", async () => {
  await allowUser(world, "bob", [assumeAny]);
  const { arn } = await newRole(world, "context", [trusting({ AWS: bob.arn })]);
  const ProvidedContexts = [
    { ProviderArn: "arn:aws:iam::aws:contextProvider/IdentityCenter", ContextAssertion: "assertion" },
  ];
  const { name, status } = await failure(assume(world, bob.keys, arn, { ProvidedContexts }));
  assert.deepEqual({ name, status }, { name: "InvalidContextAssertion", status: 400 });
});
