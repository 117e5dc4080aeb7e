import type { TlsFacts } from "../cloudtrail/request.ts";
import type { Connection } from "../policy/globalKeys.ts";
import type { SignedRequest } from "./sigv4.ts";
import { headerIndex } from "./sigv4Headers.ts";

/** A request as the edge has read it. */
export interface EdgeRequest extends SignedRequest {
  /** of the answer too: `x-amzn-RequestId` */
  readonly requestId: string;
  readonly sourceIp: string | undefined;
  readonly secure: boolean;
  /** undefined for plain HTTP */
  readonly tls: TlsFacts | undefined;
}

/** What the edge sends back. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  /** AWS JSON when absent */
  readonly contentType?: string;
  /** for metrics and logs: a name of the model, or "unknown" */
  readonly operation: string;
  readonly error?: string;
}

/** How a request came, as conditions may ask. */
export class RequestConnection implements Connection {
  readonly #request: EdgeRequest;

  constructor(request: EdgeRequest) {
    this.#request = request;
  }

  get sourceIp(): string | undefined {
    return this.#request.sourceIp;
  }

  get secure(): boolean {
    return this.#request.secure;
  }

  header(name: string): string | undefined {
    return headerValue(this.#request.rawHeaders, name);
  }
}

/** @param name in lower case */
export function headerValue(rawHeaders: readonly string[], name: string): string | undefined {
  const at = headerIndex(rawHeaders, name);
  return at < 0 ? undefined : rawHeaders[at];
}
