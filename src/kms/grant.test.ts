import assert from "node:assert/strict";
import { test } from "node:test";
import { GrantOperation, type KeyUsageType } from "@aws-sdk/client-kms";
import { Grade } from "../policy/principal.ts";
import { InvalidGrantIdException } from "./errors.ts";
import { type GrantRecord, isGrantable, requireGrantId, retirers } from "./grant.ts";
import type { KeySpecName } from "./keySpec.ts";

const always = ["CreateGrant", "DescribeKey", "RetireGrant"];
const dataKeys = [
  "GenerateDataKey",
  "GenerateDataKeyPair",
  "GenerateDataKeyPairWithoutPlaintext",
  "GenerateDataKeyWithoutPlaintext",
];
const encryption = ["Decrypt", "Encrypt", "ReEncryptFrom", "ReEncryptTo"];

const rows: [KeySpecName, KeyUsageType, string[]][] = [
  ["SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", [...encryption, ...dataKeys]],
  ["RSA_2048", "ENCRYPT_DECRYPT", [...encryption, "GetPublicKey"]],
  ["RSA_2048", "SIGN_VERIFY", ["Sign", "Verify", "GetPublicKey"]],
  ["HMAC_256", "GENERATE_VERIFY_MAC", ["GenerateMac", "VerifyMac"]],
  ["ECC_NIST_P256", "KEY_AGREEMENT", ["DeriveSharedSecret", "GetPublicKey"]],
  ["ML_KEM_768", "ENCAPSULATE_DECAPSULATE", ["Decapsulate", "Encapsulate", "GetPublicKey"]],
];

for (const [spec, usage, operations] of rows) {
  test(`what a grant can allow on a key of ${spec} for ${usage}`, () => {
    const all = Object.values(GrantOperation);
    const grantable = all.filter((operation) => isGrantable({ spec, usage }, operation));
    assert.deepEqual(grantable.sort(), [...operations, ...always].sort());
  });
}

test("who may retire a grant", () => {
  const grant: GrantRecord = {
    key: { account: "111122223333", region: "us-east-1", id: "1234abcd-12ab-34cd-56ef-1234567890ab" },
    id: "0".repeat(64),
    grantee: "AROAR",
    retiring: "AIDAU",
    issuer: "444455556666",
    name: "",
    operations: ["Decrypt"],
    constraints: null,
    createdAt: 0,
  };
  const grade = (of: GrantRecord, names: { direct?: string[]; issuer?: string[]; account?: string }) =>
    retirers(of).grade({ direct: [], issuer: [], account: "999999999999", ...names });
  assert.equal(grade(grant, { direct: ["AIDAU"] }), Grade.direct);
  assert.equal(grade(grant, { issuer: ["AROAR"] }), Grade.none);
  assert.equal(grade({ ...grant, operations: ["RetireGrant"] }, { issuer: ["AROAR"] }), Grade.issuer);
  assert.equal(grade(grant, { account: "111122223333" }), Grade.account);
  assert.equal(grade(grant, { account: "444455556666" }), Grade.account);
  assert.equal(grade({ ...grant, retiring: null }, { direct: ["AIDAU"] }), Grade.none);
  assert.equal(grade({ ...grant, retiring: "999999999999" }, {}), Grade.account);
});

test("a grant id is 64 hexadecimal digits", () => {
  assert.equal(requireGrantId("0123456789abcdef".repeat(4)), "0123456789abcdef".repeat(4));
  for (const id of ["x", "0123456789ABCDEF".repeat(4), "0".repeat(63), "0".repeat(65), `${"0".repeat(64)}\n`]) {
    assert.throws(() => requireGrantId(id), InvalidGrantIdException, id);
  }
});
