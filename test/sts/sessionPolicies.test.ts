import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import * as kms from "@aws-sdk/client-kms";
import type * as sts from "@aws-sdk/client-sts";
import { keysOf, makeWorld, policy, type World } from "../authorization/world.ts";
import { failure } from "../harness.ts";
import { allowRole, assume, newRole, newUserWith, trusting } from "./client.ts";

let world: World;
let bob: Awaited<ReturnType<typeof newUserWith>>;
let role: { arn: string };
let listing: string;

const allow = (Action: string | string[]) => ({ Effect: "Allow", Action, Resource: "*" });

before(async () => {
  world = await makeWorld();
  bob = await newUserWith(world, "bob");
  role = await newRole(world, "app", [trusting({ AWS: bob.arn }, { Action: "sts:*" })]);
  await allowRole(world, "app", [allow(["kms:ListKeys", "kms:ListAliases"])]);
  const { Policy } = await world
    .iam(world.rootOf.A)
    .send(new iam.CreatePolicyCommand({ PolicyName: "listing", PolicyDocument: policy(allow("kms:ListKeys")) }));
  listing = Policy?.Arn as string;
});
after(() => world.stop());

async function may(credentials: sts.Credentials | undefined) {
  const client = world.kms(keysOf(credentials));
  const allowed = async (call: Promise<unknown>) =>
    call.then(
      () => true,
      () => false,
    );
  return [
    await allowed(client.send(new kms.ListKeysCommand({}))),
    await allowed(client.send(new kms.ListAliasesCommand({}))),
    await allowed(client.send(new kms.GenerateRandomCommand({ NumberOfBytes: 1 }))),
  ];
}

test("a session may what role and session policies both allow", async () => {
  const rows: [Partial<sts.AssumeRoleCommandInput>, boolean[]][] = [
    [{}, [true, true, false]],
    [{ Policy: policy(allow("*")) }, [true, true, false]],
    [{ Policy: policy(allow("kms:ListAliases")) }, [false, true, false]],
    [{ PolicyArns: [{ arn: listing }] }, [true, false, false]],
    [{ PolicyArns: [{ arn: listing }], Policy: policy(allow("kms:ListAliases")) }, [true, true, false]],
    [{ PolicyArns: [{ arn: "arn:aws:iam::aws:policy/AdministratorAccess" }] }, [true, true, false]],
    [{ Policy: '{"Statement":{"Effect":"Allow","Action":"kms:ListKeys","Resource":"*"}}' }, [true, false, false]],
  ];
  for (const [input, expected] of rows) {
    const { Credentials, PackedPolicySize } = await assume(world, bob.keys, role.arn, input);
    assert.deepEqual(await may(Credentials), expected, JSON.stringify(input));
    assert.equal(PackedPolicySize !== undefined, Object.keys(input).length > 0);
  }
});

test("managed session policies are read anew, and what is gone allows nothing", async () => {
  const root = world.iam(world.rootOf.A);
  const { Policy } = await root.send(
    new iam.CreatePolicyCommand({ PolicyName: "passing", PolicyDocument: policy(allow("kms:ListKeys")) }),
  );
  const PolicyArn = Policy?.Arn as string;
  const { Credentials } = await assume(world, bob.keys, role.arn, { PolicyArns: [{ arn: PolicyArn }] });
  assert.deepEqual(await may(Credentials), [true, false, false]);
  const PolicyDocument = policy(allow("kms:ListAliases"));
  await root.send(new iam.CreatePolicyVersionCommand({ PolicyArn, PolicyDocument, SetAsDefault: true }));
  assert.deepEqual(await may(Credentials), [false, true, false]);
  await root.send(new iam.DeletePolicyVersionCommand({ PolicyArn, VersionId: "v1" }));
  await root.send(new iam.DeletePolicyCommand({ PolicyArn }));
  assert.deepEqual(await may(Credentials), [false, false, false]);
});

test("bad session policies", async () => {
  const long = policy({ ...allow("kms:ListKeys"), Sid: "x".repeat(2000) });
  const rows: [Partial<sts.AssumeRoleCommandInput>, name: string, message: RegExp][] = [
    [{ Policy: "{" }, "MalformedPolicyDocumentException", /^Syntax errors in policy\.$/],
    [
      { Policy: policy({ ...allow("kms:*"), Principal: "*" }) },
      "MalformedPolicyDocumentException",
      /should not specify a principal/,
    ],
    [{ PolicyArns: [{ arn: `${listing}-absent` }] }, "MalformedPolicyDocumentException", /listing-absent/],
    [
      { Policy: long },
      "ValidationError",
      /^1 validation error detected: Value '\{"Version".*' at 'policy' failed to satisfy constraint: Member must have length less than or equal to 2048$/,
    ],
    [
      { Policy: policy({ ...allow("kms:ListKeys"), Sid: "x".repeat(1920) }), PolicyArns: [{ arn: listing }] },
      "ValidationError",
      /2048/,
    ],
    [
      { PolicyArns: Array.from({ length: 11 }, (_, i) => ({ arn: `${listing}${i}` })) },
      "ValidationError",
      /at 'policyArns' failed to satisfy constraint: Member must have length less than or equal to 10$/,
    ],
  ];
  for (const [input, name, message] of rows) {
    const failed = await failure(assume(world, bob.keys, role.arn, input));
    assert.equal(failed.name, name, failed.message);
    assert.equal(failed.status, 400);
    assert.match(failed.message, message);
  }
});

test("policies and tags have to fit into a session", async () => {
  const tags = (count: number) =>
    Array.from({ length: count }, (_, i) => ({
      Key: `key-${i}`,
      Value: Buffer.alloc(90, `${i * 7919}`).toString("base64"),
    }));
  const noisy = (count: number) =>
    Array.from({ length: count }, (_, i) => ({
      Key: `key-${i}`,
      Value: Array.from({ length: 8 }, () => Math.random().toString(36).slice(2)).join(""),
    }));
  let last = 0;
  for (const count of [1, 5, 20]) {
    const { PackedPolicySize, Credentials } = await assume(world, bob.keys, role.arn, { Tags: tags(count) });
    assert.ok((PackedPolicySize ?? 0) > last && (PackedPolicySize ?? 0) <= 100);
    assert.ok((Credentials?.SessionToken?.length ?? 0) < 4096);
    last = PackedPolicySize ?? 0;
  }
  const { name, message, status } = await failure(assume(world, bob.keys, role.arn, { Tags: noisy(50) }));
  assert.deepEqual({ name, status }, { name: "PackedPolicyTooLargeException", status: 400 });
  assert.ok(Number(/^Packed policy consumes (\d+)% of allotted space/.exec(message)?.[1]) > 100);
});
