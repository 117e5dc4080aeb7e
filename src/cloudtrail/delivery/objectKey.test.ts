import assert from "node:assert/strict";
import { test } from "node:test";
import { digestKey, isoSeconds, logFileKey } from "./objectKey.ts";

const place = { account: "111122223333", region: "us-east-2", prefix: null };
const at = Date.UTC(2026, 0, 2, 3, 4, 5, 999);

test("log files: reference/cloudtrail.md §4", () => {
  const key = logFileKey(place, at, ["a", 1]);
  assert.match(
    key,
    /^AWSLogs\/111122223333\/CloudTrail\/us-east-2\/2026\/01\/02\/111122223333_CloudTrail_us-east-2_20260102T0304Z_[A-Za-z0-9]{16}\.json\.gz$/,
  );
  assert.equal(logFileKey(place, at, ["a", 1]), key, "the same file has the same name");
  assert.notEqual(logFileKey(place, at, ["a", 2]), key);
  assert.notEqual(logFileKey(place, at, ["a1"]), logFileKey(place, at, ["a", "1"]));
});

test("digests: the time is where the aws command line looks for it", () => {
  const key = digestKey({ ...place, prefix: "p/q" }, { name: "my_trail", region: "eu-west-1" }, at);
  assert.equal(
    key,
    "p/q/AWSLogs/111122223333/CloudTrail-Digest/us-east-2/2026/01/02/111122223333_CloudTrail-Digest_us-east-2_my_trail_eu-west-1_20260102T030405Z.json.gz",
  );
  assert.equal(key.slice(-24, -8), "20260102T030405Z");
});

test("times have seconds", () => {
  assert.equal(isoSeconds(at), "2026-01-02T03:04:05Z");
});
