import assert from "node:assert/strict";
import { test } from "node:test";
import type { SessionClaims } from "../iam/session.ts";
import { inheritedTags, roleSessionTags } from "./sessionTags.ts";

const tag = (Key: string, Value = "v") => ({ Key, Value });
const session = (tags: SessionClaims["tags"], transitiveTagKeys: string[]): SessionClaims => ({
  accessKeyId: "ASIA",
  type: "AssumeRole",
  account: "111122223333",
  name: "s",
  issuedAt: 0,
  expiresAt: 1,
  tags,
  transitiveTagKeys,
});

test("what is transitive goes along, and stays so", () => {
  assert.deepEqual(inheritedTags(undefined), []);
  const inherited = inheritedTags(session([tag("Team"), tag("other")], ["TEAM"]));
  assert.deepEqual(inherited, [tag("Team")]);
  assert.deepEqual(roleSessionTags(inherited, [tag("own"), tag("More")], ["MORE", "more"]), {
    tags: [tag("Team"), tag("own"), tag("More")],
    transitiveTagKeys: ["Team", "More"],
  });
});

test("a transitive key is one of the request's tags, and of no inherited one", () => {
  const code = { code: "InvalidParameterValue", status: 400 };
  assert.throws(() => roleSessionTags([], [tag("a")], ["b"]), code);
  assert.throws(() => roleSessionTags([tag("a")], [], ["a"]), code);
  assert.throws(() => roleSessionTags([tag("a")], [tag("A")]), code);
  assert.throws(() => roleSessionTags([], [tag("a"), tag("A")]), code);
  assert.throws(() => roleSessionTags([], [tag("aws:x")]), code);
});
