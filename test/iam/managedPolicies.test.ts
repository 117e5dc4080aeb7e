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
const document = (Action = "kms:Decrypt") =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource: "*" }] });
const createPolicy = (PolicyName: string, rest: Partial<iam.CreatePolicyCommandInput> = {}) =>
  root.send(new iam.CreatePolicyCommand({ PolicyName, PolicyDocument: document(), ...rest }));
const newPolicy = async (name: string) => (await createPolicy(name)).Policy!.Arn!;
const getPolicy = async (PolicyArn: string) => (await root.send(new iam.GetPolicyCommand({ PolicyArn }))).Policy!;
const newVersion = (PolicyArn: string, SetAsDefault?: boolean) =>
  root.send(new iam.CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: document("kms:Encrypt"), SetAsDefault }));
const versions = async (PolicyArn: string) =>
  (await root.send(new iam.ListPolicyVersionsCommand({ PolicyArn }))).Versions!.map(
    ({ VersionId, IsDefaultVersion }) => `${VersionId}${IsDefaultVersion ? " default" : ""}`,
  );

test("what CreatePolicy, GetPolicy and ListPolicies show of a policy differs", async () => {
  const { Policy: created } = await createPolicy("Shapes", {
    Path: "/shapes/",
    Description: "for shapes",
    Tags: [
      { Key: "a", Value: "1" },
      { Key: "A", Value: "" },
    ],
  });
  assert.match(created?.PolicyId ?? "", /^ANPA[A-Z2-7]{17}$/);
  const arn = `arn:aws:iam::${account}:policy/shapes/Shapes`;
  const basic = {
    PolicyName: "Shapes",
    PolicyId: created?.PolicyId,
    Arn: arn,
    Path: "/shapes/",
    DefaultVersionId: "v1",
    AttachmentCount: 0,
    PermissionsBoundaryUsageCount: 0,
    IsAttachable: true,
    CreateDate: created?.CreateDate,
    UpdateDate: created?.CreateDate,
  };
  assert.deepEqual(created, {
    ...basic,
    Tags: [
      { Key: "a", Value: "1" },
      { Key: "A", Value: "" },
    ],
  });
  assert.deepEqual(await getPolicy(arn), {
    ...basic,
    Description: "for shapes",
    Tags: [
      { Key: "A", Value: "" },
      { Key: "a", Value: "1" },
    ],
  });
  const { Policies, IsTruncated } = await root.send(new iam.ListPoliciesCommand({ PathPrefix: "/shapes/" }));
  assert.deepEqual([Policies, IsTruncated], [[basic], false]);
});

test("names are unique over all paths and cases", async () => {
  await createPolicy("Unique");
  assert.deepEqual(await failure(createPolicy("unique", { Path: "/other/" })), {
    name: "EntityAlreadyExistsException",
    message: "A policy called unique already exists. Duplicate names are not allowed.",
    status: 409,
  });
  const other = `arn:aws:iam::${account}:policy/unique`; // ARNs are compared exactly
  assert.equal((await failure(getPolicy(other))).message, `Policy ${other} was not found.`);
});

test("what Terraform does with an aws_iam_policy", async () => {
  const { Policy } = await createPolicy("terraform", { Description: "", Path: "/" });
  const PolicyArn = Policy!.Arn!;
  const read = await getPolicy(PolicyArn);
  assert.deepEqual([read.Description, read.Tags], [undefined, []]);
  const { PolicyVersion } = await root.send(
    new iam.GetPolicyVersionCommand({ PolicyArn, VersionId: read.DefaultVersionId }),
  );
  assert.equal(PolicyVersion?.Document, encodeURIComponent(document()).replaceAll("*", "%2A"));
  for (let update = 2; update <= 7; update++) {
    const { Versions } = await root.send(new iam.ListPolicyVersionsCommand({ PolicyArn }));
    if (Versions!.length === 5) {
      const oldest = Versions!.filter(({ IsDefaultVersion }) => !IsDefaultVersion).at(-1)!;
      await root.send(new iam.DeletePolicyVersionCommand({ PolicyArn, VersionId: oldest.VersionId }));
    }
    await newVersion(PolicyArn, true);
  }
  assert.deepEqual(await versions(PolicyArn), ["v7 default", "v6", "v5", "v4", "v3"]);
  for (const VersionId of ["v6", "v5", "v4", "v3"]) {
    await root.send(new iam.DeletePolicyVersionCommand({ PolicyArn, VersionId }));
  }
  await root.send(new iam.DeletePolicyCommand({ PolicyArn }));
  assert.equal((await failure(getPolicy(PolicyArn))).name, "NoSuchEntityException");
});

