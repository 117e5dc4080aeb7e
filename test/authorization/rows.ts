import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import * as kms from "@aws-sdk/client-kms";
import * as sts from "@aws-sdk/client-sts";
import { A, B, type Keys, keysOf, makeWorld, newUser, policy, type World } from "./world.ts";

export type Caller = "user" | "root" | "session" | "federated" | "mfaless" | "userOfB" | "rootOfB" | "sessionOfB";
export type Verdict =
  | "allow"
  | "identity"
  | "resource"
  | "boundary"
  | "session"
  | `deny ${"identity" | "resource" | "boundary" | "session"}`;

export interface Row {
  source: string;
  caller: Caller;
  key: object[];
  identity?: object[];
  group?: object[];
  boundary?: object[];
  session?: object[];
  grant?: Partial<kms.CreateGrantRequest>;
  context?: Record<string, string>;
  alias?: true;
  by?: "alias";
  tags?: Record<string, string>;
  userTags?: Record<string, string>;
  want: Verdict;
}

export const USER = `arn:aws:iam::${A}:user/team/alice`;
export const ROLE = `arn:aws:iam::${A}:role/team/app`;
export const SESSION = `arn:aws:sts::${A}:assumed-role/app/one`;
export const FEDERATED = `arn:aws:sts::${A}:federated-user/fed`;
export const USER_B = `arn:aws:iam::${B}:user/bob`;
export const ROLE_B = `arn:aws:iam::${B}:role/appb`;
export const SESSION_B = `arn:aws:sts::${B}:assumed-role/appb/one`;
export const ALIAS = "alias/table";

const names: Record<Caller, string> = {
  user: USER,
  root: `arn:aws:iam::${A}:root`,
  session: SESSION,
  federated: FEDERATED,
  mfaless: USER,
  userOfB: USER_B,
  rootOfB: `arn:aws:iam::${B}:root`,
  sessionOfB: SESSION_B,
};

export const to = (AWS: string | string[], Action: string | string[] = "kms:*", more: object = {}) => ({
  Effect: "Allow",
  Principal: AWS === "*" ? "*" : { AWS },
  Action,
  Resource: "*",
  ...more,
});
export const denyTo = (AWS: string, Action: string | string[] = "kms:Encrypt", more: object = {}) => ({
  ...to(AWS, Action, more),
  Effect: "Deny",
});
export const ROOT = to(`arn:aws:iam::${A}:root`);
export const may = (
  Action: string | string[] = "kms:Encrypt",
  Resource: string | string[] = "KEY",
  Condition?: object,
) => ({
  Effect: "Allow",
  Action,
  Resource,
  ...(Condition && { Condition }),
});
export const mayNot = (Action = "kms:Encrypt", Resource = "*", Condition?: object) => ({
  ...may(Action, Resource, Condition),
  Effect: "Deny",
});
export const s3 = may("s3:*", "*");
export const when = (operator: string, key: string, value: unknown) => ({ [operator]: { [key]: value } });

let world: World;
let alice: Awaited<ReturnType<typeof newUser>>;
let bob: typeof alice;

/** Makes the world of the rows before the tests of a file, and takes it away after them. */
export function inTheWorld(): void {
  before(setUp);
  after(() => world.stop());
}

async function setUp(): Promise<void> {
  world = await makeWorld();
  const [a, b] = [world.iam(world.rootOf.A), world.iam(world.rootOf.B)];
  alice = await newUser(world, world.rootOf.A, "alice");
  await a.send(new iam.UpdateUserCommand({ UserName: "alice", NewPath: "/team/" }));
  bob = await newUser(world, world.rootOf.B, "bob");
  const trust = (AWS: string) => policy({ Effect: "Allow", Principal: { AWS }, Action: "sts:AssumeRole" });
  await a.send(new iam.CreateRoleCommand({ RoleName: "app", Path: "/team/", AssumeRolePolicyDocument: trust(USER) }));
  await b.send(new iam.CreateRoleCommand({ RoleName: "appb", AssumeRolePolicyDocument: trust(USER_B) }));
  await a.send(new iam.CreateGroupCommand({ GroupName: "team" }));
  await a.send(new iam.AddUserToGroupCommand({ GroupName: "team", UserName: "alice" }));
  for (const [client, account] of [
    [a, A],
    [b, B],
  ] as const) {
    await client.send(new iam.CreatePolicyCommand({ PolicyName: "boundary", PolicyDocument: policy(s3) }));
    assert.match(`arn:aws:iam::${account}:policy/boundary`, /policy/);
  }
}

