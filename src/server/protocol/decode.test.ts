import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { allSites, decode, model, refusal } from "../../../test/modelSites.ts";
import { ProtocolException, SerializationException, ValidationException } from "./errors.ts";
import { jsonCodec, loadModel } from "./model.ts";

/** What JSON may hold besides what the model asks for, and AWS's words for what is refused. */

const KEY = "1234abcd-12ab-34cd-56ef-1234567890ab";
const valid = (operation: string, body: string) => decode(operation, body) as Record<string, unknown>;
const said = (operation: string, input: unknown) => refusal(operation, JSON.stringify(input), ValidationException);

suite("AWS's texts", () => {
  const broken = (text: string) => `1 validation error detected: ${text}`;

  test("a number out of its range", () => {
    const at = (value: number, text: string) =>
      broken(`Value '${value}' at 'numberOfBytes' failed to satisfy constraint: Member must have value ${text}`);
    assert.equal(said("GenerateRandom", { NumberOfBytes: 0 }), at(0, "greater than or equal to 1"));
    assert.equal(said("GenerateRandom", { NumberOfBytes: -5 }), at(-5, "greater than or equal to 1"));
    assert.equal(said("GenerateRandom", { NumberOfBytes: 1025 }), at(1025, "less than or equal to 1024"));
  });

  test("a sensitive value too long is not said", () => {
    const input = { KeyId: KEY, Plaintext: Buffer.alloc(4097).toString("base64") };
    const text =
      "Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4096";
    assert.equal(said("Encrypt", input), broken(text));
  });

  test("a value that is not of an enum", () => {
    const values = model.shape("com.amazonaws.kms#DataKeySpec");
    assert.deepEqual(Object.keys(values.members!), ["AES_256", "AES_128"]);
    assert.equal(
      said("GenerateDataKey", { KeyId: KEY, KeySpec: "X" }),
      broken(
        "Value 'X' at 'keySpec' failed to satisfy constraint: Member must satisfy enum value set: [AES_256, AES_128]",
      ),
    );
  });

  test("what is missing", () => {
    assert.equal(
      said("DescribeKey", {}),
      broken("Value null at 'keyId' failed to satisfy constraint: Member must not be null"),
    );
  });

  test("an item of a list, which is named by the whole list", () => {
    const item =
      "Member must have length less than or equal to 128, Member must have length greater than or equal to 1";
    assert.equal(
      said("UntagResource", { KeyId: KEY, TagKeys: ["good", ""] }),
      broken(`Value '[good, ]' at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: [${item}]`),
    );
  });

  test("a member of a structure in a list, by its position from 1", () => {
    const tags = [{ TagKey: "a", TagValue: "b" }, { TagValue: "x".repeat(257) }];
    assert.equal(
      said("TagResource", { KeyId: KEY, Tags: tags }),
      `2 validation errors detected: Value null at 'tags.2.member.tagKey' failed to satisfy constraint: Member must not be null; Value '${"x".repeat(257)}' at 'tags.2.member.tagValue' failed to satisfy constraint: Member must have length less than or equal to 256`,
    );
  });

  test("several, in the order of the members and of their constraints", () => {
    assert.equal(
      said("CreateAlias", { AliasName: "a b" }),
      "2 validation errors detected: Value 'a b' at 'aliasName' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$; Value null at 'targetKeyId' failed to satisfy constraint: Member must not be null",
    );
    assert.equal(
      said("ListAliases", { Limit: 0, Marker: "", KeyId: "" }),
      "3 validation errors detected: Value '' at 'keyId' failed to satisfy constraint: Member must have length greater than or equal to 1; Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1; Value '' at 'marker' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
    assert.equal(
      said("CreateAlias", { AliasName: "", TargetKeyId: KEY }),
      "2 validation errors detected: Value '' at 'aliasName' failed to satisfy constraint: Member must have length greater than or equal to 1; Value '' at 'aliasName' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$",
    );
  });

  test("of what a sensitive structure lacks, not even that it is null", () => {
    const credential = { AccessKeyId: "A".repeat(20) };
    assert.equal(
      said("CreateCustomKeyStore", { CustomKeyStoreName: "x", XksProxyAuthenticationCredential: credential }),
      broken(
        "Value at 'xksProxyAuthenticationCredential.rawSecretAccessKey' failed to satisfy constraint: Member must not be null",
      ),
    );
  });

  test("a wrong type goes before any constraint, and JSON before both", () => {
    assert.equal(
      refusal("GenerateRandom", '{"NumberOfBytes":0,"Recipient":1}', SerializationException),
      "Expected null",
    );
    for (const body of ["{", "[]", "1", '"x"', "null", "true", " ", "{}{}", "{'a':1}", '{"a":1,}', "\ufeff{}", "NaN"]) {
      const message = refusal("ListKeys", body, SerializationException);
      assert(message === "" || message === "Start of list found where not expected", `${body}: ${message}`);
    }
  });

  test("no message grows with the request", () => {
    const tags = Array.from({ length: 40_000 }, () => ({}));
    const message = said("TagResource", { KeyId: KEY, Tags: tags })!;
    assert.match(message, /^80000 validation errors detected: Value null at 'tags\.1\.member\.tagKey' .*; \.\.\.$/);
    assert(message.length < 8192);
    for (const value of ["x".repeat(1 << 20), "😀".repeat(1 << 18), `a${"😀".repeat(1 << 18)}`]) {
      const long = said("DescribeKey", { KeyId: value })!;
      assert(long.length < 8192 && long.isWellFormed());
    }
  });
});

suite("names that JavaScript knows", () => {
  const names = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf", "0", ""];

  test("as members are unknown like others, and in no way change what was sent", () => {
    for (const name of names) {
      for (const value of ["1", "null", '{"KeyId":"other","GrantTokens":["t"]}', "[]"]) {
        const input = valid("DescribeKey", `{"KeyId":"${KEY}",${JSON.stringify(name)}:${value}}`);
        assert.deepEqual(Object.keys(input), ["KeyId"]);
        assert.equal(input.KeyId, KEY);
        assert.equal(input.GrantTokens, undefined);
      }
    }
    assert.equal(
      refusal("DescribeKey", `{"__proto__":{"KeyId":"${KEY}"}}`, ValidationException),
      "1 validation error detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null",
    );
    assert.equal(({} as Record<string, unknown>).KeyId, undefined);
  });

  test("as keys of a map are keys like others", () => {
    const context = `{${names.map((name) => `${JSON.stringify(name)}:"v"`).join(",")}}`;
    const { EncryptionContext } = valid("Encrypt", `{"KeyId":"k","Plaintext":"AA==","EncryptionContext":${context}}`);
    const map = EncryptionContext as Record<string, string>;
    assert.equal(Object.getPrototypeOf(map), null);
    assert.deepEqual(Object.keys(map).sort(), [...names].sort());
    for (const name of names) assert.equal(map[name], "v");
    const wrong = '{"KeyId":"k","Plaintext":"AA==","EncryptionContext":{"__proto__":{}}}';
    assert.match(refusal("Encrypt", wrong, SerializationException)!, /^Start of structure/);
  });

  test("of two members of one name the last holds", () => {
    assert.equal(valid("DescribeKey", '{"KeyId":"a","KeyId":"b"}').KeyId, "b");
    assert.equal(valid("DescribeKey", '{"KeyId":"a","keyid":"b"}').KeyId, "a");
  });
});

suite("strings", () => {
  test("a lone surrogate is refused, as a value and as a key of a map", () => {
    for (const half of ["\\ud800", "\\udfff", "a\\ud83d", "\\ude00b", "\\ude00\\ud83d"]) {
      const message = "STRING_VALUE can not be converted to a String: it has a lone surrogate";
      assert.equal(refusal("DescribeKey", `{"KeyId":"${half}"}`, SerializationException), message);
      const context = (pair: string) => `{"KeyId":"k","Plaintext":"AA==","EncryptionContext":{${pair}}}`;
      assert.equal(refusal("Encrypt", context(`"${half}":"v"`), SerializationException), message);
      assert.equal(refusal("Encrypt", context(`"k":"${half}"`), SerializationException), message);
    }
    assert.equal(valid("DescribeKey", '{"KeyId":"\\ud83d\\ude00"}').KeyId, "😀");
  });

  const point = fc.oneof(fc.integer({ min: 0, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff }));
  const character = point.map((value) => String.fromCodePoint(value));

  test("lengths are those of code points, whatever their mix", () => {
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 300 }), (value) => {
        const points = [...value].length;
        const message = said("TagResource", { KeyId: KEY, Tags: [{ TagKey: "k", TagValue: value }] });
        assert.equal(message === undefined, points <= 256, `${points} code points`);
      }),
      { numRuns: 1000 },
    );
  });
});

