import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import * as kms from "@aws-sdk/client-kms";
import * as sts from "@aws-sdk/client-sts";
import { A, B, keysOf, makeWorld, newUser, policy, type World } from "../authorization/world.ts";
import { failure } from "../harness.ts";
import { enabledDevice } from "../iam/client.ts";
import { allowUser, assume, identityOf, newRole, newUserWith, roleArn, sessionOf, trusting } from "./client.ts";

let world: World;
/** as far as the service's clock was moved */
let moved = 0;

before(async () => {
  world = await makeWorld();
});
after(() => world.stop());

const allow = (Action: string | string[], rest: object = {}) => ({ Effect: "Allow", Action, Resource: "*", ...rest });
const sessionToken = (keys: Parameters<World["sts"]>[0], input: sts.GetSessionTokenCommandInput = {}) =>
  world.sts(keys).send(new sts.GetSessionTokenCommand(input));
const federationToken = (keys: Parameters<World["sts"]>[0], input: Partial<sts.GetFederationTokenCommandInput> = {}) =>
  world.sts(keys).send(new sts.GetFederationTokenCommand({ Name: "fed", ...input }));
const lasts = (credentials: sts.Credentials | undefined) =>
  Math.round(((credentials?.Expiration?.getTime() ?? 0) - Date.now() - moved) / 10_000) * 10;

async function denied(call: Promise<unknown>, message: string) {
  assert.deepEqual(await failure(call), { name: "AccessDenied", message, status: 403 });
}

test("a session of a user is the user", async () => {
  const user = await newUserWith(world, "dora", [allow("kms:ListKeys")]);
  const { Credentials, $metadata, ...rest } = await sessionToken(user.keys);
  assert.deepEqual(rest, {});
  assert.equal(lasts(Credentials), 43_200);
  const keys = keysOf(Credentials);
  const identity = { UserId: user.id, Account: A, Arn: user.arn };
  assert.deepEqual(await identityOf(world, user.keys), identity);
  assert.deepEqual(await identityOf(world, keys), identity);
  assert.ok(await world.kms(keys).send(new kms.ListKeysCommand({})));
  await allowUser(world, "dora", [allow("kms:ListAliases")]);
  assert.equal((await failure(world.kms(keys).send(new kms.ListKeysCommand({})))).name, "AccessDeniedException");
  assert.equal(lasts((await sessionToken(user.keys, { DurationSeconds: 900 })).Credentials), 900);
  assert.equal(lasts((await sessionToken(user.keys, { DurationSeconds: 129_600 })).Credentials), 129_600);
  const { message } = await failure(sessionToken(user.keys, { DurationSeconds: 129_601 }));
  assert.match(message, /Value '129601' at 'durationSeconds' failed .* less than or equal to 129600/);
});

test("a session of root is cut to an hour", async () => {
  for (const input of [{}, { DurationSeconds: 43_200 }]) {
    const { Credentials } = await sessionToken(world.rootOf.B, input);
    assert.equal(lasts(Credentials), 3600);
    const identity = { UserId: B, Account: B, Arn: `arn:aws:iam::${B}:root` };
    assert.deepEqual(await identityOf(world, keysOf(Credentials)), identity);
  }
  const { Credentials } = await federationToken(world.rootOf.B, { DurationSeconds: 43_200 });
  assert.equal(lasts(Credentials), 3600);
});

test("no policy denies GetCallerIdentity or GetSessionToken", async () => {
  const { keys } = await newUserWith(world, "nothing", [{ ...allow("*"), Effect: "Deny" }]);
  assert.equal((await identityOf(world, keys)).Account, A);
  assert.ok((await sessionToken(keys)).Credentials);
  const limits = policy({ Effect: "Deny", Action: "sts:GetCallerIdentity", Resource: "*" });
  const { Credentials } = await federationToken(world.rootOf.A, { Policy: limits });
  assert.equal((await identityOf(world, keysOf(Credentials))).UserId, `${A}:fed`);
});

test("what sessions may not call", async () => {
  const user = await newUserWith(world, "mara", [allow(["sts:*", "iam:*"])]);
  await newRole(world, "any", [trusting({ AWS: "*" })]);
  const ofUser = keysOf((await sessionToken(user.keys)).Credentials);
  const federated = keysOf((await federationToken(user.keys, { Policy: policy(allow("*")) })).Credentials);
  const ofRole = await sessionOf(world, user.keys, roleArn("any"));
  for (const keys of [ofUser, federated, ofRole]) {
    await denied(sessionToken(keys), "Cannot call GetSessionToken with session credentials");
    await denied(federationToken(keys), "Cannot call GetFederationToken with session credentials");
  }
  for (const keys of [ofUser, federated]) {
    const info = world.sts(keys).send(new sts.GetAccessKeyInfoCommand({ AccessKeyId: user.keys.accessKeyId }));
    await denied(info, "Cannot call GetAccessKeyInfo with session credentials");
    const decode = world.sts(keys).send(new sts.DecodeAuthorizationMessageCommand({ EncodedMessage: "x" }));
    await denied(decode, "Cannot call DecodeAuthorizationMessage with session credentials");
    const { name, status } = await failure(world.iam(keys).send(new iam.GetUserCommand({ UserName: "mara" })));
    assert.deepEqual({ name, status }, { name: "InvalidClientTokenId", status: 403 });
  }
});

