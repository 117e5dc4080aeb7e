import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import { failure, startTestServer, type TestServer } from "../harness.ts";
import { accessKey, enabledDevice, iamClient } from "./client.ts";

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
const createUser = (UserName: string, rest: Omit<iam.CreateUserCommandInput, "UserName"> = {}) =>
  root.send(new iam.CreateUserCommand({ UserName, ...rest }));

test("a user from its creation to its end", async () => {
  const { User: created } = await createUser("Life", {
    Path: "/division/",
    Tags: [
      { Key: "b", Value: "" },
      { Key: "a", Value: "1" },
    ],
  });
  assert.match(created?.UserId ?? "", /^AIDA[A-Z2-7]{17}$/);
  assert.deepEqual(
    { ...created, UserId: "", CreateDate: created?.CreateDate instanceof Date },
    {
      Path: "/division/",
      UserName: "Life",
      UserId: "",
      Arn: `arn:aws:iam::${account}:user/division/Life`,
      CreateDate: true,
      Tags: [
        { Key: "b", Value: "" },
        { Key: "a", Value: "1" },
      ],
    },
  );
  const { User: read } = await root.send(new iam.GetUserCommand({ UserName: "lIFE" }));
  assert.deepEqual(read, {
    ...created,
    Tags: [
      { Key: "a", Value: "1" },
      { Key: "b", Value: "" },
    ],
  });

  const change = { UserName: "life", NewUserName: "LIFE.2", NewPath: "/" };
  await root.send(new iam.UpdateUserCommand(change));
  const { User: renamed } = await root.send(new iam.GetUserCommand({ UserName: "life.2" }));
  assert.equal(renamed?.UserId, created?.UserId);
  assert.equal(renamed?.Arn, `arn:aws:iam::${account}:user/LIFE.2`);

  await root.send(new iam.DeleteUserCommand({ UserName: "LIFE.2" }));
  assert.deepEqual(await failure(root.send(new iam.GetUserCommand({ UserName: "LIFE.2" }))), {
    name: "NoSuchEntityException",
    message: "The user with name LIFE.2 cannot be found.",
    status: 404,
  });
  const { User: again } = await createUser("LIFE.2");
  assert.notEqual(again?.UserId, created?.UserId);
  assert.equal(again?.Tags, undefined);
  await root.send(new iam.DeleteUserCommand({ UserName: "LIFE.2" }));
});

test("names are one whatever their case and path", async () => {
  await createUser("bob");
  await createUser("eve");
  const exists = { name: "EntityAlreadyExistsException", message: "User with name BOB already exists.", status: 409 };
  assert.deepEqual(await failure(createUser("BOB", { Path: "/x/" })), exists);
  const rename = new iam.UpdateUserCommand({ UserName: "eve", NewUserName: "BOB" });
  assert.deepEqual(await failure(root.send(rename)), exists);
  await root.send(new iam.UpdateUserCommand({ UserName: "bob", NewUserName: "BOB" }));
  assert.equal((await root.send(new iam.GetUserCommand({ UserName: "bob" }))).User?.UserName, "BOB");
});

test("what cannot be a name or a path", async () => {
  for (const UserName of ["bób", "\u212Aim", "a b", "a/b", "<b>", "a*"]) {
    const refused = await failure(createUser(UserName));
    assert.equal(refused.name, "ValidationError");
    assert.match(
      refused.message,
      /^1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must satisfy regular expression pattern: /,
    );
  }
  assert.equal(
    (await failure(createUser("a".repeat(65)))).message,
    "1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must have length less than or equal to 64",
  );
  for (const Path of ["/a", "a/", "/a b/", "/ä/", "//", ""]) {
    const { name, status } = await failure(createUser("path", { Path }));
    assert.deepEqual({ name, status }, { name: "ValidationError", status: 400 });
  }
});

