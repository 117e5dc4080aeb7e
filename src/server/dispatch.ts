import { isAscii, isUtf8 } from "node:buffer";
import { DependencyTimeoutException, KMSInternalException, KmsException, ThrottlingException } from "../kms/errors.ts";
import type { Kms, Operation } from "../kms/operation.ts";
import { StoreUnavailable } from "../store/store.ts";
import type { Authentication } from "./authentication.ts";
import { type Answer, type EdgeRequest, headerValue, RequestConnection } from "./exchange.ts";
import { ProtocolException, SerializationException } from "./protocol/errors.ts";
import type { OperationCodec } from "./protocol/model.ts";
import type { QueryService } from "./queryService.ts";
import type { Quotas } from "./quota.ts";
import { AuthenticationError, type SigningServices } from "./sigv4.ts";

/** An operation with its coding, both made once. */
export interface ServedOperation {
  readonly operation: Operation<unknown>;
  readonly codec: OperationCodec;
}

export interface DispatchOptions {
  readonly kms: Kms;
  readonly authentication: Authentication;
  /** by `X-Amz-Target` */
  readonly operations: ReadonlyMap<string, ServedOperation>;
  /** IAM and STS */
  readonly query: QueryService;
  /** undefined: everybody may ask as often as they like */
  readonly quotas: Quotas | undefined;
  /** told of what is nobody's mistake but ours */
  readonly failed: (error: unknown, operation: string) => void;
}

/** The services that speak AWS JSON. */
const SERVICES: SigningServices = { names: ["kms"] };
const CONTENT_TYPE = "application/x-amz-json-1.1";

/** Takes a request from its bytes to its answer's: who asks, what for, do it. Never throws. */
export class Dispatcher {
  readonly #options: DispatchOptions;

  constructor(options: DispatchOptions) {
    this.#options = options;
  }

  async dispatch(request: EdgeRequest): Promise<Answer> {
    const { kms, authentication, operations, query, quotas } = this.#options;
    let name = "unknown";
    try {
      this.#refresh();
      const target = headerValue(request.rawHeaders, "x-amz-target");
      if (target === undefined && query.takes(request)) return await query.answer(request);
      const authenticating = authentication.authenticate(request, SERVICES);
      const { principal, region } = authenticating instanceof Promise ? await authenticating : authenticating;
      const served = operations.get(target ?? "");
      if (served === undefined || request.method !== "POST") return unknownOperation();
      const { operation, codec } = served;
      name = operation.name;
      if (!hasJsonType(request.rawHeaders)) return unknownOperation();
      const input = codec.decodeInput(bodyText(request.body));
      if (quotas?.take(name, input, principal.account, region) === false) throw new ThrottlingException();
      const { requestId } = request;
      const connection = new RequestConnection(request);
      const output = await operation.run({ kms, principal, region, connection, requestId }, input);
      return { status: 200, body: codec.encodeOutput(output as object | undefined), operation: name };
    } catch (error) {
      return this.#refusal(error, name);
    }
  }

  /** What other processes had acknowledged is obeyed by this request. Without the store, what is cached still serves. */
  #refresh(): void {
    try {
      this.#options.kms.store.refresh();
    } catch (error) {
      this.#options.failed(error, "refresh");
    }
  }

  #refusal(error: unknown, operation: string): Answer {
    if (error instanceof KmsException) return refusal(error.code, error.message, error.status, operation);
    if (error instanceof ProtocolException || error instanceof AuthenticationError) {
      return refusal(error.code, error.message, 400, operation);
    }
    this.#options.failed(error, operation);
    const { code, message, status } =
      error instanceof StoreUnavailable ? new DependencyTimeoutException() : new KMSInternalException();
    return refusal(code, message, status, operation);
  }
}

/** The body as text. Most are ASCII, which is read with half the work. */
function bodyText(body: Buffer): string {
  if (isAscii(body)) return body.toString("latin1");
  // Read as text, what is no UTF-8 would become U+FFFD, and two different strings the same.
  if (!isUtf8(body)) throw new SerializationException();
  return body.toString("utf8");
}

function unknownOperation(): Answer {
  return refusal("UnknownOperationException", "", 400, "unknown");
}

/** An error as AWS JSON 1.1 has it; AccessDenied alone spells its member with a capital: reference/kms-semantics.md §2.4. */
export function refusal(code: string, message: string, status: number, operation: string): Answer {
  const member = code === "AccessDeniedException" ? "Message" : "message";
  const body = JSON.stringify(message === "" ? { __type: code } : { __type: code, [member]: message });
  return { status, body, operation, error: code };
}

function hasJsonType(rawHeaders: readonly string[]): boolean {
  const type = headerValue(rawHeaders, "content-type");
  return type === CONTENT_TYPE || type?.split(";")[0]?.trim().toLowerCase() === CONTENT_TYPE;
}
