import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { SignatureV4 } from "@smithy/signature-v4";
import { Sha256 } from "../sha256.ts";

/** HTTP as it is on the wire, for what no client would send. */

export interface Answer {
  readonly status: number;
  /** by lower-case name */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One connection of one's own. Its bytes are text of which each character is a byte. */
export interface Connection {
  readonly socket: Socket;
  send(bytes: string | Uint8Array): void;
  /** the next answer in full; rejects when the connection closes before it */
  answer(): Promise<Answer>;
  /** all that came and was not taken as an answer, once the other end has closed; rejects when that takes longer than `patience` ms */
  rest(patience?: number): Promise<string>;
}

const HEAD = /^HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n/;

/** The answer that `text` begins with; undefined when there is more of it to come. Throws for what is none. */
export function parseAnswer(text: string): { answer: Answer; length: number } | undefined {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const head = HEAD.exec(text);
  if (head === null) throw new Error(`not an HTTP answer: ${JSON.stringify(text.slice(0, 200))}`);
  const lines = head[2]!.split("\r\n").filter((line) => line !== "");
  const pairs = lines.map((line) => [
    line.slice(0, line.indexOf(":")).toLowerCase(),
    line.slice(line.indexOf(":") + 1),
  ]);
  const headers: Record<string, string> = Object.fromEntries(pairs.map(([name, value]) => [name, value!.trim()]));
  const length = Number(headers["content-length"] ?? 0);
  const start = end + 4;
  if (headers["transfer-encoding"] === "chunked") {
    if (!text.endsWith("0\r\n\r\n")) return undefined;
    return { answer: { status: Number(head[1]), headers, body: text.slice(start) }, length: text.length };
  }
  if (text.length < start + length) return undefined;
  const body = Buffer.from(text.slice(start, start + length), "latin1").toString("utf8");
  return { answer: { status: Number(head[1]), headers, body }, length: start + length };
}

export async function open(endpoint: string): Promise<Connection> {
  const { hostname, port } = new URL(endpoint);
  const socket = connect(Number(port), hostname);
  let received = "";
  let closed = false;
  let wake = () => {};
  socket.setEncoding("latin1");
  socket.setNoDelay(true);
  socket.on("data", (text) => {
    received += text;
    wake();
  });
  socket.on("close", () => {
    closed = true;
    wake();
  });
  await new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  socket.on("error", () => {}); // that it is reset shows in what was answered
  const more = () => new Promise<void>((resolve) => (wake = resolve));
  return {
    socket,
    send: (bytes) => socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes),
    async answer() {
      for (;;) {
        const parsed = parseAnswer(received);
        if (parsed !== undefined) {
          received = received.slice(parsed.length);
          return parsed.answer;
        }
        if (closed) throw new Error(`closed after ${JSON.stringify(received.slice(0, 200))}`);
        await more();
      }
    },
    async rest(patience = 1000) {
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        socket.destroy();
      }, patience);
      while (!closed) await more();
      clearTimeout(timer);
      if (late) throw new Error(`not closed after ${patience} ms`);
      return received;
    },
  };
}

/** Sends bytes on a connection of their own, and waits for one answer. */
export async function exchange(endpoint: string, bytes: string | Uint8Array): Promise<Answer> {
  const connection = await open(endpoint);
  try {
    connection.send(bytes);
    return await connection.answer();
  } finally {
    connection.socket.destroy();
  }
}

export interface Signing {
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly region?: string;
  /** that the credential is scoped to */
  readonly scope?: string;
  readonly date?: Date;
}

export interface Plan {
  readonly method?: string;
  readonly path?: string;
  /** "Encrypt"; undefined for a request without X-Amz-Target */
  readonly operation?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** seconds that a presigned request is good for */
  readonly presigned?: number;
}

/** A request's head, without the headers that say the body's length, and its body. */
export interface Signed {
  readonly url: string;
  readonly head: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** all of it, as bytes */
  readonly bytes: string;
}

export async function sign(by: Signing, plan: Plan): Promise<Signed> {
  const { host } = new URL(by.endpoint);
  const { method = "POST", path = "/", operation, presigned } = plan;
  const body = Buffer.from(plan.body ?? "{}");
  const signer = new SignatureV4({
    credentials: by.credentials,
    region: by.region ?? "us-east-1",
    service: by.scope ?? "kms",
    sha256: Sha256,
    applyChecksum: false,
  });
  const request = {
    method,
    protocol: "http:",
    hostname: host,
    path,
    query: {},
    headers: {
      host,
      "content-type": "application/x-amz-json-1.1",
      ...(operation !== undefined && { "x-amz-target": `TrentService.${operation}` }),
      ...plan.headers,
    },
    body,
  };
  const signingDate = by.date ?? new Date();
  const signed =
    presigned === undefined
      ? await signer.sign(request, { signingDate })
      : await signer.presign(request, {
          signingDate,
          expiresIn: presigned,
          unhoistableHeaders: new Set(["x-amz-target"]),
        });
  const query = Object.entries(signed.query ?? {}).map(([name, value]) => `${name}=${encodeURIComponent(`${value}`)}`);
  const url = path + (query.length > 0 ? `?${query.join("&")}` : "");
  const lines = Object.entries(signed.headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `${method} ${url} HTTP/1.1\r\n${lines.join("")}`;
  const bytes = `${head}content-length: ${body.length}\r\n\r\n${body.toString("latin1")}`;
  return { url, head, headers: signed.headers, body, bytes };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const requestIds = new Set<string>();

/** What every answer of the service has, and no other has had. */
export function assertAnswer(
  { status, headers, body }: Answer,
  expected: number,
  type?: string,
  message?: string,
): void {
  assert.equal(status, expected, body);
  assert.match(headers["x-amzn-requestid"]!, UUID);
  assert(!requestIds.has(headers["x-amzn-requestid"]!));
  requestIds.add(headers["x-amzn-requestid"]!);
  assert.equal(headers["content-type"], "application/x-amz-json-1.1");
  assert.equal(headers["content-length"], String(Buffer.byteLength(body)));
  if (type === undefined) return;
  const parsed = JSON.parse(body);
  assert.equal(parsed.__type, type);
  if (message === undefined) assert.deepEqual(Object.keys(parsed), ["__type"]);
  else assert.deepEqual(parsed, { __type: type, message });
}
