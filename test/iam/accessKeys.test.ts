import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
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

const administrator = "arn:aws:iam::aws:policy/AdministratorAccess";

async function user(UserName: string): Promise<void> {
  await root.send(new iam.CreateUserCommand({ UserName }));
  await root.send(new iam.AttachUserPolicyCommand({ UserName, PolicyArn: administrator }));
}

const invalidToken = (error: { name: string; status: number }) => {
  assert.deepEqual([error.name, error.status], ["InvalidClientTokenId", 403]);
};

test("an access key from its creation to its end", async () => {
  await user("keeper");
  const UserName = "keeper";
  const { AccessKey } = await root.send(new iam.CreateAccessKeyCommand({ UserName: "KEEPER" }));
  assert.match(AccessKey?.AccessKeyId ?? "", /^AKIA[A-Z2-7]{16}$/);
  assert.match(AccessKey?.SecretAccessKey ?? "", /^[A-Za-z0-9+/]{40}$/);
  assert.deepEqual([AccessKey?.UserName, AccessKey?.Status], [UserName, "Active"]);
  const AccessKeyId = AccessKey?.AccessKeyId;
  const keeper = iamClient(server, {
    accessKeyId: AccessKeyId ?? "",
    secretAccessKey: AccessKey?.SecretAccessKey ?? "",
  });
  const { AccessKeyMetadata, IsTruncated } = await keeper.send(new iam.ListAccessKeysCommand({}));
  const metadata = { UserName, AccessKeyId, Status: "Active", CreateDate: AccessKey?.CreateDate };
  assert.deepEqual([AccessKeyMetadata, IsTruncated], [[metadata], false]);

  await root.send(new iam.UpdateAccessKeyCommand({ UserName, AccessKeyId, Status: "Inactive" }));
  invalidToken(await failure(keeper.send(new iam.GetUserCommand({}))));
  await root.send(new iam.UpdateAccessKeyCommand({ UserName, AccessKeyId, Status: "Active" }));
  assert.equal((await keeper.send(new iam.GetUserCommand({}))).User?.UserName, UserName);

  await keeper.send(new iam.DeleteAccessKeyCommand({ AccessKeyId }));
  invalidToken(await failure(keeper.send(new iam.GetUserCommand({}))));
  assert.deepEqual(await failure(root.send(new iam.DeleteAccessKeyCommand({ UserName, AccessKeyId }))), {
    name: "NoSuchEntityException",
    message: `The Access Key with id ${AccessKeyId} cannot be found.`,
    status: 404,
  });
  keeper.destroy();
});

test("two are enough, inactive ones too, also when many are made at once", async () => {
  await user("collector");
  const made = await Promise.allSettled([1, 2, 3, 4].map(() => accessKey(root, "collector")));
  const refused = made.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  assert.deepEqual(
    refused.map(({ name, message }) => `${name}: ${message}`),
    Array(2).fill("LimitExceededException: Cannot exceed quota for AccessKeysPerUser: 2"),
  );
  const { AccessKeyMetadata } = await root.send(new iam.ListAccessKeysCommand({ UserName: "collector", MaxItems: 1 }));
  assert.equal(AccessKeyMetadata?.length, 1);
  const key = { UserName: "collector", AccessKeyId: AccessKeyMetadata?.[0]?.AccessKeyId };
  await root.send(new iam.UpdateAccessKeyCommand({ ...key, Status: "Inactive" }));
  assert.equal((await failure(accessKey(root, "collector"))).name, "LimitExceededException");
});

test("another's key is none", async () => {
  await user("owner");
  await user("stranger");
  const { accessKeyId: AccessKeyId } = await accessKey(root, "owner");
  const attempts = [
    new iam.DeleteAccessKeyCommand({ UserName: "stranger", AccessKeyId }),
    new iam.DeleteAccessKeyCommand({ AccessKeyId }),
    new iam.UpdateAccessKeyCommand({ UserName: "stranger", AccessKeyId, Status: "Inactive" }),
  ];
  for (const attempt of attempts) {
    const refused = await failure(root.send(attempt as iam.DeleteAccessKeyCommand));
    assert.equal(refused.message, `The Access Key with id ${AccessKeyId} cannot be found.`);
  }
});

