import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import { startTestServer, type TestServer } from "../harness.ts";
import { iamClient } from "./client.ts";

let server: TestServer;
let root: iam.IAMClient;

before(async () => {
  server = await startTestServer();
  root = iamClient(server);
});

after(async () => {
  root.destroy();
  await server.stop();
});

const account = "000000000000";
const key = `arn:aws:kms:us-east-1:${account}:key/1`;
const user = (name: string) => `arn:aws:iam::${account}:user/${name}`;

type Statement = Record<string, unknown>;
const policy = (...Statement: Statement[]) => JSON.stringify({ Version: "2012-10-17", Statement });
const allow = (Action: string, more: Statement = {}): Statement => ({
  Effect: "Allow",
  Action,
  Resource: "*",
  ...more,
});
const deny = (Action: string, more: Statement = {}): Statement => ({ ...allow(Action, more), Effect: "Deny" });
const string = (ContextKeyName: string, ...ContextKeyValues: string[]): iam.ContextEntry => ({
  ContextKeyName,
  ContextKeyValues,
  ContextKeyType: ContextKeyValues.length === 1 ? "string" : "stringList",
});

type Custom = Partial<iam.SimulateCustomPolicyCommandInput>;
const simulate = async (input: Custom) => {
  const { EvaluationResults } = await root.send(
    new iam.SimulateCustomPolicyCommand({ PolicyInputList: [], ActionNames: ["kms:Decrypt"], ...input }),
  );
  return EvaluationResults!;
};

