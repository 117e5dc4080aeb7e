import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNT, finishedRequest, KEY_ID, OWNER, touchedKey } from "../../test/finishedRequest.ts";
import { type KmsRow, kmsRows } from "./kmsOperations.ts";
import { kmsResources } from "./kmsResources.ts";
import type { FinishedRequest } from "./request.ts";

const key = touchedKey();
const other = touchedKey(ACCOUNT, "0987dcba-09fe-87dc-65ba-ab0987654321");

const resourcesOf = (operation: string, input: object, output?: object, more: Partial<FinishedRequest> = {}) =>
  kmsResources(finishedRequest({ operation, input, output, ...more }), kmsRows[operation] as KmsRow);

test("alias and key are resources of each other's operations", () => {
  const alias = { accountId: ACCOUNT, type: "AWS::KMS::Alias", ARN: `arn:aws:kms:us-east-1:${ACCOUNT}:alias/my_alias` };
  const resources = (operation: string, keys = [key]) =>
    resourcesOf(operation, { AliasName: "alias/my_alias", TargetKeyId: KEY_ID }, undefined, {
      touched: { keys },
    }).map(({ json }) => JSON.parse(json));
  const keyed = ({ arn: ARN }: { arn: string }) => ({ accountId: ACCOUNT, type: "AWS::KMS::Key", ARN });
  assert.deepEqual(resources("CreateAlias"), [keyed(key), alias]);
  assert.deepEqual(resources("DeleteAlias"), [alias, keyed(key)]);
  assert.deepEqual(resources("UpdateAlias", [key, other]), [alias, keyed(key), keyed(other)]);
  assert.deepEqual(resources("CreateAlias", []), [alias]);
});

test("ReEncrypt is about both keys, source first; once, where they are the same", () => {
  const names = (keys: (typeof key)[]) =>
    resourcesOf("ReEncrypt", {}, {}, { touched: { keys } }).map(({ json }) => JSON.parse(json).ARN);
  assert.deepEqual(names([key, other]), [key.arn, other.arn]);
  assert.deepEqual(names([key, key]), [key.arn]);
});

test("no resources where there are none", () => {
  for (const operation of ["ListKeys", "ListAliases", "GenerateRandom", "ListRetirableGrants"]) {
    assert.deepEqual(resourcesOf(operation, {}, {}, { touched: { keys: [] } }), []);
  }
});

test("a foreign key that is denied is not named, one's own is", () => {
  const error = { code: "AccessDeniedException", message: "" };
  const names = (keys: (typeof key)[]) =>
    resourcesOf("ReEncrypt", {}, undefined, { error, touched: { keys } }).map(({ json }) => JSON.parse(json).ARN);
  assert.deepEqual(names([touchedKey(OWNER)]), []);
  assert.deepEqual(names([key, touchedKey(OWNER)]), [key.arn]);
});