/** Gives the caller what the row says it has. Returns its credentials. */
async function become(row: Row, keyArn: string): Promise<Keys> {
  const { caller, identity, group, boundary, session, userTags } = row;
  if (caller === "root" || caller === "rootOfB") return world.rootOf[caller === "root" ? "A" : "B"];
  const ofB = caller.endsWith("OfB");
  const account = ofB ? B : A;
  const client = world.iam(ofB ? world.rootOf.B : world.rootOf.A);
  const text = (statements: object[]) => policy(...statements).replaceAll('"KEY"', JSON.stringify(keyArn));
  const role = caller.startsWith("session") ? (ofB ? "appb" : "app") : undefined;
  const user = ofB ? "bob" : "alice";
  const inline = { PolicyName: "p", PolicyDocument: text(identity ?? [s3]) };
  if (role) await client.send(new iam.PutRolePolicyCommand({ RoleName: role, ...inline }));
  else await client.send(new iam.PutUserPolicyCommand({ UserName: user, ...inline }));
  if (!ofB) {
    await client.send(
      new iam.PutGroupPolicyCommand({ GroupName: "team", PolicyName: "p", PolicyDocument: text(group ?? [s3]) }),
    );
  }
  for (const [Key, Value] of Object.entries(userTags ?? {})) {
    await client.send(new iam.TagUserCommand({ UserName: user, Tags: [{ Key, Value }] }));
  }
  const keys = await credentialsOf(row, session && text(session), identity && text(identity));
  // Only now: a boundary would limit the right to ask for the session, too.
  const PermissionsBoundary = `arn:aws:iam::${account}:policy/boundary`;
  if (boundary) {
    const PolicyArn = PermissionsBoundary;
    const { PolicyVersion } = await client.send(
      new iam.CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: text(boundary), SetAsDefault: true }),
    );
    const { Versions } = await client.send(new iam.ListPolicyVersionsCommand({ PolicyArn }));
    for (const { VersionId } of Versions ?? []) {
      if (VersionId === PolicyVersion?.VersionId) continue;
      await client.send(new iam.DeletePolicyVersionCommand({ PolicyArn, VersionId }));
    }
    if (role) await client.send(new iam.PutRolePermissionsBoundaryCommand({ RoleName: role, PermissionsBoundary }));
    else await client.send(new iam.PutUserPermissionsBoundaryCommand({ UserName: user, PermissionsBoundary }));
  }
  return keys;
}

/** The credentials that a row's caller uses. */
async function credentialsOf({ caller }: Row, Policy: string | undefined, identity: string | undefined): Promise<Keys> {
  const ofB = caller.endsWith("OfB");
  const own = ofB ? bob.keys : alice.keys;
  if (caller === "mfaless") return keysOf((await world.sts(own).send(new sts.GetSessionTokenCommand())).Credentials);
  if (caller === "federated") {
    // It is the user who asks for the session, and needs a right for that alone.
    const statements = identity === undefined ? [] : JSON.parse(identity).Statement;
    const PolicyDocument = policy(...statements, may("sts:GetFederationToken", "*"));
    await world
      .iam(world.rootOf.A)
      .send(new iam.PutUserPolicyCommand({ UserName: "alice", PolicyName: "p", PolicyDocument }));
    return keysOf((await world.sts(own).send(new sts.GetFederationTokenCommand({ Name: "fed", Policy }))).Credentials);
  }
  if (!caller.startsWith("session")) return own;
  const RoleArn = ofB ? ROLE_B : ROLE;
  return keysOf(
    (await world.sts(own).send(new sts.AssumeRoleCommand({ RoleArn, RoleSessionName: "one", Policy }))).Credentials,
  );
}