suite("nesting", () => {
  const DEEP = 100_000;

  test(`${DEEP} levels, wherever they stand`, () => {
    const lists = "[".repeat(DEEP) + "]".repeat(DEEP);
    const objects = `${'{"a":'.repeat(DEEP)}1${"}".repeat(DEEP)}`;
    for (const deep of [lists, objects]) {
      for (const body of [deep, deep.slice(0, -1), deep.slice(0, DEEP)]) refusal("ListKeys", body, ProtocolException);
      assert.deepEqual(valid("ListKeys", `{"Unknown":${deep},"Limit":5}`), { Limit: 5 });
      let refused = 0;
      for (const site of allSites.filter((_, i) => i % 10 === 0)) {
        const body = site.body("HERE").replace('"HERE"', deep);
        if (refusal(site.operation, body, ProtocolException) !== undefined) refused++;
      }
      assert(refused > 20);
    }
  });

  test("in a shape that contains itself, to a bound", () => {
    const shapes = {
      "a#S": { type: "service", version: "1", operations: [{ target: "a#Do" }] },
      "a#Do": { type: "operation", input: { target: "a#Tree" } },
      "a#Tree": { type: "structure", members: { Child: { target: "a#Tree" }, Children: { target: "a#Trees" } } },
      "a#Trees": { type: "list", member: { target: "a#Tree" } },
    };
    const codec = jsonCodec(loadModel({ shapes }), "Do");
    const nested = (depth: number, open: string, close: string) => `${open.repeat(depth)}{}${close.repeat(depth)}`;
    assert.deepEqual(codec.decodeInput('{"Child":{"Children":[{"Child":{}}]}}'), {
      Child: { Children: [{ Child: {} }] },
    });
    codec.decodeInput(nested(50, '{"Child":', "}"));
    for (const body of [nested(DEEP, '{"Child":', "}"), nested(DEEP, '{"Children":[', "]}")]) {
      assert.throws(() => codec.decodeInput(body), SerializationException);
    }
  });
});

