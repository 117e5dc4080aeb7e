import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { DecryptCommand, DescribeKeyCommand, EncryptCommand, KMSClient, ListKeysCommand } from "@aws-sdk/client-kms";
import { main } from "../process.ts";
import { strongroom } from "./strongroom.ts";

const directory = mkdtempSync(join(tmpdir(), "strongroom-cli-"));
after(() => rmSync(directory, { recursive: true }));

/** A server process; ends with SIGTERM. */
async function serve(data: string, args: string[] = [], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [main, "serve", "--port", "0", "--data", data, ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => (stdout += chunk));
  child.stderr.on("data", (chunk) => (stderr += chunk));
  while (!stdout.includes("aws kms create-key")) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}: ${stderr}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const endpoint = /serves AWS KMS on (\S+)/.exec(stdout)![1]!;
  return {
    endpoint,
    stdout,
    stderr: () => stderr,
    async stop() {
      child.kill("SIGTERM");
      const [code] = await once(child, "exit");
      return code as number;
    },
  };
}

const client = (endpoint: string, accessKeyId: string, secretAccessKey: string, region = "us-east-1") =>
  new KMSClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 });

test("--help teaches: every command, options with their defaults, examples", async () => {
  const { stdout, code } = await strongroom(["--help"]);
  assert.equal(code, 0);
  for (const command of ["serve", "env", "account", "audit", "explain", "seed", "rotate-domain-key", "version"])
    assert.match(stdout, new RegExp(`^  ${command}\\b`, "m"));
  const serveHelp = (await strongroom(["serve", "--help"])).stdout;
  for (const part of [
    "--port",
    "5397",
    "--data",
    "--tls",
    "--seed",
    "--workers",
    "Examples:",
    "STRONGROOM_BOOTSTRAP_ACCESS_KEY_ID",
  ]) {
    assert.ok(serveHelp.includes(part), part);
  }
});

test("version", async () => {
  const { stdout } = await strongroom(["version"]);
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  assert.equal(
    stdout,
    `strongroom ${version} (Node.js ${process.versions.node}, OpenSSL ${process.versions.openssl})\n`,
  );
  assert.equal((await strongroom(["--version"])).stdout.trim(), version);
});

test("a wrong call: what was wrong and where help is, status 1", async () => {
  for (const [args, message] of [
    [["nonsense"], /unknown command 'nonsense'/],
    [["serve", "--port", "70000"], /A port is a number from 0 to 65535/],
    [["serve", "--workers", "0"], /A number from 1 to 256/],
    [["serve", "--account", "123"], /An account id has 12 digits/],
    [["serve", "--tls", "magic"], /Allowed choices are self-signed/],
    [["serve", "--tls", "self-signed", "--tls-cert", "x"], /exclude each other/],
    [["serve", "--tls-cert", "x"], /needed both/],
    [["serve", "--host", "0.0.0.0", "--data", join(directory, "never")], /plain HTTP on 0\.0\.0\.0/],
    [["serve", "--seed", join(directory, "none.yaml")], /none\.yaml cannot be read/],
    [["seed", join(directory, "none.yaml")], /none\.yaml cannot be read/],
    [["env", "--data", join(directory, "never")], /Has a server been started with --data/],
    [["rotate-domain-key", "--data", join(directory, "never")], /there is no store/],
  ] as const) {
    const { code, stderr } = await strongroom([...args]);
    assert.equal(code, 1, args.join(" "));
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /\n\s+at /, "no stack trace");
  }
  assert.equal(existsSync(join(directory, "never")), false, "nothing was made");
});

test("first start: credentials as chosen, files their owner's alone; env points clients at it", async () => {
  const data = join(directory, "first");
  const server = await serve(data, ["--account", "123456789012"], {
    STRONGROOM_BOOTSTRAP_ACCESS_KEY_ID: "AKIAEXAMPLE",
    STRONGROOM_BOOTSTRAP_SECRET_ACCESS_KEY: "abc/def+ghi'x",
  });
  assert.equal(
    readFileSync(join(data, "credentials"), "utf8"),
    "[default]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = abc/def+ghi'x\n",
  );
  for (const file of ["credentials", "root.key", "strongroom.db"])
    assert.equal(statSync(join(data, file)).mode & 0o777, 0o600, file);
  assert.match(server.stdout, /Account {6}123456789012/);
  assert.match(server.stdout, /root\.key - just made; back it up/);
  assert.match(server.stderr(), /made a new root key/);
  assert.doesNotMatch(server.stdout + server.stderr(), /abc\/def/, "the secret is in its file alone");

  const { stdout } = await strongroom(["env", "--data", data, "--region", "eu-west-1"]);
  // The shell itself says what it reads.
  const { stdout: seen } = await promisify(execFile)("sh", [
    "-c",
    `${stdout}\nprintf '%s\\n' "$AWS_ENDPOINT_URL" "$AWS_REGION" "$AWS_DEFAULT_REGION" "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY"`,
  ]);
  assert.deepEqual(seen.trim().split("\n"), [
    server.endpoint,
    "eu-west-1",
    "eu-west-1",
    "AKIAEXAMPLE",
    "abc/def+ghi'x",
  ]);
  const kms = client(server.endpoint, "AKIAEXAMPLE", "abc/def+ghi'x");
  assert.deepEqual((await kms.send(new ListKeysCommand({}))).Keys, []);
  assert.equal(await server.stop(), 0);

  const again = await serve(data, [], {
    STRONGROOM_BOOTSTRAP_ACCESS_KEY_ID: "OTHER",
    STRONGROOM_BOOTSTRAP_SECRET_ACCESS_KEY: "other",
  });
  assert.match(again.stdout, /Account {6}123456789012/);
  assert.doesNotMatch(again.stdout, /just made/);
  const kmsAgain = client(again.endpoint, "AKIAEXAMPLE", "abc/def+ghi'x");
  await kmsAgain.send(new ListKeysCommand({}));
  assert.equal(await again.stop(), 0);
});