test("versions: five at most, numbers never given twice, the default stays", async () => {
  const PolicyArn = await newPolicy("versions");
  const { PolicyVersion } = await newVersion(PolicyArn);
  assert.deepEqual(Object.keys(PolicyVersion!).sort(), ["CreateDate", "IsDefaultVersion", "VersionId"]);
  assert.deepEqual([PolicyVersion?.VersionId, PolicyVersion?.IsDefaultVersion], ["v2", false]);
  for (let i = 0; i < 3; i++) await newVersion(PolicyArn);
  assert.deepEqual(await failure(newVersion(PolicyArn)), {
    name: "LimitExceededException",
    message:
      "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.",
    status: 409,
  });
  await root.send(new iam.DeletePolicyVersionCommand({ PolicyArn, VersionId: "v2" }));
  assert.equal((await newVersion(PolicyArn, true)).PolicyVersion?.VersionId, "v6");
  await root.send(new iam.DeletePolicyVersionCommand({ PolicyArn, VersionId: "v5" }));
  await root.send(new iam.SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: "v4" }));
  await root.send(new iam.DeletePolicyVersionCommand({ PolicyArn, VersionId: "v6" }));
  for (const VersionId of ["v7", "v8"]) {
    assert.equal((await newVersion(PolicyArn)).PolicyVersion?.VersionId, VersionId, "v6 was another");
  }
  assert.deepEqual(await versions(PolicyArn), ["v8", "v7", "v4 default", "v3", "v1"]);
  await root.send(new iam.SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: "v1" }));
  assert.equal((await getPolicy(PolicyArn)).DefaultVersionId, "v1");
  const remove = (VersionId: string) => root.send(new iam.DeletePolicyVersionCommand({ PolicyArn, VersionId }));
  assert.deepEqual(await failure(remove("v1")), {
    name: "DeleteConflictException",
    message: "Cannot delete the default version of a policy.",
    status: 409,
  });
  const missing = {
    name: "NoSuchEntityException",
    message: `Policy ${PolicyArn} version v9 does not exist or is not attachable.`,
    status: 404,
  };
  assert.deepEqual(await failure(remove("v9")), missing);
  for (const command of [
    new iam.GetPolicyVersionCommand({ PolicyArn, VersionId: "v9" }),
    new iam.SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: "v9" }),
  ]) {
    assert.deepEqual(await failure(root.send(command as iam.GetPolicyVersionCommand)), missing);
  }
  const absent = `arn:aws:iam::${account}:policy/absent`;
  assert.equal(
    (await failure(root.send(new iam.GetPolicyVersionCommand({ PolicyArn: absent, VersionId: "v1" })))).message,
    `Policy ${absent} version v1 does not exist or is not attachable.`,
  );
  assert.equal((await failure(root.send(new iam.DeletePolicyCommand({ PolicyArn })))).name, "DeleteConflictException");
  const page = await root.send(new iam.ListPolicyVersionsCommand({ PolicyArn, MaxItems: 2 }));
  const rest = await root.send(new iam.ListPolicyVersionsCommand({ PolicyArn, Marker: page.Marker }));
  assert.deepEqual(
    [...page.Versions!, ...rest.Versions!].map(({ VersionId }) => VersionId),
    ["v8", "v7", "v4", "v3", "v1"],
  );
});

test("a policy that is attached, or is a boundary, stays", async () => {
  const PolicyArn = await newPolicy("in-use");
  await root.send(new iam.CreateUserCommand({ UserName: "user", PermissionsBoundary: PolicyArn }));
  await root.send(new iam.CreateGroupCommand({ GroupName: "group" }));
  await root.send(new iam.AttachGroupPolicyCommand({ GroupName: "group", PolicyArn }));
  const remove = () => root.send(new iam.DeletePolicyCommand({ PolicyArn }));
  const conflict = {
    name: "DeleteConflictException",
    message: "Cannot delete a policy attached to entities.",
    status: 409,
  };
  const { AttachmentCount, PermissionsBoundaryUsageCount } = await getPolicy(PolicyArn);
  assert.deepEqual([AttachmentCount, PermissionsBoundaryUsageCount], [1, 1]);
  assert.deepEqual(await failure(remove()), conflict);
  await root.send(new iam.DetachGroupPolicyCommand({ GroupName: "group", PolicyArn }));
  assert.deepEqual(await failure(remove()), conflict);
  await root.send(new iam.DeleteUserPermissionsBoundaryCommand({ UserName: "user" }));
  await remove();
});

