import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  allSites,
  type Bounds,
  decode,
  enumValues,
  PATTERNS,
  refusal,
  type Site,
  trait,
} from "../../../test/modelSites.ts";
import { ProtocolException, SerializationException, ValidationException } from "./errors.ts";

/** Each value of each operation's input: at and past each of its bounds. */

const validation = (site: Site, value: unknown) => refusal(site.operation, site.body(value), ValidationException);

/** Asserts that of what is said of `value`, this is a part; or that it is not. */
function says(site: Site, value: unknown, constraint: string, expected: boolean): void {
  const message = validation(site, value) ?? "";
  assert.equal(
    message.includes(constraint),
    expected,
    `${site.operation} ${site.path} ${String(value).length}: ${message}`,
  );
  if (expected) assert(message.includes(` at '${site.path}' failed to satisfy constraint: `), message);
}

suite("each value of each input", () => {
  test("null is absent; in lists and maps it is refused", () => {
    for (const site of allSites) {
      if (site.holder !== "structure") {
        assert.match(refusal(site.operation, site.body(null), SerializationException)!, /^null found in a /);
        continue;
      }
      const value = trait(site, "sensitive") === undefined ? "Value null" : "Value";
      const expected = `1 validation error detected: ${value} at '${site.path}' failed to satisfy constraint: Member must not be null`;
      for (const absent of [null, undefined]) {
        assert.equal(validation(site, absent), site.required ? expected : undefined);
        if (!site.required) assert.equal(site.found(decode(site.operation, site.body(absent))), undefined);
      }
    }
  });

  test("of the wrong JSON type", () => {
    const LIST = "Start of list found where not expected";
    const OBJECT = "Start of structure or map found where not expected.";
    // by type, what is said of: a string, a number, a fraction, true, false, a list, an object
    const scalar = (wanted: string) =>
      ["STRING", "NUMBER", "NUMBER", "TRUE", "FALSE"].map(
        (found) => `${found}_VALUE can not be converted to ${wanted}`,
      );
    const boolean = scalar("a Boolean");
    const expected: Record<string, readonly (string | undefined)[]> = {
      string: [undefined, ...scalar("a String").slice(1), LIST, OBJECT],
      enum: [undefined, ...scalar("a String").slice(1), LIST, OBJECT],
      blob: [
        "STRING_VALUE can not be converted to a Blob: it is not valid Base64",
        ...scalar("a Blob").slice(1),
        LIST,
        OBJECT,
      ],
      integer: [scalar("an Integer")[0], undefined, ...scalar("an Integer").slice(2), LIST, OBJECT],
      boolean: [
        "STRING_VALUE can not be converted to an Boolean",
        boolean[1],
        boolean[2],
        undefined,
        undefined,
        LIST,
        OBJECT,
      ],
      timestamp: [scalar("a Timestamp")[0], undefined, undefined, ...scalar("a Timestamp").slice(3), LIST, OBJECT],
      list: [...Array(5).fill("Expected list or null"), undefined, OBJECT],
      map: [...Array(5).fill("Expected map or null"), LIST, undefined],
      structure: [...Array(5).fill("Expected null"), LIST, undefined],
    };
    for (const site of allSites) {
      for (const [i, value] of ["?", 5, 0.5, true, false, [], {}].entries()) {
        const text = expected[site.shape.type]![i];
        if (text === undefined)
          validation(site, value); // the right type: at most a constraint is broken
        else assert.equal(refusal(site.operation, site.body(value), SerializationException), text, site.path);
      }
    }
  });

  test("strings at their bounds, counted in code points", () => {
    for (const site of allSites.filter(({ shape }) => shape.type === "string")) {
      const { min = 0, max } = trait<Bounds>(site, "length") ?? {};
      for (const unit of ["a", "é", "😀"]) {
        const least = `Member must have length greater than or equal to ${min}`;
        const most = `Member must have length less than or equal to ${max}`;
        says(site, unit.repeat(min), least, false);
        if (min > 0) says(site, unit.repeat(min - 1), least, true);
        if (max === undefined) continue;
        says(site, unit.repeat(max), most, false);
        says(site, unit.repeat(max + 1), most, true);
      }
    }
  });

  test("patterns", () => {
    for (const site of allSites) {
      const pattern = trait<string>(site, "pattern");
      if (pattern === undefined) continue;
      const [good, bad] = PATTERNS[pattern]!;
      assert.equal(validation(site, good), undefined);
      const newline = /\\s|\\u000A/.test(pattern) ? [] : [`${good}\n`];
      for (const refused of [bad, ...newline]) {
        says(site, refused, `Member must satisfy regular expression pattern: ${pattern}`, true);
      }
    }
  });

  test("enums", () => {
    for (const site of allSites.filter(({ shape }) => shape.type === "enum")) {
      const values = enumValues(site.shape);
      for (const value of values) assert.equal(site.found(decode(site.operation, site.body(value))), value);
      const set = `Member must satisfy enum value set: [${values.join(", ")}]`;
      const inList = site.holder === "list";
      for (const value of ["", "NOT_A_VALUE", `${values[0]} `, values[0]!.toLowerCase(), "__proto__", "constructor"]) {
        assert.equal(
          validation(site, value),
          `1 validation error detected: Value '${inList ? `[${value}]` : value}' at '${site.path}' failed to satisfy constraint: ${inList ? `Member must satisfy constraint: [${set}]` : set}`,
        );
      }
    }
  });

  test("integers at their bounds, and at those of 32 bits", () => {
    for (const site of allSites.filter(({ shape }) => shape.type === "integer")) {
      const { min, max } = trait<Required<Bounds>>(site, "range")!;
      const refused = (value: number, text: string) =>
        assert.equal(
          validation(site, value),
          `1 validation error detected: Value '${value}' at '${site.path}' failed to satisfy constraint: Member must have value ${text}`,
        );
      for (const value of [min, max]) assert.equal(site.found(decode(site.operation, site.body(value))), value);
      for (const value of [min - 1, -0x80000000]) refused(value, `greater than or equal to ${min}`);
      for (const value of [max + 1, 0x7fffffff]) refused(value, `less than or equal to ${max}`);
      for (const value of [min + 0.5, 0x80000000, -0x80000001, 2 ** 53]) {
        const message = refusal(site.operation, site.body(value), SerializationException);
        assert.equal(message, "NUMBER_VALUE can not be converted to an Integer");
      }
    }
  });

  test("blobs at their bounds, and what is no Base64", () => {
    for (const site of allSites.filter(({ shape }) => shape.type === "blob")) {
      const { min, max } = trait<Required<Bounds>>(site, "length")!;
      const bytes = (length: number) => Buffer.alloc(length, 0xfb);
      const refused = (length: number, text: string) =>
        assert.equal(
          validation(site, bytes(length).toString("base64")),
          `1 validation error detected: Value at '${site.path}' failed to satisfy constraint: Member must have length ${text}`,
        );
      for (const length of [min, max]) {
        const found = site.found(decode(site.operation, site.body(bytes(length).toString("base64"))));
        assert(Buffer.isBuffer(found) && found.equals(bytes(length)));
      }
      refused(min - 1, `greater than or equal to ${min}`);
      refused(max + 1, `less than or equal to ${max}`);
      for (const text of [
        "a",
        "ab",
        "abc",
        "ab=",
        "=",
        "====",
        "a===",
        "ab==cd==",
        "ab\n=",
        "ab-_",
        "ab==\n",
        "ab/=",
        "a+==",
        "äbcd",
        "ab cd===",
        " YWJj",
        "YWJj ",
        "YW\nJj",
        "YWJj\r\n",
        "\u0000\u0000\u0000\u0000",
        "-_-_",
        "YWJjZA",
        "YQ==YQ==",
      ]) {
        const message = refusal(site.operation, site.body(text), SerializationException);
        assert.equal(message, "STRING_VALUE can not be converted to a Blob: it is not valid Base64", text);
      }
    }
  });

  test("lists at their bounds", () => {
    const limited = allSites.filter((site) => site.shape.type === "list" && trait(site, "length") !== undefined);
    assert(limited.length > 10);
    for (const site of limited) {
      const { max } = trait<Required<Bounds>>(site, "length")!;
      const items = Array<string>(max + 1).fill("t");
      assert.equal(validation(site, items.slice(1)), undefined);
      assert.equal(
        validation(site, items),
        `1 validation error detected: Value '[${items.join(", ")}]' at '${site.path}' failed to satisfy constraint: Member must have length less than or equal to ${max}`,
      );
    }
  });

  test("what is in blobs and sensitive members is never said", () => {
    const mark = "TOPSECRET";
    const encoded = Buffer.from(mark).toString("base64").slice(0, 12); // of its nine bytes, without padding
    let count = 0;
    for (const site of allSites.filter((s) => s.shape.type === "blob" || trait(s, "sensitive") !== undefined)) {
      const long = site.shape.type === "blob" ? encoded.repeat(100_000) : `${mark}-`.repeat(100_000);
      for (const value of [mark, `${mark}!`, `${encoded}=`, long, [mark], { [mark]: mark }, [[mark]]]) {
        for (const body of [site.body(value), site.body(value).slice(0, -1), `${site.body(value)}x`]) {
          const message = refusal(site.operation, body, ProtocolException);
          if (message === undefined) continue;
          assert(!message.includes("SECRET") && !message.includes(encoded) && message.length < 500, message);
          count++;
        }
      }
    }
    assert(count > 450, `${count}`);
  });
});
