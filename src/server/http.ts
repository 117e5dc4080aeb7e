import { randomUUID } from "node:crypto";
import { createServer, type Server, type ServerResponse } from "node:http";
import {
  createServer as createTlsServer,
  type Server as TlsServer,
  type ServerOptions as TlsServerOptions,
} from "node:https";
import type { Socket } from "node:net";
import type { Logger } from "pino";
import { type Dispatcher, refusal } from "./dispatch.ts";
import { type Answer, headerValue } from "./exchange.ts";
import type { Metrics } from "./metrics.ts";
import { ReceivedRequest } from "./receivedRequest.ts";
import { tlsFacts } from "./tls/facts.ts";

/** A key policy is at most 128 Ki characters, and JSON may spell each with six bytes. */
const MAX_BODY = 1 << 20;
/** Who is not even authenticated yet must not fill the memory: of bodies that only a policy can explain, so many at a time. */
const LARGE_BODY = 64 << 10;
const MAX_LARGE_BODIES = 128;
const MAX_HEADERS = 16 << 10;
const MAX_CONNECTIONS = 10_000;
/** How long a client may take, in milliseconds. */
const HEADERS_TIMEOUT = 10_000;
const REQUEST_TIMEOUT = 20_000;
const KEEP_ALIVE_TIMEOUT = 60_000;
/** How long requests under way may take once the server is told to stop. */
const DRAIN_TIMEOUT = 10_000;

/** Requests worked on together: more of them no longer fit the data cache. */
const GROUP = 64;

const EMPTY = Buffer.alloc(0);

export interface EdgeOptions {
  readonly dispatcher: Dispatcher;
  readonly metrics: Metrics;
  /** why no request can be served now; undefined when they can */
  readonly unready: () => string | undefined;
  /** what GET /metrics answers; with several workers, of all of them */
  readonly exposition: () => Promise<string>;
  readonly log: Logger;
  /** plain HTTP when absent */
  readonly tls?: TlsServerOptions | undefined;
}

/** A request that has been read in full, and where its answer goes. */
interface Exchange {
  readonly request: ReceivedRequest;
  readonly response: ServerResponse;
  readonly body: Buffer;
}

/** HTTP/1.1, bounded in every direction. Knows nothing of keys. */
export class Edge {
  readonly server: Server;
  readonly #options: EdgeOptions;
  #draining = false;
  #turn: Exchange[] = [];
  #largeBodies = 0;