test("decisions, by what is given", async () => {
  const tagged = { Condition: { StringEquals: { "aws:PrincipalTag/team": "a" } } };
  const named = (Principal: unknown, more: Statement = {}) => policy({ ...allow("kms:*", more), Principal });
  const alice = user("alice");
  const foreign = "arn:aws:kms:us-east-1:111122223333:key/1";
  const rows: [name: string, input: Custom, decision: iam.PolicyEvaluationDecisionType][] = [
    ["nothing", {}, "implicitDeny"],
    ["allow", { PolicyInputList: [policy(allow("kms:*"))] }, "allowed"],
    ["another action", { PolicyInputList: [policy(allow("kms:Encrypt"))] }, "implicitDeny"],
    ["case of actions", { PolicyInputList: [policy(allow("KMS:decrypt"))] }, "allowed"],
    ["deny wins", { PolicyInputList: [policy(allow("*")), policy(deny("kms:Dec*"))] }, "explicitDeny"],
    ["an ARN does not fit *", { PolicyInputList: [policy(allow("kms:*", { Resource: key }))] }, "implicitDeny"],
    ["an ARN", { PolicyInputList: [policy(allow("kms:*", { Resource: key }))], ResourceArns: [key] }, "allowed"],
    ["condition, absent", { PolicyInputList: [policy(allow("kms:*", tagged))] }, "implicitDeny"],
    [
      "condition, key in another case",
      { PolicyInputList: [policy(allow("kms:*", tagged))], ContextEntries: [string("AWS:principaltag/TEAM", "a")] },
      "allowed",
    ],
    [
      "condition, value in another case",
      { PolicyInputList: [policy(allow("kms:*", tagged))], ContextEntries: [string("aws:PrincipalTag/team", "A")] },
      "implicitDeny",
    ],
    [
      "condition, a list",
      {
        PolicyInputList: [
          policy(allow("kms:*", { Condition: { "ForAllValues:StringEquals": { "aws:TagKeys": ["a", "b"] } } })),
        ],
        ContextEntries: [string("aws:TagKeys", "a", "c")],
      },
      "implicitDeny",
    ],
    [
      "nothing of the request itself is seen",
      { PolicyInputList: [policy(allow("kms:*", { Condition: { Null: { "aws:SourceIp": "false" } } }))] },
      "implicitDeny",
    ],
    [
      "variable",
      {
        PolicyInputList: [policy(allow("kms:*", { Resource: `arn:aws:kms:*:*:key/\${aws:username}` }))],
        ResourceArns: [key],
        ContextEntries: [string("aws:username", "1")],
      },
      "allowed",
    ],
    [
      "boundary allows",
      { PolicyInputList: [policy(allow("*"))], PermissionsBoundaryPolicyInputList: [policy(allow("kms:*"))] },
      "allowed",
    ],
    [
      "boundary does not allow",
      { PolicyInputList: [policy(allow("*"))], PermissionsBoundaryPolicyInputList: [policy(allow("iam:*"))] },
      "implicitDeny",
    ],
    [
      "boundary denies",
      {
        PolicyInputList: [policy(allow("*"))],
        PermissionsBoundaryPolicyInputList: [policy(allow("*"), deny("kms:*"))],
      },
      "explicitDeny",
    ],
    ["boundary alone", { PermissionsBoundaryPolicyInputList: [policy(allow("*"))] }, "implicitDeny"],
    [
      "resource names the user, whom the boundary then does not limit",
      {
        ResourcePolicy: named({ AWS: alice }),
        CallerArn: alice,
        PermissionsBoundaryPolicyInputList: [policy(allow("iam:*"))],
      },
      "allowed",
    ],
    ["resource names another", { ResourcePolicy: named({ AWS: user("bob") }), CallerArn: alice }, "implicitDeny"],
    [
      "resource names the account: its own policies decide",
      { ResourcePolicy: named({ AWS: account }), CallerArn: alice },
      "implicitDeny",
    ],
    [
      "a key's policy must allow",
      {
        PolicyInputList: [policy(allow("kms:*"))],
        ResourcePolicy: named({ AWS: user("bob") }),
        CallerArn: alice,
        ResourceArns: [key],
      },
      "implicitDeny",
    ],
    [
      "resource denies",
      {
        PolicyInputList: [policy(allow("kms:*"))],
        ResourcePolicy: policy({ ...deny("kms:*"), Principal: "*" }),
        CallerArn: alice,
      },
      "explicitDeny",
    ],
    [
      "another account's key needs both: the resource alone",
      { ResourcePolicy: named({ AWS: alice }), CallerArn: alice, ResourceArns: [foreign] },
      "implicitDeny",
    ],
    [
      "another account's key needs both: both",
      {
        PolicyInputList: [policy(allow("kms:*"))],
        ResourcePolicy: named({ AWS: alice }),
        CallerArn: alice,
        ResourceArns: [foreign],
      },
      "allowed",
    ],
    [
      "ResourceOwner, where the ARN names none",
      {
        ActionNames: ["s3:GetObject"],
        ResourcePolicy: policy({ ...allow("s3:*"), Principal: { AWS: alice } }),
        CallerArn: alice,
        ResourceArns: ["arn:aws:s3:::bucket/x"],
        ResourceOwner: "111122223333",
      },
      "implicitDeny",
    ],
    [
      "another account's key without its policy",
      { PolicyInputList: [policy(allow("kms:*"))], ResourceArns: [foreign] },
      "allowed",
    ],
    [
      "each level of an organization must allow",
      {
        PolicyInputList: [policy(allow("*"))],
        OrderedOrganizationPolicyInputList: [
          { ServiceControlPolicyInputList: [policy(allow("*"))] },
          { ServiceControlPolicyInputList: [policy(allow("iam:*"))] },
        ],
      },
      "implicitDeny",
    ],
    [
      "a level of an organization denies",
      {
        PolicyInputList: [policy(allow("*"))],
        OrderedOrganizationPolicyInputList: [
          { ServiceControlPolicyInputList: [policy(allow("*")), policy(deny("kms:*"))] },
        ],
      },
      "explicitDeny",
    ],
  ];
  for (const [name, input, decision] of rows) {
    const [result] = await simulate(input);
    assert.equal(result?.EvalDecision, decision, name);
  }
});

test("what a result says, without a resource and with one", async () => {
  const text =
    '{"Version": "2012-10-17",\n "Statement": [\n  {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]}';
  const matched = {
    SourcePolicyId: "PolicyInputList.1",
    SourcePolicyType: "IAM Policy",
    StartPosition: { Line: 3, Column: 3 },
    EndPosition: { Line: 3, Column: 57 },
  };
  const common = {
    EvalActionName: "kms:Decrypt",
    EvalDecision: "allowed",
    MatchedStatements: [matched],
    MissingContextValues: [],
    OrganizationsDecisionDetail: { AllowedByOrganizations: true },
  };
  assert.deepEqual(await simulate({ PolicyInputList: [text] }), [{ ...common, EvalResourceName: "*" }]);
  assert.deepEqual(await simulate({ PolicyInputList: [text], ResourceArns: [key] }), [
    {
      ...common,
      EvalResourceName: key,
      EvalDecisionDetails: {},
      ResourceSpecificResults: [
        {
          EvalResourceName: key,
          EvalResourceDecision: "allowed",
          MatchedStatements: [matched],
          MissingContextValues: [],
        },
      ],
    },
  ]);
});

