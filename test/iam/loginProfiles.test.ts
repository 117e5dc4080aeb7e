import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
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

const user = (UserName: string) => root.send(new iam.CreateUserCommand({ UserName }));
const create = (UserName: string, Password: string) =>
  root.send(new iam.CreateLoginProfileCommand({ UserName, Password }));
const update = (UserName: string, rest: Omit<iam.UpdateLoginProfileCommandInput, "UserName">) =>
  root.send(new iam.UpdateLoginProfileCommand({ UserName, ...rest }));
const violation = (message: string) => ({ name: "PasswordPolicyViolationException", message, status: 400 });
const notFound = (UserName: string) => ({
  name: "NoSuchEntityException",
  message: `Login Profile for User ${UserName} cannot be found.`,
  status: 404,
});

test("a login profile from its creation to its end", async () => {
  const UserName = "person";
  await user(UserName);
  const read = () => root.send(new iam.GetLoginProfileCommand({ UserName }));
  assert.deepEqual(await failure(read()), notFound(UserName));
  const { LoginProfile: created } = await create("PERSON", "secret-Word-0ne");
  assert.deepEqual({ ...created, CreateDate: null }, { UserName, CreateDate: null, PasswordResetRequired: false });
  assert.deepEqual((await read()).LoginProfile, created);
  assert.deepEqual(await failure(create(UserName, "secret-Word-0ne")), {
    name: "EntityAlreadyExistsException",
    message: "Login Profile for user person already exists.",
    status: 409,
  });
  await update(UserName, { PasswordResetRequired: true });
  assert.deepEqual((await read()).LoginProfile, { ...created, PasswordResetRequired: true });
  await update(UserName, { Password: "secret-Word-2wo" });
  assert.deepEqual((await read()).LoginProfile, { ...created, PasswordResetRequired: true });
  await root.send(new iam.DeleteLoginProfileCommand({ UserName }));
  assert.deepEqual(await failure(root.send(new iam.DeleteLoginProfileCommand({ UserName }))), notFound(UserName));
  assert.deepEqual(await failure(update(UserName, { PasswordResetRequired: true })), notFound(UserName));
});

