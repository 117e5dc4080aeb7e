import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import { startTestServer, type TestServer } from "../harness.ts";
import { iamClient } from "./client.ts";

let server: TestServer;
let root: iam.IAMClient;
const account = "000000000000";
const administrator = "arn:aws:iam::aws:policy/AdministratorAccess";
const document = JSON.stringify({ Version: "2012-10-17", Statement: { Effect: "Allow", Action: "*", Resource: "*" } });
const trust = `{"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::${account}:root"},"Action":"sts:AssumeRole"}}`;
const encoded = (text: string) => encodeURIComponent(text).replaceAll("*", "%2A");

before(async () => {
  server = await startTestServer();
  root = iamClient(server);
  const PolicyName = "own";
  const { Policy } = await root.send(
    new iam.CreatePolicyCommand({ PolicyName, PolicyDocument: document, Description: "d" }),
  );
  const PolicyArn = Policy!.Arn!;
  await root.send(new iam.CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: document }));
  await root.send(new iam.CreateGroupCommand({ GroupName: "group" }));
  await root.send(new iam.CreateUserCommand({ UserName: "bare" }));
  await root.send(
    new iam.CreateUserCommand({ UserName: "user", PermissionsBoundary: PolicyArn, Tags: [{ Key: "a", Value: "" }] }),
  );
  await root.send(new iam.AddUserToGroupCommand({ UserName: "user", GroupName: "group" }));
  await root.send(new iam.PutUserPolicyCommand({ UserName: "user", PolicyName: "in", PolicyDocument: document }));
  await root.send(
    new iam.CreateRoleCommand({ RoleName: "role", AssumeRolePolicyDocument: trust, Description: "not shown here" }),
  );
  await root.send(new iam.AttachRolePolicyCommand({ RoleName: "role", PolicyArn: administrator }));
  await root.send(new iam.PutRolePolicyCommand({ RoleName: "role", PolicyName: "in", PolicyDocument: document }));
});

after(async () => {
  root.destroy();
  await server.stop();
});

const details = (input: iam.GetAccountAuthorizationDetailsCommandInput = {}) =>
  root.send(new iam.GetAccountAuthorizationDetailsCommand(input));
/** What is given anew each time made comparable. */
const bare = (entry: object) =>
  Object.fromEntries(Object.entries(entry).filter(([name]) => !/Id$|Date$|^Arn$|^Path$/.test(name)));

test("everything in an account, as its kinds show it here", async () => {
  const { UserDetailList, GroupDetailList, RoleDetailList, Policies, IsTruncated } = await details();
  assert.equal(IsTruncated, false);
  assert.deepEqual(UserDetailList?.map(bare), [
    { UserName: "bare", GroupList: [], AttachedManagedPolicies: [], Tags: [] },
    {
      UserName: "user",
      UserPolicyList: [{ PolicyName: "in", PolicyDocument: encoded(document) }],
      GroupList: ["group"],
      AttachedManagedPolicies: [],
      PermissionsBoundary: {
        PermissionsBoundaryType: "Policy",
        PermissionsBoundaryArn: `arn:aws:iam::${account}:policy/own`,
      },
      Tags: [{ Key: "a", Value: "" }],
    },
  ]);
  assert.deepEqual(GroupDetailList?.map(bare), [
    { GroupName: "group", GroupPolicyList: [], AttachedManagedPolicies: [] },
  ]);
  assert.deepEqual(RoleDetailList?.map(bare), [
    {
      RoleName: "role",
      AssumeRolePolicyDocument: encoded(trust),
      InstanceProfileList: [],
      RolePolicyList: [{ PolicyName: "in", PolicyDocument: encoded(document) }],
      AttachedManagedPolicies: [{ PolicyName: "AdministratorAccess", PolicyArn: administrator }],
      Tags: [],
      RoleLastUsed: {},
    },
  ]);
  assert.deepEqual(
    Policies?.map(({ PolicyName, AttachmentCount, PermissionsBoundaryUsageCount, PolicyVersionList }) => [
      PolicyName,
      AttachmentCount,
      PermissionsBoundaryUsageCount,
      PolicyVersionList?.map(({ VersionId, IsDefaultVersion }) => [VersionId, IsDefaultVersion]),
    ]),
    [
      [
        "own",
        0,
        1,
        [
          ["v2", false],
          ["v1", true],
        ],
      ],
      ["AdministratorAccess", 1, 0, [["v1", true]]],
    ],
  );
  assert.equal(Policies?.[0]?.PolicyVersionList?.[0]?.Document, encoded(document));
});

test("filters leave the other lists empty, not away", async () => {
  for (const [Filter, expected] of [
    [["User"], [2, 0, 0, 0]],
    [
      ["Group", "Role"],
      [0, 1, 1, 0],
    ],
    [["LocalManagedPolicy"], [0, 0, 0, 1]],
    [["AWSManagedPolicy"], [0, 0, 0, 1]],
  ] as [iam.EntityType[], number[]][]) {
    const found = await details({ Filter });
    assert.deepEqual(
      [found.UserDetailList, found.GroupDetailList, found.RoleDetailList, found.Policies].map((list) => list?.length),
      expected,
    );
  }
});

test("pages, over the borders of the lists", async () => {
  for (const MaxItems of [1, 2, 3, 4, 5, 6]) {
    const names: (string | undefined)[] = [];
    for await (const page of iam.paginateGetAccountAuthorizationDetails({ client: root }, { MaxItems })) {
      names.push(
        ...page.UserDetailList!.map(({ UserName }) => UserName),
        ...page.GroupDetailList!.map(({ GroupName }) => GroupName),
        ...page.RoleDetailList!.map(({ RoleName }) => RoleName),
        ...page.Policies!.map(({ PolicyName }) => PolicyName),
      );
    }
    assert.deepEqual(names, ["bare", "user", "group", "role", "own", "AdministratorAccess"], `pages of ${MaxItems}`);
  }
});
