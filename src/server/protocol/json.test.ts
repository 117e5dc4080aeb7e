import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import fc from "fast-check";
import { allSites, example, MODEL, PATTERNS, trait } from "../../../test/modelSites.ts";
import { ProtocolException } from "./errors.ts";
import { jsonCodec, loadModel, type Member, type Shape, type Traits } from "./model.ts";

/** What decoding and encoding say of the same shapes. */

type Shapes = Readonly<Record<string, Shape>>;

/** A codec whose operation answers with what it is given. */
function echo(shapes: Shapes, target: string) {
  const operation = { type: "operation", input: { target }, output: { target } };
  const service = { type: "service", operations: [{ target: "echo#Echo" }] };
  const model = loadModel({ shapes: { "echo#Service": service, "echo#Echo": operation, ...shapes } });
  return jsonCodec(model, "Echo");
}

function refused(codec: ReturnType<typeof echo>, input: unknown): string {
  try {
    codec.decodeInput(JSON.stringify(input));
  } catch (error) {
    assert(error instanceof ProtocolException);
    return error.message;
  }
  throw new Error("not refused");
}

const kms = Object.fromEntries(
  Object.entries(JSON.parse(readFileSync(MODEL, "utf8")).shapes as Shapes).filter(([, { type }]) => type !== "service"),
);

/** Valid values of a member, as JSON has them, with each optional member there or not. */
function arbitrary({ target, traits: overriding }: Member): fc.Arbitrary<unknown> {
  const shape = kms[target] ?? { type: "boolean" };
  const traits = { ...shape.traits, ...overriding } as Record<string, { min?: number; max?: number } | undefined>;
  const { min = 0, max = 60 } = traits["smithy.api#length"] ?? {};
  const size = { minLength: min, maxLength: Math.max(min, Math.min(max, 60)) };
  switch (shape.type) {
    case "structure": {
      const members = Object.entries(shape.members ?? {});
      const values = Object.fromEntries(members.map(([name, member]) => [name, arbitrary(member)]));
      const required = members.filter(([, member]) => member.traits?.["smithy.api#required"]).map(([name]) => name);
      return fc.record(values, { requiredKeys: required });
    }
    case "list":
      return fc.array(arbitrary(shape.member!), { maxLength: 3 });
    case "map":
      return fc.dictionary(fc.oneof(fc.string(), fc.constant("__proto__")), arbitrary(shape.value!), { maxKeys: 4 });
    case "string":
      return traits["smithy.api#pattern"] ? fc.constant(example({ target })) : fc.string({ unit: "binary", ...size });
    case "enum":
      return fc.constantFrom(...Object.keys(shape.members ?? {}));
    case "blob":
      return fc.uint8Array(size).map((bytes) => Buffer.from(bytes).toString("base64"));
    case "integer":
      return fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1, ...traits["smithy.api#range"] });
    case "timestamp":
      return fc.integer({ min: 0, max: 4e12 }).map((milliseconds) => milliseconds / 1000);
    default:
      return fc.boolean();
  }
}