suite("shapes that KMS's model does not have", () => {
  const shapes = {
    "a#S": { type: "service", operations: [{ target: "a#Do" }] },
    "a#Do": { type: "operation", input: { target: "a#In" } },
    "a#In": { type: "structure", members: { Map: { target: "a#Map" }, Long: { target: "smithy.api#Long" } } },
    "a#Map": {
      type: "map",
      key: { target: "a#Key" },
      value: { target: "a#Value" },
      traits: { "smithy.api#length": { min: 1, max: 2 } },
    },
    "a#Key": { type: "string", traits: { "smithy.api#pattern": "^[a-z]+$" } },
    "a#Value": { type: "string", traits: { "smithy.api#length": { max: 3 } } },
  };
  const codec = jsonCodec(loadModel({ shapes }), "Do");
  const message = (body: string) => {
    try {
      codec.decodeInput(body);
      return undefined;
    } catch (error) {
      assert(error instanceof ProtocolException);
      return error.message;
    }
  };
  const broken = (value: string, text: string) =>
    `1 validation error detected: Value '${value}' at 'map' failed to satisfy constraint: ${text}`;

  test("constraints on a map, on its keys and on its values", () => {
    assert.equal(message('{"Map":{"a":"","b":"abc"}}'), undefined);
    assert.equal(message('{"Map":{}}'), broken("{}", "Member must have length greater than or equal to 1"));
    assert.equal(
      message('{"Map":{"a":"1","b":"2","c":"3"}}'),
      broken("{a=1, b=2, c=3}", "Member must have length less than or equal to 2"),
    );
    assert.equal(
      message('{"Map":{"A":"1"}}'),
      broken("{A=1}", "Map keys must satisfy constraint: [Member must satisfy regular expression pattern: ^[a-z]+$]"),
    );
    assert.equal(
      message('{"Map":{"a":"1234"}}'),
      broken("{a=1234}", "Map value must satisfy constraint: [Member must have length less than or equal to 3]"),
    );
  });

  test("longs, as far as JSON's numbers are exact", () => {
    for (const value of [0, -1, 2 ** 31, 2 ** 53 - 1, -(2 ** 53) + 1]) {
      assert.deepEqual(codec.decodeInput(`{"Long":${value}}`), { Long: value });
    }
    for (const value of ["0.5", "9007199254740992", "1e300", "1e999"]) {
      assert.equal(message(`{"Long":${value}}`), "NUMBER_VALUE can not be converted to a Long");
    }
  });
});
