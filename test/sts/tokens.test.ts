import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import * as kms from "@aws-sdk/client-kms";
import * as sts from "@aws-sdk/client-sts";
import { A, B, type Keys, keysOf, makeWorld, newUser, policy, REGION, type World } from "../authorization/world.ts";
import { failure } from "../harness.ts";
import { identityOf, newRole, newUserWith, sessionOf, trusting } from "./client.ts";

let world: World;
let bob: Awaited<ReturnType<typeof newUser>>;

before(async () => {
  world = await makeWorld();
  bob = await newUser(world, world.rootOf.A, "bob");
});
after(() => world.stop());

/** A call with credentials for which no client is to be kept. */
async function call(credentials: Keys, config: sts.STSClientConfig = {}) {
  const client = new sts.STSClient({
    endpoint: world.server.endpoint,
    region: REGION,
    credentials,
    maxAttempts: 1,
    ...config,
  });
  try {
    return await client.send(new sts.GetCallerIdentityCommand({}));
  } finally {
    client.destroy();
  }
}

async function userSession(keys = bob.keys): Promise<Keys & { sessionToken: string }> {
  const { Credentials } = await world.sts(keys).send(new sts.GetSessionTokenCommand({}));
  return keysOf(Credentials) as Keys & { sessionToken: string };
}

async function refused(credentials: Keys, config: sts.STSClientConfig = {}) {
  const { name, status } = await failure(call(credentials, config));
  return `${status} ${name}`;
}

test("a token that was altered in any byte is none", async () => {
  const keys = await userSession();
  const { credentials } = world.server.service.iam;
  const token = Buffer.from(keys.sessionToken, "base64");
  assert.equal((await credentials.find(keys.accessKeyId, keys.sessionToken))?.account, A);
  for (let i = 0; i < token.length; i++) {
    for (const bit of [1, 128]) {
      const altered = Buffer.from(token);
      altered[i] = (altered[i] as number) ^ bit;
      assert.equal(await credentials.find(keys.accessKeyId, altered.toString("base64")), undefined, `byte ${i}`);
    }
  }
  for (let length = 0; length < token.length; length++) {
    const shorter = token.subarray(0, length).toString("base64");
    assert.equal(await credentials.find(keys.accessKeyId, shorter), undefined, `${length} bytes`);
  }
  for (const at of [0, 1, 5, 40, token.length - 1]) {
    const altered = Buffer.from(token);
    altered[at] = (altered[at] as number) ^ 1;
    const credential = { ...keys, sessionToken: altered.toString("base64") };
    assert.equal(await refused(credential), "403 InvalidClientTokenId");
  }
  assert.equal((await call(keys)).Arn, bob.arn);
});

test("a token has one spelling", async () => {
  const keys = await userSession();
  const { credentials } = world.server.service.iam;
  const text = keys.sessionToken;
  for (const other of [
    `${text}=`,
    ` ${text}`,
    `${text}\n`,
    text.replace(/=*$/, ""),
    `${text.slice(0, 8)}\t${text.slice(8)}`,
    text.repeat(2),
    `${text}AAAA`,
  ]) {
    if (other === text) continue;
    assert.equal(await credentials.find(keys.accessKeyId, other), undefined, JSON.stringify(other));
  }
});

test("a token is its own access key's and nobody else's", async () => {
  const one = await userSession();
  const two = await userSession();
  assert.equal(await refused({ ...one, sessionToken: two.sessionToken }), "403 InvalidClientTokenId");
  assert.equal(await refused({ ...one, accessKeyId: two.accessKeyId }), "403 InvalidClientTokenId");
  assert.equal(await refused({ ...one, secretAccessKey: two.secretAccessKey }), "403 SignatureDoesNotMatch");
  assert.equal(await refused({ ...bob.keys, sessionToken: one.sessionToken }), "403 InvalidClientTokenId");
  const { sessionToken, ...bare } = one;
  assert.equal(await refused(bare), "403 InvalidClientTokenId");
  assert.equal((await call(one)).Arn, bob.arn);
});

test("a token is sealed for sessions alone", async () => {
  const { hsm, credentials } = world.server.service.iam;
  const keys = await userSession();
  const opened = hsm.openSession(keys.accessKeyId, Buffer.from(keys.sessionToken, "base64"));
  const other = hsm.sealToken("something else", opened!.claims).toString("base64");
  assert.equal(await credentials.find(keys.accessKeyId, other), undefined);
  assert.equal(await credentials.find(keys.accessKeyId, "x".repeat(9000)), undefined);
});

test("a token works in every Region, a signature in its own", async () => {
  const keys = await userSession();
  for (const region of ["eu-west-3", "ap-south-1"]) assert.equal((await call(keys, { region })).Arn, bob.arn);
  const client = new sts.STSClient({
    endpoint: world.server.endpoint,
    region: "eu-west-3",
    credentials: keys,
    maxAttempts: 1,
  });
  client.middlewareStack.add(
    (next) => async (args) => {
      const { headers } = args.request as { headers: Record<string, string> };
      headers.authorization = (headers.authorization as string).replace("/eu-west-3/", "/eu-west-1/");
      return next(args);
    },
    { step: "finalizeRequest", priority: "low", name: "rescope" },
  );
  const { name, status } = await failure(client.send(new sts.GetCallerIdentityCommand({})));
  client.destroy();
  assert.deepEqual({ name, status }, { name: "SignatureDoesNotMatch", status: 403 });
});

