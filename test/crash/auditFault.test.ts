import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import * as sdk from "@aws-sdk/client-kms";
import { recordsIn } from "../audit/journal.ts";
import { failure } from "../harness.ts";
import { credentialsOf, ServerProcess, until } from "../process.ts";

const directory = mkdtempSync(join(tmpdir(), "strongroom-audit-fault-"));
after(() => rmSync(directory, { recursive: true, force: true }));

/** No file of a process can be written any more, or all can again: what a full disk is to it. */
function limitFiles(pid: number, bytes: "0" | "unlimited"): void {
  const { status, stderr } = spawnSync("prlimit", ["--pid", String(pid), `--fsize=${bytes}:unlimited`]);
  assert.equal(status, 0, String(stderr));
}

const skip = spawnSync("prlimit", ["--version"]).status === 0 ? false : "there is no prlimit command here (util-linux)";

for (const mode of ["strict", "batched"]) {
  test(`what cannot be put on record is not done, and goes on by itself (${mode})`, { skip }, async () => {
    const data = join(directory, mode);
    const server = await ServerProcess.start(data, ["--audit", mode]);
    const kms = server.client();
    const users = new iam.IAMClient({
      endpoint: server.endpoint,
      region: "us-east-1",
      credentials: credentialsOf(data),
      maxAttempts: 1,
    });
    const { KeyMetadata } = await kms.send(new sdk.CreateKeyCommand({}));
    const KeyId = KeyMetadata?.KeyId;
    const answered: string[] = [];
    const encrypt = async () => {
      const output = await kms.send(new sdk.EncryptCommand({ KeyId, Plaintext: Buffer.from("text") }));
      answered.push(output.$metadata.requestId as string);
    };
    const ready = async () => {
      const response = await fetch(`${server.endpoint}/readyz`);
      return { status: response.status, text: (await response.text()).trim() };
    };
    const unavailable = async () =>
      /^strongroom_audit_unavailable (\d)$/m.exec(await (await fetch(`${server.endpoint}/metrics`)).text())?.[1];
    for (let n = 0; n < 20; n++) await encrypt();
    assert.deepEqual([await ready(), await unavailable()], [{ status: 200, text: "ready" }, "0"]);

    limitFiles(server.pid, "0");
    const timedOut = {
      name: "DependencyTimeoutException",
      message: "The system timed out while trying to fulfill the request. You can retry the request.",
      status: 503,
    };
    assert.deepEqual(await failure(encrypt()), timedOut);
    const { status, text } = await ready();
    assert.equal(status, 503);
    assert.match(text, /EFBIG|file too large/i);
    assert.equal(await unavailable(), "1");
    assert.deepEqual(await failure(kms.send(new sdk.DisableKeyCommand({ KeyId }))), timedOut);
    assert.equal(
      (await failure(users.send(new iam.CreateUserCommand({ UserName: "late" })))).name,
      "ServiceUnavailable",
    );
    assert.match(server.stderr, /the audit journal cannot be written: requests are refused until it can be/);
    assert.equal(server.stderr.match(/the audit journal cannot be written/g)?.length, 1, "said once");

    limitFiles(server.pid, "unlimited");
    await until(async () => (await ready()).status === 200, "it goes on");
    assert.match(server.stderr, /the audit journal can be written again/);
    for (let n = 0; n < 20; n++) await encrypt();
    // What was refused without a try was not done.
    const { KeyMetadata: still } = await kms.send(new sdk.DescribeKeyCommand({ KeyId }));
    assert.equal(still?.KeyState, "Enabled");
    await assert.rejects(users.send(new iam.GetUserCommand({ UserName: "late" })));
    users.destroy();
    await server.stop();
    const encrypted = recordsIn(data).filter(({ eventName, errorCode }) => eventName === "Encrypt" && !errorCode);
    const recorded = encrypted.map(({ requestID }) => requestID);
    assert.deepEqual(
      answered.filter((id) => !recorded.includes(id)),
      [],
    );
    assert.equal(recorded.length, answered.length + 1, "what happened and could not be answered is on record too");
  });
}
