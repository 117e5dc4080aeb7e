import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import * as kms from "@aws-sdk/client-kms";
import { Journal } from "../../src/cloudtrail/journal.ts";
import { main, ServerProcess, until } from "../process.ts";
import { strongroom } from "./strongroom.ts";

const data = mkdtempSync(join(tmpdir(), "strongroom-audit-search-"));
let server: ServerProcess;
let arn: string;
let id: string;
before(async () => {
  server = await ServerProcess.start(data, ["--workers", "2"]);
  const client = server.client();
  const { KeyMetadata } = await client.send(new kms.CreateKeyCommand({}));
  arn = KeyMetadata?.Arn as string;
  id = KeyMetadata?.KeyId as string;
  await client.send(new kms.CreateAliasCommand({ AliasName: "alias/app", TargetKeyId: id }));
  for (let i = 0; i < 5; i++) await client.send(new kms.GenerateDataKeyCommand({ KeyId: id, KeySpec: "AES_256" }));
  await assert.rejects(client.send(new kms.DisableKeyCommand({ KeyId: "00000000-0000-4000-8000-000000000000" })));
});
after(() => rmSync(data, { recursive: true }));

async function lines(command: "search" | "tail", ...args: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await strongroom(["audit", command, "--data", data, ...args]);
  const isEmpty = command === "search" && stdout === "";
  const said = stderr.replaceAll(/strongroom: making the index .*\n/g, "");
  assert.deepEqual([code, said], [0, isEmpty ? "strongroom: no event matches\n" : ""]);
  return stdout.split("\n").slice(0, -1);
}

const names = (found: string[]) => found.map((line) => /kms:(\w+)/.exec(line)?.[1]);

test("beside a running server: what has just happened, by key, user, operation, access key, errors, time", async () => {
  const everything = ["NotFoundException", ...Array(5).fill("GenerateDataKey"), "CreateAlias", "CreateKey"];
  const found = await lines("search");
  assert.equal(found.length, everything.length);
  assert.match(
    found[0]!,
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ {2}000000000000 {2}us-east-1 {2}root +kms:DisableKey .* NotFoundException/,
  );
  assert.deepEqual(names(found).slice(1), everything.slice(1));
  const ofKey = everything.slice(1);
  for (const key of [id, arn, "alias/app", arn.replace(/key\/.*/, "alias/app")]) {
    assert.deepEqual(names(await lines("search", "--key", key)), ofKey, key);
  }
  assert.equal((await lines("search", "--user", "root", "--operation", "kms:GenerateDataKey", "--key", id)).length, 5);
  for (const operation of ["generatedatakey", "KMS:GENERATEDATAKEY", "GenerateDataKey"]) {
    assert.equal((await lines("search", "--operation", operation)).length, 5, operation);
  }
  assert.equal((await lines("search", "--operation", "Encrypt")).length, 0);
  assert.equal((await lines("search", "--errors")).length, 1);
  assert.equal((await lines("search", "--errors", "--key", id)).length, 0);
  assert.equal((await lines("search", "--access-key", "AKIANOBODY")).length, 0);
  assert.equal((await lines("search", "--account", "111122223333")).length, 0);
  assert.equal((await lines("search", "--region", "us-east-1", "--account", "000000000000")).length, 8);
  assert.equal((await lines("search", "--since", "1h")).length, 8);
  assert.equal((await lines("search", "--until", "2020-01-01")).length, 0);
  assert.equal((await lines("search", "--limit", "3")).length, 3);
  const [first] = await lines("search", "--json", "--operation", "CreateKey");
  const record = JSON.parse(first!);
  assert.equal(record.eventName, "CreateKey");
  assert.deepEqual(await lines("search", "--json", "--event-id", record.eventID), [first]);
});

