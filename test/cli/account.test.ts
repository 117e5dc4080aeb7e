import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import * as kms from "@aws-sdk/client-kms";
import * as sts from "@aws-sdk/client-sts";
import { readCredentials } from "../../src/cli/credentials.ts";
import { newAccount } from "../../src/iam/account.ts";
import { SqliteStore } from "../../src/store/sqlite/sqliteStore.ts";
import { failure } from "../harness.ts";
import { ServerProcess, until } from "../process.ts";
import { strongroom } from "./strongroom.ts";

const directory = mkdtempSync(join(tmpdir(), "strongroom-account-"));
const data = join(directory, "data");
let server: ServerProcess;
before(async () => {
  server = await ServerProcess.start(data);
});
after(async () => {
  await server.kill("SIGKILL");
  rmSync(directory, { recursive: true });
});

const account = (...args: string[]) => strongroom(["account", ...args, "--data", data]);

/** Makes an account beside the running server; what its clients sign with. */
async function newTenant(...args: string[]) {
  const { stdout, code, stderr } = await account("create", ...args);
  assert.equal(code, 0, stderr);
  const id = /^Account {6}(\d{12})$/m.exec(stdout)![1]!;
  const credentials = (await readCredentials(join(data, "accounts", id, "credentials")))!;
  return { id, credentials, stdout };
}

type Keys = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
const config = (credentials: Keys) => ({
  endpoint: server.endpoint,
  region: "us-east-1",
  credentials,
  maxAttempts: 1,
});
const clientOf = (credentials: Keys) => server.client({ credentials });

/** A lone server hears of what others did within 50 ms. */
const obeyed = (client: kms.KMSClient, succeeds: boolean) =>
  until(
    () =>
      client.send(new kms.ListKeysCommand({})).then(
        () => succeeds,
        () => !succeeds,
      ),
    "the server obeys",
    2_000,
  );

test("create, while the server serves: prints where the secret is, not the secret, and the lines to use it", async () => {
  const { id, credentials, stdout } = await newTenant("--id", "111122223333", "--name", "Zahlungen & mehr");
  assert.equal(id, "111122223333");
  const path = join(data, "accounts", id, "credentials");
  assert.equal(
    readFileSync(path, "utf8"),
    `[default]\naws_access_key_id = ${credentials.accessKeyId}\naws_secret_access_key = ${credentials.secretAccessKey}\n`,
  );
  assert.match(credentials.accessKeyId, /^AKIA[A-Z2-7]{16}$/);
  assert.equal(credentials.secretAccessKey.length, 40);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(statSync(join(data, "accounts", id)).mode & 0o777, 0o700);
  assert.deepEqual(readdirSync(join(data, "accounts", id)), ["credentials"], "nothing else is left");
  assert.ok(!stdout.includes(credentials.secretAccessKey));
  for (const line of [
    `Credentials  ${path} (profile default)`,
    `  export AWS_ENDPOINT_URL=${server.endpoint}`,
    `  export AWS_SHARED_CREDENTIALS_FILE=${path}`,
  ]) {
    assert.ok(stdout.includes(`${line}\n`), line);
  }
  const client = clientOf(credentials);
  await obeyed(client, true);
  const { KeyMetadata } = await client.send(new kms.CreateKeyCommand({}));
  assert.equal(KeyMetadata!.AWSAccountId, id);
  assert.match(KeyMetadata!.Arn!, /^arn:aws:kms:us-east-1:111122223333:key\//);
  const caller = await new sts.STSClient(config(credentials)).send(new sts.GetCallerIdentityCommand({}));
  assert.equal(caller.Arn, "arn:aws:iam::111122223333:root");
  assert.ok(!server.stderr.includes(credentials.secretAccessKey));
});

test("env --account prints that account's lines", async () => {
  const { id, credentials } = await newTenant();
  assert.match(id, /^[1-9]\d{11}$/);
  const { stdout } = await strongroom(["env", "--account", id, "--data", data]);
  assert.match(stdout, new RegExp(`^export AWS_ACCESS_KEY_ID=${credentials.accessKeyId}$`, "m"));
  assert.ok(stdout.includes(`export AWS_SECRET_ACCESS_KEY=${credentials.secretAccessKey}\n`));
  const missing = await strongroom(["env", "--account", "999999999999", "--data", data]);
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /999999999999\/credentials is not there\. Was account 999999999999 made with/);
});

