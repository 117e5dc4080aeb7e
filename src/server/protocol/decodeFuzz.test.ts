import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { decode, example, model, operations, refusal } from "../../../test/modelSites.ts";
import { ProtocolException } from "./errors.ts";

/** Any characters at all: fast-check's own unit for them takes a second to be made. */
const character = fc.integer({ min: 0, max: 0x10ffff }).map((point) => String.fromCodePoint(point));
const text = (maxLength = 40) => fc.string({ unit: character, maxLength });

const plaintext = (body: string) => (decode("Encrypt", body) as { Plaintext: Buffer }).Plaintext;

suite("whatever is sent", () => {
  const type = { numRuns: 2000 };
  const operation = fc.constantFrom(...operations);

  /** True where it was accepted. Anything but a ProtocolException is a bug. */
  const decodes = (name: string, body: string): boolean => {
    const message = refusal(name, body, ProtocolException);
    assert(message === undefined || message.length < 8192);
    return message === undefined;
  };

  test("text is decoded or refused", () => {
    const body = fc.oneof(text(), fc.json(), fc.string());
    fc.assert(
      fc.property(operation, body, (name, body) => {
        decodes(name, body);
      }),
      type,
    );
  });

  test("members of any type are decoded or refused", () => {
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      text(),
      fc.constantFrom(1e300, -0, 1e21, 2 ** 31, 8.64e12, "", "AES_256", {}, []),
      fc.base64String(),
    );
    const property = fc.property(
      operation,
      fc.array(value, { minLength: 12, maxLength: 12 }),
      fc.nat(),
      (name, values, mask) => {
        const { input } = model.operation(name);
        const all = example({ target: input }, true) as Record<string, unknown>;
        for (const [i, member] of Object.keys(all).entries()) if ((mask >> i) & 1) all[member] = values[i % 12];
        decodes(name, JSON.stringify(all));
      },
    );
    fc.assert(property, type);
  });

  test("valid requests of which a character is changed are decoded or refused", () => {
    let accepted = 0;
    fc.assert(
      fc.property(operation, fc.nat(), text(2), (name, at, put) => {
        const body = JSON.stringify(example({ target: model.operation(name).input }, true));
        const i = at % (body.length + 1);
        if (decodes(name, body.slice(0, i) + put + body.slice(i + 1))) accepted++;
      }),
      type,
    );
    assert(accepted > 0 && accepted < type.numRuns);
  });

  test("a valid blob comes back byte for byte", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 4096 }), (bytes) => {
        const body = JSON.stringify({ KeyId: "k", Plaintext: Buffer.from(bytes).toString("base64") });
        assert(Buffer.from(bytes).equals(plaintext(body)));
      }),
      { numRuns: 300 },
    );
  });

  test("of text that is almost Base64, what is accepted is the one spelling of its bytes", () => {
    const unit = fc.constantFrom(..."ABQgw8/+-_= \n");
    fc.assert(
      fc.property(fc.string({ unit, minLength: 1, maxLength: 12 }), (text) => {
        const body = JSON.stringify({ KeyId: "k", Plaintext: text });
        if (decodes("Encrypt", body)) assert.equal(plaintext(body).toString("base64"), text);
        else assert.notEqual(Buffer.from(text, "base64").toString("base64"), text);
      }),
      { numRuns: 5000 },
    );
  });
});
