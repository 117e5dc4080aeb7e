import assert from "node:assert/strict";
import { test } from "node:test";
import { policySize, requireQuota, requireQuotaOfInlinePolicies, requireQuotaOfManagedPolicy } from "./quota.ts";

test("white space counts inside of strings only", () => {
  assert.equal(policySize('{\n\t"a b": [ 1,\r\n 2 ] }'), '{"a b":[1,2]}'.length);
  assert.equal(policySize('{ "a\\" b" : 1 }'), '{"a\\" b":1}'.length);
  assert.equal(policySize('{ "a\\\\" : " " }'), '{"a\\\\":" "}'.length);
});

test("what is full takes no more", () => {
  requireQuota("AccessKeysPerUser", 1);
  assert.throws(() => requireQuota("AccessKeysPerUser", 2), {
    code: "LimitExceeded",
    status: 409,
    message: "Cannot exceed quota for AccessKeysPerUser: 2",
  });
  assert.throws(() => requireQuota("VersionsPerPolicy", 5), {
    message:
      "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.",
  });
});

test("policies that are too long", () => {
  const document = (length: number) => `"${"a".repeat(length - 2)}"`;
  requireQuotaOfManagedPolicy(` ${document(6144)} `);
  assert.throws(() => requireQuotaOfManagedPolicy(document(6145)), {
    code: "LimitExceeded",
    message: "Cannot exceed quota for PolicySize: 6144",
  });
  const bob = { kind: "user", name: "bob" } as const;
  requireQuotaOfInlinePolicies(bob, { a: document(1024), b: document(1024) });
  assert.throws(() => requireQuotaOfInlinePolicies(bob, { a: document(1024), b: document(1025) }), {
    code: "LimitExceeded",
    message: "Maximum policy size of 2048 bytes exceeded for user bob",
  });
});