test("two accounts see nothing of one another", async () => {
  const [one, two] = [await newTenant(), await newTenant()];
  const [a, b] = [clientOf(one.credentials), clientOf(two.credentials)];
  await Promise.all([obeyed(a, true), obeyed(b, true)]);
  const made = async (client: kms.KMSClient) => {
    const { KeyMetadata } = await client.send(new kms.CreateKeyCommand({}));
    await client.send(new kms.CreateAliasCommand({ AliasName: "alias/app", TargetKeyId: KeyMetadata!.KeyId! }));
    return KeyMetadata!.Arn!;
  };
  const [keyA, keyB] = [await made(a), await made(b)];
  const keysOf = async (client: kms.KMSClient) =>
    (await client.send(new kms.ListKeysCommand({}))).Keys!.map(({ KeyArn }) => KeyArn);
  assert.deepEqual([await keysOf(a), await keysOf(b)], [[keyA], [keyB]]);
  const described = async (client: kms.KMSClient, KeyId: string) =>
    (await client.send(new kms.DescribeKeyCommand({ KeyId }))).KeyMetadata!.Arn;
  assert.deepEqual([await described(a, "alias/app"), await described(b, "alias/app")], [keyA, keyB]);
  const aliasesOf = async (client: kms.KMSClient) =>
    (await client.send(new kms.ListAliasesCommand({})))
      .Aliases!.filter(({ TargetKeyId }) => TargetKeyId)
      .map(({ AliasArn }) => AliasArn);
  assert.deepEqual(await aliasesOf(a), [`arn:aws:kms:us-east-1:${one.id}:alias/app`]);
  for (const KeyId of [keyB, `arn:aws:kms:us-east-1:${two.id}:alias/app`]) {
    assert.deepEqual(await failure(described(a, KeyId)), {
      name: "AccessDeniedException",
      message: `User: arn:aws:iam::${one.id}:root is not authorized to perform: kms:DescribeKey on resource: ${KeyId} because no resource-based policy allows the kms:DescribeKey action`,
      status: 400,
    });
  }
  const users = async (credentials: Keys) =>
    (await new iam.IAMClient(config(credentials)).send(new iam.ListUsersCommand({}))).Users!.map(({ Arn }) => Arn);
  await new iam.IAMClient(config(one.credentials)).send(new iam.CreateUserCommand({ UserName: "bob" }));
  assert.deepEqual(await users(one.credentials), [`arn:aws:iam::${one.id}:user/bob`]);
  assert.deepEqual(await users(two.credentials), []);
});

test("closing stops everybody at the next request: root, sessions under way, others at its keys; reopening undoes it", async () => {
  const [one, two] = [await newTenant(), await newTenant("--name", "guest")];
  const [owner, guest] = [clientOf(one.credentials), clientOf(two.credentials)];
  await Promise.all([obeyed(owner, true), obeyed(guest, true)]);
  const Policy = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { AWS: [one.id, two.id] }, Action: "kms:*", Resource: "*" }],
  });
  const { KeyMetadata } = await owner.send(new kms.CreateKeyCommand({ Policy }));
  const KeyId = KeyMetadata!.Arn!;
  const { CiphertextBlob } = await guest.send(new kms.EncryptCommand({ KeyId, Plaintext: Buffer.from("text") }));
  await guest.send(new kms.DecryptCommand({ CiphertextBlob, KeyId }));
  const { Credentials } = await new sts.STSClient(config(one.credentials)).send(new sts.GetSessionTokenCommand({}));
  const session = clientOf({
    accessKeyId: Credentials!.AccessKeyId!,
    secretAccessKey: Credentials!.SecretAccessKey!,
    sessionToken: Credentials!.SessionToken!,
  });
  await session.send(new kms.DescribeKeyCommand({ KeyId }));

  const asked = await account("close", one.id);
  assert.equal(asked.code, 1);
  assert.match(asked.stderr, /refuses everybody in it, sessions under way included.*add --yes/);
  await session.send(new kms.DescribeKeyCommand({ KeyId }));

  const closed = await account("close", one.id, "--yes");
  assert.deepEqual([closed.code, closed.stdout], [0, `account ${one.id} is closed\n`]);
  await obeyed(owner, false);
  const unrecognized = {
    name: "UnrecognizedClientException",
    message: "The security token included in the request is invalid.",
    status: 400,
  };
  assert.deepEqual(await failure(session.send(new kms.DescribeKeyCommand({ KeyId }))), unrecognized);
  assert.deepEqual(await failure(owner.send(new kms.DescribeKeyCommand({ KeyId }))), unrecognized);
  const refusedTo = (action: string, on: string) => ({
    name: "AccessDeniedException",
    message: `User: arn:aws:iam::${two.id}:root is not authorized to perform: kms:${action}${on}`,
    status: 400,
  });
  assert.deepEqual(
    await failure(guest.send(new kms.EncryptCommand({ KeyId, Plaintext: Buffer.from("text") }))),
    refusedTo("Encrypt", ` on resource: ${KeyId} because no resource-based policy allows the kms:Encrypt action`),
  );
  assert.deepEqual(
    await failure(guest.send(new kms.DecryptCommand({ CiphertextBlob }))),
    refusedTo(
      "Decrypt",
      " on the resource associated with this ciphertext because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access",
    ),
  );
  await guest.send(new kms.CreateKeyCommand({})); // it is its own account still
  assert.match((await account("close", one.id, "--yes")).stdout, /has been closed since \d{4}-/);

  assert.equal((await account("reopen", one.id)).stdout, `account ${one.id} is open again\n`);
  await obeyed(owner, true);
  await session.send(new kms.DescribeKeyCommand({ KeyId }));
  const { Plaintext } = await guest.send(new kms.DecryptCommand({ CiphertextBlob }));
  assert.equal(Buffer.from(Plaintext!).toString(), "text");
  assert.equal((await account("reopen", one.id)).stdout, `account ${one.id} is open, as it was\n`);
});

