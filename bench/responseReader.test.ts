import assert from "node:assert/strict";
import { test } from "node:test";
import { ResponseReader } from "./responseReader.ts";

const stream = Buffer.from(
  [
    "HTTP/1.1 200 OK\r\nX-Content-Length: 9\r\nContent-Length: 2\r\nDate: x\r\n\r\nok",
    "HTTP/1.1 400 Bad Request\r\ncontent-length:12\r\n\r\n\r\n\r\nHTTP/1.1",
    "HTTP/1.1 200 OK\r\nCONTENT-LENGTH: 0\r\n\r\n",
    "HTTP/1.1 503 Service Unavailable\r\nx: content-length: 7\r\ncontent-length: 4\r\n\r\nbusy",
  ].join(""),
);

function readInChunksOf(size: number, keepBodies: boolean): [number, string][] {
  const seen: [number, string][] = [];
  const reader = new ResponseReader((status, body) => seen.push([status, body]), keepBodies);
  for (let at = 0; at < stream.length; at += size) {
    const chunk = Buffer.from(stream.subarray(at, at + size));
    reader.read(chunk, chunk.length);
    chunk.fill(0); // it is the caller's again
  }
  return seen;
}

for (const size of [1, 2, 7, 64, stream.length]) {
  test(`responses that arrive in chunks of ${size}`, () => {
    assert.deepEqual(readInChunksOf(size, true), [
      [200, "ok"],
      [400, "\r\n\r\nHTTP/1.1"],
      [200, ""],
      [503, "busy"],
    ]);
  });
}

test("only the bodies of refusals are kept unless all are asked for", () => {
  assert.deepEqual(readInChunksOf(5, false), [
    [200, ""],
    [400, "\r\n\r\nHTTP/1.1"],
    [200, ""],
    [503, "busy"],
  ]);
});

test("a response without Content-Length is an error", () => {
  const reader = new ResponseReader(() => {});
  const chunk = Buffer.from("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  assert.throws(() => reader.read(chunk, chunk.length), /no Content-Length/);
});
