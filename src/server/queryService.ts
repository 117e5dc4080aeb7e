import { QueryException } from "../iam/errors.ts";
import type { Iam, IamOperation } from "../iam/operation.ts";
import { StoreUnavailable } from "../store/store.ts";
import type { UnsignedOperation } from "../sts/unsignedOperation.ts";
import { type Audit, AuditUnavailable, beginRecord, type Recording, recordFailure } from "./audit.ts";
import type { Authentication } from "./authentication.ts";
import { type Answer, type EdgeRequest, headerValue, RequestConnection } from "./exchange.ts";
import { ProtocolException } from "./protocol/errors.ts";
import { parseQuery, type QueryCodec, queryError } from "./protocol/query.ts";
import type { Quotas } from "./quota.ts";
import { type AuthenticationCode, AuthenticationError, type SigningServices } from "./sigv4.ts";

/** An operation with its coding. Models are large and operations many: a service's are read when it is first asked. */
export interface ServedQueryOperation {
  readonly operation: IamOperation<unknown> | UnsignedOperation<unknown>;
  readonly codec: QueryCodec;
}

/** One of the services that speak AWS Query. */
export interface ServedQueryService {
  readonly version: string;
  /** as AWS's messages name it */
  readonly fullName: string;
  /** an operation that is signed for */
  readonly signed: FindOperation;
  /** one whose signature is passed over, if there is any */
  readonly unsigned: FindOperation;
}

type FindOperation = (name: string) => Promise<ServedQueryOperation | undefined>;

type ServiceName = "iam" | "sts";

export interface QueryServiceOptions {
  readonly iam: Iam;
  readonly authentication: Authentication;
  readonly services: Readonly<Record<ServiceName, ServedQueryService>>;
  /** undefined: everybody may ask as often as they like */
  readonly quotas: Quotas | undefined;
  readonly audit: Audit;
  /** told of what is nobody's mistake but ours */
  readonly failed: (error: unknown, operation: string) => void;
}

const FORM = "application/x-www-form-urlencoded";
const XML = "text/xml";

/** STS lets clocks differ by a quarter of an hour: reference/iam-sts.md §1.4. */
const SIGNING: SigningServices = { names: ["iam", "sts"], windows: { sts: 900 } };

/** IAM and STS over AWS Query: reference/iam-sts.md §1. Told apart by the credential scope. */
export class QueryService {
  readonly #options: QueryServiceOptions;

  constructor(options: QueryServiceOptions) {
    this.#options = options;
  }

  /** Whether a request without `X-Amz-Target` is in this protocol: a form, or a GET with an Action. */
  takes({ method, url, rawHeaders }: EdgeRequest): boolean {
    if (method === "GET") return /[?&]Action=/.test(url);
    return headerValue(rawHeaders, "content-type")?.split(";")[0]?.trim().toLowerCase() === FORM;
  }

