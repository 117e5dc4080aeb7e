import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { startTestServer, type TestServer } from "../harness.ts";
import { type Answer, assertAnswer, exchange, type Plan, type Signing, sign } from "./wire.ts";

/** The edge as bytes on a socket: what is answered to whom, and in what shape. */

let server: TestServer;

before(async () => {
  server = await startTestServer({ regions: ["us-east-1", "eu-west-1"] });
});
after(() => server.stop());

const ask = async (plan: Plan, by: Partial<Signing> = {}): Promise<Answer> =>
  exchange(server.endpoint, (await sign({ ...server, ...by }, plan)).bytes);

suite("who asks", () => {
  const mismatch =
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

  test("nobody", async () => {
    const heads = [
      "POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: TrentService.ListKeys\r\nContent-Length: 2\r\n\r\n{}",
      "POST / HTTP/1.1\r\nHost: x\r\nAuthorization: Basic YTpi\r\nContent-Length: 2\r\n\r\n{}",
      "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /healthz/ HTTP/1.1\r\nHost: x\r\n\r\n",
      "POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
      "DELETE /metrics HTTP/1.1\r\nHost: x\r\n\r\n",
    ];
    for (const head of heads) {
      const answer = await exchange(server.endpoint, head);
      assertAnswer(answer, 400, "MissingAuthenticationTokenException", "Missing Authentication Token");
    }
  });

  test("somebody with another's secret, or after the fact", async () => {
    const credentials = { ...server.credentials, secretAccessKey: `${server.credentials.secretAccessKey}x` };
    assertAnswer(await ask({ operation: "ListKeys" }, { credentials }), 400, "InvalidSignatureException", mismatch);
    const { bytes } = await sign(server, { operation: "ListKeys", body: '{"Limit":1}' });
    for (const changed of [bytes.replace('"Limit":1', '"Limit":2'), bytes.replace(".ListKeys", ".ListKeyz")]) {
      assertAnswer(await exchange(server.endpoint, changed), 400, "InvalidSignatureException", mismatch);
    }
  });

  test("somebody unknown", async () => {
    const credentials = { ...server.credentials, accessKeyId: "AKIAIOSFODNN7EXAMPLE" };
    const message = "The security token included in the request is invalid.";
    assertAnswer(await ask({ operation: "ListKeys" }, { credentials }), 400, "UnrecognizedClientException", message);
  });

  test("at another time than now", async () => {
    for (const [minutes, text] of [
      [-6, /^Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 5 min\.\)$/],
      [6, /^Signature not yet current: \d{8}T\d{6}Z is still later than \d{8}T\d{6}Z \(\d{8}T\d{6}Z \+ 5 min\.\)$/],
    ] as const) {
      const answer = await ask({ operation: "ListKeys" }, { date: new Date(Date.now() + minutes * 60_000) });
      const { message } = JSON.parse(answer.body);
      assertAnswer(answer, 400, "InvalidSignatureException", message);
      assert.match(message, text);
    }
    for (const minutes of [-4, 4]) {
      assertAnswer(await ask({ operation: "ListKeys" }, { date: new Date(Date.now() + minutes * 60_000) }), 200);
    }
  });

  test("another service, or another Region", async () => {
    assertAnswer(
      await ask({ operation: "ListKeys" }, { scope: "s3" }),
      400,
      "InvalidSignatureException",
      "Credential should be scoped to correct service: 'kms'.",
    );
    assertAnswer(
      await ask({ operation: "ListKeys" }, { region: "us-west-2" }),
      400,
      "InvalidSignatureException",
      "Credential should be scoped to a valid Region, not 'us-west-2'.",
    );
    assertAnswer(await ask({ operation: "ListKeys" }, { region: "eu-west-1" }), 200);
  });

  test("ahead of time: presigned", async () => {
    assertAnswer(await ask({ operation: "ListKeys", presigned: 60 }), 200);
    const date = new Date(Date.now() - 30_000);
    const late = await ask({ operation: "ListKeys", presigned: 20 }, { date });
    assert.match(JSON.parse(late.body).message, /^Signature expired: .* - 20 sec\.\)$/);
    const { bytes } = await sign(server, { operation: "ListKeys", presigned: 60 });
    const changed = await exchange(server.endpoint, bytes.replace(/\{\}$/, "{ }").replace("length: 2", "length: 3"));
    assertAnswer(changed, 400, "InvalidSignatureException", mismatch);
  });
});