suite("what was decoded is encoded as it was", () => {
  const structures = Object.keys(kms).filter((id) => kms[id]!.type === "structure");

  test(`each of the model's ${structures.length} structures`, () => {
    for (const id of structures) {
      const codec = echo(kms, id);
      fc.assert(
        fc.property(arbitrary({ target: id }), (value) => {
          const body = JSON.stringify(value);
          const once = codec.encodeOutput(codec.decodeInput(body) as object);
          assert.deepEqual(JSON.parse(once), JSON.parse(body));
          assert.equal(codec.encodeOutput(codec.decodeInput(once) as object), once);
        }),
        { numRuns: 20 },
      );
    }
  });

  test("milliseconds of timestamps, which binary fractions do not hold", () => {
    const codec = echo({ "a#S": { type: "structure", members: { At: { target: "smithy.api#Timestamp" } } } }, "a#S");
    for (const [seconds, iso] of [
      [1719844326.123, "2024-07-01T14:32:06.123Z"],
      [1.719844326999e9, "2024-07-01T14:32:06.999Z"],
      [1719844326, "2024-07-01T14:32:06.000Z"],
      [-0.001, "1969-12-31T23:59:59.999Z"],
    ] as const) {
      const decoded = codec.decodeInput(`{"At":${seconds}}`) as { At: Date };
      assert.equal(decoded.At.toISOString(), iso);
      assert.equal(codec.encodeOutput(decoded), `{"At":${seconds}}`);
    }
    for (const seconds of ["1e300", "1e999", "-8.64e12001", "8640000000001"]) {
      assert.throws(() => codec.decodeInput(`{"At":${seconds}}`), /NUMBER_VALUE can not be converted to a Timestamp/);
    }
    assert.equal(refused(codec, { At: "2024-07-01T14:32:06Z" }), "STRING_VALUE can not be converted to a Timestamp");
  });

  test("-0 is 0", () => {
    const members = { I: { target: "smithy.api#Integer" }, L: { target: "smithy.api#Long" } };
    const decoded = echo({ "a#S": { type: "structure", members } }, "a#S").decodeInput('{"I":-0,"L":-0.0}');
    assert.deepEqual(decoded, { I: 0, L: 0 });
  });
});

test("characters of which only the low byte is of Base64 are not", () => {
  const codec = echo({ "a#S": { type: "structure", members: { B: { target: "smithy.api#Blob" } } } }, "a#S");
  for (const text of ["YWJj", "YWI=", "YQ=="]) {
    for (let i = 0; i < 4; i++) {
      for (const plane of [0x100, 0x400, 0xff00]) {
        const wide = String.fromCharCode(text.charCodeAt(i) + plane);
        const message = refused(codec, { B: text.slice(0, i) + wide + text.slice(i + 1) });
        assert.equal(message, "STRING_VALUE can not be converted to a Blob: it is not valid Base64");
      }
    }
  }
});

test("members with the names of what every object has are absent unless sent", () => {
  const required = { target: "smithy.api#String", traits: { "smithy.api#required": {} } };
  const members = { constructor: required, toString: { target: "smithy.api#Boolean" } };
  const codec = echo({ "a#S": { type: "structure", members } }, "a#S");
  assert.match(refused(codec, {}), /^1 validation error detected: Value null at 'constructor' /);
  assert.deepEqual(Object.keys(codec.decodeInput('{"constructor":"x"}') as object), ["constructor"]);
});

test("a blob of the answer is bytes: not words, and not what merely has a buffer", () => {
  const codec = echo({ "a#S": { type: "structure", members: { B: { target: "smithy.api#Blob" } } } }, "a#S");
  for (const B of [new Uint16Array(2), new DataView(new ArrayBuffer(2)), new ArrayBuffer(2), "AA=="]) {
    assert.throws(() => codec.encodeOutput({ B }), /^TypeError: a blob was to be encoded, and is not one$/);
  }
});