test("tail: the newest, oldest first; and, following, what comes", async () => {
  assert.deepEqual(names(await lines("tail", "-n", "7")), [
    "CreateAlias",
    ...Array(5).fill("GenerateDataKey"),
    "DisableKey",
  ]);
  const args = [main, "audit", "tail", "--data", data, "-n", "1", "--follow", "--key", "alias/app"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let stdout = "";
  child.stdout.on("data", (chunk) => (stdout += chunk));
  try {
    await until(() => stdout.includes("kms:GenerateDataKey"), "the newest is shown");
    const client = server.client();
    await client
      .send(new kms.GenerateMacCommand({ KeyId: id, Message: Buffer.from("x"), MacAlgorithm: "HMAC_SHA_256" }))
      .catch(() => undefined);
    await client.send(new kms.DescribeKeyCommand({ KeyId: id }));
    await client.send(new kms.ListKeysCommand({}));
    await client.send(new kms.GetKeyPolicyCommand({ KeyId: id }));
    await until(() => stdout.includes("kms:GetKeyPolicy"), "what comes is shown");
    assert.deepEqual(names(stdout.trimEnd().split("\n")), [
      "GenerateDataKey",
      "GenerateMac",
      "DescribeKey",
      "GetKeyPolicy",
    ]);
  } finally {
    child.kill();
  }
});

test("without a server, and without the root key; with the index lost, and with one that is none", async () => {
  await server.stop();
  rmSync(join(data, "root.key"));
  const before = await lines("search");
  for (const end of ["", "-wal", "-shm"]) rmSync(join(data, "audit", `index.db${end}`), { force: true });
  assert.deepEqual(await lines("search"), before);
  writeFileSync(join(data, "audit", "index.db"), "nothing of the kind");
  assert.deepEqual(await lines("search"), before);
  assert.deepEqual((await lines("tail", "-n", "1000")).reverse(), before);
});

test("hostile names reach the terminal as escapes, in lines and as JSON", async () => {
  const journal = await Journal.open({ directory: join(data, "audit"), stream: "hostile" });
  const userName = "\u001b[2Jmallory\u202e";
  await journal.append(
    JSON.stringify({
      userIdentity: { type: "IAMUser", userName },
      eventTime: "2026-11-23T10:15:00Z".replace("2026", String(new Date().getFullYear())),
      eventSource: "kms.amazonaws.com",
      eventName: "Decrypt",
      awsRegion: "us-east-1",
      eventID: "hostile",
      errorCode: "\u009b31m",
      recipientAccountId: "000000000000",
    }),
  );
  await journal.close();
  const [line] = await lines("search", "--event-id", "hostile");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
  assert.doesNotMatch(line!, /[\u0000-\u001f\u007f-\u009f\u202e]/);
  assert.match(line!, /\\u001b\[2Jmallory\\u202e .*\\u009b31m/);
  const [json] = await lines("search", "--user", userName, "--json");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
  assert.doesNotMatch(json!, /[\u0000-\u001f\u007f-\u009f\u202e]/);
  assert.equal(JSON.parse(json!).userIdentity.userName, userName);
});

test("colours only when they are wanted", async () => {
  const coloured = await strongroom(["audit", "search", "--data", data, "--errors"], { FORCE_COLOR: "1" });
  assert.ok(coloured.stdout.includes("\u001b[31m"));
  const plain = await strongroom(["audit", "search", "--data", data, "--errors"], { NO_COLOR: "1" });
  assert.ok(!plain.stdout.includes("\u001b"));
});

test("what cannot be done is said", async () => {
  for (const [args, text] of [
    [["--data", join(data, "absent")], /there is no audit trail in/],
    [["--data", data, "--key", "alias/absent"], /there is no alias\/absent in account 000000000000, Region us-east-1/],
    [["--data", data, "--key", "app"], /--key app is no key: its id .*, its ARN, or an alias/],
    [["--data", data, "--key", arn.replace("key/", "grant/")], /is no key/],
    [["--data", data, "--since", "yesterday"], /--since/],
    [["--data", data, "--limit", "0"], /--limit/],
    [["--data", data, "--account", "1"], /12 digits/],
  ] as const) {
    const { code, stderr, stdout } = await strongroom(["audit", "search", ...args]);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, text);
  }
});
