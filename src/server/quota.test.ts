import assert from "node:assert/strict";
import { test } from "node:test";
import { operations } from "../kms/operations/index.ts";
import { stsOperations } from "../sts/operations/index.ts";
import { Quotas } from "./quota.ts";

const A = "111122223333";

/** Quotas with a clock that stands until it is moved. */
function standing(workers = 1) {
  let now = 12_345.678;
  const quotas = new Quotas({ workers, now: () => now });
  return {
    take: (operation: string, input: unknown = {}, region = "us-east-1", account = A) =>
      quotas.take(operation, input, account, region),
    /** how many more are let through now, up to a limit */
    left(operation: string, input: unknown = {}, region = "us-east-1", limit = 200_000) {
      let count = 0;
      while (count < limit && quotas.take(operation, input, A, region)) count++;
      return count;
    },
    pass: (milliseconds: number) => (now += milliseconds),
  };
}

test("every operation of KMS and STS that is served has a quota, save those whose quota is not published", () => {
  const served = [...operations, ...stsOperations].map(({ name }) => name);
  const without = served.filter((name) => !Quotas.operations.includes(name));
  assert.deepEqual(without.sort(), ["Decapsulate", "Encapsulate"]);
  assert.deepEqual(
    Quotas.operations.filter((name) => !served.includes(name)),
    ["LookupEvents"], // CloudTrail's only one that is published
  );
});

test("one second's worth at once, then as many as come back", () => {
  const { left, pass } = standing();
  assert.equal(left("CreateKey"), 5);
  pass(199);
  assert.equal(left("CreateKey"), 0);
  pass(1);
  assert.equal(left("CreateKey"), 1);
  pass(600);
  assert.equal(left("CreateKey"), 3);
  pass(3_600_000);
  assert.equal(left("CreateKey"), 5, "what is not used is not saved up");
});

test("what is refused does not count", () => {
  const { take, left, pass } = standing();
  left("CreateKey");
  for (let i = 0; i < 100; i++) assert.equal(take("CreateKey"), false);
  pass(200);
  assert.equal(take("CreateKey"), true);
});

test("each account, Region and operation has its own", () => {
  const { take, left } = standing();
  left("CreateKey");
  assert.equal(take("CreateKey"), false);
  assert.equal(take("CreateKey", {}, "eu-west-1"), true);
  assert.equal(take("CreateKey", {}, "us-east-1", "444455556666"), true);
  assert.equal(take("DisableKey"), true);
});

test("cryptographic operations share the quota of their key's type, larger in some Regions", () => {
  for (const [region, rate] of [
    ["us-east-1", 100_000],
    ["eu-central-1", 20_000],
    ["sa-east-1", 10_000],
  ] as const) {
    const { take, left } = standing();
    assert.equal(left("Encrypt", {}, region), rate);
    for (const operation of ["Decrypt", "GenerateDataKey", "GenerateMac", "GenerateRandom", "ReEncrypt"])
      assert.equal(take(operation, {}, region), false, operation);
    assert.equal(left("Encrypt", { EncryptionAlgorithm: "RSAES_OAEP_SHA_256" }, region), 1000);
    assert.equal(take("Sign", { SigningAlgorithm: "RSASSA_PSS_SHA_256" }, region), false);
    assert.equal(left("Sign", { SigningAlgorithm: "ECDSA_SHA_256" }, region), 1000);
    assert.equal(take("DeriveSharedSecret", {}, region), false);
    assert.equal(left("Verify", { SigningAlgorithm: "ML_DSA_SHAKE_256" }, region), 1000);
  }
});

test("ReEncrypt from one type of key to another counts in both quotas, within one type once", () => {
  const { left } = standing();
  const toRsa = {
    SourceEncryptionAlgorithm: "SYMMETRIC_DEFAULT",
    DestinationEncryptionAlgorithm: "RSAES_OAEP_SHA_256",
  };
  assert.equal(left("ReEncrypt", toRsa, "sa-east-1", 600), 600);
  assert.equal(left("Encrypt", { EncryptionAlgorithm: "RSAES_OAEP_SHA_1" }, "sa-east-1"), 400);
  assert.equal(left("ReEncrypt", {}, "sa-east-1"), 9_400);
});

test("data key pairs: a quota for each spec", () => {
  const { left } = standing();
  for (const [KeyPairSpec, rate] of [
    ["RSA_4096", 1],
    ["RSA_3072", 4],
    ["RSA_2048", 20],
    ["SM2", 25],
    ["ECC_NIST_P256", 100],
  ] as const) {
    assert.equal(left("GenerateDataKeyPair", { KeyPairSpec }), rate);
    assert.equal(left("GenerateDataKeyPairWithoutPlaintext", { KeyPairSpec }), 0);
  }
});

test("each of several workers allows its part, in whole requests, and at least one", () => {
  const two = standing(2);
  assert.equal(two.left("ListKeys"), 250);
  assert.equal(two.left("CreateKey"), 3);
  const ten = standing(10);
  assert.equal(ten.left("CreateKey"), 1);
  ten.pass(1999);
  assert.equal(ten.left("CreateKey"), 0);
  ten.pass(1);
  assert.equal(ten.left("CreateKey"), 1);
});

test("the memory for accounts is bounded", () => {
  const { take } = standing();
  for (let i = 0; i < 5; i++) take("CreateKey");
  assert.equal(take("CreateKey"), false);
  for (let i = 0; i < 20_000; i++) take("CreateKey", {}, "us-east-1", String(200_000_000_000 + i));
  assert.equal(take("CreateKey"), true, "it has been forgotten");
});
