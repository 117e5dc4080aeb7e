import { createHmac, hash, randomUUID } from "node:crypto";

export interface SigningIdentity {
  accessKeyId: string;
  secretAccessKey: string;
  region: string;
}

const SERVICE = "kms";
const USER_AGENT = "aws-sdk-js/3.1164.0 ua/2.1 os/linux lang/js md/nodejs#26.10.0 api/kms#3.1164.0 m/N,E,e";
const SIGNED_HEADERS =
  "amz-sdk-invocation-id;amz-sdk-request;content-length;content-type;host;x-amz-content-sha256;x-amz-date;x-amz-target;x-amz-user-agent";

/**
 * Builds whole HTTP/1.1 requests, bytes ready to send, for one server: AWS JSON 1.1 signed with Signature Version 4.
 * The headers, their order and which of them are signed are those of the AWS SDK for JavaScript v3.
 */
export class Signer {
  readonly #identity: SigningIdentity;
  readonly #host: string;
  #signingKey: Buffer = Buffer.alloc(0);
  #signingKeyDay = "";

  constructor(identity: SigningIdentity, host: string) {
    this.#identity = identity;
    this.#host = host;
  }

  /** `operation` is the bare name, such as `Encrypt`. */
  request(operation: string, input: object, now = new Date()): Buffer {
    const body = JSON.stringify(input);
    const length = Buffer.byteLength(body);
    const target = `TrentService.${operation}`;
    const date = now.toISOString().replace(/[-:]|\.\d+/g, "");
    const scope = `${date.slice(0, 8)}/${this.#identity.region}/${SERVICE}/aws4_request`;
    const invocation = randomUUID();
    const bodyHash = hash("sha256", body);

    const canonicalRequest = `POST
/

amz-sdk-invocation-id:${invocation}
amz-sdk-request:attempt=1; max=3
content-length:${length}
content-type:application/x-amz-json-1.1
host:${this.#host}
x-amz-content-sha256:${bodyHash}
x-amz-date:${date}
x-amz-target:${target}
x-amz-user-agent:aws-sdk-js/3.1164.0

${SIGNED_HEADERS}
${bodyHash}`;
    const stringToSign = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${hash("sha256", canonicalRequest)}`;
    const signature = hmac(this.#keyFor(date.slice(0, 8)), stringToSign).toString("hex");

    return Buffer.from(
      [
        "POST / HTTP/1.1",
        "content-type: application/x-amz-json-1.1",
        `x-amz-target: ${target}`,
        `content-length: ${length}`,
        "x-amz-user-agent: aws-sdk-js/3.1164.0",
        `user-agent: ${USER_AGENT}`,
        `host: ${this.#host}`,
        `amz-sdk-invocation-id: ${invocation}`,
        "amz-sdk-request: attempt=1; max=3",
        `x-amz-date: ${date}`,
        `x-amz-content-sha256: ${bodyHash}`,
        `authorization: AWS4-HMAC-SHA256 Credential=${this.#identity.accessKeyId}/${scope}, SignedHeaders=${SIGNED_HEADERS}, Signature=${signature}`,
        "Connection: keep-alive",
        "",
        body,
      ].join("\r\n"),
    );
  }

  #keyFor(day: string): Buffer {
    if (day !== this.#signingKeyDay) {
      const parts = [day, this.#identity.region, SERVICE, "aws4_request"];
      this.#signingKey = parts.reduce<Buffer>(hmac, Buffer.from(`AWS4${this.#identity.secretAccessKey}`));
      this.#signingKeyDay = day;
    }
    return this.#signingKey;
  }
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