test("matched statements: those that deny, else those that allow, each at its place", async () => {
  const both = policy(allow("kms:Decrypt"), deny("kms:Decrypt", { Sid: "b" }), allow("iam:*"));
  const [denied] = await simulate({ PolicyInputList: [policy(allow("*")), both] });
  assert.equal(denied?.MatchedStatements?.length, 1);
  const [{ SourcePolicyId, StartPosition, EndPosition }] = denied!.MatchedStatements as [iam.Statement];
  assert.equal(SourcePolicyId, "PolicyInputList.2");
  assert.equal(
    both.slice(StartPosition!.Column! - 1, EndPosition!.Column),
    JSON.stringify(deny("kms:Decrypt", { Sid: "b" })),
  );
  const [allowed] = await simulate({
    PolicyInputList: [policy(allow("kms:*"), allow("*")), policy(allow("iam:*"))],
    ResourcePolicy: JSON.stringify({ Statement: { ...allow("kms:*"), Principal: { AWS: account } } }),
    CallerArn: user("alice"),
  });
  assert.deepEqual(
    allowed?.MatchedStatements?.map((statement) => [statement.SourcePolicyId, statement.SourcePolicyType]),
    [
      ["ResourcePolicy", "Resource Policy"],
      ["PolicyInputList.1", "IAM Policy"],
      ["PolicyInputList.1", "IAM Policy"],
    ],
  );
  const [implicit] = await simulate({ PolicyInputList: [policy(allow("iam:*"))] });
  assert.deepEqual(implicit?.MatchedStatements, []);
});

test("what a boundary says apart, and what two accounts say", async () => {
  const [limited] = await simulate({
    PolicyInputList: [policy(allow("*"))],
    PermissionsBoundaryPolicyInputList: [policy(allow("iam:*"))],
  });
  assert.deepEqual(limited?.PermissionsBoundaryDecisionDetail, { AllowedByPermissionsBoundary: false });
  const [free] = await simulate({ PermissionsBoundaryPolicyInputList: [policy(allow("*"))] });
  assert.deepEqual(free?.PermissionsBoundaryDecisionDetail, { AllowedByPermissionsBoundary: true });
  const [crossing] = await simulate({
    PolicyInputList: [policy(allow("iam:*"))],
    ResourcePolicy: policy({ ...allow("kms:*"), Principal: { AWS: user("alice") } }),
    CallerArn: user("alice"),
    ResourceArns: ["arn:aws:kms:us-east-1:111122223333:key/1"],
  });
  assert.deepEqual(crossing?.EvalDecisionDetails, { "IAM Policy": "implicitDeny", "Resource Policy": "allowed" });
});

test("missing context values are the keys that were not given, each once", async () => {
  const conditions = {
    StringEquals: { "aws:SourceIp": "x", "aws:PrincipalTag/a": "y" },
    Bool: { "AWS:sourceip": "true" },
  };
  const PolicyInputList = [
    policy(
      allow("iam:*", { Condition: conditions }),
      allow("kms:*", { Resource: `arn:aws:kms:*:*:key/\${aws:userid}` }),
    ),
  ];
  const ContextEntries = [string("aws:principaltag/A", "y")];
  const [anywhere] = await simulate({ PolicyInputList, ContextEntries });
  assert.deepEqual(anywhere?.MissingContextValues, ["aws:SourceIp", "aws:userid"]);
  const [there] = await simulate({ PolicyInputList, ContextEntries, ResourceArns: [key] });
  assert.deepEqual(there?.MissingContextValues, []);
  assert.deepEqual(there?.ResourceSpecificResults?.[0]?.MissingContextValues, ["aws:SourceIp", "aws:userid"]);
});

test("every action on every resource, in pages", async () => {
  const input = {
    PolicyInputList: [policy(allow("kms:Decrypt", { Resource: key }))],
    ActionNames: ["kms:Decrypt", "kms:Encrypt"],
    ResourceArns: [key, `${key}2`, key],
  };
  const all = (await simulate(input)).map((r) => `${r.EvalActionName} ${r.EvalResourceName} ${r.EvalDecision}`);
  assert.deepEqual(all, [
    `kms:Decrypt ${key} allowed`,
    `kms:Decrypt ${key}2 implicitDeny`,
    `kms:Decrypt ${key} allowed`,
    `kms:Encrypt ${key} implicitDeny`,
    `kms:Encrypt ${key}2 implicitDeny`,
    `kms:Encrypt ${key} implicitDeny`,
  ]);
  const paged: string[] = [];
  for await (const page of iam.paginateSimulateCustomPolicy({ client: root }, { ...input, MaxItems: 4 })) {
    paged.push(...page.EvaluationResults!.map((r) => `${r.EvalActionName} ${r.EvalResourceName} ${r.EvalDecision}`));
  }
  assert.deepEqual(paged, all);
});
