import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { isBucketName, isKeyPrefix } from "./destination.ts";
import { DirectoryDestination } from "./directory.ts";

let top: string;
let destination: DirectoryDestination;
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), "strongroom-destination-"));
  mkdirSync(join(top, "logs"));
  destination = new DirectoryDestination(top);
});
afterEach(() => rmSync(top, { recursive: true }));

test("an object is a file, its metadata another one beside it, and nothing else is left", async () => {
  await destination.putObject("logs", "a/b.json.gz", Buffer.from("first"), { signature: "ab" });
  await destination.putObject("logs", "a/b.json.gz", Buffer.from("again"), { signature: "ab" });
  assert.deepEqual(readdirSync(join(top, "logs", "a")).sort(), ["b.json.gz", "b.json.gz.signature"]);
  assert.equal(readFileSync(join(top, "logs/a/b.json.gz"), "utf8"), "again");
  assert.deepEqual(JSON.parse(readFileSync(join(top, "logs/a/b.json.gz.signature"), "utf8")), { signature: "ab" });
});

test("buckets: there, not there, a file", async () => {
  writeFileSync(join(top, "file"), "");
  assert.equal(await destination.checkBucket("logs"), "writable");
  assert.equal(await destination.checkBucket("other"), "missing");
  assert.equal(await destination.checkBucket("file"), "missing");
});

test("a bucket that is not there is not made", async () => {
  await assert.rejects(destination.putObject("other", "a", Buffer.from("")), { code: "NoSuchBucket" });
  assert.ok(!existsSync(join(top, "other")));
});

for (const key of ["../logs2/a", "a/../../../etc/passwd", "/etc/passwd", "a//b", "./a", "a/.", "", "a\0b"]) {
  test(`no way out of the bucket: ${JSON.stringify(key)}`, async () => {
    await assert.rejects(destination.putObject("logs", key, Buffer.from("")), { code: "InvalidURI" });
    assert.deepEqual(readdirSync(join(top, "logs")), []);
  });
}

test("what is in the way of an object fails, and leaves nothing", async () => {
  writeFileSync(join(top, "logs", "a"), "");
  await assert.rejects(destination.putObject("logs", "a/b", Buffer.from("")), { name: "DeliveryError" });
  mkdirSync(join(top, "logs", "c"));
  await assert.rejects(destination.putObject("logs", "c", Buffer.from("")), { name: "DeliveryError" });
  assert.deepEqual(readdirSync(join(top, "logs")).sort(), ["a", "c"]);
});

for (const name of ["abc", "my-bucket.logs", "0ab", `${"a".repeat(63)}`]) {
  test(`a bucket's name: ${name}`, () => assert.ok(isBucketName(name)));
}
for (const name of [
  "ab",
  "a".repeat(64),
  "Abc",
  "a_b",
  "..",
  "../x",
  "a..b",
  "-ab",
  "ab-",
  "192.168.0.1",
  "xn--abc",
  "a/b",
  "a\0b",
  "",
]) {
  test(`no bucket's name: ${JSON.stringify(name)}`, () => assert.ok(!isBucketName(name)));
}
for (const prefix of ["a", "a/b.c", "...", "A-_!'()"]) {
  test(`a prefix: ${prefix}`, () => assert.ok(isKeyPrefix(prefix)));
}
for (const prefix of ["", "/a", "a/", "a//b", "..", "a/../b", ".", "a b", "a\\b", "a\nb", "\u00e9", "a".repeat(201)]) {
  test(`no prefix: ${JSON.stringify(prefix)}`, () => assert.ok(!isKeyPrefix(prefix)));
}
