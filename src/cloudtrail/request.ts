import type { Principal } from "../iam/principal.ts";
import { legible } from "./elements.ts";
import type { RotateKey, SynchronizeMultiRegionKey } from "./serviceEvent.ts";

/** A request that was authenticated, or needed not to be, with what became of it. */
export interface FinishedRequest {
  readonly service: "kms" | "iam" | "sts" | "cloudtrail";
  /** a name of the model */
  readonly operation: string;
  /** undefined for operations that nobody signs for */
  readonly principal: Principal | undefined;
  /** of the endpoint that was asked; IAM's is always `us-east-1` */
  readonly region: string;
  readonly requestId: string;
  /** when it was completed; milliseconds since the epoch */
  readonly at: number;
  readonly connection: ConnectionFacts;
  /** as the model has it; undefined when it was not valid */
  readonly input: unknown;
  /** of an input that was not valid, where it could be read all the same */
  readonly keyId?: string | undefined;
  /** as the model has it; undefined on failure, and of operations without output */
  readonly output: unknown;
  /** as the caller is told; undefined on success */
  readonly error: { readonly code: string; readonly message: string } | undefined;
  readonly touched: TouchedThings;
  /** the service that asks in the caller's name */
  readonly invokedBy?: string;
}

/** How a request came. */
export interface ConnectionFacts {
  readonly sourceIp: string | undefined;
  /** headers, as they were sent */
  readonly userAgent: string | undefined;
  readonly host: string | undefined;
  /** undefined for plain HTTP */
  readonly tls: TlsFacts | undefined;
}

export interface TlsFacts {
  /** `TLSv1.3` */
  readonly version: string;
  /** by OpenSSL's name, as AWS's records have it: `TLS_AES_128_GCM_SHA256`, `ECDHE-RSA-AES256-GCM-SHA384` */
  readonly cipherSuite: string;
  /** the group: `X25519MLKEM768`; undefined where it cannot be told */
  readonly keyExchange?: string | undefined;
}

/** What a request of KMS was about: {@link import("../kms/operation.ts").Touched} is one. */
export interface TouchedThings {
  /** in the order in which rights on them were asked for */
  readonly keys: readonly TouchedKey[];
  /** the grant that was retired, where the input does not name it */
  readonly grantId?: string | undefined;
  /** a primary key and its replicas, if it has shared a change with them */
  readonly synchronized?: readonly SynchronizeMultiRegionKey["key"][] | undefined;
  /** ids that were given out before the records were made */
  readonly eventIds?: readonly { readonly account: string; readonly id: string }[] | undefined;
  /** who alone can read the answer: reference/kms-semantics.md §10.1 */
  readonly recipient?: { readonly moduleId: string; readonly imageDigest: string | undefined } | undefined;
  /** what a rotation on demand has brought about */
  readonly rotation?: Pick<RotateKey, "keyOrigin" | "previousKeyMaterialId" | "currentKeyMaterialId"> | undefined;
}

/** A key as it stood: {@link import("../kms/keys.ts").Key} is one. Never changed, so what is written of it is kept. */
export interface TouchedKey {
  readonly arn: string;
  readonly record: { readonly account: string; readonly region: string; readonly id: string };
  readonly current?: { readonly id: string } | undefined;
}

/** Operation by operation, what its record shows. */
export interface Elements {
  readonly readOnly: boolean;
  /** JSON, `null` where there is nothing to show */
  readonly requestParameters: string;
  readonly responseElements: string;
  /** JSON; undefined when there is nothing to say */
  readonly additionalEventData: string | undefined;
  readonly resources: readonly Resource[];
}

/** A resource that a record lists. */
export interface Resource {
  readonly account: string;
  readonly json: string;
}

export function resource(account: string, type: string, arn: string): Resource {
  return { account, json: legible(JSON.stringify({ accountId: account, type, ARN: arn })) };
}

/** KMS's records call a denial AccessDenied, as those of IAM and STS do. */
export function errorCode({ code }: { readonly code: string }): string {
  return code === "AccessDeniedException" ? "AccessDenied" : code;
}
