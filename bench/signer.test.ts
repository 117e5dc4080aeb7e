import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { test } from "node:test";
import { SignatureV4 } from "@smithy/signature-v4";
import { Signer } from "./signer.ts";

const identity = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  region: "eu-west-3",
};

/** What `@smithy/signature-v4` wants of `node:crypto`. */
class Sha256 {
  readonly #hash;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    if (secret === undefined) this.#hash = createHash("sha256");
    else this.#hash = createHmac("sha256", typeof secret === "string" ? secret : bytesOf(secret));
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(typeof data === "string" ? data : bytesOf(data));
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {}
}

function bytesOf(data: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

function parse(request: Buffer): { start: string; headers: Record<string, string>; body: string } {
  const [head = "", ...rest] = request.toString().split("\r\n\r\n");
  const [start = "", ...lines] = head.split("\r\n");
  const headers = Object.fromEntries(lines.map((line) => line.split(/: (.*)/s, 2) as [string, string]));
  return { start, headers, body: rest.join("\r\n\r\n") };
}

for (const [what, signingDate, input] of [
  ["a small body", new Date("2026-11-24T22:52:27.123Z"), { KeyId: "alias/a", Plaintext: "aGk=" }],
  ["characters of several bytes", new Date("2027-01-01T00:00:00Z"), { Description: "naïve ключ 🔑" }],
  ["4 KiB", new Date("2026-02-28T23:59:59Z"), { KeyId: "k", Plaintext: Buffer.alloc(4096, 7).toString("base64") }],
] as const) {
  test(`the signature is that of @smithy/signature-v4: ${what}`, async () => {
    const { start, headers, body } = parse(
      new Signer(identity, "127.0.0.1:8080").request("Encrypt", input, signingDate),
    );
    assert.equal(start, "POST / HTTP/1.1");
    assert.deepEqual(JSON.parse(body), input);
    assert.equal(Number(headers["content-length"]), Buffer.byteLength(body));

    const { authorization, ...unsigned } = headers;
    const smithy = new SignatureV4({
      credentials: identity,
      region: identity.region,
      service: "kms",
      sha256: Sha256,
    });
    const signed = await smithy.sign(
      { method: "POST", protocol: "http:", hostname: "127.0.0.1", path: "/", headers: unsigned, body },
      { signingDate },
    );
    assert.equal(authorization, signed.headers.authorization);
    assert.equal(headers["x-amz-date"], signed.headers["x-amz-date"]);
    assert.equal(headers["x-amz-content-sha256"], signed.headers["x-amz-content-sha256"]);
  });
}

test("one signer goes on over midnight", () => {
  const signer = new Signer(identity, "127.0.0.1:8080");
  const before = new Date("2026-12-31T23:59:59Z");
  const after = new Date("2027-01-01T00:00:01Z");
  signer.request("Encrypt", {}, before);
  const scope = parse(signer.request("Encrypt", {}, after)).headers.authorization;
  assert.match(scope ?? "", /Credential=AKIDEXAMPLE\/20270101\/eu-west-3\/kms\/aws4_request/);
});

test("two requests with the same input differ in signature", () => {
  const signer = new Signer(identity, "127.0.0.1:8080");
  assert.notDeepEqual(signer.request("Encrypt", {}), signer.request("Encrypt", {}));
});
