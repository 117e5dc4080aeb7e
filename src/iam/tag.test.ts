import assert from "node:assert/strict";
import { test } from "node:test";
import { newTags, sortedTags, withoutTags, withTags } from "./tag.ts";

const tag = (Key: string, Value = "") => ({ Key, Value });

test("a principal's keys are the same in any case, a resource's are not", () => {
  assert.deepEqual(withTags("role", [tag("somekey", "1")], [tag("Somekey", "2")]), [tag("Somekey", "2")]);
  assert.deepEqual(withTags("policy", [tag("a", "1")], [tag("A", "2")]), [tag("a", "1"), tag("A", "2")]);
  assert.deepEqual(withoutTags("user", [tag("Team")], ["tEAM", "absent"]), []);
  assert.deepEqual(withoutTags("mfaDevice", [tag("Team")], ["team"]), [tag("Team")]);
});

test("duplicates in a request", () => {
  const twice = [tag("a"), tag("A")];
  assert.deepEqual(newTags("policy", twice), twice);
  assert.throws(() => newTags("policy", [tag("a"), tag("a")]), {
    code: "InvalidInput",
    message: "Duplicate tag keys found.",
  });
  const message = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
  assert.throws(() => newTags("user", twice), { code: "InvalidInput", status: 400, message });
  assert.throws(() => newTags("session", twice), { code: "InvalidParameterValue", status: 400, message });
});

test("fifty at most, and none of AWS's own", () => {
  const fifty = Array.from({ length: 50 }, (_, n) => tag(`k${n}`));
  assert.equal(withTags("user", fifty, [tag("K7", "x")]).length, 50);
  assert.throws(() => withTags("user", fifty, [tag("one more")]), {
    code: "LimitExceeded",
    message: "The number of tags has reached the maximum limit.",
  });
  assert.throws(() => newTags("user", [tag("AWS:x")]), { code: "InvalidInput" });
});

test("shorter keys first, then by code point", () => {
  const keys = (tags: { Key: string }[]) => tags.map(({ Key }) => Key);
  assert.deepEqual(keys(sortedTags(["abc", "z", "b", "a", "A"].map((key) => tag(key)))), ["A", "a", "b", "z", "abc"]);
});
