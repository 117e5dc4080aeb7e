import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { Agent } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import { connect } from "node:tls";
import { DecryptCommand, EncryptCommand, GenerateDataKeyCommand, ListKeysCommand } from "@aws-sdk/client-kms";
import { pino } from "pino";
import { serverDefaults, startServer } from "../../src/cli/server.ts";
import { StoreUnavailable } from "../../src/store/store.ts";
import { failure, startTestServer, type TestServer } from "../harness.ts";
import { exchange, type Plan, sign } from "./wire.ts";

/** What the operator sees of the edge: probes, metrics, logs, and how it can be reached. */

/** A logger that keeps its lines. */
function recorder(level: "debug" | "info") {
  const lines: string[] = [];
  const log = pino({ level }, { write: (line: string) => lines.push(line) });
  return { log, text: () => lines.join(""), parsed: () => lines.map((line) => JSON.parse(line)) };
}

async function serve(context: TestContext, options?: Parameters<typeof startTestServer>[0]): Promise<TestServer> {
  const server = await startTestServer(options);
  context.after(() => server.stop());
  return server;
}

suite("probes", () => {
  const get = (endpoint: string, path: string) => exchange(endpoint, `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);

  test("say that the server lives and is ready, to everyone", async (context) => {
    const server = await serve(context);
    for (const [path, body] of [
      ["/healthz", "alive\n"],
      ["/readyz", "ready\n"],
    ] as const) {
      const answer = await get(server.endpoint, path);
      assert.equal(answer.status, 200);
      assert.equal(answer.body, body);
      assert.equal(answer.headers["content-type"], "text/plain; charset=utf-8");
    }
  });

  test("metrics are in Prometheus' format, and no caller makes series", async (context) => {
    const server = await serve(context);
    const kms = server.client();
    for (let i = 0; i < 3; i++) await kms.send(new ListKeysCommand({}));
    await failure(kms.send(new DecryptCommand({ CiphertextBlob: Buffer.from("none") })));
    const series = async () => {
      const answer = await get(server.endpoint, "/metrics");
      assert.equal(answer.status, 200);
      assert.match(answer.headers["content-type"]!, /^text\/plain; version=0\.0\.4; charset=utf-8$/);
      const lines = answer.body.split("\n").filter((line) => line !== "");
      for (const line of lines) {
        assert.match(line, /^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="([^"\\]|\\.)*",?)*\})? (-?[\d.e+-]+|NaN|\+Inf))$/i);
      }
      return new Map(
        lines
          .filter((line) => line.startsWith("strongroom_"))
          .map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]),
      );
    };
    const first = await series();
    assert.equal(first.get('strongroom_requests_total{operation="ListKeys",error="none"}'), 3);
    assert.equal(
      first.get('strongroom_requests_total{operation="Decrypt",error="InvalidCiphertextException"}'),
      1,
      [...first.keys()].join("\n"),
    );
    assert.equal(first.get('strongroom_request_duration_seconds_count{operation="ListKeys"}'), 3);
    const sum = first.get('strongroom_request_duration_seconds_sum{operation="ListKeys"}')!;
    assert(sum > 0 && sum < 30);

    const ask = async (plan: Plan) => exchange(server.endpoint, (await sign(server, plan)).bytes);
    const strangers = (i: number): Plan[] => [
      { operation: `Random${i}` },
      { operation: `ListKeys${i}` },
      { operation: "ListKeys", headers: { "content-type": `text/${i}` } },
      { operation: "ListKeys", path: `/${i}` },
      { operation: "ListKeys", method: `GET`, path: `/metrics?${i}` },
      { operation: "DescribeKey", body: `{"KeyId":"alias/${i}"}` },
    ];
    for (const plan of strangers(0)) await ask(plan);
    const before = await series();
    for (let i = 1; i <= 20; i++) for (const plan of strangers(i)) await ask(plan);
    const after = await series();
    assert.deepEqual([...after.keys()], [...before.keys()]);
    const unknown = 'strongroom_requests_total{operation="unknown",error="UnknownOperationException"}';
    assert(after.get(unknown)! - before.get(unknown)! >= 60);
  });
});

suite("where it can be reached", () => {
  test("not in the clear on a network, unless that is asked for", async (context) => {
    const data = mkdtempSync(join(tmpdir(), "strongroom-test-"));
    const { log } = recorder("info");
    for (const host of ["0.0.0.0", "::", "192.0.2.1", "kms.example.com", "127.0.0.1.example.com", "127.1.1.1x"]) {
      const starting = startServer({ ...serverDefaults, data, log, port: 0, host }).then((running) => running.close());
      await assert.rejects(starting, /^Error: plain HTTP on .* would send credentials' signatures and plaintext keys/);
    }
    assert.deepEqual(readdirSync(data), []);
    rmSync(data, { recursive: true });
    const allowed = await serve(context, { host: "0.0.0.0", allowPlainHttp: true });
    const { port } = new URL(allowed.endpoint);
    await allowed.client({ endpoint: `http://127.0.0.1:${port}` }).send(new ListKeysCommand({}));
  });

  test("over TLS, by those who trust its CA and by nobody else", async (context) => {
    const server = await serve(context, { tls: { selfSigned: [] } });
    assert.match(server.endpoint, /^https:\/\/127\.0\.0\.1:\d+$/);
    const ca = readFileSync(join(server.data, "tls", "ca.pem"), "utf8");
    const trusting = server.client({ requestHandler: { httpsAgent: new Agent({ ca, keepAlive: true }) } });
    const { Keys } = await trusting.send(new ListKeysCommand({}));
    assert(Array.isArray(Keys));
    const stranger = await failure(server.client().send(new ListKeysCommand({})));
    assert.match(stranger.message, /self[- ]signed|unable to (get|verify)/i);
    const named = server.client({
      endpoint: server.endpoint.replace("127.0.0.1", "localhost"),
      requestHandler: { httpsAgent: new Agent({ ca, keepAlive: false }) },
    });
    await named.send(new ListKeysCommand({}));
    const old = new Agent({ ca, maxVersion: "TLSv1.1", minVersion: "TLSv1" });
    const refused = await failure(server.client({ requestHandler: { httpsAgent: old } }).send(new ListKeysCommand({})));
    assert.equal(refused.status, 0);
    await assert.rejects(exchange(server.endpoint, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"));
    await trusting.send(new ListKeysCommand({}));
  });

  test("with another certificate once there is one, without a restart", async (context) => {
    const server = await serve(context, { tls: { selfSigned: [] } });
    const path = (name: string) => join(server.data, "tls", name);
    const served = () =>
      new Promise<string>((resolve, reject) => {
        const socket = connect({ port: Number(new URL(server.endpoint).port), rejectUnauthorized: false }, () => {
          resolve(socket.getPeerX509Certificate()!.serialNumber);
          socket.destroy();
        });
        socket.on("error", reject);
      });
    const first = await served();
    await server.renewCertificate();
    assert.equal(await served(), first, "there was nothing to renew");
    rmSync(path("server.pem"));
    rmSync(path("server-key.pem"));
    await server.renewCertificate();
    assert.notEqual(await served(), first);
    const ca = readFileSync(path("ca.pem"), "utf8");
    await server.client({ requestHandler: { httpsAgent: new Agent({ ca }) } }).send(new ListKeysCommand({}));
  });
});

suite("what is nobody's mistake but the server's", () => {
  test("is said without detail, and logged with it", async (context) => {
    const { log, parsed } = recorder("info");
    let broken: Error | undefined;
    const server = await serve(context, {
      log,
      clock: () => {
        if (broken !== undefined) throw broken;
        return Date.now();
      },
    });
    const ask = async () => exchange(server.endpoint, (await sign(server, { operation: "CreateKey" })).bytes);
    broken = new Error("the clock is broken");
    const internal = await ask();
    assert.equal(internal.status, 500);
    assert.equal(
      internal.body,
      '{"__type":"KMSInternalException","message":"The request was rejected because an internal exception occurred. The request can be retried."}',
    );
    broken = new StoreUnavailable("the disk is full");
    const unavailable = await ask();
    assert.equal(unavailable.status, 503);
    assert.equal(JSON.parse(unavailable.body).__type, "DependencyTimeoutException");
    broken = undefined;
    assert.equal((await ask()).status, 200);
    const failed = parsed().filter(({ msg }) => msg === "a request failed");
    assert.deepEqual(
      failed.map(({ level, operation, err }) => [level, operation, err.message]),
      [
        [50, "unknown", "the clock is broken"], // who asks is not known yet, and so not what for
        [50, "unknown", "the disk is full"],
      ],
    );
    assert.match(failed[0].err.stack, /operator\.test\.ts/);
  });
});

suite("logs", () => {
  test("say what was asked and answered, and no secret", async (context) => {
    const { log, text, parsed } = recorder("debug");
    const server = await serve(context, { log });
    const kms = server.client();
    const created = await exchange(server.endpoint, (await sign(server, { operation: "CreateKey" })).bytes);
    const { KeyId } = JSON.parse(created.body).KeyMetadata;
    const secrets = [server.credentials.secretAccessKey];
    const plaintext = "the plaintext of this very test";
    const forms = (bytes: Uint8Array) =>
      (["base64", "hex", "latin1"] as const).map((form) => Buffer.from(bytes).toString(form));
    secrets.push(...forms(Buffer.from(plaintext)));

    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from(plaintext) }));
    await kms.send(new DecryptCommand({ CiphertextBlob }));
    const dataKey = await kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256" }));
    secrets.push(...forms(CiphertextBlob!), ...forms(dataKey.Plaintext!), ...forms(dataKey.CiphertextBlob!));

    const base64 = Buffer.from(plaintext).toString("base64");
    const plans: Plan[] = [
      { operation: "Encrypt", body: `{"KeyId":"${KeyId}","Plaintext":"${base64}` },
      { operation: "Encrypt", body: `{"KeyId":"${KeyId}","Plaintext":"${base64}*"}` },
      { operation: "Encrypt", body: `{"KeyId":"${KeyId}","Plaintext":["${plaintext}"]}` },
      { operation: "Encrypt", body: `{"KeyId":"${KeyId}","Plaintext":"${base64.repeat(300)}"}` },
      { operation: "Encrypt", body: `{"Plaintext":"${base64}"}` },
      { operation: "Encrypt", body: `{"KeyId":"alias/none","Plaintext":"${base64}"}` },
      { operation: "Decrypt", body: `{"CiphertextBlob":"${base64}"}` },
      {
        operation: "Decrypt",
        body: `{"CiphertextBlob":"${Buffer.from(CiphertextBlob!).toString("base64")}","KeyId":"x"}`,
      },
      { operation: "Nothing", body: base64 },
      { operation: "ListKeys", presigned: 60 },
    ];
    const answers = [];
    for (const plan of plans) {
      const { bytes, url, headers } = await sign(server, plan);
      const signature = /Signature=([0-9a-f]{64})/.exec(url + headers.authorization)![1]!;
      secrets.push(signature);
      const { status, body } = await exchange(server.endpoint, bytes);
      if (status !== 200) answers.push(body);
      const forged = await exchange(server.endpoint, bytes.replace(signature, signature.replaceAll(/[0-7]/g, "9")));
      assert.equal(JSON.parse(forged.body).__type, "InvalidSignatureException");
      answers.push(forged.body);
      secrets.push(signature.replaceAll(/[0-7]/g, "9"));
    }
    assert.equal(answers.length, 2 * plans.length - 1);
    kms.destroy();

    const answered = parsed().filter(({ msg }) => msg === "answered");
    assert.equal(answered.length, 4 + 2 * plans.length);
    for (const line of answered) {
      assert.match(line.requestId, /^[0-9a-f-]{36}$/);
      assert.match(line.operation, /^(CreateKey|Encrypt|Decrypt|GenerateDataKey|ListKeys|unknown)$/);
      assert(typeof line.status === "number" && typeof line.seconds === "number");
    }
    for (const secret of secrets) {
      assert(secret.length >= 20);
      assert(!text().includes(secret), `in the log: ${secret}`);
      for (const answer of answers) assert(!answer.includes(secret), `in ${answer}: ${secret}`);
    }
  });
});
