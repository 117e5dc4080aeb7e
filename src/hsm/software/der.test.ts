import assert from "node:assert/strict";
import { test } from "node:test";
import { derElement, derSequence, derUnsigned, INTEGER, OCTET_STRING, SEQUENCE, unsignedOf } from "./der.ts";

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");

test("lengths take as few bytes as they need, and are read back", () => {
  for (const [length, head] of [
    [0, "04 00"],
    [0x7f, "04 7f"],
    [0x80, "04 81 80"],
    [0xff, "04 81 ff"],
    [0x100, "04 82 01 00"],
    [0xffff, "04 82 ff ff"],
  ] as const) {
    const content = Buffer.alloc(length, 7);
    const element = derElement(OCTET_STRING, content);
    assert.deepEqual(element, Buffer.concat([hex(head), content]));
    if (length < 0xff00) assert.deepEqual(derSequence(derElement(SEQUENCE, element)), [{ tag: OCTET_STRING, content }]);
  }
});

test("integers are the shortest there are, and read back into their width", () => {
  for (const [value, der] of [
    ["00", "02 01 00"],
    ["7f", "02 01 7f"],
    ["80", "02 02 00 80"],
    ["0001", "02 01 01"],
    ["00ff", "02 02 00 ff"],
    ["0100", "02 02 01 00"],
  ] as const) {
    assert.deepEqual(derUnsigned(hex(value)), hex(der));
    const [element] = derSequence(derElement(SEQUENCE, hex(der))) ?? [];
    assert.deepEqual(element && unsignedOf(element, 2), Buffer.concat([Buffer.alloc(2), hex(value)]).subarray(-2));
  }
});

test("an integer that is negative, padded, too wide, empty or none is refused", () => {
  for (const content of ["80", "ff", "00 7f", "00 00", "01 00 00", "00 80 00 00", ""]) {
    assert.equal(unsignedOf({ tag: INTEGER, content: hex(content) }, 2), undefined, content);
  }
  assert.equal(unsignedOf({ tag: OCTET_STRING, content: hex("01") }, 2), undefined);
});

test("what is not one SEQUENCE in DER is refused", () => {
  assert.deepEqual(derSequence(hex("30 00")), []);
  for (const der of [
    "",
    "30",
    "30 80 00 00",
    "30 01",
    "30 81 03 02 01 00",
    "30 82 00 03 02 01 00",
    "30 83 00 00 03 02 01 00",
    "30 81",
    "30 03 02 01",
    "30 03 02 02 00",
    "30 03 02 01 00 00",
    "30 03 02 01 00 30 00",
    "31 03 02 01 00",
    "02 01 00",
    "30 04 02 81 01 00",
    "30 01 02",
  ]) {
    assert.equal(derSequence(hex(der)), undefined, der);
  }
});