test("what is said comes back as it was, whatever it means in XML", async () => {
  const Path = "/a//<b>&amp;\"'/]]>/";
  const Tags = [
    { Key: "Team", Value: "a/b @ c = d:+-_." },
    { Key: "empty", Value: "" },
  ];
  const { User } = await createUser("hostile=,+.@-_", { Path, Tags });
  assert.equal(User?.Path, Path);
  assert.equal(User?.Arn, `arn:aws:iam::${account}:user${Path}hostile=,+.@-_`);
  const { Tags: read } = await root.send(new iam.ListUserTagsCommand({ UserName: "HOSTILE=,+.@-_" }));
  assert.deepEqual(read, Tags);
  assert.equal((await failure(createUser("tagged", { Tags: [{ Key: "a<b", Value: "" }] }))).name, "ValidationError");
});

test("tags of a user", async () => {
  await createUser("tagged", { Tags: [{ Key: "Team", Value: "red" }] });
  const tag = (...Tags: iam.Tag[]) => root.send(new iam.TagUserCommand({ UserName: "tagged", Tags }));
  const read = async () => (await root.send(new iam.ListUserTagsCommand({ UserName: "tagged" }))).Tags;
  await tag({ Key: "TEAM", Value: "blue" }, { Key: "z", Value: "" });
  assert.deepEqual(await read(), [
    { Key: "z", Value: "" },
    { Key: "TEAM", Value: "blue" },
  ]);
  assert.deepEqual(await failure(tag({ Key: "x", Value: "" }, { Key: "X", Value: "" })), {
    name: "InvalidInputException",
    message: "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    status: 400,
  });
  const many = Array.from({ length: 49 }, (_, n) => ({ Key: `k${n}`, Value: "" }));
  assert.deepEqual(await failure(tag(...many)), {
    name: "LimitExceededException",
    message: "The number of tags has reached the maximum limit.",
    status: 409,
  });
  const page = await root.send(new iam.ListUserTagsCommand({ UserName: "tagged", MaxItems: 1 }));
  assert.equal(page.IsTruncated, true);
  const rest = await root.send(new iam.ListUserTagsCommand({ UserName: "tagged", Marker: page.Marker }));
  assert.deepEqual([rest.Tags, rest.IsTruncated], [[{ Key: "TEAM", Value: "blue" }], false]);
  await root.send(new iam.UntagUserCommand({ UserName: "tagged", TagKeys: ["team", "absent"] }));
  await root.send(new iam.UntagUserCommand({ UserName: "tagged", TagKeys: ["z"] }));
  assert.deepEqual(await read(), []);
  assert.equal((await root.send(new iam.GetUserCommand({ UserName: "tagged" }))).User?.Tags, undefined);
});

test("users in pages, below a path", async () => {
  for (const n of [3, 1, 2]) await createUser(`Page${n}`, { Path: "/pages/here/", Tags: [{ Key: "a", Value: "b" }] });
  const seen: string[] = [];
  for await (const page of iam.paginateListUsers({ client: root, pageSize: 2 }, { PathPrefix: "/pages/h" })) {
    for (const user of page.Users ?? []) {
      seen.push(user.UserName ?? "");
      assert.deepEqual(Object.keys(user).sort(), ["Arn", "CreateDate", "Path", "UserId", "UserName"]);
    }
  }
  assert.deepEqual(seen, ["Page1", "Page2", "Page3"]);
  const none = await root.send(new iam.ListUsersCommand({ PathPrefix: "/none/" }));
  assert.deepEqual([none.Users, none.IsTruncated, none.Marker], [[], false, undefined]);
  assert.deepEqual(await failure(root.send(new iam.ListUsersCommand({ Marker: "somewhere" }))), {
    name: "ValidationError",
    message: "Invalid Marker.",
    status: 400,
  });
});

