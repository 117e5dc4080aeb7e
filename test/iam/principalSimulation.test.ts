import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import { failure, startTestServer, type TestServer } from "../harness.ts";
import { accessKey, iamClient } from "./client.ts";

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

type Custom = Partial<iam.SimulateCustomPolicyCommandInput>;
const simulate = async (input: Custom) => {
  const { EvaluationResults } = await root.send(
    new iam.SimulateCustomPolicyCommand({ PolicyInputList: [], ActionNames: ["kms:Decrypt"], ...input }),
  );
  return EvaluationResults!;
};

test("the policies of a user are its own, its groups' and its boundary", async () => {
  const UserName = "simulated";
  const { Policy } = await root.send(
    new iam.CreatePolicyCommand({ PolicyName: "managed", PolicyDocument: policy(allow("kms:Encrypt")) }),
  );
  await root.send(new iam.CreateGroupCommand({ GroupName: "crew" }));
  await root.send(
    new iam.CreateUserCommand({ UserName, PermissionsBoundary: "arn:aws:iam::aws:policy/PowerUserAccess" }),
  );
  await root.send(new iam.AddUserToGroupCommand({ UserName, GroupName: "crew" }));
  await root.send(new iam.AttachUserPolicyCommand({ UserName, PolicyArn: Policy!.Arn }));
  await root.send(
    new iam.PutUserPolicyCommand({ UserName, PolicyName: "in", PolicyDocument: policy(allow("iam:GetUser")) }),
  );
  await root.send(
    new iam.PutGroupPolicyCommand({
      GroupName: "crew",
      PolicyName: "in",
      PolicyDocument: policy(allow("kms:Decrypt")),
    }),
  );
  const run = async (input: Partial<iam.SimulatePrincipalPolicyCommandInput> = {}) => {
    const { EvaluationResults } = await root.send(
      new iam.SimulatePrincipalPolicyCommand({
        PolicySourceArn: user(UserName),
        ActionNames: ["kms:Encrypt", "kms:Decrypt", "iam:GetUser", "kms:CreateKey"],
        ...input,
      }),
    );
    return EvaluationResults!.map(
      ({ EvalDecision, MatchedStatements, PermissionsBoundaryDecisionDetail }) =>
        `${EvalDecision} ${MatchedStatements?.map(({ SourcePolicyId }) => SourcePolicyId)} ${PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary}`,
    );
  };
  assert.deepEqual(await run(), [
    "allowed managed true",
    "allowed group_crew_in true",
    "implicitDeny  false",
    "implicitDeny  true",
  ]);
  assert.deepEqual(await run({ PermissionsBoundaryPolicyInputList: [policy(allow("iam:*"))] }), [
    "implicitDeny  false",
    "implicitDeny  false",
    "allowed user_simulated_in true",
    "implicitDeny  false",
  ]);
  assert.deepEqual(await run({ PolicyInputList: [policy(allow("kms:CreateKey"), deny("kms:Encrypt"))] }), [
    "explicitDeny PolicyInputList.1 true",
    "allowed group_crew_in true",
    "implicitDeny  false",
    "allowed PolicyInputList.1 true",
  ]);
  assert.deepEqual(await run({ PolicySourceArn: `arn:aws:iam::${account}:group/crew` }), [
    "implicitDeny  undefined",
    "allowed group_crew_in undefined",
    "implicitDeny  undefined",
    "implicitDeny  undefined",
  ]);
  assert.deepEqual(
    await run({
      ResourcePolicy: policy({ ...allow("kms:CreateKey"), Principal: { AWS: user(UserName) } }),
      ActionNames: ["kms:CreateKey", "kms:Decrypt"],
    }),
    ["allowed ResourcePolicy true", "implicitDeny  true"],
    "the user is the caller",
  );
  const exclusions: [iam.PolicyIdentifier, string[]][] = [
    [{ PolicyType: "inline" }, ["allowed managed true", "implicitDeny  true", "implicitDeny  false"]],
    [{ PolicyType: "user-managed" }, ["implicitDeny  true", "allowed group_crew_in true", "implicitDeny  false"]],
    [
      { PolicyType: "permission-boundary" },
      ["allowed managed undefined", "allowed group_crew_in undefined", "allowed user_simulated_in undefined"],
    ],
    [
      { PolicyArn: `arn:aws:iam::${account}:policy/m*d` },
      ["implicitDeny  true", "allowed group_crew_in true", "implicitDeny  false"],
    ],
    [
      { InlinePolicyIdentifier: { PolicyName: "in", AttachmentType: "group", AttachmentName: "crew" } },
      ["allowed managed true", "implicitDeny  true", "implicitDeny  false"],
    ],
    [
      { PolicyArn: "arn:aws:iam::aws:policy/PowerUser*" }, // the boundary, which is no policy of this kind
      ["allowed managed true", "allowed group_crew_in true", "implicitDeny  false"],
    ],
    [{ PolicyType: "scp" }, ["allowed managed true", "allowed group_crew_in true", "implicitDeny  false"]],
  ];
  for (const [identifier, expected] of exclusions) {
    const ActionNames = ["kms:Encrypt", "kms:Decrypt", "iam:GetUser"];
    assert.deepEqual(
      await run({ ActionNames, PolicyExclusionList: [identifier] }),
      expected,
      JSON.stringify(identifier),
    );
  }
  const { ContextKeyNames } = await root.send(
    new iam.GetContextKeysForPrincipalPolicyCommand({
      PolicySourceArn: user(UserName),
      PolicyInputList: [policy(allow("kms:*", { Condition: { Null: { "aws:TagKeys": "true" } } }))],
    }),
  );
  assert.deepEqual(ContextKeyNames, ["aws:TagKeys"]);
  const { PoliciesGrantingServiceAccess } = await root.send(
    new iam.ListPoliciesGrantingServiceAccessCommand({ Arn: user(UserName), ServiceNamespaces: ["kms", "iam", "s3"] }),
  );
  assert.deepEqual(PoliciesGrantingServiceAccess, [
    {
      ServiceNamespace: "kms",
      Policies: [
        { PolicyName: "managed", PolicyType: "MANAGED", PolicyArn: Policy!.Arn },
        { PolicyName: "in", PolicyType: "INLINE", EntityType: "GROUP", EntityName: "crew" },
      ],
    },
    {
      ServiceNamespace: "iam",
      Policies: [{ PolicyName: "in", PolicyType: "INLINE", EntityType: "USER", EntityName: UserName }],
    },
    { ServiceNamespace: "s3", Policies: [] },
  ]);
});

