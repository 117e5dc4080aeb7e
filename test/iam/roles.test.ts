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
const administrator = "arn:aws:iam::aws:policy/AdministratorAccess";
const trusting = (AWS: string | string[]) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { AWS }, Action: "sts:AssumeRole" }],
  });
const rootArn = `arn:aws:iam::${account}:root`;
const trust = trusting(rootArn);

const createRole = (RoleName: string, rest: Partial<iam.CreateRoleCommandInput> = {}) =>
  root.send(new iam.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust, ...rest }));
const getRole = async (RoleName: string) => (await root.send(new iam.GetRoleCommand({ RoleName }))).Role!;
const trustOf = async (RoleName: string) => decodeURIComponent((await getRole(RoleName)).AssumeRolePolicyDocument!);

test("what CreateRole, GetRole and ListRoles show of a role differs", async () => {
  const { Role: created } = await createRole("Shapes", {
    Path: "/shapes/",
    Description: "for shapes",
    MaxSessionDuration: 7200,
    PermissionsBoundary: administrator,
    Tags: [
      { Key: "bb", Value: "" },
      { Key: "a", Value: "1" },
    ],
  });
  const boundary = { PermissionsBoundaryType: "Policy", PermissionsBoundaryArn: administrator };
  assert.match(created?.RoleId ?? "", /^AROA[A-Z2-7]{17}$/);
  const basic = {
    Path: "/shapes/",
    RoleName: "Shapes",
    RoleId: created?.RoleId,
    Arn: `arn:aws:iam::${account}:role/shapes/Shapes`,
    CreateDate: created?.CreateDate,
    AssumeRolePolicyDocument: encodeURIComponent(trust).replaceAll("*", "%2A"),
  };
  assert.deepEqual(created, {
    ...basic,
    PermissionsBoundary: boundary,
    Tags: [
      { Key: "bb", Value: "" },
      { Key: "a", Value: "1" },
    ],
  });
  assert.deepEqual(await getRole("SHAPES"), {
    ...basic,
    Description: "for shapes",
    MaxSessionDuration: 7200,
    PermissionsBoundary: boundary,
    Tags: [
      { Key: "a", Value: "1" },
      { Key: "bb", Value: "" },
    ],
    RoleLastUsed: {},
  });
  const { Roles, IsTruncated } = await root.send(new iam.ListRolesCommand({ PathPrefix: "/sha" }));
  assert.deepEqual(Roles, [{ ...basic, Description: "for shapes", MaxSessionDuration: 7200 }]);
  assert.equal(IsTruncated, false);
});

test("a role with nothing but a trust policy", async () => {
  const { Role } = await createRole("bare");
  assert.deepEqual(Object.keys(Role!).sort(), [
    "Arn",
    "AssumeRolePolicyDocument",
    "CreateDate",
    "Path",
    "RoleId",
    "RoleName",
  ]);
  const shown = await getRole("bare");
  assert.equal(shown.MaxSessionDuration, 3600);
  assert.deepEqual([shown.Description, shown.Tags, shown.PermissionsBoundary], [undefined, undefined, undefined]);
});

test("UpdateRole leaves alone what is not given; UpdateRoleDescription shows the role", async () => {
  await createRole("update", { Description: "first" });
  await root.send(new iam.UpdateRoleCommand({ RoleName: "update", MaxSessionDuration: 43200 }));
  assert.equal((await getRole("update")).Description, "first");
  await root.send(new iam.UpdateRoleCommand({ RoleName: "update", Description: "second" }));
  const { MaxSessionDuration, Description } = await getRole("update");
  assert.deepEqual([MaxSessionDuration, Description], [43200, "second"]);
  const { Role } = await root.send(new iam.UpdateRoleDescriptionCommand({ RoleName: "update", Description: "third" }));
  assert.equal(Role?.Description, "third");
  assert.equal(Role?.MaxSessionDuration, undefined);
  await root.send(new iam.UpdateRoleDescriptionCommand({ RoleName: "update", Description: "" }));
  assert.equal((await getRole("update")).Description, undefined);
});