test("a session ends when its user is deleted, and not with the key that began it", async () => {
  const user = await newUser(world, world.rootOf.A, "leaving");
  const root = world.iam(world.rootOf.A);
  const keys = await userSession(user.keys);
  const federated = await world.sts(world.rootOf.A).send(new sts.GetFederationTokenCommand({ Name: "fed" }));
  const name = { UserName: "leaving" };
  await root.send(new iam.DeleteAccessKeyCommand({ ...name, AccessKeyId: user.keys.accessKeyId }));
  assert.equal((await call(keys)).Arn, user.arn);
  await root.send(new iam.UpdateUserCommand({ ...name, NewUserName: "left" }));
  assert.equal((await call(keys)).Arn, user.arn.replace("leaving", "left"));
  await root.send(new iam.DeleteUserCommand({ UserName: "left" }));
  assert.equal(await refused(keys), "403 InvalidClientTokenId");
  await root.send(new iam.CreateUserCommand({ UserName: "left" }));
  assert.equal(await refused(keys), "403 InvalidClientTokenId");
  assert.equal((await call(keysOf(federated.Credentials))).Account, A);
});

test("a session ends when its role is deleted, also where there is a new one of that name", async () => {
  const trust = [trusting({ AWS: bob.arn })];
  const role = await newRole(world, "brief", trust);
  const keys = await sessionOf(world, bob.keys, role.arn);
  assert.equal((await call(keys)).UserId, `${role.id}:session`);
  await world.iam(world.rootOf.A).send(new iam.DeleteRoleCommand({ RoleName: "brief" }));
  assert.equal(await refused(keys), "403 InvalidClientTokenId");
  const again = await newRole(world, "brief", trust);
  assert.notEqual(again.id, role.id);
  assert.equal(await refused(keys), "403 InvalidClientTokenId");
  assert.equal((await call(await sessionOf(world, bob.keys, role.arn))).UserId, `${again.id}:session`);
});

test("running sessions of a role can be denied by when they began", async () => {
  const role = await newRole(world, "revoked", [trusting({ AWS: bob.arn })]);
  const keys = await sessionOf(world, bob.keys, role.arn);
  const PolicyDocument = (before: number) =>
    policy(
      { Effect: "Allow", Action: "kms:ListKeys", Resource: "*" },
      {
        Effect: "Deny",
        Action: "*",
        Resource: "*",
        Condition: { DateLessThan: { "aws:TokenIssueTime": new Date(before).toISOString() } },
      },
    );
  const root = world.iam(world.rootOf.A);
  const put = (before: number) =>
    root.send(
      new iam.PutRolePolicyCommand({ RoleName: "revoked", PolicyName: "p", PolicyDocument: PolicyDocument(before) }),
    );
  const list = () => world.kms(keys).send(new kms.ListKeysCommand({}));
  await put(Date.now() - 60_000);
  assert.ok(await list());
  await put(Date.now() + 1000);
  assert.match((await failure(list())).message, /with an explicit deny in an identity-based policy$/);
});

test("an account that is closed has no sessions, and no roles", async () => {
  const { store } = world.server.service.iam;
  const owner = await newUserWith(world, "owner", [], world.rootOf.B);
  const role = await newRole(world, "closing", [trusting({ AWS: ["*"] })], {}, world.rootOf.B);
  const keys = await userSession(owner.keys);
  await allowBob();
  const ofRole = await sessionOf(world, bob.keys, role.arn);
  assert.equal((await call(ofRole)).Account, B);
  const close = (closedAt: number | null) =>
    store.transaction(async (transaction) => {
      const account = await transaction.account(B);
      await transaction.putAccount({ ...account!, closedAt });
    });
  await close(Date.now());
  for (const credentials of [keys, ofRole, owner.keys])
    assert.equal(await refused(credentials), "403 InvalidClientTokenId");
  assert.equal((await failure(sessionOf(world, bob.keys, role.arn))).name, "AccessDenied");
  await close(null);
  for (const credentials of [keys, ofRole]) assert.equal((await call(credentials)).Account, B);
});

async function allowBob() {
  const PolicyDocument = policy({ Effect: "Allow", Action: "sts:AssumeRole", Resource: "*" });
  await world
    .iam(world.rootOf.A)
    .send(new iam.PutUserPolicyCommand({ UserName: "bob", PolicyName: "p", PolicyDocument }));
}

test("a token that has expired", async () => {
  const keys = await userSession();
  assert.equal((await identityOf(world, keys)).Account, A);
  world.server.moveClock(43_199_000 - 5000);
  assert.equal((await identityOf(world, keys)).Account, A);
  world.server.moveClock(6000);
  const { name, message, status } = await failure(call(keys));
  assert.deepEqual(
    { name, message, status },
    { name: "ExpiredToken", message: "The security token included in the request is expired", status: 403 },
  );
});
