import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import * as iam from "@aws-sdk/client-iam";
import * as kms from "@aws-sdk/client-kms";
import { ServerProcess } from "../process.ts";

const ROUNDS = Number(process.env.STRONGROOM_CRASH_ROUNDS ?? 6);
const CLIENTS = 4;
const directory = mkdtempSync(join(tmpdir(), "strongroom-kill-identities-"));
after(() => rmSync(directory, { recursive: true }));

/** What was acknowledged of one user; a step whose answer never came may have happened or not. */
interface UserView {
  readonly name: string;
  policy?: string;
  accessKeyId?: string;
  grantId?: string;
  group?: true;
  deleted?: true;
  unsure?: keyof UserView;
}

const document = (serial: number) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: { Sid: `S${serial}`, Effect: "Allow", Action: "kms:Encrypt", Resource: "*" },
  });

test(`kill -9 while identities and grants change, ${ROUNDS} times: nothing acknowledged is lost`, async (t) => {
  const data = join(directory, "data");
  const users: UserView[] = [];
  let keyId = "";
  let serial = 0;
  let acknowledged = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    const server = await ServerProcess.start(data);
    const credentials = credentialsIn(data);
    const client = { endpoint: server.endpoint, region: "us-east-1", credentials, maxAttempts: 1 };
    const [identities, keys] = [new iam.IAMClient(client), new kms.KMSClient(client)];
    if (round === 0) {
      keyId = (await keys.send(new kms.CreateKeyCommand({}))).KeyMetadata?.KeyId as string;
      await identities.send(new iam.CreateGroupCommand({ GroupName: "team" }));
    }
    for (const user of users.slice(-60)) await check(user, identities, keys, keyId);
    if (round < ROUNDS) {
      const cutOff = Promise.all(Array.from({ length: CLIENTS }, () => untilCutOff()));
      await delay(randomInt(150, 700));
      server.child.kill("SIGKILL");
      await cutOff;
      await server.kill("SIGKILL");
    } else await server.stop();
    identities.destroy();
    keys.destroy();

    async function untilCutOff(): Promise<void> {
      for (;;) {
        const user: UserView = { name: `user${serial++}` };
        try {
          await steps(user);
        } catch (error) {
          const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
          assert.equal(status, undefined, `refused: ${(error as Error).name} ${(error as Error).message}`);
          return;
        }
      }
    }

    async function steps(user: UserView): Promise<void> {
      const { name: UserName } = user;
      const { User } = await identities.send(new iam.CreateUserCommand({ UserName }));
      acknowledged++;
      users.push(user);
      const step = async (field: keyof UserView, send: () => Promise<UserView[typeof field]>) => {
        user.unsure = field;
        Object.assign(user, { [field]: await send() });
        delete user.unsure;
        acknowledged++;
      };
      const PolicyDocument = document(serial);
      await step("policy", async () => {
        await identities.send(new iam.PutUserPolicyCommand({ UserName, PolicyName: "p", PolicyDocument }));
        return PolicyDocument;
      });
      await step("group", async () => {
        await identities.send(new iam.AddUserToGroupCommand({ UserName, GroupName: "team" }));
        return true;
      });
      await step("accessKeyId", async () => {
        const { AccessKey } = await identities.send(new iam.CreateAccessKeyCommand({ UserName }));
        return AccessKey?.AccessKeyId as string;
      });
      await step("grantId", async () => {
        const grant = { KeyId: keyId, GranteePrincipal: User?.Arn as string, Operations: ["Decrypt" as const] };
        return (await keys.send(new kms.CreateGrantCommand(grant))).GrantId as string;
      });
      if (serial % 3 !== 0) return;
      // What is being taken away may be there or not from here on.
      const AccessKeyId = user.accessKeyId as string;
      for (const field of ["accessKeyId", "policy", "group"] as const) delete user[field];
      await identities.send(new iam.DeleteAccessKeyCommand({ UserName, AccessKeyId }));
      await identities.send(new iam.DeleteUserPolicyCommand({ UserName, PolicyName: "p" }));
      await identities.send(new iam.RemoveUserFromGroupCommand({ UserName, GroupName: "team" }));
      await step("deleted", async () => {
        await identities.send(new iam.DeleteUserCommand({ UserName }));
        return true;
      });
    }
  }
  t.diagnostic(`${acknowledged} changes acknowledged, ${users.length} users`);
  assert.ok(users.length > ROUNDS, "there was no load");
});

async function check(user: UserView, identities: iam.IAMClient, keys: kms.KMSClient, KeyId: string): Promise<void> {
  const { name: UserName, unsure } = user;
  const found = await identities.send(new iam.GetUserCommand({ UserName })).then(
    () => true,
    (error: Error) => {
      assert.equal(error.name, "NoSuchEntityException", `${UserName}: ${error.message}`);
      return false;
    },
  );
  if (unsure === "deleted") return;
  assert.equal(found, !user.deleted, UserName);
  if (user.grantId !== undefined) {
    const { Grants } = await keys.send(new kms.ListGrantsCommand({ KeyId, GrantId: user.grantId }));
    assert.equal(Grants?.length, 1, `the grant of ${UserName}`);
  }
  if (!found) return;
  if (user.policy !== undefined) {
    const { PolicyDocument = "" } = await identities.send(new iam.GetUserPolicyCommand({ UserName, PolicyName: "p" }));
    assert.equal(decodeURIComponent(PolicyDocument), user.policy);
  }
  const { Groups } = await identities.send(new iam.ListGroupsForUserCommand({ UserName }));
  if (user.group) assert.equal(Groups?.length, 1, `${UserName} is in its group`);
  const { AccessKeyMetadata } = await identities.send(new iam.ListAccessKeysCommand({ UserName }));
  if (user.accessKeyId !== undefined) assert.equal(AccessKeyMetadata?.[0]?.AccessKeyId, user.accessKeyId);
}

function credentialsIn(data: string): { accessKeyId: string; secretAccessKey: string } {
  const text = readFileSync(join(data, "credentials"), "utf8");
  const value = (name: string) => new RegExp(`^${name} = (.*)$`, "m").exec(text)?.[1] as string;
  return { accessKeyId: value("aws_access_key_id"), secretAccessKey: value("aws_secret_access_key") };
}