  constructor(options: EdgeOptions) {
    this.#options = options;
    const limits = {
      IncomingMessage: ReceivedRequest,
      maxHeaderSize: MAX_HEADERS,
      headersTimeout: HEADERS_TIMEOUT,
      requestTimeout: REQUEST_TIMEOUT,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
      handshakeTimeout: HEADERS_TIMEOUT,
      connectionsCheckingInterval: 2_000,
      noDelay: true,
    };
    const listener = (request: ReceivedRequest, response: ServerResponse) => this.#receive(request, response);
    this.server = options.tls
      ? createTlsServer({ ...options.tls, ...limits }, listener)
      : createServer(limits, listener);
    this.server.maxConnections = MAX_CONNECTIONS;
    this.server.maxHeadersCount = 100;
    this.server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => refuseBytes(error, socket));
  }

  listen(port: number, host: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen({ port, host }, () => {
        this.server.off("error", reject);
        resolve();
      });
    });
  }

  /** Serves new connections with another certificate. */
  replaceCertificate(tls: TlsServerOptions): void {
    (this.server as TlsServer).setSecureContext(tls);
  }

  /** Stops accepting, answers what is under way, closes. */
  async close(): Promise<void> {
    this.#draining = true;
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    const timer = setTimeout(() => this.server.closeAllConnections(), DRAIN_TIMEOUT);
    await closed;
    clearTimeout(timer);
  }

  #receive(request: ReceivedRequest, response: ServerResponse): void {
    const unsigned = request.method === "GET" && headerValue(request.rawHeaders, "authorization") === undefined;
    if (unsigned && this.#answerProbe(request.url ?? "", response)) return;
    let body: Buffer = EMPTY;
    let length = 0;
    let refused = false;
    request.receive({
      data: (chunk) => {
        if (refused) return;
        if (length + chunk.length > LARGE_BODY && !this.#admit(request, response, length, chunk.length)) {
          refused = true;
          body = EMPTY;
          return;
        }
        body = length === 0 ? chunk : append(body, length, chunk);
        length += chunk.length;
      },
      end: () => {
        if (refused) return;
        const exchange = { request, response, body: length === body.length ? body : body.subarray(0, length) };
        if (this.#turn.push(exchange) % GROUP === 1) setImmediate(this.#work);
      },
    });
  }

  /** Whether a large body may grow from `length` by so many bytes more; if not, the request has been answered. */
  #admit(request: ReceivedRequest, response: ServerResponse, length: number, more: number): boolean {
    let answer: Answer | undefined;
    if (length + more > MAX_BODY) {
      answer = refusal("RequestEntityTooLargeException", "The request body is too long.", 400, "unknown");
    } else if (length <= LARGE_BODY) {
      if (this.#largeBodies === MAX_LARGE_BODIES) {
        const message = "Too many large requests are under way. You can retry the request.";
        answer = refusal("ServiceUnavailableException", message, 503, "unknown");
      } else {
        this.#largeBodies++;
        response.once("close", () => this.#largeBodies--);
      }
    }
    if (answer === undefined) return true;
    response.setHeader("Connection", "close");
    this.#answer(response, answer, 0);
    response.once("finish", () => request.socket.destroySoon());
    return false;
  }

  /**
   * Works on the requests that this turn of the event loop has read, a group at a time. Each step of a request ends with
   * an await, so that the steps of a whole group follow each other: the signatures, then the cryptography, then the
   * answers. The code of one step stays in the processor's instruction cache meanwhile, which halves what a request
   * costs: docs/decisions/0006-requests-of-a-turn-together.md.
   */
  readonly #work = (): void => {
    for (const exchange of this.#turn.splice(0, GROUP)) void this.#dispatch(exchange);
  };

  async #dispatch({ request, response, body }: Exchange): Promise<void> {
    const started = performance.now();
    const { method, url, rawHeaders } = request;
    const requestId = randomUUID();
    const answer = await this.#options.dispatcher.dispatch({
      method: method as string,
      url: url as string,
      rawHeaders,
      body,
      requestId,
      sourceIp: request.socket.remoteAddress,
      secure: this.#options.tls !== undefined,
      tls: this.#options.tls && tlsFacts(request.socket),
    });
    this.#answer(response, answer, (performance.now() - started) / 1000, requestId);
  }

  #answer(response: ServerResponse, answer: Answer, seconds: number, requestId: string = randomUUID()): void {
    const { status, body, operation, error } = answer;
    const length = Buffer.byteLength(body);
    const headers = [
      "x-amzn-RequestId",
      requestId,
      "Content-Type",
      answer.contentType ?? "application/x-amz-json-1.1",
      "Cache-Control",
      "no-cache, no-store, must-revalidate, private",
      "Content-Length",
      String(length),
    ];
    if (this.#draining) headers.push("Connection", "close");
    response.writeHead(status, headers);
    response.end(body, length === body.length ? "latin1" : "utf8"); // ASCII, as most are, is written as it is
    this.#options.metrics.answered(operation, error, seconds);
    const { log } = this.#options;
    if (log.isLevelEnabled("debug")) log.debug({ requestId, operation, status, error, seconds }, "answered");
  }

  /** Health and metrics, for those who watch over the service: unsigned. */
  #answerProbe(url: string, response: ServerResponse): boolean {
    if (this.#draining) response.setHeader("Connection", "close");
    if (url === "/healthz") {
      plain(response, 200, "alive\n");
    } else if (url === "/readyz") {
      const reason = this.#draining ? "stopping" : this.#options.unready();
      plain(response, reason === undefined ? 200 : 503, `${reason ?? "ready"}\n`);
    } else if (url === "/metrics") {
      this.#options.exposition().then(
        (text) => plain(response, 200, text, this.#options.metrics.registry.contentType),
        () => plain(response, 503, "metrics are not to be had\n"),
      );
    } else {
      return false;
    }
    return true;
  }
}

/**
 * Behind the first `length` bytes of `body` puts the chunk. There is room for as much again: a body that comes in chunks
 * of a byte is not copied for each of them.
 */
function append(body: Buffer, length: number, chunk: Buffer): Buffer {
  const needed = length + chunk.length;
  let room = body;
  if (needed > body.length) {
    room = Buffer.allocUnsafe(2 * needed);
    body.copy(room, 0, 0, length);
  }
  chunk.copy(room, length);
  return room;
}

function plain(response: ServerResponse, status: number, body: string, type = "text/plain; charset=utf-8"): void {
  response.writeHead(status, { "Content-Type": type, "Content-Length": Buffer.byteLength(body) });
  response.end(body);
}

/** Answers bytes that are no HTTP request, or took too long to become one. */
function refuseBytes(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const [status, code] =
    error.code === "ERR_HTTP_REQUEST_TIMEOUT"
      ? ["408 Request Timeout", "RequestTimeoutException"]
      : error.code === "HPE_HEADER_OVERFLOW"
        ? ["431 Request Header Fields Too Large", "MalformedHttpRequestException"]
        : ["400 Bad Request", "MalformedHttpRequestException"];
  const body = JSON.stringify({ __type: code });
  socket.end(
    `HTTP/1.1 ${status}\r\nx-amzn-RequestId: ${randomUUID()}\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
}