test("AWS's own policies: there for all, to be changed by none", async () => {
  const { Policy } = await root.send(new iam.GetPolicyCommand({ PolicyArn: administrator }));
  assert.deepEqual(
    [Policy?.PolicyId, Policy?.Description, Policy?.Tags],
    ["ANPAIWMBCKSKIEE64ZLYK", "Provides full access to AWS services and resources.", []],
  );
  const power = "arn:aws:iam::aws:policy/AWSKeyManagementServicePowerUser";
  const { PolicyVersion } = await root.send(new iam.GetPolicyVersionCommand({ PolicyArn: power, VersionId: "v2" }));
  assert.ok(JSON.parse(decodeURIComponent(PolicyVersion!.Document!)).Statement[0].Action.includes("kms:CreateKey"));
  const refused = (message: string) => ({ name: "AccessDenied", message, status: 403 });
  for (const [command, message] of [
    [new iam.DeletePolicyCommand({ PolicyArn: power }), "Cannot delete policies outside your own account."],
    [
      new iam.DeletePolicyVersionCommand({ PolicyArn: power, VersionId: "v1" }),
      "Cannot delete policy versions for policies outside your own account.",
    ],
    [
      new iam.SetDefaultPolicyVersionCommand({ PolicyArn: power, VersionId: "v1" }),
      "Cannot update policies outside your own account.",
    ],
    [
      new iam.CreatePolicyVersionCommand({ PolicyArn: power, PolicyDocument: document() }),
      "Cannot update policies outside your own account.",
    ],
  ] as const) {
    assert.deepEqual(await failure(root.send(command as iam.DeletePolicyCommand)), refused(message));
  }
});

test("ListPolicies by scope, use and path, in pages", async () => {
  const attached = await newPolicy("list-attached");
  const boundary = await newPolicy("list-boundary");
  await newPolicy("list-unused");
  await root.send(new iam.CreateUserCommand({ UserName: "lists", PermissionsBoundary: boundary }));
  await root.send(new iam.AttachUserPolicyCommand({ UserName: "lists", PolicyArn: attached }));
  await root.send(
    new iam.AttachUserPolicyCommand({
      UserName: "lists",
      PolicyArn: "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess",
    }),
  );
  const list = async (input: iam.ListPoliciesCommandInput) => {
    const names: string[] = [];
    for await (const page of iam.paginateListPolicies({ client: root }, input)) {
      names.push(...page.Policies!.map(({ PolicyName }) => PolicyName!));
    }
    return names;
  };
  assert.deepEqual(await list({ OnlyAttached: true }), ["list-attached", "list-boundary", "ViewOnlyAccess"]);
  assert.deepEqual(await list({ OnlyAttached: true, Scope: "AWS" }), ["ViewOnlyAccess"]);
  assert.deepEqual(await list({ PolicyUsageFilter: "PermissionsBoundary" }), ["list-boundary"]);
  assert.deepEqual(await list({ PolicyUsageFilter: "PermissionsPolicy", Scope: "Local" }), ["list-attached"]);
  assert.deepEqual(await list({ PathPrefix: "/job-function/" }), ["ViewOnlyAccess"]);
  const local = await list({ Scope: "Local" });
  assert.ok(local.includes("list-unused") && !local.includes("ReadOnlyAccess"));
  const aws = await list({ Scope: "AWS" });
  assert.ok(aws.includes("ReadOnlyAccess") && aws.length >= 15);
  assert.deepEqual(await list({}), [...local, ...aws]);
  for (const MaxItems of [1, 2, local.length, local.length + 1]) {
    assert.deepEqual(await list({ MaxItems }), [...local, ...aws], `pages of ${MaxItems}`);
  }
});

