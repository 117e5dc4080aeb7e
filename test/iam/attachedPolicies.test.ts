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
const readOnly = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const document = JSON.stringify({
  Version: "2012-10-17",
  Statement: { Effect: "Allow", Action: "kms:*", Resource: "*" },
});
const trust = `{"Statement":{"Effect":"Allow","Principal":{"AWS":"${account}"},"Action":"sts:AssumeRole"}}`;
const newPolicy = async (PolicyName: string, Path?: string) =>
  (await root.send(new iam.CreatePolicyCommand({ PolicyName, Path, PolicyDocument: document }))).Policy!.Arn!;

/** The same operations on a user, a group and a role. */
const kinds = {
  user: {
    create: (UserName: string) => root.send(new iam.CreateUserCommand({ UserName })),
    attach: (UserName: string, PolicyArn: string) =>
      root.send(new iam.AttachUserPolicyCommand({ UserName, PolicyArn })),
    detach: (UserName: string, PolicyArn: string) =>
      root.send(new iam.DetachUserPolicyCommand({ UserName, PolicyArn })),
    attached: (UserName: string, rest: Partial<iam.ListAttachedUserPoliciesCommandInput> = {}) =>
      root.send(new iam.ListAttachedUserPoliciesCommand({ UserName, ...rest })),
    put: (UserName: string, PolicyName: string, PolicyDocument: string) =>
      root.send(new iam.PutUserPolicyCommand({ UserName, PolicyName, PolicyDocument })),
    get: (UserName: string, PolicyName: string) => root.send(new iam.GetUserPolicyCommand({ UserName, PolicyName })),
    list: (UserName: string, rest: Partial<iam.ListUserPoliciesCommandInput> = {}) =>
      root.send(new iam.ListUserPoliciesCommand({ UserName, ...rest })),
    remove: (UserName: string, PolicyName: string) =>
      root.send(new iam.DeleteUserPolicyCommand({ UserName, PolicyName })),
    size: 2048,
    quota: "PoliciesPerUser",
  },
  group: {
    create: (GroupName: string) => root.send(new iam.CreateGroupCommand({ GroupName })),
    attach: (GroupName: string, PolicyArn: string) =>
      root.send(new iam.AttachGroupPolicyCommand({ GroupName, PolicyArn })),
    detach: (GroupName: string, PolicyArn: string) =>
      root.send(new iam.DetachGroupPolicyCommand({ GroupName, PolicyArn })),
    attached: (GroupName: string, rest: Partial<iam.ListAttachedGroupPoliciesCommandInput> = {}) =>
      root.send(new iam.ListAttachedGroupPoliciesCommand({ GroupName, ...rest })),
    put: (GroupName: string, PolicyName: string, PolicyDocument: string) =>
      root.send(new iam.PutGroupPolicyCommand({ GroupName, PolicyName, PolicyDocument })),
    get: (GroupName: string, PolicyName: string) => root.send(new iam.GetGroupPolicyCommand({ GroupName, PolicyName })),
    list: (GroupName: string, rest: Partial<iam.ListGroupPoliciesCommandInput> = {}) =>
      root.send(new iam.ListGroupPoliciesCommand({ GroupName, ...rest })),
    remove: (GroupName: string, PolicyName: string) =>
      root.send(new iam.DeleteGroupPolicyCommand({ GroupName, PolicyName })),
    size: 5120,
    quota: "PoliciesPerGroup",
  },
  role: {
    create: (RoleName: string) => root.send(new iam.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust })),
    attach: (RoleName: string, PolicyArn: string) =>
      root.send(new iam.AttachRolePolicyCommand({ RoleName, PolicyArn })),
    detach: (RoleName: string, PolicyArn: string) =>
      root.send(new iam.DetachRolePolicyCommand({ RoleName, PolicyArn })),
    attached: (RoleName: string, rest: Partial<iam.ListAttachedRolePoliciesCommandInput> = {}) =>
      root.send(new iam.ListAttachedRolePoliciesCommand({ RoleName, ...rest })),
    put: (RoleName: string, PolicyName: string, PolicyDocument: string) =>
      root.send(new iam.PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument })),
    get: (RoleName: string, PolicyName: string) => root.send(new iam.GetRolePolicyCommand({ RoleName, PolicyName })),
    list: (RoleName: string, rest: Partial<iam.ListRolePoliciesCommandInput> = {}) =>
      root.send(new iam.ListRolePoliciesCommand({ RoleName, ...rest })),
    remove: (RoleName: string, PolicyName: string) =>
      root.send(new iam.DeleteRolePolicyCommand({ RoleName, PolicyName })),
    size: 10240,
    quota: "PoliciesPerRole",
  },
};