test("a permissions boundary", async () => {
  const PermissionsBoundary = "arn:aws:iam::aws:policy/AdministratorAccess";
  const boundary = { PermissionsBoundaryType: "Policy", PermissionsBoundaryArn: PermissionsBoundary };
  const { User } = await createUser("bounded", { PermissionsBoundary });
  assert.deepEqual(User?.PermissionsBoundary, boundary);
  await root.send(new iam.DeleteUserPermissionsBoundaryCommand({ UserName: "bounded" }));
  const removed = await failure(root.send(new iam.DeleteUserPermissionsBoundaryCommand({ UserName: "bounded" })));
  assert.equal(removed.name, "NoSuchEntityException");
  const put = (arn: string) =>
    root.send(new iam.PutUserPermissionsBoundaryCommand({ UserName: "bounded", PermissionsBoundary: arn }));
  await put(PermissionsBoundary);
  await put(PermissionsBoundary);
  assert.deepEqual(
    (await root.send(new iam.GetUserCommand({ UserName: "bounded" }))).User?.PermissionsBoundary,
    boundary,
  );
  assert.deepEqual(await failure(put("arn:aws:iam::000000000000:role/x")), {
    name: "InvalidInputException",
    message: "ARN arn:aws:iam::000000000000:role/x is not valid.",
    status: 400,
  });
  assert.deepEqual(await failure(put("arn:aws:iam::000000000000:policy/absent")), {
    name: "NoSuchEntityException",
    message: "Scope ARN: arn:aws:iam::000000000000:policy/absent does not exist or is not attachable.",
    status: 404,
  });
  await root.send(new iam.DeleteUserCommand({ UserName: "bounded" }));
});

test("without a name, the caller is meant", async () => {
  const { User } = await root.send(new iam.GetUserCommand({}));
  assert.deepEqual(
    { ...User, CreateDate: undefined },
    { Path: "/", UserId: account, Arn: `arn:aws:iam::${account}:root`, CreateDate: undefined },
  );
  await createUser("caller", { PermissionsBoundary: "arn:aws:iam::aws:policy/AdministratorAccess" });
  const caller = iamClient(server, await accessKey(root, "caller"));
  const denied = await failure(caller.send(new iam.GetUserCommand({})));
  assert.deepEqual(denied, {
    name: "AccessDenied",
    message: `User: arn:aws:iam::${account}:user/caller is not authorized to perform: iam:GetUser on resource: user caller because no identity-based policy allows the iam:GetUser action`,
    status: 403,
  });
  const creation = await failure(caller.send(new iam.CreateUserCommand({ UserName: "other", Path: "/x/" })));
  assert.equal(
    creation.message,
    `User: arn:aws:iam::${account}:user/caller is not authorized to perform: iam:CreateUser on resource: arn:aws:iam::${account}:user/x/other because no identity-based policy allows the iam:CreateUser action`,
  );
  const absent = await failure(caller.send(new iam.GetUserCommand({ UserName: "absent" })));
  assert.equal(absent.name, "AccessDenied");
  await root.send(new iam.UpdateUserCommand({ UserName: "caller", NewUserName: "renamed" }));
  assert.match((await failure(caller.send(new iam.GetUserCommand({})))).message, /:user\/renamed is not authorized/);
  caller.destroy();
});

test("all that keeps a user from going, in order", async () => {
  const UserName = "rooted";
  await createUser(UserName);
  await root.send(new iam.CreateGroupCommand({ GroupName: "keepers" }));
  await root.send(new iam.AddUserToGroupCommand({ UserName, GroupName: "keepers" }));
  await root.send(new iam.CreateLoginProfileCommand({ UserName, Password: "correct-Horse-1" }));
  const { accessKeyId } = await accessKey(root, UserName);
  const key = { UserName, AccessKeyId: accessKeyId };
  await root.send(new iam.UpdateAccessKeyCommand({ ...key, Status: "Inactive" }));
  const device = await enabledDevice(root, UserName);
  const obstacles: [string, () => Promise<unknown>][] = [
    ["delete access keys", () => root.send(new iam.DeleteAccessKeyCommand(key))],
    ["delete login profile", () => root.send(new iam.DeleteLoginProfileCommand({ UserName }))],
    [
      "remove users from group",
      () => root.send(new iam.RemoveUserFromGroupCommand({ UserName, GroupName: "keepers" })),
    ],
    [
      "delete MFA device",
      () => root.send(new iam.DeactivateMFADeviceCommand({ UserName, SerialNumber: device.serialNumber })),
    ],
  ];
  for (const [first, remove] of obstacles) {
    assert.deepEqual(await failure(root.send(new iam.DeleteUserCommand({ UserName }))), {
      name: "DeleteConflictException",
      message: `Cannot delete entity, must ${first} first.`,
      status: 409,
    });
    await remove();
  }
  await root.send(new iam.DeleteUserCommand({ UserName }));
});