test("ListEntitiesForPolicy, by kind, use and path", async () => {
  const PolicyArn = await newPolicy("entities");
  const trust = `{"Statement":{"Effect":"Allow","Principal":{"AWS":"${account}"},"Action":"sts:AssumeRole"}}`;
  const { User } = await root.send(
    new iam.CreateUserCommand({ UserName: "has", Path: "/x/", PermissionsBoundary: PolicyArn }),
  );
  const { Role } = await root.send(
    new iam.CreateRoleCommand({ RoleName: "has", AssumeRolePolicyDocument: trust, PermissionsBoundary: PolicyArn }),
  );
  const { Group } = await root.send(new iam.CreateGroupCommand({ GroupName: "has" }));
  await root.send(new iam.AttachRolePolicyCommand({ RoleName: "has", PolicyArn }));
  await root.send(new iam.AttachGroupPolicyCommand({ GroupName: "has", PolicyArn }));
  const list = async (input: Partial<iam.ListEntitiesForPolicyCommandInput> = {}) => {
    const { $metadata, ...lists } = await root.send(new iam.ListEntitiesForPolicyCommand({ PolicyArn, ...input }));
    return lists;
  };
  const users = [{ UserName: "has", UserId: User?.UserId }];
  const roles = [{ RoleName: "has", RoleId: Role?.RoleId }];
  const groups = [{ GroupName: "has", GroupId: Group?.GroupId }];
  const answer = (PolicyUsers: object[], PolicyRoles: object[], PolicyGroups: object[]) => ({
    PolicyUsers,
    PolicyRoles,
    PolicyGroups,
    IsTruncated: false,
  });
  assert.deepEqual(await list(), answer(users, roles, groups));
  assert.deepEqual(await list({ EntityFilter: "Role" }), answer([], roles, []));
  assert.deepEqual(await list({ EntityFilter: "LocalManagedPolicy" }), answer([], [], []));
  assert.deepEqual(await list({ PolicyUsageFilter: "PermissionsPolicy" }), answer([], roles, groups));
  assert.deepEqual(await list({ PolicyUsageFilter: "PermissionsBoundary" }), answer(users, roles, []));
  assert.deepEqual(await list({ PathPrefix: "/x/" }), answer(users, [], []));
  let found = 0;
  for await (const page of iam.paginateListEntitiesForPolicy({ client: root }, { PolicyArn, MaxItems: 1 })) {
    found += page.PolicyUsers!.length + page.PolicyRoles!.length + page.PolicyGroups!.length;
  }
  assert.equal(found, 3);
  const absent = `arn:aws:iam::${account}:policy/absent`;
  assert.deepEqual(await failure(list({ PolicyArn: absent })), {
    name: "NoSuchEntityException",
    message: `Policy ${absent} does not exist or is not attachable.`,
    status: 404,
  });
});

test("keys of policies' tags differ by case", async () => {
  const PolicyArn = await newPolicy("tags");
  const tags = async () => (await root.send(new iam.ListPolicyTagsCommand({ PolicyArn }))).Tags;
  const Tags = ["abc", "z", "a", "A"].map((Key) => ({ Key, Value: Key }));
  await root.send(new iam.TagPolicyCommand({ PolicyArn, Tags }));
  assert.deepEqual(
    (await tags())?.map(({ Key }) => Key),
    ["A", "a", "z", "abc"],
  );
  await root.send(new iam.UntagPolicyCommand({ PolicyArn, TagKeys: ["a", "absent"] }));
  assert.deepEqual(
    (await tags())?.map(({ Key }) => Key),
    ["A", "z", "abc"],
  );
  const twice = [Tags[0]!, Tags[0]!];
  assert.deepEqual(await failure(root.send(new iam.TagPolicyCommand({ PolicyArn, Tags: twice }))), {
    name: "InvalidInputException",
    message: "Duplicate tag keys found.",
    status: 400,
  });
});

test("what is no policy's ARN", async () => {
  const PolicyArn = `arn:aws:iam::${account}:user/alice`;
  assert.deepEqual(await failure(getPolicy(PolicyArn)), {
    name: "ValidationError",
    message: `ARN ${PolicyArn} is not valid.`,
    status: 400,
  });
});

test("a policy's new version holds for the next request of who has it", async () => {
  const PolicyArn = (await createPolicy("live", { PolicyDocument: document("iam:GetUser") })).Policy!.Arn!;
  await root.send(new iam.CreateUserCommand({ UserName: "live" }));
  await root.send(new iam.AttachUserPolicyCommand({ UserName: "live", PolicyArn }));
  const live = iamClient(server, await accessKey(root, "live"));
  const may = () =>
    live.send(new iam.GetUserCommand({})).then(
      () => true,
      () => false,
    );
  assert.equal(await may(), true);
  await newVersion(PolicyArn, true);
  assert.equal(await may(), false);
  await root.send(new iam.SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: "v1" }));
  assert.equal(await may(), true);
  assert.deepEqual(await failure(live.send(new iam.CreatePolicyCommand({ PolicyName: "x", PolicyDocument: "x" }))), {
    name: "AccessDenied",
    message: `User: arn:aws:iam::${account}:user/live is not authorized to perform: iam:CreatePolicy on resource: policy x because no identity-based policy allows the iam:CreatePolicy action`,
    status: 403,
  });
  live.destroy();
});
