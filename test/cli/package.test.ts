import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const directory = mkdtempSync(join(tmpdir(), "strongroom-package-"));
after(() => rmSync(directory, { recursive: true }));

test("npm pack, npm install -g: the command works from where it was installed", async () => {
  const npm = (...args: string[]) =>
    execFileSync("npm", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const [{ filename, files }] = JSON.parse(npm("pack", "--json", "--silent", "--pack-destination", directory));
  const paths: string[] = files.map((file: { path: string }) => file.path);
  assert.ok(paths.includes("dist/main.js"));
  assert.deepEqual(
    paths.filter((path) => /^(src|test|bench)\/|\.test\.|\.ts$/.test(path)),
    [],
  );

  const prefix = join(directory, "prefix");
  npm("install", "--global", "--prefix", prefix, "--prefer-offline", join(directory, filename));
  const command = join(prefix, "bin", "strongroom");
  assert.match(execFileSync(command, ["version"], { encoding: "utf8" }), /^strongroom \S+ \(Node\.js 26\./);

  const server = spawn(command, ["serve", "--port", "0", "--data", join(directory, "data")], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  let stdout = "";
  for await (const chunk of server.stdout) {
    stdout += chunk;
    if (stdout.includes("aws kms create-key")) break;
  }
  const endpoint = /serves AWS KMS on (\S+)/.exec(stdout)![1]!;
  assert.equal((await fetch(`${endpoint}/readyz`)).status, 200);
  server.kill("SIGTERM");
  assert.deepEqual(await once(server, "exit"), [0, null]);
});
