import type { RoleRecord, UserRecord } from "../iam/entity.ts";
import type { Principal } from "../iam/principal.ts";
import { legible } from "./elements.ts";

/** Who is on record as the caller. Field by field: reference/cloudtrail.md §2. */
export interface UserIdentity {
  /** the account that gets the record */
  readonly account: string;
  /** the userIdentity element */
  readonly json: string;
  /** the same in the record of another account, whose resource was used: no more than who it is */
  readonly foreignJson: string;
}

/** A principal makes many requests and never changes: what is written of it is kept. */
const written = new WeakMap<Principal, UserIdentity>();

export function identityOf(principal: Principal): UserIdentity {
  let identity = written.get(principal);
  if (identity === undefined) {
    identity = write(principal);
    written.set(principal, identity);
  }
  return identity;
}

const TYPES = { root: "Root", user: "IAMUser", role: "AssumedRole", federated: "FederatedUser" } as const;

function write(principal: Principal): UserIdentity {
  const { type, account, accessKeyId, entity } = principal;
  return {
    account,
    json: json({
      type: TYPES[type],
      principalId: principal.userId,
      arn: principal.arn,
      accountId: account,
      accessKeyId,
      userName: type === "user" ? entity?.name : undefined,
      sessionContext: sessionContext(principal),
    }),
    foreignJson: json({ type: "AWSAccount", principalId: principal.userId, accountId: account }),
  };
}

function sessionContext({ type, account, entity, session }: Principal): object | undefined {
  if (session === undefined) return undefined;
  return {
    sessionIssuer: type === "role" || type === "federated" ? sessionIssuer(account, entity) : undefined,
    attributes: {
      creationDate: eventTime(session.issuedAt),
      mfaAuthenticated: session.mfaAt ? "true" : "false",
    },
    sourceIdentity: session.sourceIdentity,
    webIdFederationData: session.provider && {
      federatedProvider: session.provider,
      attributes: Object.fromEntries(
        Object.entries(session.claims ?? {}).filter(([name]) => name.endsWith(":aud") || name.endsWith(":sub")),
      ),
    },
  };
}

function sessionIssuer(account: string, entity: UserRecord | RoleRecord | undefined): object {
  if (entity === undefined) {
    return { type: "Root", principalId: account, arn: `arn:aws:iam::${account}:root`, accountId: account };
  }
  return {
    type: entity.kind === "role" ? "Role" : "IAMUser",
    principalId: entity.id,
    arn: `arn:aws:iam::${account}:${entity.kind}${entity.path}${entity.name}`,
    accountId: account,
    userName: entity.name,
  };
}

/**
 * The bearer of an identity provider's token, once the token is found good. The record goes to the account of the role.
 * @param provider the provider's ARN
 */
export function webIdentity(account: string, provider: string, audience: string, subject: string): UserIdentity {
  const written = json({
    type: "WebIdentityUser",
    principalId: `${provider}:${audience}:${subject}`,
    userName: subject,
    identityProvider: provider,
  });
  return { account, json: written, foreignJson: written };
}

/** KMS, when it acts by itself. */
export function internalIdentity(account: string): UserIdentity {
  const written = json({ accountId: account, invokedBy: "AWS Internal" });
  return { account, json: written, foreignJson: written };
}

const json = (element: object) => legible(JSON.stringify(element));

let second = Number.NaN;
let text = "";

/** UTC, to the second: `2026-11-23T10:15:00Z` @param at milliseconds since the epoch */
export function eventTime(at: number): string {
  const now = Math.floor(at / 1000);
  if (now !== second) {
    text = `${new Date(now * 1000).toISOString().slice(0, 19)}Z`;
    second = now;
  }
  return text;
}