test("passwords are nowhere in the store, nor the same hash twice", async () => {
  const password = "Find-me-if-y0u-can";
  for (const name of ["twin1", "twin2"]) {
    await user(name);
    await create(name, password);
  }
  const files = readdirSync(server.data, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  const stored = files.map((file) => readFileSync(join(file.parentPath, file.name), "latin1")).join("\n");
  assert.ok(!stored.includes(password));
  const hashes = new Set(stored.match(/scrypt\$15\$8\$3\$[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{43}=/g));
  assert.ok(hashes.size >= 2);
});

test("without a policy, eight characters of three kinds", async () => {
  await user("weak");
  assert.deepEqual(await failure(create("weak", "Ab1-xyz")), violation("Password should have a minimum length of 8"));
  assert.equal((await failure(create("weak", "abcdefgh1"))).name, "PasswordPolicyViolationException");
  await create("weak", "abcdefgH1");
});

test("what a policy requires", async () => {
  await user("ruled");
  await root.send(
    new iam.UpdateAccountPasswordPolicyCommand({
      MinimumPasswordLength: 6,
      RequireLowercaseCharacters: true,
      RequireUppercaseCharacters: true,
      RequireNumbers: true,
      RequireSymbols: true,
    }),
  );
  const broken = {
    "aB1-x": "Password should have a minimum length of 6",
    "ab1-xyz": "Password should have at least one uppercase letter",
    "AB1-XYZ": "Password should have at least one lowercase letter",
    "aBc-xyz": "Password should have at least one number",
    aBc1xyz: "Password should have at least one symbol",
  };
  for (const [password, message] of Object.entries(broken)) {
    assert.deepEqual(await failure(create("ruled", password)), violation(message));
  }
  await create("ruled", "aB1-xy");
  await root.send(new iam.DeleteAccountPasswordPolicyCommand({}));
});

test("passwords that were used lately", async () => {
  await user("creature");
  await root.send(new iam.UpdateAccountPasswordPolicyCommand({ PasswordReusePrevention: 2 }));
  await create("creature", "password1");
  const reused = violation("Password was used before, and cannot be used again");
  assert.deepEqual(await failure(update("creature", { Password: "password1" })), reused);
  await update("creature", { Password: "password2" });
  assert.deepEqual(await failure(update("creature", { Password: "password1" })), reused);
  await update("creature", { Password: "password3" });
  await update("creature", { Password: "password1" });
  await root.send(new iam.DeleteAccountPasswordPolicyCommand({}));
});

test("changing one's own password", async () => {
  await user("self");
  const self = iamClient(server, await accessKey(root, "self"));
  const change = (OldPassword: string, NewPassword: string) =>
    self.send(new iam.ChangePasswordCommand({ OldPassword, NewPassword }));
  const denied = await failure(change("old-Passw0rd", "new-Passw0rd"));
  assert.match(
    denied.message,
    /^User: \S+:user\/self is not authorized to perform: iam:ChangePassword on resource: user self because/,
  );
  await root.send(new iam.UpdateAccountPasswordPolicyCommand({ AllowUsersToChangePassword: true }));
  assert.deepEqual(await failure(change("old-Passw0rd", "new-Passw0rd")), notFound("self"));
  await root.send(
    new iam.CreateLoginProfileCommand({ UserName: "self", Password: "old-Passw0rd", PasswordResetRequired: true }),
  );
  const wrong = { name: "AccessDenied", message: "The old password is incorrect.", status: 403 };
  assert.deepEqual(await failure(change("wrong", "new-Passw0rd")), wrong);
  await change("old-Passw0rd", "new-Passw0rd");
  const { LoginProfile } = await root.send(new iam.GetLoginProfileCommand({ UserName: "self" }));
  assert.equal(LoginProfile?.PasswordResetRequired, false);
  assert.deepEqual(await failure(change("old-Passw0rd", "other-Passw0rd")), wrong);

  // What a policy denies stays denied.
  await root.send(
    new iam.PutUserPolicyCommand({
      UserName: "self",
      PolicyName: "no",
      PolicyDocument:
        '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:ChangePassword","Resource":"*"}]}',
    }),
  );
  assert.match(
    (await failure(change("new-Passw0rd", "third-Passw0rd"))).message,
    /with an explicit deny in an identity-based policy$/,
  );
  await root.send(new iam.DeleteUserPolicyCommand({ UserName: "self", PolicyName: "no" }));

  // Guessing ends after ten, for a while, for the right one too. One was wrong above, after the last that was right.
  const guesses = await Promise.all(Array.from({ length: 9 }, () => failure(change("guess", "new-Passw0rd"))));
  assert.deepEqual(guesses, Array(9).fill(wrong));
  assert.equal(
    (await failure(change("new-Passw0rd", "third-Passw0rd"))).message,
    "The old password was wrong too often. Try again later.",
  );
  server.moveClock(60_000);
  await change("new-Passw0rd", "third-Passw0rd");
  await root.send(new iam.DeleteAccountPasswordPolicyCommand({}));
  self.destroy();
});

test("of two changes at a time, one is told so", async () => {
  await user("hasty");
  await create("hasty", "abcdefgH1");
  const changes = await Promise.allSettled(["bcdefghI1", "cdefghiJ1"].map((Password) => update("hasty", { Password })));
  const failed = changes.flatMap((change) => (change.status === "rejected" ? [change.reason] : []));
  assert.deepEqual(
    failed.map(({ name, message }) => [name, message]),
    [
      [
        "EntityTemporarilyUnmodifiableException",
        "Login Profile for User hasty cannot be modified while login profile is being created.",
      ],
    ],
  );
});

test("root has none, and users must have a password", async () => {
  const mustSpecify = "Must specify userName when calling with non-User credentials";
  assert.equal((await failure(root.send(new iam.GetLoginProfileCommand({})))).message, mustSpecify);
  await user("empty");
  assert.deepEqual(await failure(root.send(new iam.CreateLoginProfileCommand({ UserName: "empty" }))), {
    name: "ValidationError",
    message: "1 validation error detected: Value at 'password' failed to satisfy constraint: Member must not be null",
    status: 400,
  });
});