test("--regions restricts where there are keys", async () => {
  const data = join(directory, "regions");
  const server = await serve(data, ["--regions", "eu-west-1, eu-central-1"]);
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = await environment(data);
  await client(server.endpoint, AWS_ACCESS_KEY_ID!, AWS_SECRET_ACCESS_KEY!, "eu-central-1").send(
    new ListKeysCommand({}),
  );
  await assert.rejects(
    client(server.endpoint, AWS_ACCESS_KEY_ID!, AWS_SECRET_ACCESS_KEY!, "us-east-1").send(new ListKeysCommand({})),
    { name: "InvalidSignatureException", message: /Credential should be scoped to a valid Region, not 'us-east-1'/ },
  );
  assert.equal(await server.stop(), 0);
});

async function environment(data: string): Promise<Record<string, string>> {
  const { stdout } = await strongroom(["env", "--data", data]);
  return Object.fromEntries([...stdout.matchAll(/^export (\w+)='?(.*?)'?$/gm)].map(([, name, value]) => [name, value]));
}

const seedFile = `
accounts:
  - id: "111122223333"
    accessKeys:
      - { accessKeyId: AKIASEED, secretAccessKey: seedsecret }
keys:
  - id: 1234abcd-12ab-34cd-56ef-1234567890ab
    account: "111122223333"
    region: eu-west-1
    aliases: [alias/seeded]
    description: seeded
    tags: { team: payments, number: 1 }
    rotationPeriodInDays: 90
    testMaterial: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=
  - id: 00000000-0000-4000-8000-000000000001
    region: us-east-1
`;

test("seeds: at start or into a running server, any number of times; the same test material everywhere", async () => {
  const file = join(directory, "seed.yaml");
  writeFileSync(file, seedFile);
  const [one, two] = [join(directory, "seed1"), join(directory, "seed2")];
  const [first, second] = await Promise.all([serve(one, ["--seed", file]), serve(two)]);
  assert.match((await strongroom(["seed", file, "--data", two])).stdout, /^created 1 accounts and 2 keys/);
  assert.match((await strongroom(["seed", file, "--data", two])).stdout, /^created 0 accounts and 0 keys/);
  assert.match((await strongroom(["seed", file, "--data", one])).stdout, /^created 0 accounts and 0 keys/);
  await new Promise((resolve) => setTimeout(resolve, 60)); // a lone server hears of it within 50 ms

  const [a, b] = [first, second].map((server) => client(server.endpoint, "AKIASEED", "seedsecret", "eu-west-1")) as [
    KMSClient,
    KMSClient,
  ];
  const { KeyMetadata } = await b.send(new DescribeKeyCommand({ KeyId: "alias/seeded" }));
  assert.equal(KeyMetadata!.Arn, "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab");
  const { CiphertextBlob } = await a.send(
    new EncryptCommand({ KeyId: "alias/seeded", Plaintext: Buffer.from("text") }),
  );
  const { Plaintext } = await b.send(new DecryptCommand({ CiphertextBlob }));
  assert.equal(Buffer.from(Plaintext!).toString(), "text");
  assert.deepEqual([await first.stop(), await second.stop()], [0, 0]);
});

test("--root-key passphrase: the right one opens, another does not, none says so", async () => {
  const data = join(directory, "passphrase");
  const passphrase = { STRONGROOM_ROOT_PASSPHRASE: "correct horse battery staple" };
  const args = ["--root-key", "passphrase"];
  const server = await serve(data, args, passphrase);
  assert.equal(existsSync(join(data, "root.key")), false);
  assert.equal(await server.stop(), 0);
  const file = join(directory, "passphrase.txt");
  writeFileSync(file, `${passphrase.STRONGROOM_ROOT_PASSPHRASE}\n`);
  assert.equal(await (await serve(data, [...args, "--passphrase-file", file])).stop(), 0);
  const start = (more: string[], env: Record<string, string>) =>
    strongroom(["serve", "--port", "0", "--data", data, ...more], { STRONGROOM_ROOT_PASSPHRASE: "", ...env });
  for (const [more, env, message] of [
    [args, { STRONGROOM_ROOT_PASSPHRASE: "correct horse battery stapler" }, /the passphrase does not open this store/],
    [args, { STRONGROOM_ROOT_PASSPHRASE: "short" }, /too short/],
    [args, {}, /needs the passphrase/],
    [[], {}, /was made with --root-key passphrase, but was started with --root-key file/],
  ] as const) {
    const { code, stderr } = await start([...more], env);
    assert.equal(code, 1);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /battery/);
  }
});
