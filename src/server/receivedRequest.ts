import { type IncomingHttpHeaders, IncomingMessage } from "node:http";
import { headerValue } from "./exchange.ts";

/** Who takes a request's body: its pieces as they come, then its end. */
export interface BodyReceiver {
  data(chunk: Buffer): void;
  end(): void;
}

type AskedHeaders = Pick<IncomingHttpHeaders, "host" | "expect">;

/**
 * A request whose body goes straight to its receiver, not through a stream. The parser hands each piece to `push`, the
 * last of them null; a stream behind it would buffer them, announce them in later turns, and end and close itself, which
 * costs a fifth of all that node:http does for a request: docs/decisions/0015-bodies-past-the-stream.md.
 */
export class ReceivedRequest extends IncomingMessage {
  #receiver: BodyReceiver | undefined;
  #headers: AskedHeaders | undefined;

  /** To be called when the request is announced, before its body is there. Without a receiver the body is passed over. */
  receive(receiver: BodyReceiver): void {
    this.#receiver = receiver;
  }

  /** @returns true: the receiver bounds what it keeps */
  override push(chunk: Buffer | null): boolean {
    if (chunk === null) this.#receiver?.end();
    else this.#receiver?.data(chunk);
    return true;
  }

  override read(): null {
    return null;
  }

  override resume(): this {
    return this;
  }

  static {
    Object.defineProperties(ReceivedRequest.prototype, {
      /** node:http lets go of a request that has been answered once its body has been read: when it has been parsed, it has. */
      readableEnded: {
        get(this: ReceivedRequest): boolean {
          return this.complete;
        },
      },
      /** Those that node:http asks for. Everybody else reads `rawHeaders`: making an object of all of them costs more than a signature's hash. */
      headers: {
        get(this: ReceivedRequest): AskedHeaders {
          this.#headers ??= askedHeaders(this.rawHeaders);
          return this.#headers;
        },
      },
    });
  }
}

function askedHeaders(rawHeaders: readonly string[]): AskedHeaders {
  return { host: headerValue(rawHeaders, "host"), expect: headerValue(rawHeaders, "expect") };
}
