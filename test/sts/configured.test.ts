import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import { A, makeWorld, type World } from "../authorization/world.ts";
import { awsEnvironment, runCommand, whyNoAwsCli } from "../clients/awsCli.ts";
import { newRole, newUserWith, trusting } from "./client.ts";
import { type IdentityProvider, idToken, issuerKey, startIdentityProvider } from "./identityProvider.ts";

/** Clients that get their sessions by themselves, from what their configuration says. */

let world: World;
let idp: IdentityProvider;
let env: Record<string, string | undefined>;
const cwd = mkdtempSync(join(tmpdir(), "strongroom-configured-"));
const noBoto3 =
  spawnSync("python3", ["-c", "import boto3"]).status === 0
    ? false
    : "there is no python3 with boto3 (pip install boto3)";
const PYTHON = `
import boto3, json, sys
sts = boto3.Session(profile_name=sys.argv[1]).client("sts")
print(json.dumps({k: v for k, v in sts.get_caller_identity().items() if k != "ResponseMetadata"}))
`;

before(async () => {
  world = await makeWorld();
  idp = await startIdentityProvider();
  const bob = await newUserWith(world, "bob");
  const chained = await newRole(world, "first", [
    trusting({ AWS: bob.arn }, { Condition: { StringEquals: { "sts:ExternalId": "external" } } }),
  ]);
  const second = await newRole(world, "second", [trusting({ AWS: chained.arn })]);
  const key = await issuerKey("k");
  const issuer = idp.issuer("cluster", [key]);
  const provider = { Url: issuer.url, ClientIDList: ["sts.amazonaws.com"] };
  const { OpenIDConnectProviderArn } = await world
    .iam(world.rootOf.A)
    .send(new iam.CreateOpenIDConnectProviderCommand(provider));
  const web = await newRole(world, "web", [
    trusting({ Federated: OpenIDConnectProviderArn }, { Action: "sts:AssumeRoleWithWebIdentity" }),
  ]);
  const config = join(cwd, "config");
  const tokenFile = join(cwd, "token");
  writeFileSync(tokenFile, await idToken(issuer, key));
  const profile = (name: string, members: Record<string, string>) =>
    `[profile ${name}]\n${Object.entries(members)
      .map(([member, value]) => `${member} = ${value}\n`)
      .join("")}`;
  writeFileSync(
    config,
    [
      profile("bob", { aws_access_key_id: bob.keys.accessKeyId, aws_secret_access_key: bob.keys.secretAccessKey }),
      profile("first", {
        role_arn: chained.arn,
        source_profile: "bob",
        external_id: "external",
        role_session_name: "one",
      }),
      profile("second", { role_arn: second.arn, source_profile: "first", role_session_name: "two" }),
      profile("web", { role_arn: web.arn, web_identity_token_file: tokenFile, role_session_name: "pod" }),
    ].join("\n"),
  );
  env = { ...awsEnvironment(world.server), AWS_CONFIG_FILE: config, AWS_SHARED_CREDENTIALS_FILE: join(cwd, "none") };
});
after(async () => {
  await idp.close();
  await world.stop();
  rmSync(cwd, { recursive: true });
});

const profiles = {
  bob: "user/bob",
  first: "assumed-role/first/one",
  second: "assumed-role/second/two",
  web: "assumed-role/web/pod",
};

test("the aws command line", { skip: whyNoAwsCli() }, async (t) => {
  const options = { cwd, env: { ...env, HOME: cwd } };
  for (const [profile, name] of Object.entries(profiles)) {
    await t.test(profile, async () => {
      const args = ["sts", "get-caller-identity", "--profile", profile];
      const { code, stdout, stderr } = await runCommand("aws", args, options);
      assert.equal(code, 0, stderr);
      const { Account, Arn } = JSON.parse(stdout);
      assert.equal(Account, A);
      assert.ok(Arn.endsWith(`:${name}`), Arn);
    });
  }
});

test("boto3", { skip: noBoto3 }, async (t) => {
  for (const [profile, name] of Object.entries(profiles)) {
    await t.test(profile, async () => {
      const { code, stdout, stderr } = await runCommand("python3", ["-c", PYTHON, profile], { cwd, env });
      assert.equal(code, 0, stderr);
      assert.ok(JSON.parse(stdout).Arn.endsWith(`:${name}`), stdout);
    });
  }
});
