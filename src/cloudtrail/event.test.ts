import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ACCOUNT,
  AT,
  countedIds,
  finishedRequest,
  KEY_ID,
  MATERIAL,
  OWNER,
  principals,
  REGION,
  touchedKey,
} from "../../test/finishedRequest.ts";
import { recordsOf } from "./event.ts";
import type { FinishedRequest } from "./request.ts";
import { searchableEvent } from "./searchableEvent.ts";

const records = (more: Partial<FinishedRequest>) => recordsOf(finishedRequest(more), countedIds());
const events = (more: Partial<FinishedRequest>) => records(more).map((record) => JSON.parse(record));

const encryption = {
  operation: "Encrypt",
  input: { KeyId: "alias/app", Plaintext: Buffer.from("p"), EncryptionContext: { __proto__: null, tenant: "a" } },
  output: { EncryptionAlgorithm: "SYMMETRIC_DEFAULT" },
  touched: { keys: [touchedKey()] },
};
const KEY_ARN = `arn:aws:kms:us-east-1:${ACCOUNT}:key/${KEY_ID}`;

test("a record, field by field in AWS's order", () => {
  const [record, ...more] = records(encryption);
  assert.deepEqual(more, []);
  assert.equal(
    record,
    '{"eventVersion":"1.11",' +
      '"userIdentity":{"type":"IAMUser","principalId":"AIDAALICE0123456789AB","arn":"arn:aws:iam::111122223333:user/staff/alice","accountId":"111122223333","accessKeyId":"AKIALONGTERM12345678","userName":"alice"},' +
      '"eventTime":"2026-11-23T10:15:00Z","eventSource":"kms.amazonaws.com","eventName":"Encrypt","awsRegion":"us-east-1",' +
      '"sourceIPAddress":"192.0.2.17","userAgent":"aws-cli/2.31.0",' +
      '"requestParameters":{"encryptionContext":{"tenant":"a"},"keyId":"alias/app","encryptionAlgorithm":"SYMMETRIC_DEFAULT"},' +
      '"responseElements":null,' +
      `"additionalEventData":{"keyMaterialId":"${MATERIAL}"},` +
      '"requestID":"11111111-2222-4333-8444-555555555555","eventID":"00000000-0000-4000-8000-000000000001","readOnly":true,' +
      `"resources":[{"accountId":"111122223333","type":"AWS::KMS::Key","ARN":"${KEY_ARN}"}],` +
      '"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management",' +
      '"tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"kms.example.org:8443","keyExchange":"X25519MLKEM768"}}',
  );
  assert.deepEqual(searchableEvent(record ?? ""), {
    eventId: "00000000-0000-4000-8000-000000000001",
    second: Math.floor(AT / 1000),
    eventName: "Encrypt",
    eventSource: "kms.amazonaws.com",
    readOnly: "true",
    username: "alice",
    accessKeyId: "AKIALONGTERM12345678",
    resources: [{ type: "AWS::KMS::Key", name: KEY_ARN }],
    failed: false,
    account: ACCOUNT,
    region: REGION,
  });
});

