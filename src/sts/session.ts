import { randomBytes } from "node:crypto";
import type { AssumedRoleUser, Credentials } from "@aws-sdk/client-sts";
import { BASE32 } from "../iam/base32.ts";
import type { RoleRecord } from "../iam/entity.ts";
import type { Iam } from "../iam/operation.ts";
import { encodeClaims, type SessionClaims } from "../iam/session.ts";

/** What one knows of a session before it begins. */
export type NewSession = Omit<SessionClaims, "accessKeyId" | "issuedAt" | "expiresAt">;

/** Makes temporary credentials. Nothing is stored: the token says all. @param duration seconds */
export function newCredentials(iam: Iam, session: NewSession, duration: number): Required<Credentials> {
  const accessKeyId = sessionKeyId(session.account);
  const issuedAt = iam.clock();
  const expiresAt = issuedAt + duration * 1000;
  const { secret, token } = iam.hsm.newSession(
    accessKeyId,
    encodeClaims({ ...session, accessKeyId, issuedAt, expiresAt }),
  );
  return {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secret,
    SessionToken: token.toString("base64"),
    Expiration: new Date(expiresAt),
  };
}

/** As AssumeRole and its like name the session: the role by its name, without its path. */
export function assumedRoleUser(role: RoleRecord, session: string): AssumedRoleUser {
  return {
    AssumedRoleId: `${role.id}:${session}`,
    Arn: `arn:aws:sts::${role.account}:assumed-role/${role.name}/${session}`,
  };
}

const KEY_ID = /^ASIA([A-Z2-7]{16})$/;
/** Bits of an id that are random, below those of the account and above none; one more lies on top. */
const RANDOM_BITS = 39n;
const ACCOUNT_BITS = 40n;

/**
 * A new access key id: ASIA, then 80 bits in base 32, of which 40 are the account, as AWS's own have it. A temporary key
 * is written down nowhere, so GetAccessKeyInfo has its account from there. Two sessions of one id do no harm: each
 * token is sealed with its own secret.
 */
export function sessionKeyId(account: string): string {
  const random = BigInt(`0x${randomBytes(5).toString("hex")}`);
  let bits = (1n << (ACCOUNT_BITS + RANDOM_BITS)) | (BigInt(account) << RANDOM_BITS) | (random >> 1n);
  let text = "";
  for (let i = 0; i < 16; i++, bits >>= 5n) text = `${BASE32[Number(bits & 31n)]}${text}`;
  return `ASIA${text}`;
}

/** The account in a temporary access key id; undefined when it is none. */
export function accountOfSessionKey(id: string): string | undefined {
  const text = KEY_ID.exec(id)?.[1];
  if (text === undefined) return undefined;
  let bits = 0n;
  for (const letter of text) bits = (bits << 5n) | BigInt(BASE32.indexOf(letter));
  if (bits >> (ACCOUNT_BITS + RANDOM_BITS) !== 1n) return undefined;
  const account = (bits >> RANDOM_BITS) & ((1n << ACCOUNT_BITS) - 1n);
  return account.toString().padStart(12, "0");
}
