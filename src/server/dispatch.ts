import { isAscii, isUtf8 } from "node:buffer";
import { CloudTrailException } from "../cloudtrail/errors.ts";
import type { Principal } from "../iam/principal.ts";
import { DependencyTimeoutException, KMSInternalException, KmsException } from "../kms/errors.ts";
import type { Touched } from "../kms/operation.ts";
import type { Connection } from "../policy/globalKeys.ts";
import { type Store, StoreUnavailable } from "../store/store.ts";
import { type Audit, AuditUnavailable, beginRecord, type Recording, recordFailure } from "./audit.ts";
import type { Authentication } from "./authentication.ts";
import { type Answer, type EdgeRequest, headerValue, RequestConnection } from "./exchange.ts";
import { ProtocolException, SerializationException } from "./protocol/errors.ts";
import type { OperationCodec } from "./protocol/model.ts";
import type { QueryService } from "./queryService.ts";
import type { Quotas } from "./quota.ts";
import { AuthenticationError, type SigningServices } from "./sigv4.ts";

/** Who asks, where, and how the request came. */
export interface JsonCall {
  readonly principal: Principal;
  readonly region: string;
  readonly connection: Connection;
  readonly requestId: string;
  readonly touched: Touched;
}

/** An operation with its coding, both made once. */
export interface ServedOperation {
  readonly name: string;
  readonly codec: OperationCodec;
  run(call: JsonCall, input: unknown): unknown;
}

/** A service that speaks AWS JSON 1.1. */
export interface JsonService {
  readonly name: "kms" | "cloudtrail";
  /** in the credential scope */
  readonly signing: SigningServices;
  /** what its targets begin with */
  readonly targetPrefixes: readonly string[];
  /** what a caller is told who asks too often */
  throttled(): Error;
  /** By the whole `X-Amz-Target`. A promise only while the service is being loaded. */
  find(target: string): ServedOperation | undefined | Promise<ServedOperation | undefined>;
}

export interface DispatchOptions {
  readonly store: Store;
  readonly authentication: Authentication;
  /** the first is asked by whoever names none */
  readonly services: readonly [JsonService, ...JsonService[]];
  /** IAM and STS */
  readonly query: QueryService;
  /** undefined: everybody may ask as often as they like */
  readonly quotas: Quotas | undefined;
  readonly audit: Audit;
  /** told of what is nobody's mistake but ours */
  readonly failed: (error: unknown, operation: string) => void;
}

const CONTENT_TYPE = "application/x-amz-json-1.1";

/** Takes a request from its bytes to its answer's: who asks, what for, do it. Never throws. */
export class Dispatcher {
  readonly #options: DispatchOptions;

  constructor(options: DispatchOptions) {
    this.#options = options;
  }

  async dispatch(request: EdgeRequest): Promise<Answer> {
    const { authentication, query, quotas, audit } = this.#options;
    let name = "unknown";
    let recording: Recording | undefined;
    try {
      this.#refresh();
      const target = headerValue(request.rawHeaders, "x-amz-target");
      if (target === undefined && query.takes(request)) return await query.answer(request);
      const service = this.#serviceOf(target);
      const authenticating = authentication.authenticate(request, service.signing);
      const { principal, region } = authenticating instanceof Promise ? await authenticating : authenticating;
      const finding = service.find(target ?? "");
      const operation = finding instanceof Promise ? await finding : finding;
      if (operation === undefined || request.method !== "POST") return unknownOperation();
      const { codec } = operation;
      name = operation.name;
      if (!hasJsonType(request.rawHeaders)) return unknownOperation();
      recording = beginRecord(audit, service.name, name, principal, region, request);
      const input = codec.decodeInput(bodyText(request.body));
      recording.input = input;
      if (quotas?.take(name, input, principal.account, region) === false) throw service.throttled();
      const { requestId } = request;
      const connection = new RequestConnection(request);
      const { touched } = recording;
      const output = await operation.run({ principal, region, connection, requestId, touched }, input);
      const body = codec.encodeOutput(output as object | undefined);
      await audit.record({ ...recording, output, error: undefined });
      return { status: 200, body, operation: name };
    } catch (error) {
      const told = await this.#recorded(error, name, recording);
      return refusal(told.code, told.message, told.status, name);
    }
  }

  /** What the caller is told of a failure; on record too, if the request was somebody's. */
  #recorded(error: unknown, name: string, recording: Recording | undefined): Promise<Told> | Told {
    const told = this.#told(error, name);
    if (error instanceof AuditUnavailable) return told;
    if (recording !== undefined && error instanceof ProtocolException) recording.keyId = error.keyId;
    return recordFailure(this.#options.audit, recording, told, (unavailable) => this.#told(unavailable, name));
  }

  #serviceOf(target: string | undefined): JsonService {
    const { services } = this.#options;
    if (target !== undefined) {
      for (const service of services)
        if (service.targetPrefixes.some((prefix) => target.startsWith(prefix))) return service;
    }
    return services[0];
  }

  /** What other processes had acknowledged is obeyed by this request. Without the store, what is cached still serves. */
  #refresh(): void {
    try {
      this.#options.store.refresh();
    } catch (error) {
      this.#options.failed(error, "refresh");
    }
  }

  #told(error: unknown, operation: string): Told {
    if (error instanceof KmsException || error instanceof CloudTrailException) return error;
    if (error instanceof ProtocolException || error instanceof AuthenticationError) {
      return { code: error.code, message: error.message, status: 400 };
    }
    if (error instanceof AuditUnavailable) return new DependencyTimeoutException(); // told of by the journal, once
    this.#options.failed(error, operation);
    return error instanceof StoreUnavailable ? new DependencyTimeoutException() : new KMSInternalException();
  }
}

/** A failure as the caller is told of it. */
interface Told {
  readonly code: string;
  readonly message: string;
  readonly status: number;
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