test("a record of a failure", () => {
  const error = { code: "IncorrectKeyException", message: "The key ID in the request does not identify a CMK." };
  const [record] = records({ ...encryption, output: undefined, error });
  assert.match(
    record ?? "",
    /"userAgent":"aws-cli\/2.31.0","errorCode":"IncorrectKeyException","errorMessage":"The key ID in the request does not identify a CMK.","requestParameters":\{"enc/,
  );
  assert.doesNotMatch(record ?? "", /additionalEventData/);
  const [silent] = events({ error: { code: "InvalidCiphertextException", message: "" } });
  assert.equal(silent.errorCode, "InvalidCiphertextException");
  assert.equal("errorMessage" in silent, false);
});

test("a denial by KMS is called what those by IAM are called", () => {
  const [event] = events({ error: { code: "AccessDeniedException", message: "User: … is not authorized" } });
  assert.equal(event.errorCode, "AccessDenied");
});

test("an input that was not valid leaves no parameters", () => {
  const [event] = events({ input: undefined, error: { code: "ValidationException", message: "1 validation error" } });
  assert.equal(event.requestParameters, null);
  assert.equal(event.responseElements, null);
});

test("no tlsDetails without TLS, no userAgent when none was sent", () => {
  const connection = { sourceIp: undefined, userAgent: undefined, host: "localhost", tls: undefined };
  const [event] = events({ connection });
  assert.equal("tlsDetails" in event, false);
  assert.equal("userAgent" in event, false);
  assert.equal(event.sourceIPAddress, "unknown");
  const tls = { version: "TLSv1.2", cipherSuite: "ECDHE-RSA-AES256-GCM-SHA384" };
  assert.deepEqual(events({ connection: { ...connection, host: undefined, tls } })[0].tlsDetails, {
    tlsVersion: "TLSv1.2",
    cipherSuite: "ECDHE-RSA-AES256-GCM-SHA384",
  });
});

test("texts that are too long are cut to whole characters of 1 KB", () => {
  const long = `${"€".repeat(400)}🔑`;
  const [event] = events({
    error: { code: "KMSInternalException", message: "x".repeat(8192) },
    connection: {
      sourceIp: "192.0.2.17",
      userAgent: long,
      host: "h".repeat(8192),
      tls: { version: "", cipherSuite: "" },
    },
  });
  assert.equal(event.userAgent, "€".repeat(341));
  assert.equal(event.errorMessage.length, 1024);
  assert.equal(event.tlsDetails.clientProvidedHostHeader.length, 1024);
  const [emoji] = events({ connection: { ...finishedRequest({}).connection, userAgent: `${"a".repeat(1021)}🔑` } });
  assert.equal(emoji.userAgent, "a".repeat(1021), "no half of a pair");
});

test("the use of another account's key is on record on both sides", () => {
  const foreign = touchedKey(OWNER);
  const [callers, owners, ...more] = events({ ...encryption, touched: { keys: [foreign] } });
  assert.deepEqual(more, []);
  assert.equal(callers.recipientAccountId, ACCOUNT);
  assert.equal(callers.userIdentity.type, "IAMUser");
  assert.equal(owners.recipientAccountId, OWNER);
  assert.deepEqual(owners.userIdentity, {
    type: "AWSAccount",
    principalId: "AIDAALICE0123456789AB",
    accountId: ACCOUNT,
  });
  assert.equal(callers.sharedEventID, owners.sharedEventID);
  assert.equal(new Set([callers.eventID, owners.eventID, owners.sharedEventID]).size, 3);
  const same = ({ userIdentity: _, eventID: __, recipientAccountId: ___, ...rest }: Record<string, unknown>) => rest;
  assert.deepEqual(same(callers), same(owners));
  assert.deepEqual(Object.keys(owners).slice(-5), [
    "managementEvent",
    "recipientAccountId",
    "sharedEventID",
    "eventCategory",
    "tlsDetails",
  ]);
  const found = searchableEvent(JSON.stringify(owners));
  assert.deepEqual([found?.username, found?.accessKeyId], [undefined, undefined]);
});

test("each owner of keys that a request is about sees its own", () => {
  const other = "777788889999";
  const output = { SourceKeyMaterialId: "s", DestinationKeyMaterialId: "d" };
  const keys = [touchedKey(OWNER), touchedKey(other)];
  const all = events({ operation: "ReEncrypt", output, touched: { keys } });
  const resources = all.map((event) => event.resources.map(({ accountId }: { accountId: string }) => accountId));
  assert.deepEqual(resources, [[OWNER, other], [OWNER], [other]]);
  assert.equal(new Set(all.map(({ sharedEventID }) => sharedEventID)).size, 1);
});

test("a denial is on record where the caller is, and does not name a foreign key", () => {
  const error = { code: "AccessDeniedException", message: "not authorized" };
  const all = events({ ...encryption, output: undefined, error, touched: { keys: [touchedKey(OWNER)] } });
  assert.equal(all.length, 1);
  assert.equal(all[0].recipientAccountId, ACCOUNT);
  assert.equal("resources" in all[0], false);
  assert.equal("sharedEventID" in all[0], false);
  const [own] = events({ ...encryption, output: undefined, error });
  assert.equal(own.resources[0].ARN, KEY_ARN);
});

test("any other failure with a foreign key is on record on both sides", () => {
  const error = { code: "DisabledException", message: "is disabled." };
  assert.equal(events({ ...encryption, output: undefined, error, touched: { keys: [touchedKey(OWNER)] } }).length, 2);
});

const Credentials = {
  AccessKeyId: "ASIANEW0123456789ABCD",
  SecretAccessKey: "the secret",
  SessionToken: "the token",
  Expiration: new Date(AT + 3_600_000),
};
const roleArn = (account: string) => `arn:aws:iam::${account}:role/service/app`;
const assumption = (account: string): Partial<FinishedRequest> => ({
  service: "sts",
  operation: "AssumeRole",
  input: { RoleArn: roleArn(account), RoleSessionName: "s", TokenCode: "123456", SerialNumber: "arn:mfa" },
  output: { Credentials, AssumedRoleUser: { AssumedRoleId: "AROA:s", Arn: "arn:sts" }, PackedPolicySize: 3 },
});

test("AssumeRole across accounts is on record on both sides", () => {
  const [callers, owners, ...more] = events(assumption(OWNER));
  assert.deepEqual(more, []);
  assert.deepEqual(callers.requestParameters, {
    roleArn: roleArn(OWNER),
    roleSessionName: "s",
    serialNumber: "arn:mfa",
  });
  assert.deepEqual(callers.responseElements, {
    credentials: { accessKeyId: "ASIANEW0123456789ABCD", expiration: "Nov 23, 2026 11:15:00 AM" },
    assumedRoleUser: { assumedRoleId: "AROA:s", arn: "arn:sts" },
    packedPolicySize: 3,
  });
  assert.deepEqual(callers.resources, [{ accountId: OWNER, type: "AWS::IAM::Role", ARN: roleArn(OWNER) }]);
  assert.equal(callers.readOnly, true);
  assert.equal(owners.userIdentity.type, "AWSAccount");
  assert.equal(owners.sharedEventID, callers.sharedEventID);
  assert.equal(events(assumption(ACCOUNT)).length, 1);
});

test("a role that was not assumed is on record where the caller is, and nowhere else", () => {
  for (const code of ["AccessDenied", "PackedPolicyTooLarge"]) {
    const all = events({ ...assumption(OWNER), output: undefined, error: { code, message: "" } });
    assert.deepEqual(
      all.map(({ recipientAccountId }) => recipientAccountId),
      [ACCOUNT],
    );
    assert.equal(all[0].resources[0].ARN, roleArn(OWNER));
  }
});

test("AssumeRole is found by the role, the session and the new access key", () => {
  const [record] = records(assumption(ACCOUNT));
  assert.deepEqual(
    searchableEvent(record ?? "")?.resources.map(({ type, name }) => `${type} ${name}`),
    [
      `AWS::IAM::Role ${roleArn(ACCOUNT)}`,
      "AWS::STS::AssumedRole s",
      "AWS::IAM::AccessKey ASIANEW0123456789ABCD",
      "AWS::STS::AssumedRole AROA:s",
    ],
  );
});

test("whoever brings a good token is on record in the role's account; whoever brings none, nowhere", () => {
  const request: Partial<FinishedRequest> = {
    service: "sts",
    operation: "AssumeRoleWithWebIdentity",
    principal: undefined,
    input: { RoleArn: roleArn(OWNER), RoleSessionName: "pod", WebIdentityToken: "the token" },
    output: { Credentials, Provider: "arn:provider", Audience: "sts", SubjectFromWebIdentityToken: "system:pod" },
  };
  const [event, ...more] = events(request);
  assert.deepEqual(more, []);
  assert.equal(event.recipientAccountId, OWNER);
  assert.deepEqual(event.userIdentity, {
    type: "WebIdentityUser",
    principalId: "arn:provider:sts:system:pod",
    userName: "system:pod",
    identityProvider: "arn:provider",
  });
  assert.deepEqual(event.responseElements, {
    credentials: { accessKeyId: "ASIANEW0123456789ABCD", expiration: "Nov 23, 2026 11:15:00 AM" },
    provider: "arn:provider",
    audience: "sts",
    subjectFromWebIdentityToken: "system:pod",
  });
  const error = { code: "InvalidIdentityToken", message: "expired" };
  assert.deepEqual(events({ ...request, output: undefined, error }), []);
});

test("all of IAM happens in us-east-1", () => {
  const [record] = records({ service: "iam", operation: "CreateUser", region: "eu-west-1" });
  assert.equal(JSON.parse(record ?? "").awsRegion, "us-east-1");
});

test("ids are fresh each time", () => {
  const ids = [1, 2, 3].map(() => JSON.parse(recordsOf(finishedRequest({}))[0] ?? "").eventID);
  assert.equal(new Set(ids).size, 3);
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
});

test("every kind of caller has a record", () => {
  for (const [kind, principal] of Object.entries(principals)) {
    const [event] = events({ ...encryption, principal });
    assert.equal(event.recipientAccountId, ACCOUNT, kind);
  }
});
