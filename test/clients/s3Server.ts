import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * A double of S3 in memory, for clients that need one: buckets, objects with metadata, and lists, in the path style and
 * without a look at signatures. https://docs.aws.amazon.com/AmazonS3/latest/API/
 */
export class S3Server {
  /** by bucket, then by key */
  readonly buckets = new Map<string, Map<string, StoredObject>>();
  /** what puts are refused with, while it is set */
  refusing: { status: number; code: string } | undefined;
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch((error) => refuse(response, 500, "InternalError", String(error)));
  });

  static async start(...buckets: string[]): Promise<S3Server> {
    const server = new S3Server();
    for (const bucket of buckets) server.buckets.set(bucket, new Map());
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url as string, this.endpoint);
    const [name = "", ...rest] = url.pathname.slice(1).split("/");
    const key = decodeURIComponent(rest.join("/"));
    const body = await read(request);
    const bucket = this.buckets.get(name);
    if (bucket === undefined) return refuse(response, 404, "NoSuchBucket", "The specified bucket does not exist");
    if (request.method === "PUT") return this.#put(request, response, bucket, key, body);
    if (key === "") {
      if (url.searchParams.has("location")) return xml(response, "<LocationConstraint/>");
      return xml(response, list(name, bucket, url.searchParams));
    }
    const object = bucket.get(key);
    if (object === undefined) return refuse(response, 404, "NoSuchKey", "The specified key does not exist.");
    response.writeHead(200, {
      ...object.headers,
      etag: `"${createHash("md5").update(object.body).digest("hex")}"`,
      "content-length": object.body.length,
      "last-modified": new Date().toUTCString(),
    });
    response.end(request.method === "HEAD" ? undefined : object.body);
  }

  #put(
    request: IncomingMessage,
    response: ServerResponse,
    bucket: Map<string, StoredObject>,
    key: string,
    body: Buffer,
  ) {
    if (this.refusing !== undefined) return refuse(response, this.refusing.status, this.refusing.code, "refused");
    const kept = Object.entries(request.headers).filter(([name]) =>
      /^(x-amz-meta-|content-(type|encoding)$)/.test(name),
    );
    bucket.set(key, { body, headers: Object.fromEntries(kept) as Record<string, string> });
    response.writeHead(200).end();
  }
}

export interface StoredObject {
  body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** ListObjects, version 1. */
function list(name: string, bucket: Map<string, StoredObject>, query: URLSearchParams): string {
  const prefix = query.get("prefix") ?? "";
  const marker = query.get("marker") ?? "";
  const most = Number(query.get("max-keys") ?? 1000);
  const keys = [...bucket.keys()].filter((key) => key.startsWith(prefix) && key > marker).sort();
  const contents = keys
    .slice(0, most)
    .map((key) => `<Contents><Key>${key}</Key><Size>${bucket.get(key)!.body.length}</Size></Contents>`);
  return `<ListBucketResult><Name>${name}</Name><Prefix>${prefix}</Prefix><Marker>${marker}</Marker><MaxKeys>${most}</MaxKeys><IsTruncated>${keys.length > most}</IsTruncated>${contents.join("")}</ListBucketResult>`;
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function xml(response: ServerResponse, text: string): void {
  response.writeHead(200, { "content-type": "application/xml" }).end(`<?xml version="1.0" encoding="UTF-8"?>${text}`);
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response
    .writeHead(status, { "content-type": "application/xml" })
    .end(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`);
}