test("codes of an MFA device", async (t) => {
  const user = await newUserWith(world, "mfa", [allow("iam:GetUser")]);
  const other = await newUser(world, world.rootOf.A, "mfa-other");
  const start = Date.now();
  const now = () => start + moved;
  const forward = () => {
    world.server.moveClock(60_000);
    moved += 60_000;
  };
  const device = await enabledDevice(world.iam(world.rootOf.A), "mfa", now);
  forward();
  const SerialNumber = device.serialNumber;
  const wrong = (code: string) => code.replace(/^./, (digit) => String((Number(digit) + 1) % 10));

  await t.test("a session with a code may use IAM, and others see that it has", async () => {
    const byMfa = {
      Condition: {
        Bool: { "aws:MultiFactorAuthPresent": "true" },
        NumericLessThan: { "aws:MultiFactorAuthAge": "60" },
      },
    };
    await newRole(world, "by-mfa", [trusting({ AWS: user.arn }, byMfa)]);
    const without = keysOf((await sessionToken(user.keys)).Credentials);
    const refusal = `User: ${user.arn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn("by-mfa")}`;
    await denied(assume(world, user.keys, roleArn("by-mfa")), refusal);
    await denied(assume(world, without, roleArn("by-mfa")), refusal);
    const TokenCode = device.code();
    const keys = keysOf((await sessionToken(user.keys, { SerialNumber, TokenCode })).Credentials);
    assert.ok(await world.iam(keys).send(new iam.GetUserCommand({ UserName: "mfa" })));
    await assume(world, keys, roleArn("by-mfa"));
    forward();
    await denied(assume(world, keys, roleArn("by-mfa")), refusal);
    await assume(world, user.keys, roleArn("by-mfa"), { SerialNumber, TokenCode: device.code() });
  });
  await t.test("each code is good once", async () => {
    forward();
    const TokenCode = device.code();
    const both = await Promise.allSettled([
      sessionToken(user.keys, { SerialNumber, TokenCode }),
      assume(world, user.keys, roleArn("by-mfa"), { SerialNumber, TokenCode }),
      sessionToken(user.keys, { SerialNumber, TokenCode }),
    ]);
    assert.equal(both.filter(({ status }) => status === "fulfilled").length, 1);
    await denied(
      sessionToken(user.keys, { SerialNumber, TokenCode }),
      "MultiFactorAuthentication failed with invalid MFA one time pass code.",
    );
  });
  await t.test("a refused request spends no code", async () => {
    forward();
    const TokenCode = device.code();
    await newRole(world, "not-for-me", [trusting({ AWS: other.arn })]);
    const { message } = await failure(assume(world, user.keys, roleArn("not-for-me"), { SerialNumber, TokenCode }));
    assert.match(message, /not authorized to perform: sts:AssumeRole/);
    await sessionToken(user.keys, { SerialNumber, TokenCode });
  });
  await t.test("wrong ones, and those of others", async () => {
    forward();
    const unable =
      "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.";
    const both = "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.";
    const TokenCode = device.code();
    const invalid = "MultiFactorAuthentication failed with invalid MFA one time pass code.";
    await denied(sessionToken(user.keys, { SerialNumber, TokenCode: wrong(TokenCode) }), invalid);
    await denied(sessionToken(other.keys, { SerialNumber, TokenCode }), unable);
    await denied(sessionToken(user.keys, { SerialNumber: `${SerialNumber}x`, TokenCode }), unable);
    await denied(sessionToken(user.keys, { SerialNumber: "GAHT12345678", TokenCode }), unable);
    await denied(sessionToken(world.rootOf.B, { SerialNumber, TokenCode }), unable);
    await denied(sessionToken(user.keys, { TokenCode }), both);
    await denied(sessionToken(user.keys, { SerialNumber }), both);
    await denied(assume(world, user.keys, roleArn("by-mfa"), { SerialNumber }), both);
    await sessionToken(user.keys, { SerialNumber, TokenCode });
  });
});

