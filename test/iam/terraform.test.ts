import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import { failure, startTestServer, type TestServer } from "../harness.ts";
import { enabledDevice, iamClient } from "./client.ts";

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

/** The calls that Terraform's AWS provider makes for its resources, in its order: reference/iam-sts.md §5.2. */
test("user, group, membership, access key and login profile, as Terraform makes, reads, changes and destroys them", async () => {
  const UserName = "tf-user";
  const created = await root.send(
    new iam.CreateUserCommand({ UserName, Path: "/tf/", Tags: [{ Key: "managed", Value: "yes" }] }),
  );
  await iam.waitUntilUserExists({ client: root, maxWaitTime: 5 }, { UserName });
  await root.send(new iam.CreateGroupCommand({ GroupName: "tf-group", Path: "/" }));
  await root.send(new iam.GetGroupCommand({ GroupName: "tf-group" }));
  await root.send(new iam.AddUserToGroupCommand({ UserName, GroupName: "tf-group" }));
  const { AccessKey } = await root.send(new iam.CreateAccessKeyCommand({ UserName }));
  assert.ok(AccessKey?.SecretAccessKey);
  await root.send(new iam.UpdateAccessKeyCommand({ UserName, AccessKeyId: AccessKey.AccessKeyId, Status: "Inactive" }));
  await root.send(
    new iam.CreateLoginProfileCommand({ UserName, Password: "aA1-aA1-aA1-", PasswordResetRequired: true }),
  );

  const { User } = await root.send(new iam.GetUserCommand({ UserName }));
  assert.deepEqual(User, created.User);
  const { AccessKeyMetadata } = await root.send(new iam.ListAccessKeysCommand({ UserName }));
  assert.deepEqual(AccessKeyMetadata, [
    { UserName, AccessKeyId: AccessKey.AccessKeyId, Status: "Inactive", CreateDate: AccessKey.CreateDate },
  ]);
  const importing = await root.send(new iam.GetAccessKeyLastUsedCommand({ AccessKeyId: AccessKey.AccessKeyId }));
  assert.equal(importing.UserName, UserName);
  assert.equal(
    (await root.send(new iam.GetLoginProfileCommand({ UserName }))).LoginProfile?.PasswordResetRequired,
    true,
  );

  await root.send(new iam.UpdateUserCommand({ UserName, NewUserName: "tf-user-2", NewPath: "/" }));
  const renamed = { UserName: "tf-user-2" };
  await root.send(new iam.TagUserCommand({ ...renamed, Tags: [{ Key: "managed", Value: "no" }] }));
  await root.send(new iam.UntagUserCommand({ ...renamed, TagKeys: ["gone"] }));
  const again = await root.send(new iam.GetUserCommand(renamed));
  assert.equal(again.User?.UserId, User?.UserId);
  assert.deepEqual(again.User?.Tags, [{ Key: "managed", Value: "no" }]);
  const { Users } = await root.send(new iam.GetGroupCommand({ GroupName: "tf-group" }));
  assert.deepEqual(
    Users?.map(({ Arn }) => Arn),
    ["arn:aws:iam::000000000000:user/tf-user-2"],
  );

  // Destroyed with `force_destroy`.
  await enabledDevice(root, renamed.UserName);
  const { Groups = [] } = await root.send(new iam.ListGroupsForUserCommand(renamed));
  for (const { GroupName } of Groups) await root.send(new iam.RemoveUserFromGroupCommand({ ...renamed, GroupName }));
  const { AccessKeyMetadata: keys = [] } = await root.send(new iam.ListAccessKeysCommand(renamed));
  for (const { AccessKeyId } of keys) await root.send(new iam.DeleteAccessKeyCommand({ ...renamed, AccessKeyId }));
  await root.send(new iam.ListSSHPublicKeysCommand(renamed));
  const { VirtualMFADevices = [] } = await root.send(
    new iam.ListVirtualMFADevicesCommand({ AssignmentStatus: "Assigned" }),
  );
  for (const { SerialNumber, User: holder } of VirtualMFADevices) {
    if (holder?.UserName !== renamed.UserName) continue;
    await root.send(new iam.DeactivateMFADeviceCommand({ ...renamed, SerialNumber }));
    await root.send(new iam.DeleteVirtualMFADeviceCommand({ SerialNumber }));
  }
  assert.deepEqual((await root.send(new iam.ListMFADevicesCommand(renamed))).MFADevices, []);
  await root.send(new iam.DeleteLoginProfileCommand(renamed));
  await root.send(new iam.ListSigningCertificatesCommand(renamed));
  await root.send(new iam.ListServiceSpecificCredentialsCommand(renamed));
  await root.send(new iam.DeleteUserCommand(renamed));
  await root.send(new iam.DeleteGroupCommand({ GroupName: "tf-group" }));
  for (const gone of [
    root.send(new iam.GetUserCommand(renamed)),
    root.send(new iam.GetLoginProfileCommand(renamed)),
    root.send(new iam.ListAccessKeysCommand(renamed)),
  ]) {
    assert.equal((await failure(gone)).name, "NoSuchEntityException");
  }
});
