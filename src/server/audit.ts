import type { ConnectionFacts, FinishedRequest } from "../cloudtrail/request.ts";
import type { Principal } from "../iam/principal.ts";
import type { Touched } from "../kms/operation.ts";
import { type EdgeRequest, headerValue } from "./exchange.ts";

/** Puts on record what was asked and what became of it. */
export interface Audit {
  /** why nothing can be put on record now: then nothing is done either */
  readonly fault: string | undefined;
  /**
   * When it resolves, the record is as durable as the operator wants it: only then may the answer leave.
   * @throws AuditUnavailable
   */
  record(finished: Omit<FinishedRequest, "at">): Promise<void>;
}

/** What happens cannot be put on record. The message is for the operator. */
export class AuditUnavailable extends Error {
  override readonly name = "AuditUnavailable";
}

/** A request on its way to its record: what is known of it before it is done. */
export interface Recording extends Omit<FinishedRequest, "at" | "input" | "keyId" | "output" | "error"> {
  readonly touched: Touched;
  input: unknown;
  keyId?: string | undefined;
}

/**
 * Begins the record of a request of somebody known.
 * @param principal undefined for operations whose signature is passed over
 * @throws AuditUnavailable: what cannot be put on record is not done
 */
export function beginRecord(
  { fault }: Audit,
  service: FinishedRequest["service"],
  operation: string,
  principal: Principal | undefined,
  region: string,
  request: EdgeRequest,
): Recording {
  if (fault !== undefined) throw new AuditUnavailable(fault);
  const { requestId } = request;
  const connection = connectionFacts(request);
  return { service, operation, principal, region, requestId, connection, touched: { keys: [] }, input: undefined };
}

function connectionFacts({ sourceIp, rawHeaders, tls }: EdgeRequest): ConnectionFacts {
  return { sourceIp, userAgent: headerValue(rawHeaders, "user-agent"), host: headerValue(rawHeaders, "host"), tls };
}

/**
 * Ends it with how the request failed.
 * @returns what the caller is told: the same, or what `unavailable` makes of it when that cannot be put on record
 */
export async function recordFailure<Told extends { readonly code: string; readonly message: string }>(
  audit: Audit,
  recording: Recording | undefined,
  told: Told,
  unavailable: (error: unknown) => Told,
): Promise<Told> {
  if (recording === undefined) return told;
  try {
    await audit.record({ ...recording, output: undefined, error: { code: told.code, message: told.message } });
    return told;
  } catch (error) {
    return unavailable(error);
  }
}
