import assert from "node:assert/strict";
import { test } from "node:test";
import { givenSelectors, type SelectedEvent, selects } from "./eventSelectors.ts";

const event = (change: Partial<SelectedEvent> = {}): SelectedEvent => ({
  eventSource: "kms.amazonaws.com",
  eventName: "Encrypt",
  eventType: "AwsApiCall",
  eventCategory: "Management",
  readOnly: true,
  userIdentity: { arn: "arn:aws:iam::000000000000:user/alice" },
  ...change,
});

test("without selectors everything", () => {
  assert.equal(selects(null, event()), true);
});

for (const [title, selector, change, expected] of [
  ["all", {}, {}, true],
  ["KMS left out: its event", { ExcludeManagementEventSources: ["kms.amazonaws.com"] }, {}, false],
  [
    "KMS left out: IAM's",
    { ExcludeManagementEventSources: ["kms.amazonaws.com"] },
    { eventSource: "iam.amazonaws.com" },
    true,
  ],
  ["read only: a read", { ReadWriteType: "ReadOnly" }, {}, true],
  ["read only: a write", { ReadWriteType: "ReadOnly" }, { readOnly: false }, false],
  ["write only: a read", { ReadWriteType: "WriteOnly" }, {}, false],
  ["write only: an event that says neither", { ReadWriteType: "WriteOnly" }, { readOnly: undefined }, true],
  ["data events alone", { IncludeManagementEvents: false }, {}, false],
] as const) {
  test(`basic selectors, ${title}`, () => {
    const given = selector as Parameters<typeof givenSelectors>[0] extends readonly (infer S)[] | undefined ? S : never;
    assert.equal(selects(givenSelectors([given], undefined), event(change as Partial<SelectedEvent>)), expected);
  });
}

const management = { Field: "eventCategory", Equals: ["Management"] };
for (const [title, field, expected] of [
  ["Equals one of them", { Field: "eventName", Equals: ["Decrypt", "Encrypt"] }, true],
  ["Equals none of them", { Field: "eventName", Equals: ["Decrypt"] }, false],
  ["NotEquals none of them", { Field: "eventSource", NotEquals: ["iam.amazonaws.com"] }, true],
  ["NotEquals one of them", { Field: "eventSource", NotEquals: ["iam.amazonaws.com", "kms.amazonaws.com"] }, false],
  ["StartsWith", { Field: "eventName", StartsWith: ["En"] }, true],
  ["NotStartsWith", { Field: "eventName", NotStartsWith: ["En"] }, false],
  ["EndsWith", { Field: "userIdentity.arn", EndsWith: ["/bob", "/alice"] }, true],
  ["NotEndsWith", { Field: "userIdentity.arn", NotEndsWith: ["/bob"] }, true],
  ["two operators, of which one does not", { Field: "eventName", StartsWith: ["En"], NotEquals: ["Encrypt"] }, false],
  ["readOnly", { Field: "readOnly", Equals: ["true"] }, true],
  ["a field of data events", { Field: "resources.type", Equals: ["AWS::S3::Object"] }, false],
] as const) {
  test(`advanced selectors, ${title}`, () => {
    const FieldSelectors = [management, field] as Parameters<typeof givenSelectors>[1] extends
      | readonly { FieldSelectors: infer F }[]
      | undefined
      ? F
      : never;
    assert.equal(selects(givenSelectors(undefined, [{ FieldSelectors }]), event()), expected);
  });
}

test("advanced selectors of data events select nothing", () => {
  const FieldSelectors = [{ Field: "eventCategory", Equals: ["Data"] }];
  assert.equal(selects(givenSelectors(undefined, [{ FieldSelectors }]), event()), false);
});
