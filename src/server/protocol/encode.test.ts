import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { example, model, operations } from "../../../test/modelSites.ts";
import { jsonCodec, type Member } from "./model.ts";

const encode = (operation: string, output?: object) => jsonCodec(model, operation).encodeOutput(output);
const withOutput = operations.filter((name) => model.operation(name).output !== undefined);

/** The model's value for what JSON has. */
function fromJson({ target }: Member, value: unknown): unknown {
  const { type, members, member, value: values } = model.shape(target);
  const entries = () => Object.entries(value as object);
  if (type === "blob") return Buffer.from(value as string, "base64");
  if (type === "timestamp") return new Date(Math.round((value as number) * 1000));
  if (type === "list") return (value as unknown[]).map((item) => fromJson(member!, item));
  if (type === "map") return Object.fromEntries(entries().map(([name, item]) => [name, fromJson(values!, item)]));
  if (type !== "structure") return value;
  return Object.fromEntries(entries().map(([name, item]) => [name, fromJson(members![name]!, item)]));
}

suite("each operation's output", () => {
  test("what the model has none of is empty", () => {
    const without = operations.filter((name) => !withOutput.includes(name));
    assert(without.includes("CreateAlias") && without.includes("TagResource") && without.length >= 10);
    for (const name of without) {
      for (const output of [undefined, {}, { KeyId: "x" }]) assert.equal(encode(name, output), "");
    }
  });

  for (const name of withOutput) {
    test(`${name}: all of it, in the model's order`, () => {
      const target = model.operation(name).output!;
      const json = example({ target }, true) as Record<string, unknown>;
      const value = fromJson({ target }, json) as Record<string, unknown>;
      assert.equal(encode(name, value), JSON.stringify(json));
      const reversed = Object.fromEntries(Object.entries(value).reverse());
      assert.equal(encode(name, { ...reversed, Unknown: 1, toString: 2 }), JSON.stringify(json));
    });

    test(`${name}: nothing of it`, () => {
      const members = Object.keys(model.shape(model.operation(name).output!).members!);
      for (const absent of [undefined, null]) {
        const output = Object.fromEntries(members.map((member) => [member, absent]));
        assert.equal(encode(name, output), "{}");
      }
      assert.equal(encode(name), "{}");
    });
  }
});

suite("values", () => {
  test("blobs: Buffers, views of a larger buffer, none at all", () => {
    const bytes = Buffer.from("xx\u00ff\u0000-secret-xx", "latin1");
    const plain = (Plaintext: Uint8Array) => encode("Decrypt", { Plaintext });
    const wanted = bytes.subarray(2, 6);
    const expected = `{"Plaintext":"${wanted.toString("base64")}"}`;
    assert.equal(plain(wanted), expected);
    assert.equal(plain(new Uint8Array(bytes.buffer, bytes.byteOffset + 2, 4)), expected);
    assert.equal(plain(Buffer.alloc(0)), '{"Plaintext":""}');
  });

  test("dates: epoch seconds with milliseconds", () => {
    const at = (milliseconds: number) =>
      encode("ImportKeyMaterial") +
      encode("GetParametersForImport", {
        ParametersValidTo: new Date(milliseconds),
      });
    assert.equal(at(1719844326123), '{}{"ParametersValidTo":1719844326.123}');
    assert.equal(at(1719844326000), '{}{"ParametersValidTo":1719844326}');
    assert.equal(at(1719844326100), '{}{"ParametersValidTo":1719844326.1}');
    assert.equal(at(0), '{}{"ParametersValidTo":0}');
    assert.equal(at(-1), '{}{"ParametersValidTo":-0.001}');
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date("9999-12-31") }), (date) => {
        const { ParametersValidTo } = JSON.parse(encode("GetParametersForImport", { ParametersValidTo: date }));
        assert.equal(Math.round(ParametersValidTo * 1000), date.getTime());
      }),
    );
  });

  const character = fc.integer({ min: 0, max: 0x10ffff }).map((point) => String.fromCodePoint(point));

  test("text is escaped: any string comes back as it was", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: character })), (text) => {
        const encoded = encode("GetKeyPolicy", { Policy: text });
        assert.deepEqual(JSON.parse(encoded), { Policy: text });
        assert.doesNotMatch(encoded, /\p{Cc}(?<![\x7f-\x9f])/u);
      }),
    );
    assert.equal(encode("GetKeyPolicy", { Policy: 'a"\\\n\u0000é😀/' }), '{"Policy":"a\\"\\\\\\n\\u0000é😀/"}');
  });

  test("false, 0, the empty string and the empty list are values", () => {
    const output = { KeyId: "", KeyRotationEnabled: false, RotationPeriodInDays: 0 };
    assert.deepEqual(JSON.parse(encode("GetKeyRotationStatus", output)), output);
    assert.equal(encode("ListKeys", { Keys: [], Truncated: false }), '{"Keys":[],"Truncated":false}');
    assert.equal(encode("ListKeys", { Keys: [{}] }), '{"Keys":[{}]}');
  });

  test("maps: names escaped, absent values left out", () => {
    const grant = (EncryptionContextSubset: object) =>
      encode("ListGrants", { Grants: [{ Constraints: { EncryptionContextSubset } }] });
    const around = (map: string) => `{"Grants":[{"Constraints":{"EncryptionContextSubset":${map}}}]}`;
    assert.equal(grant({}), around("{}"));
    assert.equal(grant({ 'a"\n': "b", gone: undefined }), around('{"a\\"\\n":"b"}'));
    assert.equal(grant(JSON.parse('{"__proto__":"c"}')), around('{"__proto__":"c"}'));
  });

  test("what is of another type is a bug, said without the value", () => {
    const secret = "TOPSECRET";
    const wrong: [operation: string, output: object][] = [
      ["Decrypt", { Plaintext: secret }],
      ["Decrypt", { Plaintext: [84, 79, 80] }],
      ["Decrypt", { KeyId: Buffer.from(secret) }],
      ["Decrypt", { KeyId: { secret } }],
      ["GetKeyRotationStatus", { KeyRotationEnabled: secret }],
      ["GetKeyRotationStatus", { RotationPeriodInDays: secret }],
      ["GetKeyRotationStatus", { RotationPeriodInDays: 1.5 }],
      ["GetKeyRotationStatus", { RotationPeriodInDays: Number.NaN }],
      ["GetParametersForImport", { ParametersValidTo: 1719844326 }],
      ["GetParametersForImport", { ParametersValidTo: new Date(Number.NaN) }],
      ["ListKeys", { Keys: { secret } }],
      ["ListKeys", { Keys: [secret] }],
      ["ListKeys", { Keys: [undefined] }],
      ["DescribeKey", { KeyMetadata: [secret] }],
    ];
    for (const [operation, output] of wrong) {
      assert.throws(
        () => encode(operation, output),
        (error) => error instanceof TypeError && !error.message.includes("SECRET"),
      );
    }
  });
});