test("a trust policy comes back as it was written, percent-encoded to RFC 3986", async () => {
  const document = `{ "Version":"2012-10-17",\n "Statement":{"Sid":"a","Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Condition":{"StringLike":{"aws:PrincipalArn":["é(!')*~ %3A+"]}}}}`;
  const { Role } = await createRole("verbatim", { AssumeRolePolicyDocument: document });
  assert.match(Role!.AssumeRolePolicyDocument!, /^[A-Za-z0-9\-_.~%]+$/);
  assert.match(Role!.AssumeRolePolicyDocument!, /%C3%A9%28%21%27%29%2A~%20%253A%2B/);
  assert.equal(await trustOf("verbatim"), document);
});

test("trust policies: what is refused, and in which words", async () => {
  const refused = async (AssumeRolePolicyDocument: string) => {
    const { name, message, status } = await failure(createRole("refused", { AssumeRolePolicyDocument }));
    return `${name.replace(/Exception$/, "")} ${status} ${message}`;
  };
  const malformed = "MalformedPolicyDocument 400";
  for (const [document, expected] of [
    ["{", `${malformed} This policy contains invalid Json`],
    [
      trusting(`arn:aws:iam::${account}:user/nobody`),
      `${malformed} Invalid principal in policy: "AWS":"arn:aws:iam::${account}:user/nobody"`,
    ],
    [
      trusting(`arn:aws:iam::${account}:group/all`),
      `${malformed} Invalid principal in policy: "AWS":"arn:aws:iam::${account}:group/all"`,
    ],
    [trusting("999999999999"), `${malformed} Invalid principal in policy: "AWS":"999999999999"`],
    [
      trusting("arn:aws:sts::999999999999:assumed-role/r/s"),
      `${malformed} Invalid principal in policy: "AWS":"arn:aws:sts::999999999999:assumed-role/r/s"`,
    ],
    [trusting("AROAABCDEFGHIJKLMNOPQ"), `${malformed} Invalid principal in policy: "AWS":"AROAABCDEFGHIJKLMNOPQ"`],
    [
      trust.replace("sts:AssumeRole", "kms:Decrypt"),
      `${malformed} AssumeRole policy may only specify STS AssumeRole actions.`,
    ],
    [trust.replace('"Effect"', '"Resource":"*","Effect"'), `${malformed} Has prohibited field Resource`],
    [
      trusting([account, `arn:aws:sts::${account}:assumed-role/r/${"s".repeat(2000)}`]),
      "LimitExceeded 409 Cannot exceed quota for ACLSizePerRole: 2048",
    ],
  ] as const) {
    assert.equal(await refused(document), expected);
  }
});

test("white space does not count towards a trust policy's size", async () => {
  const spacious = trust.replace("{", `{${" \n".repeat(3000)}`);
  await createRole("spacious", { AssumeRolePolicyDocument: spacious });
  assert.equal(await trustOf("spacious"), spacious);
});

test("an account that is named by its digits is shown by its ARN", async () => {
  await createRole("digits", { AssumeRolePolicyDocument: trusting(account) });
  assert.equal(await trustOf("digits"), trust);
});

test("who is named in a trust policy follows a rename, and leaves the unique id behind", async () => {
  const { User } = await root.send(new iam.CreateUserCommand({ UserName: "Renata" }));
  const { Role: other } = await createRole("trusted");
  const document = trusting([User!.Arn!, rootArn, other!.Arn!]);
  await createRole("follows", { AssumeRolePolicyDocument: document });
  assert.equal(await trustOf("follows"), document);

  await root.send(new iam.UpdateUserCommand({ UserName: "Renata", NewUserName: "Renate", NewPath: "/x/" }));
  const renamed = `arn:aws:iam::${account}:user/x/Renate`;
  assert.equal(await trustOf("follows"), trusting([renamed, rootArn, other!.Arn!]));
  await root.send(new iam.CreateUserCommand({ UserName: "Renata" })); // another one
  assert.equal(await trustOf("follows"), trusting([renamed, rootArn, other!.Arn!]));

  await root.send(new iam.DeleteRoleCommand({ RoleName: "trusted" }));
  await root.send(new iam.DeleteUserCommand({ UserName: "Renate" }));
  const orphaned = trusting([User!.UserId!, rootArn, other!.RoleId!]);
  assert.equal(await trustOf("follows"), orphaned);

  // What the role shows it takes again; another role does not.
  const update = { RoleName: "follows", PolicyDocument: orphaned };
  await root.send(new iam.UpdateAssumeRolePolicyCommand(update));
  await root.send(new iam.UpdateAssumeRolePolicyCommand(update));
  assert.equal(await trustOf("follows"), orphaned);
  const { message } = await failure(createRole("thief", { AssumeRolePolicyDocument: orphaned }));
  assert.equal(message, `Invalid principal in policy: "AWS":"${User!.UserId}"`);
});