test("root's own keys", async () => {
  const { AccessKey } = await root.send(new iam.CreateAccessKeyCommand({}));
  assert.equal(AccessKey?.UserName, undefined);
  const { AccessKeyMetadata = [] } = await root.send(new iam.ListAccessKeysCommand({}));
  assert.deepEqual(
    AccessKeyMetadata.map(({ AccessKeyId }) => AccessKeyId).sort(),
    [server.credentials.accessKeyId, AccessKey?.AccessKeyId].sort(),
  );
  assert.equal(
    (await failure(root.send(new iam.CreateAccessKeyCommand({})))).message,
    "Cannot exceed quota for AccessKeysPerUser: 2",
  );
  await root.send(new iam.DeleteAccessKeyCommand({ AccessKeyId: AccessKey?.AccessKeyId }));
});

test("when a key was last used", async () => {
  await user("used");
  const key = await accessKey(root, "used");
  const lastUsed = (AccessKeyId: string) => root.send(new iam.GetAccessKeyLastUsedCommand({ AccessKeyId }));
  const never = await lastUsed(key.accessKeyId);
  assert.equal(never.UserName, "used");
  assert.deepEqual({ ...never.AccessKeyLastUsed }, { ServiceName: "N/A", Region: "N/A" });
  const used = iamClient(server, key);
  await used.send(new iam.GetUserCommand({}));
  const { LastUsedDate, ...rest } = (await lastUsed(key.accessKeyId)).AccessKeyLastUsed ?? {};
  assert.deepEqual(rest, { ServiceName: "iam", Region: "us-east-1" });
  assert.ok(Math.abs((LastUsedDate?.getTime() ?? 0) - Date.now()) < 10_000);
  const unknown = "AKIAAAAAAAAAAAAAAAAA";
  assert.deepEqual(await failure(lastUsed(unknown)), {
    name: "AccessDenied",
    message: `User: arn:aws:iam::000000000000:root is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key ${unknown}`,
    status: 403,
  });
  used.destroy();
});

test("a role's session is no user: it must say whom it means", async () => {
  await user("assumer");
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { AWS: "000000000000" }, Action: "sts:AssumeRole" }],
  });
  const { Role } = await root.send(new iam.CreateRoleCommand({ RoleName: "role", AssumeRolePolicyDocument }));
  await root.send(new iam.AttachRolePolicyCommand({ RoleName: "role", PolicyArn: administrator }));
  const key = await accessKey(root, "assumer");
  const sts = new STSClient({ endpoint: server.endpoint, region: "us-east-1", credentials: key, maxAttempts: 1 });
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: "session" }));
  const session = iamClient(server, {
    accessKeyId: Credentials?.AccessKeyId ?? "",
    secretAccessKey: Credentials?.SecretAccessKey ?? "",
    sessionToken: Credentials?.SessionToken,
  } as TestServer["credentials"]);
  const unnamed: Promise<unknown>[] = [
    session.send(new iam.GetUserCommand({})),
    session.send(new iam.DeleteAccessKeyCommand({ AccessKeyId: key.accessKeyId })),
    session.send(new iam.CreateAccessKeyCommand({})),
    session.send(new iam.ListMFADevicesCommand({})),
    session.send(new iam.GetLoginProfileCommand({})),
  ];
  for (const call of unnamed) {
    assert.deepEqual(await failure(call), {
      name: "ValidationError",
      message: "Must specify userName when calling with non-User credentials",
      status: 400,
    });
  }
  const named = await session.send(new iam.ListAccessKeysCommand({ UserName: "assumer" }));
  assert.equal(named.AccessKeyMetadata?.[0]?.AccessKeyId, key.accessKeyId);
  assert.deepEqual(await failure(session.send(new iam.ChangePasswordCommand({ OldPassword: "a", NewPassword: "b" }))), {
    name: "InvalidUserTypeException",
    message: "Only IAM Users can change their own password",
    status: 400,
  });
  sts.destroy();
  session.destroy();
});