async function restore({ caller, boundary, userTags }: Row): Promise<void> {
  if (caller === "root" || caller === "rootOfB") return;
  const ofB = caller.endsWith("OfB");
  const client = world.iam(ofB ? world.rootOf.B : world.rootOf.A);
  const [UserName, RoleName] = ofB ? ["bob", "appb"] : ["alice", "app"];
  if (boundary && caller.startsWith("session"))
    await client.send(new iam.DeleteRolePermissionsBoundaryCommand({ RoleName }));
  else if (boundary) await client.send(new iam.DeleteUserPermissionsBoundaryCommand({ UserName }));
  if (userTags) await client.send(new iam.UntagUserCommand({ UserName, TagKeys: Object.keys(userTags) }));
}

const reasons: Record<Exclude<Verdict, "allow">, string> = {
  identity: "because no identity-based policy allows the kms:Encrypt action",
  resource: "because no resource-based policy allows the kms:Encrypt action",
  boundary: "because no permissions boundary allows the kms:Encrypt action",
  session: "because no session policy allows the kms:Encrypt action",
  "deny identity": "with an explicit deny in an identity-based policy",
  "deny resource": "with an explicit deny in a resource-based policy",
  "deny boundary": `with an explicit deny in a permissions boundary: arn:aws:iam::${A}:policy/boundary`,
  "deny session": "with an explicit deny in a session policy",
};

const granteeOf: Partial<Record<Caller, string>> = { user: USER, session: ROLE, userOfB: USER_B };

/** Registers a row as a test: makes its key, gives the caller what it has, asks, and holds the answer against what the row wants. */
export function testRow(row: Row): void {
  test(`${row.source}: ${row.caller} → ${row.want}`, async () => {
    const root = world.kms(world.rootOf.A);
    const Tags = Object.entries(row.tags ?? {}).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));
    const { KeyMetadata } = await root.send(
      new kms.CreateKeyCommand({ Policy: policy(...row.key), BypassPolicyLockoutSafetyCheck: true, Tags }),
    );
    const { Arn = "", KeyId = "" } = KeyMetadata ?? {};
    if (row.alias) await root.send(new kms.CreateAliasCommand({ AliasName: ALIAS, TargetKeyId: KeyId }));
    if (row.grant) {
      const grant = { KeyId, GranteePrincipal: granteeOf[row.caller], Operations: ["Encrypt" as const], ...row.grant };
      await root.send(new kms.CreateGrantCommand(grant));
    }
    try {
      const client = world.kms(await become(row, Arn));
      const request = {
        KeyId: row.by === "alias" ? ALIAS : Arn,
        Plaintext: Buffer.from("x"),
        EncryptionContext: row.context,
      };
      const call = client.send(new kms.EncryptCommand(request));
      if (row.want === "allow") {
        assert.equal((await call).KeyId, Arn);
        return;
      }
      await assert.rejects(call, (error: Error & { $metadata: { httpStatusCode?: number } }) => {
        assert.equal(error.name, "AccessDeniedException");
        assert.equal(error.$metadata.httpStatusCode, 400);
        const reason = reasons[row.want as keyof typeof reasons];
        assert.equal(
          error.message,
          `User: ${names[row.caller]} is not authorized to perform: kms:Encrypt on resource: ${Arn} ${reason}`,
        );
        return true;
      });
    } finally {
      await restore(row);
      if (row.alias) await root.send(new kms.DeleteAliasCommand({ AliasName: ALIAS }));
    }
  });
}