for (const [kind, operations] of Object.entries(kinds)) {
  const { create, attach, detach, attached, put, get, list, remove, size, quota } = operations;
  const notFound = {
    name: "NoSuchEntityException",
    message: `The ${kind} with name none cannot be found.`,
    status: 404,
  };

  test(`attaching managed policies to a ${kind}`, async () => {
    const name = `${kind}-attach`;
    await create(name);
    const own = await newPolicy(name, "/own/");
    await attach(name.toUpperCase(), readOnly);
    await attach(name, own);
    await attach(name, own); // again: nothing changes
    const entry = (PolicyArn: string, PolicyName: string) => ({ PolicyName, PolicyArn });
    const { AttachedPolicies, IsTruncated } = await attached(name);
    assert.deepEqual(AttachedPolicies, [entry(readOnly, "ReadOnlyAccess"), entry(own, name)]);
    assert.equal(IsTruncated, false);
    assert.deepEqual((await attached(name, { PathPrefix: "/own/" })).AttachedPolicies, [entry(own, name)]);
    const first = await attached(name, { MaxItems: 1 });
    const second = await attached(name, { MaxItems: 1, Marker: first.Marker });
    assert.deepEqual(second.AttachedPolicies, [entry(own, name)]);
    assert.equal(second.IsTruncated, false);
    await detach(name, own);
    assert.deepEqual(await failure(detach(name, own)), {
      name: "NoSuchEntityException",
      message: `Policy ${own} was not found.`,
      status: 404,
    });
    assert.equal((await attached(name)).AttachedPolicies?.length, 1);

    const absent = `arn:aws:iam::${account}:policy/absent`;
    assert.deepEqual(await failure(attach(name, absent)), {
      name: "NoSuchEntityException",
      message: `Policy ${absent} does not exist or is not attachable.`,
      status: 404,
    });
    const noPolicy = `arn:aws:iam::${account}:user/alice`;
    assert.deepEqual(await failure(attach("none", noPolicy)), {
      name: "ValidationError",
      message: `ARN ${noPolicy} is not valid.`,
      status: 400,
    });
    assert.deepEqual(await failure(attach("none", absent)), notFound);
    assert.deepEqual(await failure(detach("none", absent)), notFound);
    assert.deepEqual(await failure(attached("none")), notFound);
    assert.equal(
      (
        await failure(
          attach(
            name,
            "arn:aws:iam::aws:policy/aws-service-role/AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy",
          ),
        )
      ).name,
      "PolicyNotAttachableException",
    );
  });

  test(`a ${kind} has ten managed policies at most`, async () => {
    const name = `${kind}-quota`;
    await create(name);
    const policies: string[] = [];
    for (let i = 0; i < 11; i++) policies.push(await newPolicy(`${name}-${i}`));
    for (const arn of policies.slice(1)) await attach(name, arn);
    assert.deepEqual(await failure(attach(name, policies[0]!)), {
      name: "LimitExceededException",
      message: `Cannot exceed quota for ${quota}: 10`,
      status: 409,
    });
    await attach(name, policies[1]!); // has it already
  });

  test(`inline policies of a ${kind}`, async () => {
    const name = `${kind}-inline`;
    await create(name);
    for (const policy of ["zeta", "constructor", "__proto__", "Alpha"]) await put(name, policy, document);
    assert.deepEqual((await list(name)).PolicyNames, ["Alpha", "__proto__", "constructor", "zeta"]);
    const first = await list(name, { MaxItems: 3 });
    assert.deepEqual((await list(name, { Marker: first.Marker })).PolicyNames, ["zeta"]);
    const spelled = '{"Statement": {"Effect":"Allow","Action":"kms:*","Resource":"*","Sid":"a"}}';
    await put(name, "zeta", spelled); // in place of the other
    const { $metadata, ...policy } = await get(name.toUpperCase(), "zeta");
    const holder = `${kind[0]!.toUpperCase()}${kind.slice(1)}Name`;
    assert.deepEqual(policy, {
      [holder]: name,
      PolicyName: "zeta",
      PolicyDocument: encodeURIComponent(spelled).replaceAll("*", "%2A"),
    });
    assert.equal(decodeURIComponent((await get(name, "__proto__")).PolicyDocument!), document);
    await remove(name, "__proto__");
    await remove(name, "constructor");
    for (const gone of [() => get(name, "constructor"), () => remove(name, "constructor")]) {
      assert.deepEqual(await failure(gone()), {
        name: "NoSuchEntityException",
        message: `The ${kind} policy with name constructor cannot be found.`,
        status: 404,
      });
    }
    assert.deepEqual((await list(name)).PolicyNames, ["Alpha", "zeta"]);
    assert.deepEqual(await failure(get("none", "p")), notFound);
    assert.deepEqual(await failure(remove("none", "p")), notFound);
    assert.deepEqual(await failure(list("none")), notFound);
    assert.deepEqual(await failure(put("none", "p", document)), notFound);
    assert.equal((await failure(put(name, "bad", "{"))).message, "Syntax errors in policy.");
  });

  test(`the sum of the inline policies of a ${kind}`, async () => {
    const name = `${kind}-sum`;
    await create(name);
    const sized = (characters: number) =>
      document
        .replace("kms:*", `kms:${"x".repeat(characters - document.length + 1)}`)
        .replace("{", `{${" ".repeat(9999)}`);
    await put(name, "a", sized(1000));
    await put(name, "b", sized(size - 1000));
    assert.deepEqual(await failure(put(name, "b", sized(size - 999))), {
      name: "LimitExceededException",
      message: `Maximum policy size of ${size} bytes exceeded for ${kind} ${name}`,
      status: 409,
    });
    await put(name, "a", sized(999));
    await put(name, "b", sized(size - 999));
  });
}