test("a grant on a closed account's key is worth nothing until it is reopened", async () => {
  const [one, two] = [await newTenant(), await newTenant()];
  const [owner, guest] = [clientOf(one.credentials), clientOf(two.credentials)];
  await Promise.all([obeyed(owner, true), obeyed(guest, true)]);
  const { KeyMetadata } = await owner.send(new kms.CreateKeyCommand({}));
  const KeyId = KeyMetadata!.Arn!;
  await owner.send(
    new kms.CreateGrantCommand({ KeyId, GranteePrincipal: `arn:aws:iam::${two.id}:root`, Operations: ["DescribeKey"] }),
  );
  const describe = () => guest.send(new kms.DescribeKeyCommand({ KeyId }));
  await describe();
  await account("close", one.id, "--yes");
  await obeyed(owner, false);
  assert.equal((await failure(describe())).name, "AccessDeniedException");
  await account("reopen", one.id);
  await obeyed(owner, true);
  await describe();
});

test("what cannot be done says why, and changes nothing", async () => {
  const { id } = await newTenant();
  const files = readdirSync(join(data, "accounts", id));
  for (const [args, message] of [
    [["create", "--id", id], `there is an account ${id} already`],
    [["create", "--id", "000000000000"], "there is an account 000000000000 already"],
    [["create", "--id", "12345"], "An account id has 12 digits."],
    [["create", "--name", "x".repeat(51)], "a name has at most 50 characters"],
    [["create", "--name", "two\nlines"], "none of them a control character"],
    [["close", "000000000000", "--yes"], "000000000000 is the account that the server's first start made"],
    [["close", "999999999999", "--yes"], "there is no account 999999999999"],
    [["close", "999999999999"], "there is no account 999999999999"],
    [["reopen", "999999999999"], "there is no account 999999999999"],
    [["close"], "missing required argument 'id'"],
  ] as const) {
    const { code, stderr, stdout } = await account(...args);
    assert.equal(code, 1, args.join(" "));
    assert.equal(stdout, "");
    assert.ok(stderr.includes(message), `${args.join(" ")}: ${stderr}`);
    assert.doesNotMatch(stderr, /^ {4}at /m, "no stack");
  }
  assert.deepEqual(readdirSync(join(data, "accounts", id)), files);
  const never = join(directory, "never");
  const nowhere = await strongroom(["account", "create", "--data", never]);
  assert.equal(nowhere.code, 1);
  assert.match(nowhere.stderr, /there is no store in .*never\. Start the server there first/);
  assert.equal(existsSync(never), false);
});

test("list: 10,000 accounts, sorted, with state, alias and name; as JSON too", async () => {
  const many = join(directory, "many");
  await (await ServerProcess.start(many)).stop();
  const store = SqliteStore.open(join(many, "strongroom.db"));
  const id = (i: number) => String(200_000_000_000 + i);
  await store.transaction(async (transaction) => {
    for (let i = 1; i < 10_000; i++) await transaction.putAccount(newAccount(id(i), `tenant ${i}`, 0));
    await transaction.putAccount({ ...newAccount(id(5_000), "", 0), closedAt: 1000, alias: "half-way" });
  });
  await store.close();
  const { stdout } = await strongroom(["account", "list", "--data", many]);
  const [head, own, ...lines] = stdout.trimEnd().split("\n");
  assert.match(head!, /^ID +STATE +CREATED +ALIAS +NAME$/);
  assert.match(own!, /^000000000000 {2}open {4}\d{4}-\d\d-\d\dT[\d:.]+Z {2}-$/);
  assert.equal(lines.length, 9_999);
  assert.equal(lines[0], `${id(1)}  open    1970-01-01T00:00:00.000Z  -      tenant 1`);
  assert.equal(lines[4_999], `${id(5_000)}  closed  1970-01-01T00:00:00.000Z  half-way`);
  assert.deepEqual(lines, lines.toSorted());
  const json = (await strongroom(["account", "list", "--json", "--data", many])).stdout.trimEnd().split("\n");
  assert.deepEqual(JSON.parse(json[5_000]!), {
    id: id(5_000),
    name: "",
    state: "closed",
    created: "1970-01-01T00:00:00.000Z",
    closed: "1970-01-01T00:00:01.000Z",
    alias: "half-way",
  });
});