test("roles are told apart by more than case and path", async () => {
  await createRole("Twice");
  assert.deepEqual(await failure(createRole("tWICE", { Path: "/elsewhere/" })), {
    name: "EntityAlreadyExistsException",
    message: "Role with name tWICE already exists.",
    status: 409,
  });
  for (const command of [
    new iam.GetRoleCommand({ RoleName: "none" }),
    new iam.DeleteRoleCommand({ RoleName: "none" }),
    new iam.ListRoleTagsCommand({ RoleName: "none" }),
    new iam.UpdateAssumeRolePolicyCommand({ RoleName: "none", PolicyDocument: trust }),
    new iam.ListRolePoliciesCommand({ RoleName: "none" }),
    new iam.ListAttachedRolePoliciesCommand({ RoleName: "none" }),
  ]) {
    assert.deepEqual(await failure(root.send(command as iam.GetRoleCommand)), {
      name: "NoSuchEntityException",
      message: "The role with name none cannot be found.",
      status: 404,
    });
  }
});

test("boundaries of roles", async () => {
  await createRole("bounded");
  const put = (PermissionsBoundary: string) =>
    root.send(new iam.PutRolePermissionsBoundaryCommand({ RoleName: "bounded", PermissionsBoundary }));
  const absent = `arn:aws:iam::${account}:policy/absent`;
  assert.deepEqual(await failure(put(absent)), {
    name: "NoSuchEntityException",
    message: `Scope ARN: ${absent} does not exist or is not attachable.`,
    status: 404,
  });
  const user = `arn:aws:iam::${account}:user/bounded`;
  assert.deepEqual(await failure(put(user)), {
    name: "InvalidInputException",
    message: `ARN ${user} is not valid.`,
    status: 400,
  });
  assert.equal(
    (await failure(createRole("unbounded", { PermissionsBoundary: absent }))).message,
    `Scope ARN: ${absent} does not exist or is not attachable.`,
  );
  await put(administrator);
  await put(administrator);
  assert.equal((await getRole("bounded")).PermissionsBoundary?.PermissionsBoundaryArn, administrator);
  await root.send(new iam.DeleteRolePermissionsBoundaryCommand({ RoleName: "bounded" }));
  assert.equal((await getRole("bounded")).PermissionsBoundary, undefined);
  const { name } = await failure(root.send(new iam.DeleteRolePermissionsBoundaryCommand({ RoleName: "bounded" })));
  assert.equal(name, "NoSuchEntityException");
});

test("keys of roles' tags are the same in any case, and keep it", async () => {
  await createRole("tagged", { Tags: [{ Key: "Somekey", Value: "1" }] });
  await root.send(new iam.TagRoleCommand({ RoleName: "tagged", Tags: [{ Key: "somekey", Value: "2" }] }));
  const tags = async () => (await root.send(new iam.ListRoleTagsCommand({ RoleName: "tagged" }))).Tags;
  assert.deepEqual(await tags(), [{ Key: "somekey", Value: "2" }]);
  await root.send(new iam.UntagRoleCommand({ RoleName: "tagged", TagKeys: ["SOMEKEY", "other"] }));
  assert.deepEqual(await tags(), []);
  assert.deepEqual(
    await failure(
      createRole("doubly", {
        Tags: [
          { Key: "a", Value: "" },
          { Key: "A", Value: "" },
        ],
      }),
    ),
    {
      name: "InvalidInputException",
      message: "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
      status: 400,
    },
  );
});

test("a role goes when its policies are gone", async () => {
  const RoleName = "leaving";
  const { Role } = await createRole(RoleName, {
    PermissionsBoundary: administrator,
    Tags: [{ Key: "a", Value: "" }],
  });
  await root.send(new iam.AttachRolePolicyCommand({ RoleName, PolicyArn: administrator }));
  const PolicyDocument = JSON.stringify({ Statement: { Effect: "Allow", Action: "*", Resource: "*" } });
  await root.send(new iam.PutRolePolicyCommand({ RoleName, PolicyName: "p", PolicyDocument }));
  const remove = () => root.send(new iam.DeleteRoleCommand({ RoleName }));
  const conflict = (message: string) => ({ name: "DeleteConflictException", message, status: 409 });
  assert.deepEqual(await failure(remove()), conflict("Cannot delete entity, must detach all policies first."));
  await root.send(new iam.DetachRolePolicyCommand({ RoleName, PolicyArn: administrator }));
  assert.deepEqual(await failure(remove()), conflict("Cannot delete entity, must delete policies first."));
  await root.send(new iam.DeleteRolePolicyCommand({ RoleName, PolicyName: "p" }));
  await remove();
  assert.notEqual((await createRole(RoleName)).Role!.RoleId, Role!.RoleId, "another one");
});

