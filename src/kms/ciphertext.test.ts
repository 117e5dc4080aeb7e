import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { InvalidMessage } from "../hsm/hsm.ts";
import { SoftwareSymmetricMaterial } from "../hsm/software/symmetricMaterial.ts";
import { ciphertextOrigin, ciphertextPrefix, PREFIX_LENGTH } from "./ciphertext.ts";
import { canonicalEncryptionContext } from "./encryptionContext.ts";

interface Vector {
  material: string;
  materialId: string;
  keyId: string;
  account: string;
  context: Record<string, string>;
  plaintext: string;
  blob: string;
}

const vectors: Vector[] = JSON.parse(
  readFileSync(new URL("../../test/vectors/message-key.json", import.meta.url), "utf8"),
);

for (const [i, vector] of vectors.entries()) {
  const { account, keyId, materialId } = vector;
  const material = new SoftwareSymmetricMaterial(materialId, Buffer.from(vector.material, "hex"));
  const blob = Buffer.from(vector.blob, "hex");
  const context = canonicalEncryptionContext(vector.context);

  test(`vector ${i}, made by another implementation, names its key and decrypts`, () => {
    assert.deepEqual(ciphertextOrigin(blob), { account, keyId, materialId });
    assert.deepEqual(ciphertextPrefix({ account, keyId, materialId }), blob.subarray(0, PREFIX_LENGTH));
    assert.equal(material.open(blob, PREFIX_LENGTH, context).toString("hex"), vector.plaintext);
  });

  test(`vector ${i}: the order of the context's pairs does not matter, a changed context does`, () => {
    const reversed = Object.fromEntries(Object.entries(vector.context).reverse());
    assert.deepEqual(canonicalEncryptionContext(reversed), context);
    for (const other of [
      { ...vector.context, further: "" },
      { ...vector.context, "": "other" },
    ]) {
      assert.throws(() => material.open(blob, PREFIX_LENGTH, canonicalEncryptionContext(other)), InvalidMessage);
    }
  });

  test(`vector ${i}: every changed byte is found, in the front or by the tag`, () => {
    for (let at = 0; at < Math.min(blob.length, 400); at++) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const changed = Buffer.from(blob);
        changed[at] = (changed[at] as number) ^ flip;
        if (at < PREFIX_LENGTH) assert.equal(ciphertextOrigin(changed), undefined, `byte ${at}`);
        assert.throws(() => material.open(changed, PREFIX_LENGTH, context), InvalidMessage, `byte ${at}`);
      }
    }
  });
}

test("a sealed message opens, and no two are alike", () => {
  const vector = vectors[1] as Vector;
  const material = new SoftwareSymmetricMaterial(vector.materialId, Buffer.from(vector.material, "hex"));
  const prefix = ciphertextPrefix(vector);
  const context = canonicalEncryptionContext({ a: "b" });
  const seen = new Set<string>();
  for (const length of [0, 1, 15, 16, 17, 4096]) {
    const plaintext = Buffer.alloc(length, 7);
    const sealed = material.seal(prefix, context, plaintext);
    assert.deepEqual(material.open(sealed, PREFIX_LENGTH, context), plaintext);
    seen.add(sealed.toString("hex", PREFIX_LENGTH, PREFIX_LENGTH + 28));
  }
  assert.equal(seen.size, 6);
});

test("what is too short, or no blob of ours, has no origin", () => {
  const blob = Buffer.from((vectors[0] as Vector).blob, "hex");
  for (let length = 0; length < blob.length; length++)
    assert.equal(ciphertextOrigin(blob.subarray(0, length)), undefined);
  assert.equal(ciphertextOrigin(Buffer.alloc(6144)), undefined);
  assert.equal(ciphertextOrigin(Buffer.from("AQICAHh", "base64")), undefined);
});
