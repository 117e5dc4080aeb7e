import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { startTestServer } from "../harness.ts";
import { awsEnvironment, runCommand, whyNoAwsCli, whyNoOpenssl } from "./awsCli.ts";

const main = new URL("../../src/main.ts", import.meta.url).pathname;

/** Runs a guide's own commands, one after the other, in one shell, against a server of their own. */
async function walk(
  guide: string,
): Promise<{ stdout: string; stderr: string; lines(expected: readonly string[]): string[] }> {
  const page = readFileSync(new URL(`../../docs/${guide}`, import.meta.url), "utf8");
  const commands = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block).join("\n");
  const server = await startTestServer();
  const cwd = mkdtempSync(join(tmpdir(), "strongroom-guide-"));
  symlinkSync(server.data, join(cwd, "data"));
  try {
    const strongroom = `strongroom() { "${process.execPath}" "${main}" "$@"; }\n`;
    const script = `set -euo pipefail\n${strongroom}${commands}`;
    const { code, stdout, stderr } = await runCommand("bash", ["-c", script], { cwd, env: awsEnvironment(server) });
    assert.equal(code, 0, stderr);
    return { stdout, stderr, lines: (expected) => stdout.split("\n").filter((line) => expected.includes(line)) };
  } finally {
    await server.stop();
    rmSync(cwd, { recursive: true });
  }
}

test("the walk in docs/access.md works, by the aws command line alone", { skip: whyNoAwsCli() }, async () => {
  const { stdout, stderr, lines } = await walk("access.md");
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
  assert.deepEqual(lines(expected), expected, `${stdout}\n${stderr}`);
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
});

test("the walk in docs/keys.md works, by the aws command line and openssl", {
  skip: whyNoAwsCli() || whyNoOpenssl(),
}, async () => {
  const { stdout, stderr, lines } = await walk("keys.md");
  const expected = [
    "not without its material",
    "attack at dawn",
    "attack at dawn",
    "only the primary rotates",
    "PendingReplicaDeletion",
  ];
  assert.deepEqual(lines(expected), expected, `${stdout}\n${stderr}`);
  assert.match(stderr, /is pending import\.$/m);
  assert.match(stderr, /is not a multi-region primary key\.$/m);
});

test("the walk in docs/audit.md works, by the aws command line and strongroom audit", {
  skip: whyNoAwsCli(),
}, async () => {
  const { stdout } = await walk("audit.md");
  assert.match(stdout, /^True$|^true$/m);
  assert.match(stdout, /^journal, stream 00: \d+ events valid, up to entry \d+$/m);
});