test("pages of roles", async () => {
  for (let i = 0; i < 7; i++) await createRole(`page-${i}`, { Path: "/pages/" });
  const names: string[] = [];
  let Marker: string | undefined;
  do {
    const page = await root.send(new iam.ListRolesCommand({ PathPrefix: "/pages/", MaxItems: 3, Marker }));
    names.push(...page.Roles!.map(({ RoleName }) => RoleName!));
    assert.equal(page.IsTruncated, page.Marker !== undefined);
    Marker = page.Marker;
  } while (Marker !== undefined);
  assert.deepEqual(
    names,
    [0, 1, 2, 3, 4, 5, 6].map((i) => `page-${i}`),
  );
  assert.deepEqual(await failure(root.send(new iam.ListRolesCommand({ Marker: "x" }))), {
    name: "ValidationError",
    message: "Invalid Marker.",
    status: 400,
  });
});

test("what a user may do to roles is what its policies say", async () => {
  await root.send(new iam.CreateUserCommand({ UserName: "limited" }));
  const statement = (Action: string, Resource: string, Condition?: object) => ({
    Effect: "Allow",
    Action,
    Resource,
    Condition,
  });
  await root.send(
    new iam.PutUserPolicyCommand({
      UserName: "limited",
      PolicyName: "p",
      PolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          statement("iam:CreateRole", `arn:aws:iam::${account}:role/team/*`, {
            StringEquals: { "iam:PermissionsBoundary": administrator, "aws:RequestTag/team": "a" },
          }),
          statement("iam:TagRole", `arn:aws:iam::${account}:role/team/*`),
          statement("iam:GetRole", "*", { StringEquals: { "aws:ResourceTag/team": "a" } }),
          statement("iam:AttachRolePolicy", "*", {
            ArnLike: { "iam:PolicyARN": "arn:aws:iam::aws:policy/*ReadOnly*" },
          }),
        ],
      }),
    }),
  );
  const limited = iamClient(server, await accessKey(root, "limited"));
  const as = async (command: object) => {
    try {
      await limited.send(command as iam.GetRoleCommand);
      return "done";
    } catch (error) {
      return `${(error as Error).name}: ${(error as Error).message}`;
    }
  };
  const role = { RoleName: "r", Path: "/team/", AssumeRolePolicyDocument: trust };
  const denied = (action: string, resource: string) =>
    `AccessDenied: User: arn:aws:iam::${account}:user/limited is not authorized to perform: iam:${action} on resource: ${resource} because no identity-based policy allows the iam:${action} action`;
  const Tags = [{ Key: "team", Value: "a" }];
  const arn = `arn:aws:iam::${account}:role/team/r`;
  assert.equal(await as(new iam.CreateRoleCommand(role)), denied("CreateRole", arn));
  assert.equal(await as(new iam.CreateRoleCommand({ ...role, Tags })), denied("CreateRole", arn));
  assert.equal(await as(new iam.CreateRoleCommand({ ...role, Tags, PermissionsBoundary: administrator })), "done");
  assert.equal(await as(new iam.GetRoleCommand({ RoleName: "r" })), "done");
  assert.equal(await as(new iam.GetRoleCommand({ RoleName: "bare" })), denied("GetRole", "role bare"));
  assert.equal(await as(new iam.GetRoleCommand({ RoleName: "absent" })), denied("GetRole", "role absent"));
  const attach = (PolicyArn: string) => as(new iam.AttachRolePolicyCommand({ RoleName: "r", PolicyArn }));
  assert.equal(await attach(administrator), denied("AttachRolePolicy", "role r"));
  assert.equal(await attach("arn:aws:iam::aws:policy/IAMReadOnlyAccess"), "done");
  assert.equal(await as(new iam.ListRolesCommand({})), denied("ListRoles", `arn:aws:iam::${account}:role/`));
  limited.destroy();
});
