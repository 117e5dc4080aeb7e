import assert from "node:assert/strict";
import { test } from "node:test";
import { AT, finishedRequest } from "../../test/finishedRequest.ts";
import { queryElements } from "./queryElements.ts";
import type { FinishedRequest } from "./request.ts";

const elements = (
  service: "iam" | "sts" | "cloudtrail",
  operation: string,
  input: object,
  output?: object,
  error?: FinishedRequest["error"],
) => queryElements(service, finishedRequest({ service, operation, input, output, error }));

test("what IAM changes is on record with what came of it", () => {
  const User = { Path: "/", UserName: "bob", UserId: "AIDA", Arn: "arn:u", CreateDate: new Date(AT) };
  const created = elements("iam", "CreateUser", { UserName: "bob", Path: "/" }, { User });
  assert.equal(created.requestParameters, '{"userName":"bob","path":"/"}');
  assert.equal(
    created.responseElements,
    '{"user":{"path":"/","userName":"bob","userId":"AIDA","arn":"arn:u","createDate":"Nov 23, 2026 10:15:00 AM"}}',
  );
  assert.equal(created.readOnly, false);
  assert.deepEqual(created.resources, []);
});

test("a secret access key is not on record, its id is", () => {
  const AccessKey = {
    UserName: "bob",
    AccessKeyId: "AKIA",
    Status: "Active",
    SecretAccessKey: "hush",
    CreateDate: new Date(AT),
  };
  const { responseElements } = elements("iam", "CreateAccessKey", { UserName: "bob" }, { AccessKey });
  assert.equal(
    responseElements,
    '{"accessKey":{"userName":"bob","accessKeyId":"AKIA","status":"Active","createDate":"Nov 23, 2026 10:15:00 AM"}}',
  );
});

test("passwords, seeds and codes are not on record", () => {
  const profile = elements("iam", "CreateLoginProfile", {
    UserName: "bob",
    Password: "hush",
    PasswordResetRequired: false,
  });
  assert.equal(profile.requestParameters, '{"userName":"bob","passwordResetRequired":false}');
  assert.equal(
    elements("iam", "ChangePassword", { OldPassword: "hush", NewPassword: "hush" }).requestParameters,
    "null",
  );
  const VirtualMFADevice = {
    SerialNumber: "arn:mfa",
    Base32StringSeed: Buffer.from("hush"),
    QRCodePNG: Buffer.from("hush"),
  };
  const device = elements("iam", "CreateVirtualMFADevice", { VirtualMFADeviceName: "d" }, { VirtualMFADevice });
  assert.equal(device.responseElements, '{"virtualMFADevice":{"serialNumber":"arn:mfa"}}');
  const enabled = elements("iam", "EnableMFADevice", {
    UserName: "bob",
    AuthenticationCode1: "1",
    AuthenticationCode2: "2",
  });
  assert.equal(enabled.requestParameters, '{"userName":"bob"}');
});

test("policy documents are strings", () => {
  const PolicyDocument = '{\n  "Version": "2012-10-17"\n}';
  const { requestParameters } = elements("iam", "PutUserPolicy", { UserName: "bob", PolicyName: "p", PolicyDocument });
  assert.deepEqual(JSON.parse(requestParameters), { userName: "bob", policyName: "p", policyDocument: PolicyDocument });
});

test("what is only read has no responseElements", () => {
  const User = { UserName: "bob" };
  for (const operation of ["GetUser", "ListUsers", "SimulatePrincipalPolicy", "GenerateCredentialReport"]) {
    const { readOnly, responseElements } = elements("iam", operation, { UserName: "bob" }, { User });
    assert.equal(readOnly, true, operation);
    assert.equal(responseElements, "null", operation);
  }
  const identity = elements("sts", "GetCallerIdentity", {}, { Account: "1", Arn: "a", UserId: "u" });
  assert.equal(identity.requestParameters, "null");
  assert.equal(identity.responseElements, "null");
  const message = elements("sts", "DecodeAuthorizationMessage", { EncodedMessage: "hush" }, { DecodedMessage: "hush" });
  assert.equal(message.requestParameters, "null");
  assert.equal(message.responseElements, "null");
});

test("temporary credentials are on record by their access key id alone", () => {
  const Credentials = { AccessKeyId: "ASIA", SecretAccessKey: "hush", SessionToken: "hush", Expiration: new Date(AT) };
  const session = elements(
    "sts",
    "GetSessionToken",
    { DurationSeconds: 900, SerialNumber: "m", TokenCode: "hush" },
    { Credentials },
  );
  assert.equal(session.requestParameters, '{"durationSeconds":900,"serialNumber":"m"}');
  assert.equal(
    session.responseElements,
    '{"credentials":{"accessKeyId":"ASIA","expiration":"Nov 23, 2026 10:15:00 AM"}}',
  );
  const FederatedUser = { FederatedUserId: "1:bob", Arn: "arn:f" };
  const federated = elements(
    "sts",
    "GetFederationToken",
    { Name: "bob" },
    { Credentials, FederatedUser, PackedPolicySize: 0 },
  );
  assert.deepEqual(JSON.parse(federated.responseElements), {
    credentials: { accessKeyId: "ASIA", expiration: "Nov 23, 2026 10:15:00 AM" },
    federatedUser: { federatedUserId: "1:bob", arn: "arn:f" },
    packedPolicySize: 0,
  });
});

test("a role is a resource only when it is named by an ARN of one", () => {
  const resources = (RoleArn: string) => elements("sts", "AssumeRole", { RoleArn }).resources.map(({ json }) => json);
  assert.deepEqual(resources("arn:aws:iam::444455556666:role/r"), [
    '{"accountId":"444455556666","type":"AWS::IAM::Role","ARN":"arn:aws:iam::444455556666:role/r"}',
  ]);
  for (const arn of [
    "arn:aws:iam::1:role/r",
    "arn:aws:iam::444455556666:user/r",
    "r",
    'arn:aws:iam::44445555666":role/r',
  ]) {
    assert.deepEqual(resources(arn), [], arn);
  }
});

test("nothing came of what failed", () => {
  const shown = elements("iam", "CreateUser", { UserName: "bob" }, undefined, {
    code: "EntityAlreadyExists",
    message: "",
  });
  assert.equal(shown.responseElements, "null");
  assert.equal(shown.requestParameters, '{"userName":"bob"}');
});

test("CloudTrail's own operations", () => {
  const created = elements(
    "cloudtrail",
    "CreateTrail",
    { Name: "t", S3BucketName: "b" },
    { Name: "t", TrailARN: "arn:t" },
  );
  assert.equal(created.requestParameters, '{"name":"t","s3BucketName":"b"}');
  assert.equal(created.responseElements, '{"name":"t","trailARN":"arn:t"}');
  assert.equal(created.readOnly, false);
  const looked = elements("cloudtrail", "LookupEvents", { StartTime: new Date(AT) }, { Events: [] });
  assert.equal(looked.requestParameters, '{"startTime":"Nov 23, 2026, 10:15:00 AM"}');
  assert.equal(looked.responseElements, "null");
  assert.equal(looked.readOnly, true);
});
