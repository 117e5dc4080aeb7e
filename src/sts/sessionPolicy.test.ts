import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { packedPolicySize } from "./sessionPolicy.ts";

const statement = (sid: string) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Sid: sid, Effect: "Allow", Action: "*", Resource: "*" }] });

test("who passes nothing has no size", () => {
  assert.equal(packedPolicySize({}, []), undefined);
});

test("more takes more", () => {
  const noise = randomBytes(1200).toString("hex");
  const sizes = [0, 400, 1200, 1800].map(
    (length) => packedPolicySize({ policy: statement(noise.slice(0, length)) }, []) as number,
  );
  assert.deepEqual(
    sizes,
    sizes.toSorted((a, b) => a - b),
  );
  assert.equal(new Set(sizes).size, 4);
  assert.ok(sizes.every((size) => size > 0 && size <= 100));
  const policyArns = ["arn:aws:iam::111122223333:policy/one"];
  const policy = statement("");
  const [alone, both, all] = [
    packedPolicySize({ policy }, []),
    packedPolicySize({ policy, policyArns }, []),
    packedPolicySize({ policy, policyArns }, [{ Key: "Department", Value: "Engineering, 4th floor" }]),
  ] as [number, number, number];
  assert.ok(alone < both && both < all);
});

test("too much is told in percent", () => {
  const tags = Array.from({ length: 50 }, (_, i) => ({ Key: `k${i}`, Value: randomBytes(96).toString("base64") }));
  assert.throws(() => packedPolicySize({}, tags), {
    code: "PackedPolicyTooLarge",
    message: /^Packed policy consumes [2-9]\d\d% of/,
  });
});
