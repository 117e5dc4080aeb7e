import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNT, countedIds, finishedRequest, touchedKey } from "../../test/finishedRequest.ts";
import { recordsOf } from "./event.ts";
import type { FinishedRequest } from "./request.ts";

const events = (more: Partial<FinishedRequest>) =>
  recordsOf(finishedRequest(more), countedIds()).map((record) => JSON.parse(record));

test("a new primary key is on record in both Regions", () => {
  const keys = [touchedKey(ACCOUNT, "mrk-1", "us-east-1"), touchedKey(ACCOUNT, "mrk-1", "eu-west-1")];
  const input = { KeyId: "mrk-1", PrimaryRegion: "eu-west-1" };
  const [here, there, ...more] = events({ operation: "UpdatePrimaryRegion", input, touched: { keys } });
  assert.deepEqual(more, []);
  assert.deepEqual(here.requestParameters, { keyId: "mrk-1", primaryRegion: "eu-west-1" });
  assert.deepEqual(here.resources, [{ accountId: ACCOUNT, type: "AWS::KMS::Key", ARN: keys[0]?.arn }]);
  assert.equal(there.awsRegion, "eu-west-1");
  assert.equal(there.requestID, here.requestID);
  assert.notEqual(there.eventID, here.eventID);
  assert.deepEqual(there.requestParameters, { keyId: keys[1]?.arn, primaryRegion: "eu-west-1" });
  assert.deepEqual(there.responseElements, { keyId: keys[1]?.arn });
  assert.equal(there.userIdentity.invokedBy, "kms.amazonaws.com");
  assert.equal(there.userIdentity.userName, "alice");
  const error = { code: "UnsupportedOperationException", message: "no" };
  assert.equal(events({ operation: "UpdatePrimaryRegion", input, error, touched: { keys } }).length, 1);
});

test("a replica is made by a CreateKey in its Region", () => {
  const arn = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/mrk-1`;
  const ReplicaKeyMetadata = {
    KeyId: "mrk-1",
    Arn: arn,
    KeyUsage: "ENCRYPT_DECRYPT",
    KeySpec: "SYMMETRIC_DEFAULT",
    Origin: "AWS_KMS",
  };
  const [replicated, created, ...more] = events({
    operation: "ReplicateKey",
    input: { KeyId: "mrk-1", ReplicaRegion: "eu-west-1", Description: "d" },
    output: { ReplicaKeyMetadata, ReplicaPolicy: "{}", ReplicaTags: [{ TagKey: "K", TagValue: "V" }] },
    touched: { keys: [touchedKey(ACCOUNT, "mrk-1")] },
  });
  assert.deepEqual(more, []);
  assert.deepEqual(replicated.requestParameters, {
    keyId: "mrk-1",
    replicaRegion: "eu-west-1",
    bypassPolicyLockoutSafetyCheck: false,
    description: "d",
  });
  assert.equal(replicated.responseElements.replicaKeyMetadata.arn, arn);
  assert.deepEqual(replicated.responseElements.replicaTags, [{ tagKey: "K", tagValue: "V" }]);
  assert.equal(created.eventName, "CreateKey");
  assert.equal(created.awsRegion, "eu-west-1");
  assert.equal(created.requestParameters.multiRegion, true);
  assert.equal(created.responseElements.keyMetadata.arn, arn);
  assert.deepEqual(created.resources, [{ accountId: ACCOUNT, type: "AWS::KMS::Key", ARN: arn }]);
});
