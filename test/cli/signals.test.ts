import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { CreateKeyCommand, DescribeKeyCommand, ListKeysCommand } from "@aws-sdk/client-kms";
import { childrenOf, isRunning, ServerProcess } from "../process.ts";

const directory = mkdtempSync(join(tmpdir(), "strongroom-signals-"));
after(() => rmSync(directory, { recursive: true, force: true }));

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`${signal}: what is under way is answered, status 0, and what was acknowledged is there`, async () => {
    const data = join(directory, signal);
    const server = await ServerProcess.start(data);
    const acknowledged: string[] = [];
    const load = Promise.all(
      Array.from({ length: 8 }, async () => {
        const kms = server.client();
        for (;;) {
          try {
            const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
            acknowledged.push(KeyMetadata!.KeyId!);
          } catch (error) {
            const { $metadata, message } = error as Error & { $metadata?: { httpStatusCode?: number } };
            assert.equal($metadata?.httpStatusCode, undefined, message);
            return; // no connection any more
          }
        }
      }),
    );
    await delay(200);
    server.child.kill(signal);
    server.child.kill(signal); // an impatient operator's second one changes nothing
    assert.deepEqual(await server.ended, { code: 0, signal: null }, server.stderr);
    await load;
    assert.ok(acknowledged.length > 0);
    const again = await ServerProcess.start(data);
    for (const KeyId of acknowledged) await again.client().send(new DescribeKeyCommand({ KeyId }));
    await again.stop();
  });

  test(`${signal} to npm start: the server ends, and npm with status 0`, async (t) => {
    const root = fileURLToPath(new URL("../..", import.meta.url));
    const server = new ServerProcess(join(directory, `npm-${signal}`), [], {
      command: ["npm", "start", "--"],
      cwd: root,
      detached: true, // a group of its own, so that whatever a failure leaves can be found
    });
    t.after(() => {
      try {
        process.kill(-server.pid, "SIGKILL");
      } catch {} // nobody is left
    });
    await server.ready();
    await server.client().send(new ListKeysCommand({}));
    const descendants = (pid: number): number[] => childrenOf(pid).flatMap((child) => [child, ...descendants(child)]);
    const pids = descendants(server.pid);
    assert.ok(pids.length > 0);
    assert.deepEqual(await server.kill(signal, 5_000), { code: 0, signal: null }, server.stderr);
    assert.deepEqual(pids.filter(isRunning), []);
  });
}

test("a signal in the middle of the start: status 0 or death by it, no stack trace, and the next start succeeds", async () => {
  const data = join(directory, "early");
  for (const workers of ["1", "2"]) {
    for (const milliseconds of [100, 250, 400, 550, 700]) {
      const server = new ServerProcess(data, ["--workers", workers]);
      await delay(milliseconds);
      const { code, signal } = await server.kill("SIGTERM");
      assert.ok(code === 0 || signal === "SIGTERM", `${code} ${signal}: ${server.stderr}`);
      assert.doesNotMatch(server.stderr, /\n\s+at |"level":[56]0/);
    }
  }
  await (await ServerProcess.start(data)).stop();
});

test("a port in use: status 1, one line that names it; whoever has it goes on", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = holder.address() as { port: number };
  for (const workers of ["1", "2"]) {
    const server = new ServerProcess(join(directory, `port-${workers}`), [
      "--workers",
      workers,
      "--port",
      String(port),
      "--log-level",
      "fatal",
    ]);
    assert.deepEqual(await server.ended, { code: 1, signal: null });
    assert.match(
      server.stderr,
      new RegExp(`^strongroom: cannot listen on 127\\.0\\.0\\.1 port ${port}: .*EADDRINUSE.*\n$`),
    );
    assert.equal(server.stdout, "");
  }
  holder.close();
});
