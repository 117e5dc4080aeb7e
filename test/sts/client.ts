import * as iam from "@aws-sdk/client-iam";
import * as sts from "@aws-sdk/client-sts";
import { A, type Keys, keysOf, newUser, policy, type World } from "../authorization/world.ts";

export const roleArn = (name: string, account = A) => `arn:aws:iam::${account}:role/${name}`;

/** A statement that lets these principals begin sessions. */
export function trusting(Principal: object | string, rest: object = {}): object {
  return { Effect: "Allow", Principal, Action: "sts:AssumeRole", ...rest };
}

/** Makes a role; its trust policy is of these statements. */
export async function newRole(
  world: World,
  RoleName: string,
  trust: object[],
  rest: Partial<iam.CreateRoleCommandInput> = {},
  root: Keys = world.rootOf.A,
): Promise<{ arn: string; id: string }> {
  const made = await world
    .iam(root)
    .send(new iam.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: policy(...trust), ...rest }));
  return { arn: made.Role?.Arn as string, id: made.Role?.RoleId as string };
}

/** A user, and what its inline policy says. */
export async function newUserWith(world: World, name: string, statements: object[] = [], root: Keys = world.rootOf.A) {
  const user = await newUser(world, root, name);
  if (statements.length > 0) await allowUser(world, name, statements, root);
  return user;
}

export async function allowUser(world: World, UserName: string, statements: object[], root: Keys = world.rootOf.A) {
  await world
    .iam(root)
    .send(new iam.PutUserPolicyCommand({ UserName, PolicyName: "p", PolicyDocument: policy(...statements) }));
}

export async function allowRole(world: World, RoleName: string, statements: object[], root: Keys = world.rootOf.A) {
  await world
    .iam(root)
    .send(new iam.PutRolePolicyCommand({ RoleName, PolicyName: "p", PolicyDocument: policy(...statements) }));
}

export function assume(
  world: World,
  keys: Keys,
  RoleArn: string,
  input: Partial<sts.AssumeRoleCommandInput> = {},
): Promise<sts.AssumeRoleCommandOutput> {
  return world.sts(keys).send(new sts.AssumeRoleCommand({ RoleArn, RoleSessionName: "session", ...input }));
}

/** Credentials of a new session of a role. */
export async function sessionOf(
  world: World,
  keys: Keys,
  arn: string,
  input: Partial<sts.AssumeRoleCommandInput> = {},
): Promise<Keys> {
  return keysOf((await assume(world, keys, arn, input)).Credentials);
}

export async function identityOf(world: World, keys: Keys) {
  const { $metadata, ...identity } = await world.sts(keys).send(new sts.GetCallerIdentityCommand({}));
  return identity;
}