suite("what is asked", () => {
  test("nothing that there is", async () => {
    const plans: Plan[] = [
      { operation: "Nothing" },
      { operation: undefined },
      { operation: "" },
      { operation: "__proto__" },
      { operation: "encrypt" },
      { operation: undefined, headers: { "x-amz-target": "ListKeys" } },
      { operation: undefined, headers: { "x-amz-target": "trentservice.ListKeys" } },
      { operation: "ListKeys", method: "PUT" },
      { operation: "ListKeys", method: "GET" },
      { operation: "ListKeys", headers: { "content-type": "application/json" } },
      { operation: "ListKeys", headers: { "content-type": "application/x-amz-json-1.0" } },
      { operation: "ListKeys", headers: { "content-type": "application/x-amz-json-1.10" } },
      { operation: "ListKeys", headers: { "content-type": "" } },
    ];
    for (const plan of plans) assertAnswer(await ask(plan), 400, "UnknownOperationException");
  });

  test("signed GETs of the probes' paths are requests like others", async () => {
    for (const path of ["/healthz", "/readyz", "/metrics"]) {
      assertAnswer(await ask({ method: "GET", path, operation: "ListKeys" }), 400, "UnknownOperationException");
    }
  });

  test("content types that mean JSON 1.1", async () => {
    for (const type of [
      "application/x-amz-json-1.1; charset=utf-8",
      "Application/X-Amz-JSON-1.1",
      "application/x-amz-json-1.1 ;x",
    ]) {
      assertAnswer(await ask({ operation: "ListKeys", headers: { "content-type": type } }), 200);
    }
  });

  test("what is no JSON", async () => {
    for (const body of ["{", "{'a':1}", "hello", "\u0000", "[", "1", "null", "\ufeff{}"]) {
      assertAnswer(await ask({ operation: "ListKeys", body }), 400, "SerializationException");
    }
    const list = "Start of list found where not expected";
    assertAnswer(await ask({ operation: "ListKeys", body: "[]" }), 400, "SerializationException", list);
  });

  test("what is no UTF-8: two different strings must not become one", async () => {
    for (const wrong of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xc3]]) {
      const parts = ['{"Unknown":"', '"}'].map((part) => Buffer.from(part));
      const body = Buffer.concat([parts[0]!, Buffer.from(wrong), parts[1]!]);
      assertAnswer(await ask({ operation: "ListKeys", body }), 400, "SerializationException");
    }
    assertAnswer(await ask({ operation: "ListKeys", body: '{"Unknown":"é😀\\u0000\\ud800"}' }), 200);
  });

  test("an empty body has no members", async () => {
    assertAnswer(await ask({ operation: "ListKeys", body: "" }), 200);
    const message =
      "1 validation error detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null";
    assertAnswer(await ask({ operation: "DescribeKey", body: "" }), 400, "ValidationException", message);
    const chunked = await sign(server, { operation: "ListKeys", body: "" });
    assertAnswer(await exchange(server.endpoint, `${chunked.head}transfer-encoding: chunked\r\n\r\n0\r\n\r\n`), 200);
  });

  test("the service's own refusals", async () => {
    const id = "1234abcd-12ab-34cd-56ef-1234567890ab";
    const message = `Key 'arn:aws:kms:us-east-1:000000000000:key/${id}' does not exist`;
    assertAnswer(await ask({ operation: "DescribeKey", body: `{"KeyId":"${id}"}` }), 400, "NotFoundException", message);
    const arn = `arn:aws:kms:us-east-1:111122223333:key/${id}`;
    const denied = await ask({ operation: "DescribeKey", body: `{"KeyId":"${arn}"}` });
    assert.deepEqual(Object.keys(JSON.parse(denied.body)).sort(), ["Message", "__type"].sort());
    assert.equal(JSON.parse(denied.body).__type, "AccessDeniedException");
    assertAnswer(denied, 400);
  });

  test("an operation without output: 200 and nothing", async () => {
    const created = JSON.parse((await ask({ operation: "CreateKey" })).body);
    const { KeyId } = created.KeyMetadata;
    const body = JSON.stringify({ AliasName: "alias/edge", TargetKeyId: KeyId });
    const answer = await ask({ operation: "CreateAlias", body });
    assertAnswer(answer, 200);
    assert.equal(answer.body, "");
    assert.equal(answer.headers["content-length"], "0");
    const listed = await ask({ operation: "ListAliases", body: JSON.stringify({ KeyId }) });
    assert.equal(JSON.parse(listed.body).Aliases[0].AliasName, "alias/edge");
  });
});
