import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import * as sdk from "@aws-sdk/client-kms";
import { strongroom } from "../cli/strongroom.ts";
import { ServerProcess } from "../process.ts";

const data = mkdtempSync(join(tmpdir(), "strongroom-removed-segment-"));
after(() => rmSync(data, { recursive: true, force: true }));

test("a segment that is removed under a running server: it says so, loses nothing more, and verification says what is missing", async () => {
  const server = await ServerProcess.start(data);
  const kms = server.client();
  for (let call = 0; call < 3; call++) await kms.send(new sdk.CreateKeyCommand({}));
  const stream = join(data, "audit", "00");
  const segments = () => readdirSync(stream).filter((name) => name.endsWith(".jsonl"));
  const [removed] = segments() as [string];
  rmSync(join(stream, removed));
  await delay(1_100); // it looks once a second
  await kms.send(new sdk.ListKeysCommand({}));
  assert.match(
    server.stderr,
    /"level":50.*"segment":"0{15}1\.jsonl".*was removed or replaced while it was being written/,
  );
  assert.equal((await fetch(`${server.endpoint}/readyz`)).status, 200);
  assert.deepEqual(segments(), ["0000000000000005.jsonl"]);
  await server.stop();
  const { stdout: found } = await strongroom(["audit", "search", "--data", data, "--operation", "ListKeys"]);
  assert.match(found, /kms:ListKeys/);
  const { code, stdout } = await strongroom(["audit", "verify", "--data", data, "--no-index"]);
  assert.equal(code, 1, stdout);
  assert.match(
    stdout,
    new RegExp(`^INVALID {2}journal, stream 00, entry 4: beginningRemoved: entries up to it are missing, .*${removed}`),
  );
});
