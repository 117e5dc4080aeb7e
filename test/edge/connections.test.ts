import assert from "node:assert/strict";
import { Agent, request as httpRequest } from "node:http";
import { after, before, suite, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import type { Dispatcher } from "../../src/server/dispatch.ts";
import { Edge } from "../../src/server/http.ts";
import { Metrics } from "../../src/server/metrics.ts";
import { startTestServer, type TestServer } from "../harness.ts";
import { type Answer, assertAnswer, exchange, open, type Plan, sign } from "./wire.ts";

/** HTTP itself: bodies, connections, and their ends. */

const MIB = 1 << 20;
let server: TestServer;

before(async () => {
  server = await startTestServer();
});
after(() => server.stop());

const ask = async (plan: Plan): Promise<Answer> => exchange(server.endpoint, (await sign(server, plan)).bytes);

suite("bodies", () => {
  const body = (length: number) => `{"Unknown":"${"x".repeat(length - 14)}"}`;
  const tooLong = "The request body is too long.";
  const chunked = (text: string, size: number) => {
    let all = "";
    for (let i = 0; i < text.length; i += size) {
      const chunk = text.slice(i, i + size);
      all += `${chunk.length.toString(16)}\r\n${chunk}\r\n`;
    }
    return `${all}0\r\n\r\n`;
  };

  test("of 1 MiB, and one byte more", async () => {
    assert.equal(body(MIB).length, MIB);
    assertAnswer(await ask({ operation: "ListKeys", body: body(MIB) }), 200);
    const longer = await ask({ operation: "ListKeys", body: body(MIB + 1) });
    assertAnswer(longer, 400, "RequestEntityTooLargeException", tooLong);
    assert.equal(longer.headers.connection, "close");
    for (const [length, size, status] of [
      [MIB, 65_536, 200],
      [MIB, 1000, 200],
      [MIB + 1, 65_536, 400],
      [3 * MIB, 65_536, 400],
    ] as const) {
      const { head, body: bytes } = await sign(server, { operation: "ListKeys", body: body(length) });
      const wire = `${head}transfer-encoding: chunked\r\n\r\n${chunked(bytes.toString(), size)}`;
      const answer = await exchange(server.endpoint, wire);
      if (status === 200) assertAnswer(answer, 200);
      else assertAnswer(answer, 400, "RequestEntityTooLargeException", tooLong);
    }
  });

  test("in small chunks cost what their length does", async () => {
    const { head, body: bytes } = await sign(server, { operation: "ListKeys", body: body(MIB) });
    const started = performance.now();
    const wire = `${head}transfer-encoding: chunked\r\n\r\n${chunked(bytes.toString(), 8)}`;
    assertAnswer(await exchange(server.endpoint, wire), 200);
    const seconds = (performance.now() - started) / 1000;
    assert(seconds < 4, `${seconds} s`);
  });

  test("too long, the connection ends with the answer, though the client sends on", async () => {
    const connection = await open(server.endpoint);
    connection.send(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${1e12}\r\n\r\n`);
    connection.send("x".repeat(MIB + 1));
    assertAnswer(await connection.answer(), 400, "RequestEntityTooLargeException", tooLong);
    assert.equal(await connection.rest(2000), "");
  });

  test("announced with Expect: 100-continue", async () => {
    const { head, body: bytes } = await sign(server, { operation: "ListKeys" });
    const connection = await open(server.endpoint);
    connection.send(`${head}expect: 100-continue\r\ncontent-length: ${bytes.length}\r\n\r\n`);
    assert.equal((await connection.answer()).status, 100);
    connection.send(bytes);
    assertAnswer(await connection.answer(), 200);
    connection.socket.destroy();
  });
});

suite("connections", () => {
  test("headers too large", async () => {
    for (const header of [
      `X-Long: ${"x".repeat(17 << 10)}`,
      `X-${"n".repeat(17 << 10)}: x`,
      "X-Y: z\r\n".repeat(3000),
    ]) {
      const answer = await exchange(server.endpoint, `POST / HTTP/1.1\r\nHost: x\r\n${header}\r\n\r\n`);
      assertAnswer(answer, 431, "MalformedHttpRequestException");
      assert.equal(answer.headers.connection, "close");
    }
    assertAnswer(await ask({ operation: "ListKeys", headers: { "x-long": "x".repeat(8 << 10) } }), 200);
  });

  test("more headers than are read", async () => {
    const headers = Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`x-many-${i}`, "1"]));
    const answer = await ask({ operation: "ListKeys", headers });
    assertAnswer(answer, 431, "MalformedHttpRequestException");
  });

  test("what is no HTTP", async () => {
    const malformed = [
      "hello\r\n\r\n",
      "POST / HTTP/9.9\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
      "POST / HTTP/1.1\r\nHost : x\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nA: b\u0000c\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: x\r\nA: b\r\n folded: c\r\n\r\n\u0001",
      "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ];
    for (const bytes of malformed) {
      const connection = await open(server.endpoint);
      connection.send(bytes);
      assertAnswer(await connection.answer(), 400);
      connection.socket.destroy();
    }
    const answer = await exchange(server.endpoint, malformed[0]!);
    assertAnswer(answer, 400, "MalformedHttpRequestException");
    assert.equal(answer.headers.connection, "close");
  });

  test("what HTTP forbids before anything is signed is 4xx, and ends", async () => {
    const noHost = await exchange(server.endpoint, "POST / HTTP/1.1\r\n\r\n");
    assert.equal(noHost.status, 400);
    const expect = "POST / HTTP/1.1\r\nHost: x\r\nExpect: the-unexpected\r\nContent-Length: 0\r\n\r\n";
    assert.equal((await exchange(server.endpoint, expect)).status, 417);
    const upgrade = "GET /x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    assert.equal((await exchange(server.endpoint, upgrade)).status, 400);
    const connect = await open(server.endpoint);
    connect.send("CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n");
    assert.doesNotMatch(await connect.rest(2000), /^HTTP\/1\.1 [235]/);
  });

  test("requests in a row on one connection are answered in that order", async () => {
    const connection = await open(server.endpoint);
    const bodies = Array.from({ length: 100 }, (_, i) => (i % 7 === 6 ? "{" : `{"NumberOfBytes":${i + 1}}`));
    const signed = await Promise.all(bodies.map((body) => sign(server, { operation: "GenerateRandom", body })));
    connection.send(signed.map(({ bytes }) => bytes).join(""));
    for (const [i] of bodies.entries()) {
      const answer = await connection.answer();
      if (i % 7 === 6) assertAnswer(answer, 400, "SerializationException");
      else {
        assertAnswer(answer, 200);
        assert.equal(Buffer.from(JSON.parse(answer.body).Plaintext, "base64").length, i + 1);
      }
    }
    connection.socket.destroy();
  });

  test("a request in pieces of a byte", async () => {
    const connection = await open(server.endpoint);
    for (const byte of (await sign(server, { operation: "ListKeys" })).bytes) {
      connection.send(byte);
      await new Promise(setImmediate);
    }
    assertAnswer(await connection.answer(), 200);
    connection.socket.destroy();
  });

  test("are kept, after errors too", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    for (let i = 0; i < 12; i++) {
      const { headers, body } = await sign(server, { operation: i % 3 === 0 ? "Nothing" : "ListKeys" });
      const status = await new Promise<number>((resolve, reject) => {
        const request = httpRequest(server.endpoint, { agent, method: "POST", headers }, (response) => {
          ports.add(response.socket.localPort);
          response.resume().on("end", () => resolve(response.statusCode!));
        });
        request.on("error", reject);
        request.end(body);
      });
      assert.equal(status, i % 3 === 0 ? 400 : 200);
    }
    assert.equal(ports.size, 1);
    agent.destroy();
  });

  test("what is answered before its body has come does not spoil what follows it", async () => {
    const { bytes } = await sign(server, { operation: "ListKeys" });
    const connection = await open(server.endpoint);
    for (const framing of ["Content-Length: 70000", "Transfer-Encoding: chunked"]) {
      connection.send(`GET /healthz HTTP/1.1\r\nHost: x\r\n${framing}\r\n\r\n`);
      assert.equal((await connection.answer()).body, "alive\n");
      connection.send(framing.endsWith("d") ? `11170\r\n${"x".repeat(70_000)}\r\n0\r\n\r\n` : "x".repeat(70_000));
      connection.send(bytes);
      assertAnswer(await connection.answer(), 200);
    }
    connection.socket.destroy();
  });

  test("a client that goes away amid its request or before its answer harms nobody", async () => {
    const { bytes } = await sign(server, { operation: "CreateKey" });
    for (const length of [bytes.length, bytes.length - 1, bytes.length - 3, 100, 1, 0]) {
      const connection = await open(server.endpoint);
      connection.send(bytes.slice(0, length));
      await new Promise(setImmediate);
      if (length % 2 === 0) connection.socket.resetAndDestroy();
      else connection.socket.destroy();
    }
    assertAnswer(await ask({ operation: "ListKeys" }), 200);
  });
});

suite("an edge of one's own", () => {
  /** Answers each request when it is told to. */
  async function edge(context: TestContext, answering: Promise<void> = Promise.resolve()) {
    const made = new Edge({
      dispatcher: {
        dispatch: async () => {
          await answering;
          return { status: 200, body: "{}", operation: "ListKeys" };
        },
      } as unknown as Dispatcher,
      metrics: new Metrics(),
      unready: () => undefined,
      exposition: () => Promise.reject(new Error("no metrics")),
      log: pino({ level: "silent" }),
    });
    await made.listen(0, "127.0.0.1");
    context.after(() => {
      made.server.closeAllConnections();
      made.server.close();
    });
    const { port } = made.server.address() as { port: number };
    return { edge: made, endpoint: `http://127.0.0.1:${port}` };
  }
  const POST = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}";

  test("has bounds on time", async (context) => {
    const { edge: made } = await edge(context);
    const { headersTimeout, requestTimeout, keepAliveTimeout, maxConnections, maxHeadersCount } = made.server;
    assert.equal(headersTimeout, 10_000);
    assert.equal(requestTimeout, 20_000);
    assert.equal(keepAliveTimeout, 60_000);
    assert.equal(maxConnections, 10_000);
    assert.equal(maxHeadersCount, 100);
  });

  test("answers 408 to what takes longer, and keeps no connection of those who do not read it", async (context) => {
    const { edge: made, endpoint } = await edge(context);
    made.server.headersTimeout = 100;
    made.server.requestTimeout = 200;
    const connections = await Promise.all(
      ["", "POST /", `${POST.slice(0, -4)}`].map(async (bytes) => {
        const connection = await open(endpoint);
        if (bytes !== "") connection.send(bytes);
        return connection;
      }),
    );
    const deaf = await open(endpoint);
    deaf.socket.allowHalfOpen = true;
    deaf.send("no HTTP\r\n\r\n");
    assertAnswer(await deaf.answer(), 400, "MalformedHttpRequestException");
    for (const connection of connections) {
      assertAnswer(await connection.answer(), 408, "RequestTimeoutException");
    }
    const left = () => new Promise((resolve) => made.server.getConnections((_, count) => resolve(count)));
    for (let i = 0; (await left()) !== 0 && i < 60; i++) await sleep(100);
    assert.equal(await left(), 0);
  });

  test("answers what is under way when it is told to stop, and nothing new", async (context) => {
    let release = () => {};
    const { edge: made, endpoint } = await edge(context, new Promise((resolve) => (release = resolve)));
    const [working, half, probe, idle] = await Promise.all(Array.from({ length: 4 }, () => open(endpoint)));
    working!.send(POST);
    half!.send(POST.slice(0, -1));
    probe!.send("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n");
    const ready = await probe!.answer();
    assert.equal(ready.status, 200);
    assert.equal(ready.body, "ready\n");
    probe!.send("GET /readyz HTTP/1.1\r\nHost: x\r\n");
    idle!.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    assert.equal((await idle!.answer()).body, "alive\n");
    await sleep(20);
    const started = performance.now();
    let closed = false;
    const closing = made.close().then(() => (closed = true));
    assert.equal(await idle!.rest(1000), "");
    await assert.rejects(open(endpoint), { code: "ECONNREFUSED" });
    probe!.send("\r\n");
    const stopping = await probe!.answer();
    assert.equal(stopping.status, 503);
    assert.equal(stopping.body, "stopping\n");
    assert.equal(closed, false);
    release();
    half!.send("}");
    for (const connection of [working!, half!]) {
      const answer = await connection.answer();
      assertAnswer(answer, 200);
      assert.equal(answer.headers.connection, "close");
    }
    await closing;
    assert(performance.now() - started < 5000, "waited for a connection that had its answer");
  });

  test("answers 503 where there are no metrics to be had", async (context) => {
    const { endpoint } = await edge(context);
    const answer = await exchange(endpoint, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    assert.deepEqual([answer.status, answer.body], [503, "metrics are not to be had\n"]);
  });

  test("works on more requests of one turn than one group holds", async (context) => {
    const { endpoint } = await edge(context);
    const connection = await open(endpoint);
    for (const count of [1, 63, 64, 65, 128, 129, 500]) {
      connection.send(POST.repeat(count));
      for (let i = 0; i < count; i++) assertAnswer(await connection.answer(), 200);
    }
    connection.socket.destroy();
  });
});
