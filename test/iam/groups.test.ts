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

const group = (GroupName: string, Path?: string) => root.send(new iam.CreateGroupCommand({ GroupName, Path }));
const user = (UserName: string) => root.send(new iam.CreateUserCommand({ UserName }));
const add = (UserName: string, GroupName: string) => root.send(new iam.AddUserToGroupCommand({ UserName, GroupName }));
const remove = (UserName: string, GroupName: string) =>
  root.send(new iam.RemoveUserFromGroupCommand({ UserName, GroupName }));
const noSuch = (message: string) => ({ name: "NoSuchEntityException", message, status: 404 });

test("a group from its creation to its end", async () => {
  const { Group: created } = await group("Admins", "/a/");
  assert.match(created?.GroupId ?? "", /^AGPA[A-Z2-7]{17}$/);
  assert.equal(created?.Arn, "arn:aws:iam::000000000000:group/a/Admins");
  const { Group, Users, IsTruncated } = await root.send(new iam.GetGroupCommand({ GroupName: "admins" }));
  assert.deepEqual([Group, Users, IsTruncated], [created, [], false]);

  await root.send(new iam.UpdateGroupCommand({ GroupName: "admins", NewGroupName: "ADMINS", NewPath: "/b//" }));
  const { Group: renamed } = await root.send(new iam.GetGroupCommand({ GroupName: "Admins" }));
  assert.deepEqual(renamed, {
    ...created,
    GroupName: "ADMINS",
    Path: "/b//",
    Arn: "arn:aws:iam::000000000000:group/b//ADMINS",
  });
  await root.send(new iam.DeleteGroupCommand({ GroupName: "Admins" }));
  const again = await failure(root.send(new iam.DeleteGroupCommand({ GroupName: "Admins" })));
  assert.deepEqual(again, noSuch("The group with name Admins cannot be found."));
});

test("names of groups are one whatever their case; users may have the same", async () => {
  await group("same");
  await group("other");
  await user("same");
  const exists = { name: "EntityAlreadyExistsException", message: "Group with name SAME already exists.", status: 409 };
  assert.deepEqual(await failure(group("SAME", "/x/")), exists);
  const rename = new iam.UpdateGroupCommand({ GroupName: "other", NewGroupName: "SAME" });
  assert.deepEqual(await failure(root.send(rename)), exists);
});

test("joining and leaving, as often as one likes", async () => {
  await group("club");
  await user("member");
  await add("member", "club");
  await add("MEMBER", "CLUB");
  const { Users } = await root.send(new iam.GetGroupCommand({ GroupName: "club" }));
  assert.deepEqual(
    Users?.map(({ UserName }) => UserName),
    ["member"],
  );
  const { Groups } = await root.send(new iam.ListGroupsForUserCommand({ UserName: "member" }));
  assert.deepEqual(
    Groups?.map(({ GroupName }) => GroupName),
    ["club"],
  );
  assert.deepEqual(await failure(root.send(new iam.DeleteGroupCommand({ GroupName: "club" }))), {
    name: "DeleteConflictException",
    message: "Cannot delete entity, must remove users from group first.",
    status: 409,
  });
  await remove("member", "club");
  await remove("member", "club");
  await root.send(new iam.DeleteGroupCommand({ GroupName: "club" }));
  assert.deepEqual(await failure(add("nobody", "nowhere")), noSuch("The user with name nobody cannot be found."));
  assert.deepEqual(await failure(remove("nobody", "nowhere")), noSuch("The user with name nobody cannot be found."));
  assert.deepEqual(await failure(remove("member", "nowhere")), noSuch("The group with name nowhere cannot be found."));
});

test("ten groups are enough, also when many join at once", async () => {
  await user("joiner");
  for (let n = 0; n < 12; n++) await group(`join${n}`);
  const joined = await Promise.allSettled(Array.from({ length: 12 }, (_, n) => add("joiner", `join${n}`)));
  const refused = joined.flatMap((result) => (result.status === "rejected" ? [result.reason.message] : []));
  assert.deepEqual(refused, Array(2).fill("Cannot exceed quota for GroupsPerUser: 10"));
  const { Groups } = await root.send(new iam.ListGroupsForUserCommand({ UserName: "joiner" }));
  assert.equal(Groups?.length, 10);
});

test("members in pages", async () => {
  await group("large");
  for (const name of ["large1", "large2", "large3"]) {
    await user(name);
    await add(name, "large");
  }
  const seen: string[] = [];
  for await (const page of iam.paginateGetGroup({ client: root, pageSize: 2 }, { GroupName: "large" })) {
    assert.equal(page.Group?.GroupName, "large");
    seen.push(...(page.Users ?? []).map(({ UserName }) => UserName ?? ""));
  }
  assert.deepEqual(seen.sort(), ["large1", "large2", "large3"]);
});

test("groups below a path", async () => {
  await group("below1", "/below/x/");
  await group("below2", "/below/");
  const list = async (PathPrefix: string) =>
    (await root.send(new iam.ListGroupsCommand({ PathPrefix }))).Groups?.map(({ GroupName }) => GroupName);
  assert.deepEqual(await list("/bel"), ["below1", "below2"]);
  assert.deepEqual(await list("/below/x"), ["below1"]);
  assert.deepEqual(await list("/none"), []);
});

test("what a group may, its members may, until they leave", async () => {
  await group("readers");
  await user("reader");
  await add("reader", "readers");
  await root.send(
    new iam.AttachGroupPolicyCommand({
      GroupName: "readers",
      PolicyArn: "arn:aws:iam::aws:policy/IAMReadOnlyAccess",
    }),
  );
  const reader = iamClient(server, await accessKey(root, "reader"));
  assert.equal((await reader.send(new iam.GetUserCommand({}))).User?.UserName, "reader");
  // A new name changes nothing of who is in it.
  await root.send(new iam.UpdateGroupCommand({ GroupName: "readers", NewGroupName: "lectors" }));
  await reader.send(new iam.GetUserCommand({}));
  await remove("reader", "lectors");
  assert.equal((await failure(reader.send(new iam.GetUserCommand({})))).name, "AccessDenied");
  assert.equal(
    (await failure(root.send(new iam.DeleteGroupCommand({ GroupName: "lectors" })))).message,
    "Cannot delete entity, must detach all policies first.",
  );
  reader.destroy();
});