test("a federated user has what user and policy both allow", async () => {
  const user = await newUserWith(world, "broker", [
    allow(["sts:GetFederationToken", "kms:ListKeys", "kms:ListAliases"]),
  ]);
  const Policy = policy(allow(["kms:ListKeys", "kms:GenerateRandom"]));
  const { Credentials, FederatedUser, PackedPolicySize } = await federationToken(user.keys, { Policy });
  assert.equal(lasts(Credentials), 43_200);
  assert.deepEqual(FederatedUser, { FederatedUserId: `${A}:fed`, Arn: `arn:aws:sts::${A}:federated-user/fed` });
  assert.ok((PackedPolicySize ?? 0) > 0);
  const client = world.kms(keysOf(Credentials));
  assert.ok(await client.send(new kms.ListKeysCommand({})));
  const beyond = [
    [new kms.ListAliasesCommand({}), "session policy"],
    [new kms.GenerateRandomCommand({ NumberOfBytes: 1 }), "identity-based policy"],
  ] as const;
  for (const [command, type] of beyond) {
    const { message } = await failure(client.send(command as kms.ListAliasesCommand));
    assert.match(message, new RegExp(`federated-user/fed is not authorized .* because no ${type} allows`));
  }
  const bare = await federationToken(user.keys);
  assert.equal(bare.PackedPolicySize, 0);
  const { message } = await failure(world.kms(keysOf(bare.Credentials)).send(new kms.ListKeysCommand({})));
  assert.match(message, /because no session policy allows/);
});

test("federating needs a right, and tags another", async () => {
  const arn = `arn:aws:sts::${A}:federated-user/fed`;
  const user = await newUserWith(world, "right", [{ ...allow("sts:GetFederationToken"), Resource: `${arn}*` }]);
  await federationToken(user.keys, { Name: "fed2" });
  const refusal = (action: string, resource: string) =>
    `User: ${user.arn} is not authorized to perform: sts:${action} on resource: ${resource} because no identity-based policy allows the sts:${action} action`;
  await denied(
    federationToken(user.keys, { Name: "other" }),
    refusal("GetFederationToken", arn.replace(/fed$/, "other")),
  );
  const Tags = [{ Key: "Team", Value: "red" }];
  await denied(federationToken(user.keys, { Tags }), refusal("TagSession", arn));
  const byTag = { Condition: { StringEquals: { "aws:RequestTag/team": "red" } } };
  await allowUser(world, "right", [allow(["sts:GetFederationToken", "sts:TagSession"], byTag), allow("kms:*")]);
  const Policy = policy(allow("kms:ListKeys", { Condition: { StringEquals: { "aws:PrincipalTag/Team": "red" } } }));
  const { Credentials, PackedPolicySize } = await federationToken(user.keys, { Tags, Policy });
  assert.ok((PackedPolicySize ?? 0) > 0);
  assert.ok(await world.kms(keysOf(Credentials)).send(new kms.ListKeysCommand({})));
});

test("whose an access key is", async () => {
  const user = await newUserWith(world, "asker", [allow("sts:GetAccessKeyInfo")]);
  const other = await newUser(world, world.rootOf.B, "owner");
  const session = keysOf((await sessionToken(other.keys)).Credentials);
  const info = (AccessKeyId: string, keys = user.keys) =>
    world.sts(keys).send(new sts.GetAccessKeyInfoCommand({ AccessKeyId }));
  for (const id of [other.keys.accessKeyId, session.accessKeyId, world.rootOf.B.accessKeyId]) {
    assert.equal((await info(id)).Account, B);
  }
  const inactive = { UserName: "owner", AccessKeyId: other.keys.accessKeyId, Status: "Inactive" } as const;
  await world.iam(world.rootOf.B).send(new iam.UpdateAccessKeyCommand(inactive));
  assert.equal((await info(other.keys.accessKeyId)).Account, B);
  for (const id of ["AKIAIOSFODNN7EXAMPLE", "ASIAAAAAAAAAAAAAAAAA", "ASIA2222222222222222", "ASIA0000000000000000"]) {
    const { name, status } = await failure(info(id));
    assert.deepEqual({ name, status }, { name: "ValidationError", status: 400 });
  }
  const { message } = await failure(info(user.keys.accessKeyId, (await newUser(world, world.rootOf.A, "no")).keys));
  assert.match(message, /sts:GetAccessKeyInfo on resource: \* because no identity-based policy allows/);
});

test("no message that could be decoded was ever encoded", async () => {
  const decode = (keys: Parameters<World["sts"]>[0], EncodedMessage: string) =>
    failure(world.sts(keys).send(new sts.DecodeAuthorizationMessageCommand({ EncodedMessage })));
  const { name, status } = await decode(world.rootOf.A, "bm9uc2Vuc2U\n");
  assert.deepEqual({ name, status }, { name: "InvalidAuthorizationMessageException", status: 400 });
  const user = await newUser(world, world.rootOf.A, "no-decoder");
  assert.equal((await decode(user.keys, "x")).name, "AccessDenied");
});

test("operations that are not offered are unknown", async () => {
  const client = world.sts(world.rootOf.A);
  const root = { TargetPrincipal: A, TaskPolicyArn: { arn: "arn:aws:iam::aws:policy/root-task/X" } };
  const web = { Audience: ["a"], SigningAlgorithm: "RS256" };
  for (const call of [
    () => client.send(new sts.AssumeRootCommand(root)),
    () => client.send(new sts.GetWebIdentityTokenCommand(web)),
  ]) {
    const { name, status, message } = await failure(call());
    assert.deepEqual({ name, status }, { name: "InvalidAction", status: 400 });
    assert.match(message, /^Could not find operation \w+ for version 2011-06-15$/);
  }
});
