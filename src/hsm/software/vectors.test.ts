import assert from "node:assert/strict";
import { createSecretKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { openKey, sealKey } from "./gcm.ts";
import { deriveKey, FIRST_ROUND } from "./kdf.ts";

const vectors = (name: string): Record<string, string>[] =>
  JSON.parse(readFileSync(new URL(`../../../test/vectors/${name}.json`, import.meta.url), "utf8"));
const bytes = (hex: string | undefined) => Buffer.from(hex ?? "", "hex");

test("AES-256-GCM: NIST's 375 vectors, about half of them forgeries", () => {
  let forgeries = 0;
  for (const { Key, IV, CT, AAD, Tag, PT, FAIL } of vectors("aes-256-gcm-nist")) {
    const key = createSecretKey(bytes(Key));
    const opened = openKey(key, Buffer.concat([bytes(IV), bytes(CT), bytes(Tag)]), bytes(AAD));
    if (FAIL) {
      forgeries++;
      assert.equal(opened, undefined);
    } else {
      assert.deepEqual(opened, bytes(PT));
      assert.deepEqual(openKey(key, sealKey(key, bytes(PT), bytes(AAD)), bytes(AAD)), bytes(PT));
    }
  }
  assert.equal(forgeries, 191);
});

test("SP 800-108 counter mode: NIST's vectors", () => {
  const all = vectors("kbkdf-ctr-hmac-sha256-nist");
  assert.ok(all.length > 0);
  for (const { KI, FixedInputData, KO } of all) {
    const derived = deriveKey(createSecretKey(bytes(KI)), Buffer.concat([FIRST_ROUND, bytes(FixedInputData)]));
    assert.deepEqual(derived.subarray(0, bytes(KO).length), bytes(KO));
  }
});
