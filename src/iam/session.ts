import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { Tag } from "./entity.ts";

/** What a session token says of its session: all that is known of it, since nothing of it is stored. */
export interface SessionClaims {
  readonly accessKeyId: string;
  /** how the credentials were made, which decides what they stand for */
  readonly type: "GetSessionToken" | "AssumeRole" | "AssumeRoleWithWebIdentity" | "GetFederationToken";
  readonly account: string;
  /** id of the role, or of the user who asked; absent when an account's root did */
  readonly entityId?: string;
  /** the role session's or the federated user's; empty for GetSessionToken */
  readonly name: string;
  /** milliseconds since the epoch */
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** when a code of an MFA device was given; null when none was; absent where `aws:MultiFactorAuthPresent` is too */
  readonly mfaAt?: number | null;
  readonly sourceIdentity?: string;
  /** tags of this session, those that came along the chain among them */
  readonly tags: readonly Tag[];
  /** of these, those that go along the chain */
  readonly transitiveTagKeys: readonly string[];
  /** session policies: a document, and ARNs of managed policies; absent when none were passed */
  readonly policy?: string;
  readonly policyArns?: readonly string[];
  /** `aws:FederatedProvider` */
  readonly provider?: string;
  /** further condition keys of a web identity, such as `HOST/PATH:sub` */
  readonly claims?: Readonly<Record<string, string | readonly string[]>>;
}

/** More than any session needs: what is sealed is ours, but a bound costs nothing. */
const MAX_INFLATED = 1 << 16;

export function encodeClaims(claims: SessionClaims): Buffer {
  return deflateRawSync(Buffer.from(JSON.stringify(claims), "utf8"));
}

export function decodeClaims(bytes: Uint8Array): SessionClaims {
  return JSON.parse(inflateRawSync(bytes, { maxOutputLength: MAX_INFLATED }).toString("utf8"));
}
