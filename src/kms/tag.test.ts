import assert from "node:assert/strict";
import { test } from "node:test";
import { TagException } from "./errors.ts";
import { withTags } from "./tag.ts";

const tag = (TagKey: string, TagValue = "") => ({ TagKey, TagValue });
const many = (count: number, prefix = "k") => Array.from({ length: count }, (_, i) => tag(`${prefix}${i}`));
const refused = (message: string) => ({ constructor: TagException, message });

test("new names are added, known ones get the new value, nothing else changes", () => {
  assert.deepEqual(withTags([], []), []);
  assert.deepEqual(withTags([], [tag("a", "1"), tag("b")]), [tag("a", "1"), tag("b")]);
  assert.deepEqual(withTags([tag("a", "1"), tag("b", "2")], [tag("a", "3"), tag("c")]), [
    tag("a", "3"),
    tag("b", "2"),
    tag("c"),
  ]);
});

test("what was there is left as it was: a value", () => {
  const existing = Object.freeze([Object.freeze(tag("a", "1"))]);
  assert.deepEqual(withTags(existing, [tag("a", "2")]), [tag("a", "2")]);
  assert.deepEqual(existing, [tag("a", "1")]);
});

test("names are told apart by case and by every character; objects' own names are names as others", () => {
  const names = ["a", "A", "ä", "a ", "__proto__", "constructor", "toString"];
  assert.deepEqual(
    withTags(
      [],
      names.map((name) => tag(name, name)),
    ),
    names.map((name) => tag(name, name)),
  );
});

test("aws: is reserved, in whatever case; elsewhere than at the start it is not", () => {
  for (const name of ["aws:", "aws:x", "AWS:x", "Aws:cloudformation:stack-name"]) {
    assert.throws(() => withTags([], [tag("a"), tag(name)]), refused("Tags beginning with aws: are reserved"), name);
  }
  assert.equal(withTags([], [tag("aws"), tag("awsx:"), tag("x-aws:"), tag(" aws:")]).length, 4);
});

test("a name twice in one request", () => {
  assert.throws(() => withTags([], [tag("a", "1"), tag("b"), tag("a", "1")]), refused("Duplicate tag keys"));
  assert.throws(() => withTags([tag("a")], [tag("a", "1"), tag("a", "2")]), refused("Duplicate tag keys"));
});

test("50 are the most that a key can have, counted once the request is done", () => {
  assert.equal(withTags([], many(50)).length, 50);
  assert.throws(() => withTags([], many(51)), refused("Too many tags"));
  assert.equal(withTags(many(49), [tag("x")]).length, 50);
  assert.throws(() => withTags(many(50), [tag("x")]), refused("Too many tags"));
  assert.equal(withTags(many(50), many(50)).length, 50);
});