test("context keys of documents, as they spell them, variables among them", async () => {
  const keys = async (...PolicyInputList: string[]) =>
    (await root.send(new iam.GetContextKeysForCustomPolicyCommand({ PolicyInputList }))).ContextKeyNames;
  assert.deepEqual(await keys(policy(allow("kms:*"))), []);
  const Condition = {
    StringLike: { "aws:PrincipalTag/Team": "${aws:userid, 'none'}-${*}" },
    Bool: { "aws:SecureTransport": true },
  };
  const Resource = `arn:aws:kms:*:*:key/\${aws:username}`;
  assert.deepEqual(await keys(policy(allow("kms:*", { Condition, Resource })), policy(allow("*", { Condition }))), [
    "aws:PrincipalTag/Team",
    "aws:SecureTransport",
    "aws:username",
    "aws:userid",
  ]);
  const old = JSON.stringify({ Version: "2008-10-17", Statement: allow("kms:*", { Resource }) });
  assert.deepEqual(await keys(old), [], "no variables in the old version");
});

test("simulations that cannot be", async () => {
  const refused = async (input: Custom) => {
    const { name, status } = await failure(simulate(input));
    return [name, status];
  };
  const invalid = ["InvalidInputException", 400];
  assert.deepEqual(await refused({ PolicyInputList: ["{"] }), invalid);
  assert.deepEqual(await refused({ ActionNames: ["Decrypt"] }), invalid);
  assert.deepEqual(await refused({ ActionNames: ["kms:*"] }), invalid);
  assert.deepEqual(await refused({ ResourcePolicy: policy({ ...allow("kms:*"), Principal: "*" }) }), invalid);
  assert.deepEqual(await refused({ CallerArn: `arn:aws:iam::${account}:role/r` }), invalid);
  const boundaries = [policy(allow("*")), policy(allow("*"))];
  assert.deepEqual(await refused({ PermissionsBoundaryPolicyInputList: boundaries }), invalid);
  const principal = (PolicySourceArn: string) =>
    failure(root.send(new iam.SimulatePrincipalPolicyCommand({ PolicySourceArn, ActionNames: ["kms:Decrypt"] })));
  assert.equal((await principal("arn:aws:iam::aws:policy/ReadOnlyAccess")).name, "InvalidInputException");
  assert.deepEqual(await principal(user("nobody")), {
    name: "NoSuchEntityException",
    message: "The user with name nobody cannot be found.",
    status: 404,
  });
});

test("who may simulate", async () => {
  await root.send(new iam.CreateUserCommand({ UserName: "curious" }));
  const PolicyDocument = policy(allow("iam:SimulatePrincipalPolicy", { Resource: user("curious") }));
  await root.send(new iam.PutUserPolicyCommand({ UserName: "curious", PolicyName: "p", PolicyDocument }));
  const curious = iamClient(server, await accessKey(root, "curious"));
  const ActionNames = ["kms:Decrypt"];
  await curious.send(new iam.SimulatePrincipalPolicyCommand({ PolicySourceArn: user("curious"), ActionNames }));
  for (const command of [
    new iam.SimulatePrincipalPolicyCommand({ PolicySourceArn: user("simulated"), ActionNames }),
    new iam.SimulateCustomPolicyCommand({ PolicyInputList: [PolicyDocument], ActionNames }),
    new iam.GetContextKeysForCustomPolicyCommand({ PolicyInputList: [PolicyDocument] }),
  ]) {
    assert.equal((await failure(curious.send(command as iam.SimulateCustomPolicyCommand))).name, "AccessDenied");
  }
  curious.destroy();
});