suite("traits", () => {
  const sensitive: Traits = { "smithy.api#sensitive": {} };
  const short: Traits = { "smithy.api#length": { max: 3 } };
  const failed = (path: string, text: string) => `Value at '${path}' failed to satisfy constraint: ${text}`;
  const LONG = "Member must have length less than or equal to 3";

  test("of a member go before those of its shape", () => {
    const member = { target: "a#T", traits: { "smithy.api#length": { min: 2, max: 5 } } };
    const codec = echo(
      { "a#T": { type: "string", traits: short }, "a#S": { type: "structure", members: { M: member } } },
      "a#S",
    );
    assert.deepEqual(codec.decodeInput('{"M":"12345"}'), { M: "12345" });
    assert.match(refused(codec, { M: "1" }), /greater than or equal to 2$/);
    assert.match(refused(codec, { M: "123456" }), /less than or equal to 5$/);
  });

  test("what is in something sensitive is sensitive, and elsewhere the same shape is not", () => {
    const required = { target: "a#T", traits: { "smithy.api#required": {} } };
    const codec = echo(
      {
        "a#T": { type: "string", traits: short },
        "a#Inner": { type: "structure", members: { Text: required } },
        "a#Texts": { type: "list", member: { target: "a#T" } },
        "a#Names": { type: "map", key: { target: "a#T" }, value: { target: "a#Inner" } },
        "a#S": {
          type: "structure",
          members: {
            Open: { target: "a#Inner" },
            Secret: { target: "a#Inner", traits: sensitive },
            Texts: { target: "a#Texts", traits: sensitive },
            Names: { target: "a#Names", traits: sensitive },
          },
        },
      },
      "a#S",
    );
    const one = "1 validation error detected: ";
    assert.equal(refused(codec, { Secret: { Text: "hide" } }), one + failed("secret.text", LONG));
    assert.equal(refused(codec, { Secret: {} }), one + failed("secret.text", "Member must not be null"));
    assert.match(refused(codec, { Open: { Text: "show" } }), /Value 'show' at 'open\.text'/);
    assert.match(refused(codec, { Open: {} }), /Value null at 'open\.text'/);
    const item = `Member must satisfy constraint: [${LONG}]`;
    assert.equal(refused(codec, { Texts: ["hide"] }), one + failed("texts", item));
    const message = refused(codec, { Names: { hide: { Text: "hide" } } });
    assert(message.startsWith("2 validation errors detected: ") && !message.includes("hide"), message);
  });

  test("of patterns are those of Unicode's properties, too, and of whole characters", () => {
    const pattern = "^[\\p{L}\\p{Z}_.:/=+\\-@]?.$";
    const member = { target: "smithy.api#String", traits: { "smithy.api#pattern": pattern } };
    const codec = echo({ "a#S": { type: "structure", members: { M: member } } }, "a#S");
    for (const M of ["é😀", "-a", "😀"]) assert.deepEqual(codec.decodeInput(JSON.stringify({ M })), { M });
    for (const M of ["😀😀", "{a", "p{a"]) assert(refused(codec, { M }).endsWith(`pattern: ${pattern}`));
  });

  test("a value is cut between characters, where messages cut it", () => {
    const member = { target: "smithy.api#String", traits: short };
    const codec = echo({ "a#S": { type: "structure", members: { M: member } } }, "a#S");
    for (const before of ["", "x"]) {
      const message = refused(codec, { M: before + "😀".repeat(4000) });
      assert(
        message.isWellFormed() &&
          message.length < 3000 &&
          message.endsWith(`...' at 'm' failed to satisfy constraint: ${LONG}`),
      );
    }
  });

  test("of no pattern of the model is the time more than in proportion to the text", () => {
    for (const pattern of Object.keys(PATTERNS)) {
      const site = allSites.find((site) => trait(site, "pattern") === pattern)!;
      const codec = echo({ "a#T": site.shape, "a#S": { type: "structure", members: { M: { target: "a#T" } } } }, "a#S");
      const [good] = PATTERNS[pattern]!;
      const start = performance.now();
      for (const part of [good, ...new Set(good), good.slice(0, -1), "/kms/xks/v1", "a-", "a."]) {
        const text = part.repeat(Math.ceil((1 << 20) / part.length));
        refused(codec, { M: `${text}\u0000` });
      }
      const seconds = (performance.now() - start) / 1000;
      assert(seconds < 20, `${pattern}: ${seconds} s`); // quadratic would be hours
    }
  });

  test("of a type that is not known here stop the operation at its first use", () => {
    const codec = echo(
      { "a#S": { type: "structure", members: { M: { target: "a#U" } } }, "a#U": { type: "union" } },
      "a#S",
    );
    assert.throws(() => codec.decodeInput("{}"), /^Error: a#U is of a type that is not known here: union$/);
    assert.throws(() => codec.encodeOutput({}), /^Error: a#U is of a type that is not known here: union$/);
  });
});
