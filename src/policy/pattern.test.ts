import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compileArnPattern } from "./arnPattern.ts";
import { compilePattern } from "./pattern.ts";

const context = (values: Record<string, string | string[]> = {}) => ({ get: (key: string) => values[key] });
const matches = (pattern: string, text: string, values?: Record<string, string | string[]>) =>
  compilePattern(pattern, { wildcards: true, variables: true }).matches(text, context(values));

test("wildcards", () => {
  for (const [pattern, text, expected] of [
    ["", "", true],
    ["", "a", false],
    ["*", "", true],
    ["*", "anything:at/all", true],
    ["a*", "a", true],
    ["a*", "ba", false],
    ["*a", "bbba", true],
    ["a*b*c", "a-b-b-c", true],
    ["a*b*c", "a-b-b", false],
    ["a?c", "abc", true],
    ["a?c", "ac", false],
    ["**", "x", true],
    ["?*", "", false],
    ["a.c", "abc", false],
    ["[ab]", "a", false],
    ["Key", "key", false],
  ] as const) {
    assert.equal(matches(pattern, text), expected, `${pattern} ~ ${text}`);
  }
});

test("wildcards agree with a regular expression, on any pattern and text", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "*", "?", "."), maxLength: 8 });
  fc.assert(
    fc.property(word, fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 10 }), (pattern, text) => {
      const expression = pattern.replaceAll(".", "\\.").replaceAll("*", "[^]*").replaceAll("?", "[^]");
      assert.equal(matches(pattern, text), new RegExp(`^${expression}$`).test(text));
    }),
    { numRuns: 5000 },
  );
});

test("a hostile pattern costs no more than text × pattern", () => {
  const pattern = `${"*a".repeat(300)}b`;
  const started = performance.now();
  assert.equal(matches(pattern, "a".repeat(20_000)), false);
  assert.ok(performance.now() - started < 2_000);
});

test("variables", () => {
  const values = { "aws:username": "alice", "aws:principaltag/team": "*", list: ["a"] };
  for (const [pattern, text, expected] of [
    ["home/${aws:username}/*", "home/alice/x", true],
    ["home/${AWS:UserName}/*", "home/alice/x", true],
    ["home/${aws:username}/*", "home/bob/x", false],
    ["${aws:PrincipalTag/team}", "*", true],
    ["${aws:PrincipalTag/team}", "anything", false], // what is inserted is literal
    ["${absent}", "", false],
    ["${absent, 'x'}", "x", true],
    ["${aws:username, 'x'}", "alice", true],
    ["${list}", "a", false],
    ["${*}${?}${$}", "*?$", true],
    ["${*}", "a", false],
    ["${open", "${open", true],
    ["a$b", "a$b", true],
  ] as const) {
    assert.equal(matches(pattern, text, values), expected, `${pattern} ~ ${text}`);
  }
  const literal = compilePattern("${aws:username}", { wildcards: true, variables: false });
  assert.equal(literal.matches("alice", context(values)), false);
  assert.equal(literal.matches("${aws:username}", context(values)), true);
});

test("ARNs: no wildcard reaches over one of the first five colons", () => {
  const arn = "arn:aws:kms:eu-west-1:111122223333:key/a:b";
  for (const [pattern, expected] of [
    ["*", true],
    [arn, true],
    ["arn:aws:kms:*:111122223333:key/*", true],
    ["arn:aws:kms:eu-*:*:*", true],
    ["arn:aws:kms:*", true],
    ["arn:aws:*:key/a:b", false],
    ["arn:aws:kms:eu-west-1:111122223333:alias/*", false],
    ["arn:aws:kms:eu-west-1:444455556666:key/*", false],
    ["arn:aws:KMS:eu-west-1:111122223333:key/*", false],
  ] as const) {
    assert.equal(compileArnPattern(pattern, "resource").matches(arn, context()), expected, pattern);
  }
  const own = compileArnPattern("arn:aws:iam::${a}:user/${a}", "resource");
  assert.equal(own.matches("arn:aws:iam::${a}:user/x", context({ a: "x" })), true, "variables in the last part alone");
  assert.equal(compileArnPattern("arn:aws:kms:*:*:*", "none").matches("*", context()), false, "no resource");
});
