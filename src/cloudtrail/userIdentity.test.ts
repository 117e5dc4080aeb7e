import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNT, principals } from "../../test/finishedRequest.ts";
import { eventTime, identityOf, internalIdentity, webIdentity } from "./userIdentity.ts";

const A = ACCOUNT;
const USER = '"principalId":"AIDAALICE0123456789AB","arn":"arn:aws:iam::111122223333:user/staff/alice"';
const ROLE_ISSUER =
  '"sessionIssuer":{"type":"Role","principalId":"AROAAPP00123456789ABC","arn":"arn:aws:iam::111122223333:role/service/app","accountId":"111122223333","userName":"app"}';

const golden: Record<keyof typeof principals, { json: string; foreign: string }> = {
  root: {
    json: `{"type":"Root","principalId":"${A}","arn":"arn:aws:iam::${A}:root","accountId":"${A}","accessKeyId":"AKIALONGTERM12345678"}`,
    foreign: A,
  },
  user: {
    json: `{"type":"IAMUser",${USER},"accountId":"${A}","accessKeyId":"AKIALONGTERM12345678","userName":"alice"}`,
    foreign: "AIDAALICE0123456789AB",
  },
  userSession: {
    json: `{"type":"IAMUser",${USER},"accountId":"${A}","accessKeyId":"ASIASESSION123456789","userName":"alice","sessionContext":{"attributes":{"creationDate":"2026-11-23T10:00:00Z","mfaAuthenticated":"true"}}}`,
    foreign: "AIDAALICE0123456789AB",
  },
  role: {
    json: `{"type":"AssumedRole","principalId":"AROAAPP00123456789ABC:host-17","arn":"arn:aws:sts::${A}:assumed-role/app/host-17","accountId":"${A}","accessKeyId":"ASIASESSION123456789","sessionContext":{${ROLE_ISSUER},"attributes":{"creationDate":"2026-11-23T10:00:00Z","mfaAuthenticated":"false"},"sourceIdentity":"alice"}}`,
    foreign: "AROAAPP00123456789ABC:host-17",
  },
  webRole: {
    json: `{"type":"AssumedRole","principalId":"AROAAPP00123456789ABC:pod","arn":"arn:aws:sts::${A}:assumed-role/app/pod","accountId":"${A}","accessKeyId":"ASIASESSION123456789","sessionContext":{${ROLE_ISSUER},"attributes":{"creationDate":"2026-11-23T10:00:00Z","mfaAuthenticated":"false"},"webIdFederationData":{"federatedProvider":"arn:aws:iam::${A}:oidc-provider/id.example.org","attributes":{"id.example.org:sub":"system:pod","id.example.org:aud":"sts"}}}}`,
    foreign: "AROAAPP00123456789ABC:pod",
  },
  federated: {
    json: `{"type":"FederatedUser","principalId":"${A}:bob","arn":"arn:aws:sts::${A}:federated-user/bob","accountId":"${A}","accessKeyId":"ASIASESSION123456789","sessionContext":{"sessionIssuer":{"type":"IAMUser",${USER},"accountId":"${A}","userName":"alice"},"attributes":{"creationDate":"2026-11-23T10:00:00Z","mfaAuthenticated":"false"}}}`,
    foreign: `${A}:bob`,
  },
  rootFederated: {
    json: `{"type":"FederatedUser","principalId":"${A}:bob","arn":"arn:aws:sts::${A}:federated-user/bob","accountId":"${A}","accessKeyId":"ASIASESSION123456789","sessionContext":{"sessionIssuer":{"type":"Root","principalId":"${A}","arn":"arn:aws:iam::${A}:root","accountId":"${A}"},"attributes":{"creationDate":"2026-11-23T10:00:00Z","mfaAuthenticated":"false"}}}`,
    foreign: `${A}:bob`,
  },
};

for (const [kind, { json, foreign }] of Object.entries(golden)) {
  test(`userIdentity of ${kind}`, () => {
    const identity = identityOf(principals[kind as keyof typeof principals]);
    assert.equal(identity.json, json);
    assert.equal(
      identity.foreignJson,
      `{"type":"AWSAccount","principalId":"${foreign}","accountId":"${A}"}`,
      "another account learns no ARN, name or access key",
    );
    assert.equal(identity.account, A);
  });
}

test("userIdentity of who brought an identity provider's token", () => {
  const provider = `arn:aws:iam::${A}:oidc-provider/id.example.org`;
  const { json } = webIdentity(A, provider, "sts", "system:pod");
  assert.equal(
    json,
    `{"type":"WebIdentityUser","principalId":"${provider}:sts:system:pod","userName":"system:pod","identityProvider":"${provider}"}`,
  );
});

test("userIdentity of KMS itself", () => {
  assert.equal(internalIdentity(A).json, `{"accountId":"${A}","invokedBy":"AWS Internal"}`);
});

test("times are whole seconds, rounded down", () => {
  assert.equal(eventTime(Date.UTC(2026, 10, 23, 10, 15, 0, 999)), "2026-11-23T10:15:00Z");
  assert.equal(eventTime(Date.UTC(2026, 10, 23, 10, 15, 1, 0)), "2026-11-23T10:15:01Z");
  assert.equal(eventTime(Date.UTC(2026, 10, 23, 10, 15, 0, 0)), "2026-11-23T10:15:00Z", "time may go back");
});
