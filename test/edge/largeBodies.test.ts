import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { after, before, test } from "node:test";
import { CreateKeyCommand } from "@aws-sdk/client-kms";
import { startTestServer, type TestServer } from "../harness.ts";

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server.stop());

const LARGE = 100_000;

/** Sends a large body's beginning, and not its end. */
async function begin(): Promise<Socket> {
  const socket = connect(Number(new URL(server.endpoint).port), "127.0.0.1");
  await once(socket, "connect");
  socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${LARGE + 1}\r\n\r\n${"x".repeat(LARGE)}`);
  return socket;
}

test("large bodies of strangers: so many at a time, and small requests go on", async () => {
  const sockets = await Promise.all(Array.from({ length: 160 }, begin));
  const answers: string[] = [];
  for (const socket of sockets) socket.on("data", (data) => answers.push(String(data)));
  while (answers.length < 32) await new Promise((resolve) => setTimeout(resolve, 10));
  await server.client().send(new CreateKeyCommand({}));
  assert.equal(answers.length, 32);
  for (const answer of answers) {
    assert.match(answer, /^HTTP\/1\.1 503 .*"__type":"ServiceUnavailableException"/s);
  }
  for (const socket of sockets) socket.destroy();

  // Those that went away have made room.
  for (;;) {
    const socket = await begin();
    socket.write("x");
    const [answer] = await once(socket, "data");
    socket.destroy();
    if (/MissingAuthenticationTokenException/.test(String(answer))) break;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
});
