import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { startTestServer } from "../harness.ts";
import { awsEnvironment, runCommand, whyNoAwsCli } from "./awsCli.ts";

const guide = new URL("../../docs/access.md", import.meta.url);
const main = new URL("../../src/main.ts", import.meta.url).pathname;

/** The guide's own commands, one after the other, in one shell. */
const commands = [...readFileSync(guide, "utf8").matchAll(/^```sh\n(.*?)^```$/gms)]
  .map(([, block]) => block)
  .join("\n");

test("the walk in docs/access.md works, by the aws command line alone", { skip: whyNoAwsCli() }, async () => {
  const server = await startTestServer();
  const cwd = mkdtempSync(join(tmpdir(), "strongroom-access-"));
  symlinkSync(server.data, join(cwd, "data"));
  try {
    const strongroom = `strongroom() { "${process.execPath}" "${main}" "$@"; }\n`;
    const script = `set -euo pipefail\n${strongroom}${commands}`;
    const { code, stdout, stderr } = await runCommand("bash", ["-c", script], { cwd, env: awsEnvironment(server) });
    assert.equal(code, 0, stderr);
    const expected = [
      "app cannot administer",
      "admin cannot use",
      "root cannot either: the policy does not name it",
      "attack at dawn",
      "not what is outside of the constraint",
      "no longer",
      "its own account has to allow it too",
      "not without the external id",
      "attack at dawn",
    ];
    const said = stdout.split("\n").filter((line) => expected.includes(line));
    assert.deepEqual(said, expected, `${stdout}\n${stderr}`);
    const account = "arn:aws:iam::000000000000";
    const denials = stderr.split("\n").filter((line) => line.includes("AccessDenied"));
    const causes = [
      `User: ${account}:user/app is not authorized to perform: kms:DisableKey on resource: `,
      `User: ${account}:user/admin is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext because no resource-based policy allows the kms:Decrypt action`,
      `User: ${account}:root is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext because no resource-based policy`,
      `User: ${account}:user/auditor is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext because`,
      `User: ${account}:user/auditor is not authorized to perform: kms:Decrypt`,
      `User: arn:aws:iam::222233334444:user/visitor is not authorized to perform: sts:AssumeRole on resource: ${account}:role/visitor`,
      `User: arn:aws:iam::222233334444:user/visitor is not authorized to perform: sts:AssumeRole on resource: ${account}:role/visitor`,
    ];
    assert.equal(denials.length, causes.length, stderr);
    for (const [i, cause] of causes.entries()) assert.ok(denials[i]?.includes(cause), `${denials[i]}\n${cause}`);
  } finally {
    await server.stop();
    rmSync(cwd, { recursive: true });
  }
});