test("a group's policies are its members'", async () => {
  await root.send(new iam.CreateUserCommand({ UserName: "member" }));
  await root.send(new iam.CreateGroupCommand({ GroupName: "members" }));
  await root.send(new iam.AddUserToGroupCommand({ UserName: "member", GroupName: "members" }));
  const member = iamClient(server, await accessKey(root, "member"));
  const may = () =>
    member.send(new iam.ListPoliciesCommand({})).then(
      () => true,
      () => false,
    );
  assert.equal(await may(), false);
  await root.send(new iam.AttachGroupPolicyCommand({ GroupName: "members", PolicyArn: readOnly }));
  assert.equal(await may(), true);
  await root.send(new iam.DetachGroupPolicyCommand({ GroupName: "members", PolicyArn: readOnly }));
  assert.equal(await may(), false);
  member.destroy();
});

test("what Terraform does with an aws_iam_policy_attachment", async () => {
  const PolicyArn = await newPolicy("attachment");
  for (const { create, attach } of Object.values(kinds)) {
    await create("attachment");
    await attach("attachment", PolicyArn);
  }
  const { PolicyGroups, PolicyRoles, PolicyUsers } = await root.send(
    new iam.ListEntitiesForPolicyCommand({ PolicyArn }),
  );
  assert.deepEqual(
    [PolicyGroups?.[0]?.GroupName, PolicyRoles?.[0]?.RoleName, PolicyUsers?.[0]?.UserName],
    ["attachment", "attachment", "attachment"],
  );
  for (const { detach } of Object.values(kinds)) await detach("attachment", PolicyArn);
  await root.send(new iam.DeletePolicyCommand({ PolicyArn }));
});
