import type { FinishedRequest, TouchedKey } from "../src/cloudtrail/request.ts";
import type { RoleRecord, UserRecord } from "../src/iam/entity.ts";
import {
  federatedPrincipal,
  type PrincipalPolicies,
  rolePrincipal,
  rootPrincipal,
  userPrincipal,
} from "../src/iam/principal.ts";
import type { SessionClaims } from "../src/iam/session.ts";

/** What records are made of, for tests and benchmarks. */

export const ACCOUNT = "111122223333";
export const OWNER = "444455556666";
export const REGION = "us-east-1";
/** 2026-11-23T10:15:00.250Z */
export const AT = Date.UTC(2026, 10, 23, 10, 15, 0, 250);
export const ISSUED_AT = Date.UTC(2026, 10, 23, 10, 0, 0);

const NO_POLICIES: PrincipalPolicies = { identity: [], boundary: undefined, session: undefined };
const entity = { account: ACCOUNT, createdAt: 0, policies: {}, attached: [], tags: [], boundary: null };

const user: UserRecord = {
  ...entity,
  kind: "user",
  id: "AIDAALICE0123456789AB",
  name: "alice",
  path: "/staff/",
  groups: [],
  loginProfile: null,
  passwordLastUsedAt: null,
};
const role: RoleRecord = {
  ...entity,
  kind: "role",
  id: "AROAAPP00123456789ABC",
  name: "app",
  path: "/service/",
  trust: { document: "{}", principals: {} },
  description: null,
  maxSessionDuration: 3600,
};

const claims = (more: Partial<SessionClaims>): SessionClaims => ({
  accessKeyId: "ASIASESSION123456789",
  type: "AssumeRole",
  account: ACCOUNT,
  name: "",
  issuedAt: ISSUED_AT,
  expiresAt: ISSUED_AT + 3_600_000,
  tags: [],
  transitiveTagKeys: [],
  ...more,
});

const PROVIDER = `arn:aws:iam::${ACCOUNT}:oidc-provider/id.example.org`;

const AKIA = "AKIALONGTERM12345678";
const ASIA = "ASIASESSION123456789";

/** One of each kind. */
export const principals = {
  root: rootPrincipal(ACCOUNT, AKIA),
  user: userPrincipal(user, NO_POLICIES, AKIA),
  userSession: userPrincipal(user, NO_POLICIES, ASIA, claims({ type: "GetSessionToken", mfaAt: ISSUED_AT })),
  role: rolePrincipal(role, NO_POLICIES, ASIA, claims({ name: "host-17", mfaAt: null, sourceIdentity: "alice" })),
  webRole: rolePrincipal(
    role,
    NO_POLICIES,
    ASIA,
    claims({
      type: "AssumeRoleWithWebIdentity",
      name: "pod",
      provider: PROVIDER,
      claims: { "id.example.org:sub": "system:pod", "id.example.org:aud": "sts", "id.example.org:amr": ["a"] },
    }),
  ),
  federated: federatedPrincipal(ACCOUNT, user, NO_POLICIES, ASIA, claims({ type: "GetFederationToken", name: "bob" })),
  rootFederated: federatedPrincipal(
    ACCOUNT,
    undefined,
    NO_POLICIES,
    ASIA,
    claims({ type: "GetFederationToken", name: "bob" }),
  ),
};

export const KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab";
export const MATERIAL = "123456789abcdef0".repeat(4);

export function touchedKey(account = ACCOUNT, id = KEY_ID, region = REGION): TouchedKey {
  return {
    arn: `arn:aws:kms:${region}:${account}:key/${id}`,
    record: { account, region, id },
    current: { id: MATERIAL },
  };
}

/** A request of an IAM user for KMS that succeeded, over TLS. */
export function finishedRequest(more: Partial<FinishedRequest>): FinishedRequest {
  return {
    service: "kms",
    operation: "DescribeKey",
    principal: principals.user,
    region: REGION,
    requestId: "11111111-2222-4333-8444-555555555555",
    at: AT,
    connection: {
      sourceIp: "192.0.2.17",
      userAgent: "aws-cli/2.31.0",
      host: "kms.example.org:8443",
      tls: { version: "TLSv1.3", cipherSuite: "TLS_AES_128_GCM_SHA256", keyExchange: "X25519MLKEM768" },
    },
    input: {},
    output: undefined,
    error: undefined,
    touched: { keys: [] },
    ...more,
  };
}

/** Event ids that count: `00000000-0000-4000-8000-000000000001` and on. */
export function countedIds(): () => string {
  let count = 0;
  return () => `00000000-0000-4000-8000-${String(++count).padStart(12, "0")}`;
}
