import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { searchableEvent } from "../cloudtrail/searchableEvent.ts";
import { eventLine, visible } from "./eventLine.ts";

const base = {
  userIdentity: { type: "IAMUser", userName: "bob" },
  eventTime: "2026-11-23T10:15:00Z",
  eventSource: "kms.amazonaws.com",
  eventName: "Decrypt",
  awsRegion: "us-east-1",
  eventID: "e",
  recipientAccountId: "111122223333",
  resources: [{ type: "AWS::KMS::Key", ARN: "arn:aws:kms:us-east-1:111122223333:key/k1" }],
};

function line(changes: object = {}): string {
  const record = JSON.stringify({ ...base, ...changes });
  return eventLine({ record, event: searchableEvent(record)! }, (style, text) => `<${style}>${text}</>`);
}

test("when, where, who, what, on what, and how it failed", () => {
  assert.equal(
    line(),
    "<dim>2026-11-23T10:15:00Z</>  111122223333  us-east-1  bob           <cyan>kms:Decrypt           </>  k1",
  );
  assert.match(line({ errorCode: "AccessDenied", errorMessage: "no" }), / {2}k1 {2}<red>AccessDenied: no<\/>$/);
  assert.match(
    line({ resources: undefined, userIdentity: { invokedBy: "AWS Internal" } }),
    / {2}AWS Internal {2}.* -$/,
  );
  assert.match(line({ userIdentity: { type: "AWSAccount", principalId: "AIDA1" } }), / {2}AIDA1 /);
  assert.match(line({ userIdentity: null }), / {2}- /);
});

const HOSTILE = "\u001b]0;x\u0007\u001b[2J\r\n\t\u009b31m\u202e\u200b\u2028\u{e0001}\u007f";
// biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
const OBEYED = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e]|\n./u;

test("nothing in an event is obeyed by a terminal", () => {
  assert.equal(visible("\u001b[2J\u{e0001}é✓"), "\\u001b[2J\\udb40\\udc01é✓");
  for (const changes of [
    { userIdentity: { type: "IAMUser", userName: HOSTILE } },
    { userIdentity: { principalId: HOSTILE } },
    { eventName: HOSTILE },
    { eventSource: HOSTILE },
    { awsRegion: HOSTILE },
    { recipientAccountId: HOSTILE },
    { resources: [{ type: "T", ARN: HOSTILE }] },
    { errorCode: HOSTILE, errorMessage: HOSTILE },
    { errorCode: { toString: 1 }, errorMessage: [HOSTILE] },
  ]) {
    assert.doesNotMatch(line(changes), OBEYED, JSON.stringify(changes));
  }
});

test("a record stays the same JSON", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const json = visible(JSON.stringify({ text }));
      assert.doesNotMatch(json, OBEYED);
      assert.deepEqual(JSON.parse(json), { text });
    }),
  );
});

test("what is long is cut", () => {
  assert.ok(
    line({ errorMessage: "x".repeat(10_000), userIdentity: { type: "IAMUser", userName: "u".repeat(900) } }).length <
      600,
  );
});
