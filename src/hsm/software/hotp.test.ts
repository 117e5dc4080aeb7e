import assert from "node:assert/strict";
import { test } from "node:test";
import { hotp } from "./hotp.ts";

test("gives the codes of RFC 4226, appendix D", () => {
  const codes = "755224 287082 359152 969429 338314 254676 287922 162583 399871 520489".split(" ");
  assert.deepEqual(
    codes.map((_, counter) => hotp(Buffer.from("12345678901234567890"), counter)),
    codes,
  );
});

test("gives the codes of RFC 6238, appendix B, in six digits", () => {
  const rows: [number, string][] = [
    [59, "94287082"],
    [1111111109, "07081804"],
    [1234567890, "89005924"],
    [20000000000, "65353130"],
  ];
  for (const [seconds, code] of rows) {
    assert.equal(hotp(Buffer.from("12345678901234567890"), Math.floor(seconds / 30)), code.slice(-6));
  }
});
