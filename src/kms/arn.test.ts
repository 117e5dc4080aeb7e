import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { aliasArn, isKeyId, keyArn, parseKeyReference } from "./arn.ts";
import { InvalidArnException, NotFoundException } from "./errors.ts";

const account = "111122223333";
const other = "444455556666";
const region = "eu-west-1";
const uuidId = "1234abcd-12ab-34cd-56ef-1234567890ab";
const multiRegionId = "mrk-1234abcd12ab34cd56ef1234567890ab";
const parse = (text: string) => parseKeyReference(text, account, region);

test("key ids: lower-case UUIDs, and mrk- with 32 hex digits", () => {
  for (const id of [uuidId, multiRegionId]) assert.ok(isKeyId(id), id);
  for (const text of [
    "",
    uuidId.toUpperCase(),
    uuidId.slice(1),
    `${uuidId}0`,
    `${uuidId}\n`,
    ` ${uuidId}`,
    uuidId.replaceAll("-", ""),
    uuidId.replace("a", "g"),
    `mrk-${uuidId}`,
    multiRegionId.toUpperCase(),
    multiRegionId.slice(0, -1),
    `${multiRegionId}0`,
    `${multiRegionId}\n`,
    "alias/x",
    keyArn({ account, region, id: uuidId }),
  ]) {
    assert.ok(!isKeyId(text), JSON.stringify(text));
  }
});

test("ARNs as AWS writes them", () => {
  assert.equal(keyArn({ account, region, id: uuidId }), `arn:aws:kms:eu-west-1:111122223333:key/${uuidId}`);
  assert.equal(aliasArn({ account, region, name: "alias/a/b:c" }), "arn:aws:kms:eu-west-1:111122223333:alias/a/b:c");
});

test("the four forms: id and name mean the caller's account, ARNs their own", () => {
  for (const id of [uuidId, multiRegionId]) {
    assert.deepEqual(parse(id), { type: "key", account, id });
    assert.deepEqual(parse(`arn:aws:kms:${region}:${other}:key/${id}`), { type: "key", account: other, id });
  }
  for (const name of ["alias/a", "alias/aws/s3", "alias/a:b/c_d-E9", "alias/key/x", `alias/alias/${uuidId}`]) {
    assert.deepEqual(parse(name), { type: "alias", account, name });
    assert.deepEqual(parse(`arn:aws:kms:${region}:${other}:${name}`), { type: "alias", account: other, name });
  }
});

test("what names nothing: NotFoundException, saying what was given", () => {
  for (const [text, message] of [
    ["x", "Invalid keyId 'x'"],
    ["", "Invalid keyId ''"],
    [uuidId.toUpperCase(), `Invalid keyId '${uuidId.toUpperCase()}'`],
    [`key/${uuidId}`, `Invalid keyId 'key/${uuidId}'`],
    ["Alias/a", "Invalid keyId 'Alias/a'"],
    ["alias/", "Invalid keyId 'alias/'"],
    ["alias/ä", "Invalid keyId 'alias/ä'"],
    ["alias/a b", "Invalid keyId 'alias/a b'"],
    [`arn:aws:kms:${region}:${account}:key/x`, "Invalid keyId 'x'"],
    [`arn:aws:kms:${region}:${account}:key/`, "Invalid keyId ''"],
    [`arn:aws:kms:${region}:${account}:key/${uuidId}/x`, `Invalid keyId '${uuidId}/x'`],
    [`arn:aws:kms:${region}:${account}:alias/`, "Invalid keyId 'alias/'"],
    [`arn:aws:kms:us-west-2:${account}:key/${uuidId}`, "Invalid arn us-west-2"],
    [`arn:aws:kms:us-west-2:${account}:alias/a`, "Invalid arn us-west-2"],
    [`arn:aws:kms::${account}:key/${uuidId}`, "Invalid arn "],
  ] as const) {
    assert.throws(() => parse(text), { constructor: NotFoundException, message }, text);
  }
});

test("what begins as an ARN and is none of a key or an alias: InvalidArnException", () => {
  for (const text of [
    "arn:",
    "arn:aws:kms",
    `arn:aws:kms:${region}:${account}`,
    `arn:aws:kms:${region}:${account}:`,
    `arn:aws-cn:kms:${region}:${account}:key/${uuidId}`,
    `arn:aws:s3:${region}:${account}:key/${uuidId}`,
    `arn:aws:kms:${region}::key/${uuidId}`,
    `arn:aws:kms:${region}:12345678901:key/${uuidId}`,
    `arn:aws:kms:${region}:12345678901x:key/${uuidId}`,
    `arn:aws:kms:${region}:1111222233334:key/${uuidId}`,
    `arn:aws:kms:${region}:${account}:${uuidId}`,
    `arn:aws:kms:${region}:${account}:grant/${uuidId}`,
    `arn:aws:kms:${region}:${account}:key:${uuidId}`,
  ]) {
    assert.throws(() => parse(text), { constructor: InvalidArnException, message: `Invalid arn ${text}` }, text);
  }
});

test("every ARN that is made is parsed back, whatever the name", () => {
  const accounts = fc.stringMatching(/^\d{12}$/);
  const names = fc.stringMatching(/^alias\/[a-zA-Z0-9:/_-]+$/);
  fc.assert(
    fc.property(accounts, names, (owner, name) => {
      assert.deepEqual(parse(aliasArn({ account: owner, region, name })), { type: "alias", account: owner, name });
    }),
  );
  fc.assert(
    fc.property(accounts, fc.uuid(), (owner, id) => {
      assert.deepEqual(parse(keyArn({ account: owner, region, id })), { type: "key", account: owner, id });
    }),
  );
});

test("whatever else is given ends in one of the two errors", () => {
  const starts = fc.constantFrom("", "alias/", "arn:", "arn:aws:kms:", `arn:aws:kms:${region}:${account}:`);
  fc.assert(
    fc.property(fc.tuple(starts, fc.string()), ([start, rest]) => {
      try {
        const { type } = parse(start + rest);
        assert.ok(type === "key" || /alias\/[a-zA-Z0-9:/_-]+$/.test(start + rest));
      } catch (error) {
        assert.ok(error instanceof NotFoundException || error instanceof InvalidArnException, String(error));
      }
    }),
    { numRuns: 500 },
  );
});
