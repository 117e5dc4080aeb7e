import assert from "node:assert/strict";
import { test } from "node:test";
import { hasAttribute, listsOfCall, listsOfResources, resourceListName, searchableEvent } from "./searchableEvent.ts";

const KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const base = {
  userIdentity: { type: "IAMUser", userName: "bob", accessKeyId: "AKIAIOSFODNN7EXAMPLE" },
  eventTime: "2026-11-23T10:15:00Z",
  eventSource: "kms.amazonaws.com",
  eventName: "Decrypt",
  awsRegion: "us-east-1",
  eventID: "c8b3a1d6-1d6f-4d4c-9a0e-0f6d2f7f1a11",
  readOnly: true,
  resources: [{ accountId: "111122223333", type: "AWS::KMS::Key", ARN: KEY }],
  recipientAccountId: "111122223333",
};
const read = (changes: object = {}) => searchableEvent(JSON.stringify({ ...base, ...changes }));
const username = (userIdentity: object) => read({ userIdentity })?.username;

test("what a record is found by", () => {
  assert.deepEqual(read(), {
    eventId: base.eventID,
    second: Date.parse(base.eventTime) / 1000,
    eventName: "Decrypt",
    eventSource: "kms.amazonaws.com",
    readOnly: "true",
    username: "bob",
    accessKeyId: "AKIAIOSFODNN7EXAMPLE",
    resources: [{ type: "AWS::KMS::Key", name: KEY }],
    failed: false,
    account: "111122223333",
    region: "us-east-1",
  });
  assert.deepEqual(listsOfCall(read({ errorCode: "AccessDenied" })!), [
    ["Any", ""],
    ["EventName", "Decrypt"],
    ["EventSource", "kms.amazonaws.com"],
    ["ReadOnly", "true"],
    ["Username", "bob"],
    ["AccessKeyId", "AKIAIOSFODNN7EXAMPLE"],
    ["Failed", ""],
  ]);
  assert.deepEqual(listsOfResources(read()!.resources), [
    ["ResourceType", "AWS::KMS::Key"],
    ["ResourceName", "1234abcd-12ab-34cd-56ef-1234567890ab"],
  ]);
});

test("names of callers", () => {
  assert.equal(username({ type: "Root", accountId: "111122223333" }), "root");
  assert.equal(username({ type: "AssumedRole", principalId: "AROA1:session:x" }), "session:x");
  assert.equal(username({ type: "FederatedUser", principalId: "111122223333:carol" }), "carol");
  assert.equal(username({ type: "WebIdentityUser", userName: "subject" }), "subject");
  assert.equal(username({ type: "AWSAccount", principalId: "AROA1:session" }), undefined);
  assert.equal(username({ accountId: "1", invokedBy: "AWS Internal" }), undefined);
  assert.equal(username({ type: "IAMUser" }), undefined);
  assert.equal(read({ userIdentity: null })?.username, undefined);
});

test("resources: what the record lists, and what IAM and STS name; each once", () => {
  const iam = read({
    eventSource: "iam.amazonaws.com",
    resources: undefined,
    requestParameters: { userName: "bob", __proto__: null, constructor: "x" },
    responseElements: { accessKey: { userName: "bob", accessKeyId: "AKIANEW", status: "Active" } },
  });
  assert.deepEqual(iam?.resources, [
    { type: "AWS::IAM::User", name: "bob" },
    { type: "AWS::IAM::AccessKey", name: "AKIANEW" },
  ]);
  // What a request of KMS says of keys is what it was given; the record lists what it was.
  assert.equal(read({ requestParameters: { userName: "x" } })?.resources.length, 1);
  const trail = read({ eventSource: "cloudtrail.amazonaws.com", resources: null, requestParameters: { name: "all" } });
  assert.deepEqual(trail?.resources, [{ type: "AWS::CloudTrail::Trail", name: "all" }]);
  const twice = read({ resources: [...base.resources, ...base.resources, { type: "AWS::KMS::Alias", ARN: "x" }] });
  assert.equal(twice?.resources.length, 2);
  assert.deepEqual(listsOfResources(twice!.resources), [
    ["ResourceType", "AWS::KMS::Key"],
    ["ResourceType", "AWS::KMS::Alias"],
    ["ResourceName", "1234abcd-12ab-34cd-56ef-1234567890ab"],
    ["ResourceName", "x"],
  ]);
  const many = Array.from({ length: 1_000 }, (_, i) => ({ type: "T", ARN: `${i}` }));
  assert.equal(read({ resources: many })?.resources.length, 100);
});

test("a key is found by its ARN and its id, an alias by its ARN and its name", () => {
  const alias = "arn:aws:kms:us-east-1:111122223333:alias/app";
  assert.equal(resourceListName(KEY), KEY.split("/")[1]);
  assert.equal(resourceListName(alias), "alias/app");
  assert.equal(resourceListName("arn:aws:iam::111122223333:role/app"), "arn:aws:iam::111122223333:role/app");
  const event = read({ resources: [...base.resources, { type: "AWS::KMS::Alias", ARN: alias }] })!;
  for (const name of [KEY, KEY.split("/")[1]!, alias, "alias/app"])
    assert.ok(hasAttribute(event, "ResourceName", name));
  assert.ok(!hasAttribute(event, "ResourceName", KEY.replace("111122223333", "444455556666")));
});

test("each attribute is compared with its own", () => {
  const event = read()!;
  for (const [key, value] of [
    ["EventId", base.eventID],
    ["EventName", "Decrypt"],
    ["EventSource", "kms.amazonaws.com"],
    ["ReadOnly", "true"],
    ["Username", "bob"],
    ["AccessKeyId", "AKIAIOSFODNN7EXAMPLE"],
    ["ResourceType", "AWS::KMS::Key"],
    ["ResourceName", KEY],
  ] as const) {
    assert.ok(hasAttribute(event, key, value), key);
    assert.ok(!hasAttribute(event, key, `${value}x`), key);
  }
  assert.ok(!hasAttribute(event, "Any", ""));
});

test("what is no record is not searchable, and harms nobody", () => {
  for (const text of ["", "null", "[]", "1", "{}", "{", '"x"']) assert.equal(searchableEvent(text), undefined, text);
  for (const member of ["eventID", "eventTime", "eventName", "eventSource", "awsRegion", "recipientAccountId"]) {
    for (const value of [undefined, null, 7, "", {}, "x".repeat(3_000)]) {
      assert.equal(read({ [member]: value }), undefined, `${member} ${value}`);
    }
  }
  assert.equal(read({ eventTime: "9999-01-01T00:00:00Z" }), undefined);
  assert.equal(read({ eventTime: "1969-01-01T00:00:00Z" }), undefined);
  const odd = read({ resources: [null, 1, { type: 1, ARN: "x" }, { type: "T" }], readOnly: "yes", errorMessage: "e" });
  assert.deepEqual([odd?.resources, odd?.readOnly, odd?.failed], [[], undefined, true]);
});