  /** Never throws. */
  async answer(request: EdgeRequest): Promise<Answer> {
    const { audit } = this.#options;
    let service: ServiceName = "iam"; // for errors before it is known
    let operation = "unknown";
    let recording: Recording | undefined;
    try {
      const parameters = readParameters(request);
      const action = parameters.get("Action");
      const version = parameters.get("Version");
      if (version === this.#options.services.sts.version) service = "sts";
      const unsigned = service === "sts" ? await this.#options.services.sts.unsigned(action ?? "") : undefined;
      if (unsigned !== undefined) {
        operation = unsigned.operation.name;
        recording = beginRecord(audit, service, operation, undefined, regionOf(request), request);
        return await this.#run(recording, request, unsigned, parameters);
      }
      const { principal, region, service: scope } = await this.#options.authentication.authenticate(request, SIGNING);
      const served = this.#options.services[scope as ServiceName];
      if (version !== undefined && version !== served.version && isKnownVersion(this.#options.services, version)) {
        throw new QueryException(
          "SignatureDoesNotMatch",
          403,
          `Credential should be scoped to correct service: '${service}'. `,
        );
      }
      service = scope as ServiceName;
      const found = await this.#find(served, action, version);
      operation = found.operation.name;
      recording = beginRecord(audit, service, operation, principal, region, request);
      if (this.#options.quotas?.take(operation, undefined, principal.account, region) === false) {
        throw new QueryException("Throttling", 400, "Rate exceeded"); // reference/iam-sts.md §1.4
      }
      return await this.#run(recording, request, found, parameters);
    } catch (error) {
      return this.#refuse(error, service, operation, request.requestId, recording);
    }
  }

  async #find(
    served: ServedQueryService,
    action: string | undefined,
    version: string | undefined,
  ): Promise<ServedQueryOperation> {
    if (action === undefined || action === "") throw new QueryException("MissingAction", 400, "Missing Action");
    if (version === undefined || version === "") {
      throw new QueryException("MissingParameter", 400, "The request must contain the parameter Version");
    }
    if (version !== served.version) {
      const shown = version.slice(0, 64);
      throw new QueryException(
        "NoSuchVersion",
        400,
        `The requested version ( ${shown} ) of service ${served.fullName} does not exist`,
      );
    }
    const found = await served.signed(action);
    if (found !== undefined) return found;
    throw new QueryException(
      "InvalidAction",
      400,
      `Could not find operation ${action.slice(0, 128)} for version ${version}`,
    );
  }

  async #run(
    recording: Recording,
    request: EdgeRequest,
    { operation, codec }: ServedQueryOperation,
    parameters: ReadonlyMap<string, string>,
  ): Promise<Answer> {
    const { principal, region } = recording;
    const input = codec.decodeInput(parameters);
    recording.input = input;
    const call = { iam: this.#options.iam, region, connection: new RequestConnection(request) };
    const output = await (principal === undefined
      ? (operation as UnsignedOperation<unknown>).run(call, input)
      : (operation as IamOperation<unknown>).run({ ...call, principal }, input));
    const body = codec.encodeOutput(output as object | undefined, request.requestId);
    await this.#options.audit.record({ ...recording, output, error: undefined });
    return { status: 200, body, contentType: XML, operation: operation.name };
  }

  async #refuse(
    error: unknown,
    service: ServiceName,
    operation: string,
    requestId: string,
    recording: Recording | undefined,
  ): Promise<Answer> {
    const first = this.#told(error, service, operation);
    const told =
      error instanceof AuditUnavailable
        ? first
        : await recordFailure(this.#options.audit, recording, first, (unavailable) =>
            this.#told(unavailable, service, operation),
          );
    const { code, message, status } = told;
    const body = queryError({ service, code, message, status, requestId });
    return { status, body, contentType: XML, operation, error: code };
  }

  #told(error: unknown, service: ServiceName, operation: string): { code: string; message: string; status: number } {
    if (error instanceof QueryException) return error;
    if (error instanceof ProtocolException) return { code: error.code, message: error.message, status: 400 };
    if (error instanceof AuthenticationError) return inQueryWords(error, service);
    if (error instanceof AuditUnavailable) return UNAVAILABLE; // told of by the journal, once
    this.#options.failed(error, operation);
    return error instanceof StoreUnavailable
      ? UNAVAILABLE
      : { code: "InternalFailure", message: "The request processing has failed. You can retry it.", status: 500 };
  }
}

const UNAVAILABLE = {
  code: "ServiceUnavailable",
  message: "Service is unavailable. You can retry the request.",
  status: 503,
};

/** Those of the query come before those of the body; both mean the same. */
function readParameters({ method, url, body }: EdgeRequest): ReadonlyMap<string, string> {
  const mark = url.indexOf("?");
  const inUrl = mark < 0 ? "" : url.slice(mark + 1);
  const inBody = method === "GET" ? "" : body.toString("latin1"); // a form is ASCII; what is not is refused as malformed
  return parseQuery(inUrl === "" || inBody === "" ? inUrl + inBody : `${inUrl}&${inBody}`);
}

/** The scope of a signature that is passed over says the Region; without one it is the first. */
function regionOf({ rawHeaders }: EdgeRequest): string {
  const scope = /Credential=[^/,]+\/\d{8}\/([a-z0-9-]{1,32})\//.exec(headerValue(rawHeaders, "authorization") ?? "");
  return scope?.[1] ?? "us-east-1";
}

function isKnownVersion(services: QueryServiceOptions["services"], version: string): boolean {
  return Object.values(services).some((service) => service.version === version);
}

const CODES: Readonly<Record<AuthenticationCode, { code: string; status: number }>> = {
  MissingAuthenticationTokenException: { code: "MissingAuthenticationToken", status: 403 },
  IncompleteSignatureException: { code: "IncompleteSignature", status: 400 },
  InvalidSignatureException: { code: "SignatureDoesNotMatch", status: 403 },
  UnrecognizedClientException: { code: "InvalidClientTokenId", status: 403 },
  ExpiredTokenException: { code: "ExpiredToken", status: 403 },
};

/** The same refusal as a query service words it: reference/iam-sts.md §1.4. */
function inQueryWords(error: AuthenticationError, service: ServiceName) {
  const { code, status } = CODES[error.code];
  if (code === "MissingAuthenticationToken") {
    return { code, status, message: "Request is missing Authentication Token" };
  }
  if (code === "InvalidClientTokenId" && service === "iam") {
    return { code, status, message: "The security token included in the request is invalid" };
  }
  return { code, status, message: error.message };
}
