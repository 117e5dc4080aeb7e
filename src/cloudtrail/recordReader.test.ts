import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RecordReader } from "./recordReader.ts";
import { searchableEvent } from "./searchableEvent.ts";

const base = {
  eventVersion: "1.11",
  userIdentity: { type: "IAMUser", userName: "bob", accessKeyId: "AKIAIOSFODNN7EXAMPLE" },
  eventTime: "2026-11-23T10:15:00Z",
  eventSource: "kms.amazonaws.com",
  eventName: "Decrypt",
  awsRegion: "us-east-1",
  requestParameters: { encryptionContext: { eventName: "CreateKey", eventID: 'a","eventID":"b', "}": "\\" } },
  responseElements: null,
  eventID: "c8b3a1d6-1d6f-4d4c-9a0e-0f6d2f7f1a11",
  readOnly: true,
  resources: [{ type: "AWS::KMS::Key", ARN: "arn:aws:kms:us-east-1:111122223333:key/1234abcd" }],
  recipientAccountId: "111122223333",
};

/** What is read of the text between others, as it stands in a line; twice, since the second time it is remembered. */
function assertSame(text: string, reader = new RecordReader()) {
  const record = Buffer.from(text);
  const line = Buffer.concat([Buffer.from('{"event":'), record, Buffer.from("}")]);
  for (let i = 0; i < 2; i++) assert.deepEqual(reader.read(line, 9, 9 + record.length), searchableEvent(text), text);
}

test("a record is read as JSON.parse reads it, whatever its members are", () => {
  const reader = new RecordReader();
  const texts = ["", "bob", "b\u00f6b", '"', "\\", '\\"', "\u2028\n", "x".repeat(2_001), ...Object.values(base)];
  const value = fc.oneof(fc.constantFrom<unknown>(...texts), fc.jsonValue(), fc.string({ unit: "binary" }));
  const identity = fc.record({
    type: fc.constantFrom("IAMUser", "Root", "AssumedRole"),
    userName: value,
    principalId: value,
    accessKeyId: value,
  });
  const time = fc.constantFrom(
    ...["1969-12-31T23:59:59Z", "2024-02-29T23:59:59Z", "2023-02-30T00:00:00Z", "2026-11-23T24:00:00Z"],
    ...["2026-11-23T10:15:60Z", "2026-11-23T10:15:00.000Z", "2026-11-23", "9999-01-01T00:00:00Z", "Mon, 23 Nov 2026"],
  );
  const changes = fc.record(
    {
      userIdentity: fc.oneof(identity, value),
      eventTime: fc.oneof(time, value),
      eventSource: fc.oneof(fc.constantFrom("iam.amazonaws.com", "sts.amazonaws.com"), value),
      eventName: value,
      awsRegion: value,
      errorCode: value,
      errorMessage: value,
      requestParameters: value,
      eventID: fc.oneof(fc.uuid(), value),
      readOnly: fc.oneof(fc.boolean(), value),
      resources: fc.oneof(fc.array(fc.record({ type: value, ARN: value })), value),
      recipientAccountId: value,
      constructor: value,
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(changes, fc.boolean(), (changed, isFirst) => {
      const record = isFirst ? { ...changed, ...base, ...changed } : { ...base, ...changed };
      assertSame(JSON.stringify(record), reader);
    }),
    { numRuns: 2_000 },
  );
});

test("other forms than the journal's are read as well", () => {
  const text = JSON.stringify(base);
  assertSame(JSON.stringify(base, null, 1));
  assertSame(text.replace('"eventName"', '"\\u0065ventName"'));
  assertSame(text.replace("Decrypt", "\\u0044ecrypt"));
  assertSame(`${text.slice(0, -1)},"eventName":"Encrypt","resources":[]}`);
  for (const other of ["", "{}", "null", "[]", "1", '"x"', "{", '{"', '{"eventID', '{"eventID":', '{"eventID":"']) {
    assertSame(other);
  }
  for (let length = 0; length < text.length; length++) assertSame(text.slice(0, length));
});

test("bytes that are no record do no harm, and what is read of them is nothing that they do not say", () => {
  const reader = new RecordReader();
  const text = Buffer.from(JSON.stringify(base));
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.nat(255), fc.nat(text.length), (at, byte, end) => {
      const bytes = Buffer.from(text);
      bytes[at] = byte;
      const event = reader.read(bytes, 0, end);
      if (event !== undefined) assert.ok(end === text.length || bytes[end - 1] === 0x7d);
      const parsed = searchableEvent(bytes.toString("utf8", 0, end));
      if (parsed !== undefined) assert.deepEqual(event, parsed);
    }),
    { numRuns: 2_000 },
  );
});

test("more callers than are remembered", () => {
  const reader = new RecordReader();
  for (let i = 0; i < 10_100; i++) {
    const record = Buffer.from(JSON.stringify({ ...base, userIdentity: { type: "IAMUser", userName: `user-${i}` } }));
    assert.equal(reader.read(record, 0, record.length)?.username, `user-${i}`);
  }
});
