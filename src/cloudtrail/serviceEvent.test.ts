import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNT, AT, countedIds, KEY_ID, REGION } from "../../test/finishedRequest.ts";
import { searchableEvent } from "./searchableEvent.ts";
import { type ServiceEvent, serviceRecord } from "./serviceEvent.ts";

const arn = `arn:aws:kms:${REGION}:${ACCOUNT}:key/${KEY_ID}`;
const of = { key: { account: ACCOUNT, region: REGION, id: KEY_ID, arn }, at: AT };

const line = (event: ServiceEvent) => serviceRecord(event, countedIds());

test("RotateKey, field by field in AWS's order", () => {
  const materials = { previousKeyMaterialId: "p", currentKeyMaterialId: "c" };
  assert.equal(
    line({ ...of, name: "RotateKey", rotationType: "AUTOMATIC", keyOrigin: "AWS_KMS", ...materials }),
    `{"eventVersion":"1.11","userIdentity":{"accountId":"${ACCOUNT}","invokedBy":"AWS Internal"},` +
      '"eventTime":"2026-11-23T10:15:00Z","eventSource":"kms.amazonaws.com","eventName":"RotateKey","awsRegion":"us-east-1",' +
      '"sourceIPAddress":"AWS Internal","userAgent":"AWS Internal","requestParameters":null,"responseElements":null,' +
      '"eventID":"00000000-0000-4000-8000-000000000001","readOnly":false,' +
      `"resources":[{"accountId":"${ACCOUNT}","type":"AWS::KMS::Key","ARN":"${arn}"}],` +
      `"eventType":"AwsServiceEvent","managementEvent":true,"recipientAccountId":"${ACCOUNT}",` +
      `"serviceEventDetails":{"rotationType":"AUTOMATIC","keyOrigin":"AWS_KMS","previousKeyMaterialId":"p","currentKeyMaterialId":"c","keyId":"${KEY_ID}"},` +
      '"eventCategory":"Management"}',
  );
});

test("DeleteKey and DeleteExpiredKeyMaterial", () => {
  const deleted = JSON.parse(line({ ...of, name: "DeleteKey" }));
  assert.equal(deleted.eventName, "DeleteKey");
  assert.deepEqual(deleted.serviceEventDetails, { keyId: KEY_ID });
  const expired = JSON.parse(line({ ...of, name: "DeleteExpiredKeyMaterial", keyMaterialId: "m" }));
  assert.deepEqual(expired.serviceEventDetails, { keyId: KEY_ID, keyMaterialId: "m" });
});

test("SynchronizeMultiRegionKey is a call that nobody made", () => {
  const event = JSON.parse(line({ ...of, name: "SynchronizeMultiRegionKey" }));
  assert.equal(event.eventType, "AwsApiCall");
  assert.deepEqual(event.responseElements, { keyId: arn });
  assert.equal("serviceEventDetails" in event, false);
  assert.notEqual(event.requestID, event.eventID);
});

test("what happens by itself is found by its key", () => {
  assert.deepEqual(searchableEvent(line({ ...of, name: "DeleteKey" })), {
    eventId: "00000000-0000-4000-8000-000000000001",
    second: Math.floor(AT / 1000),
    eventName: "DeleteKey",
    eventSource: "kms.amazonaws.com",
    readOnly: "false",
    username: undefined,
    accessKeyId: undefined,
    resources: [{ type: "AWS::KMS::Key", name: arn }],
    failed: false,
    account: ACCOUNT,
    region: REGION,
  });
});
