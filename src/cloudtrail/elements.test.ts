import assert from "node:assert/strict";
import { test } from "node:test";
import { flat, iamDate, kmsDate, limited, memberName, plain, quoted, structure } from "./elements.ts";

test("dates as the records of each service print them", () => {
  const at = (hours: number, minutes = 0) => new Date(Date.UTC(2026, 0, 3, hours, minutes, 5));
  assert.equal(kmsDate(at(10, 15)), "Jan 3, 2026, 10:15:05 AM");
  assert.equal(iamDate(at(10, 15)), "Jan 3, 2026 10:15:05 AM");
  assert.equal(kmsDate(at(0)), "Jan 3, 2026, 12:00:05 AM");
  assert.equal(kmsDate(at(12)), "Jan 3, 2026, 12:00:05 PM");
  assert.equal(kmsDate(at(23, 59)), "Jan 3, 2026, 11:59:05 PM");
});

test("only the first letter of a member's name becomes small", () => {
  assert.equal(memberName("KeyId"), "keyId");
  assert.equal(memberName("AWSAccountId"), "aWSAccountId");
  assert.equal(memberName("OpenIDConnectProviderArn"), "openIDConnectProviderArn");
});

test("members of structures are renamed, keys of maps are not", () => {
  const Subset = { __proto__: null, Tenant: "A", AWSAccountId: "b" };
  assert.equal(
    flat({ EncryptionContextSubset: Subset }),
    '{"encryptionContextSubset":{"Tenant":"A","AWSAccountId":"b"}}',
  );
  assert.equal(structure(iamDate)({ Map: Subset }), '{"map":{"Tenant":"A","AWSAccountId":"b"}}');
  const nested = { Primary: { Arn: "a", When: new Date(0) }, List: [{ Arn: "b" }, "c"], Gone: undefined, No: false };
  assert.equal(
    structure(iamDate)(nested),
    '{"primary":{"arn":"a","when":"Jan 1, 1970 12:00:00 AM"},"list":[{"arn":"b"},"c"],"no":false}',
  );
});

test("bytes and hidden members are left out, at whatever depth", () => {
  const bytes = Buffer.from("secret");
  const value = { Bytes: bytes, Deep: [{ Bytes: bytes, Password: "secret", Name: "n" }, bytes] };
  assert.equal(structure(iamDate, new Set(["Password"]))(value), '{"deep":[{"name":"n"}]}');
  assert.equal(flat({ Bytes: bytes, Name: "n" }), '{"name":"n"}');
  assert.equal(plain(bytes), "null");
});

test("what could end a line or turn the text around is spelt", () => {
  assert.equal(quoted("plain, with spaces and ä"), '"plain, with spaces and ä"');
  for (const character of [
    "\n",
    "\r",
    "\0",
    "\u0085",
    "\u2028",
    "\u2029",
    "\u202e",
    "\u2066",
    "\u200b",
    "\ufeff",
    "\x7f",
  ]) {
    const json = quoted(`a${character}b`);
    assert.match(json, /^"a\\[nru][0-9a-f]*b"$/, json);
    assert.equal(JSON.parse(json), `a${character}b`);
  }
  assert.equal(JSON.parse(quoted("\ud800")), "\ud800");
});

test("an element that is too large is left out as AWS leaves it out", () => {
  const value = { policy: "x".repeat(200_000) };
  const json = limited("requestParameters", value, JSON.stringify);
  assert.deepEqual(JSON.parse(json), {
    reason: "requestParameters too large",
    omitted: "true",
    originalSize: String(JSON.stringify(value).length),
  });
  const full = { policy: "x".repeat(100 * 1024 - JSON.stringify({ policy: "" }).length) };
  assert.equal(limited("requestParameters", full, JSON.stringify), JSON.stringify(full));
  assert.equal(JSON.parse(limited("e", { policy: `${full.policy}x` }, JSON.stringify)).omitted, "true");
});

test("the limit is one of bytes", () => {
  const value = { description: "ä".repeat(60_000) };
  assert.equal(JSON.parse(limited("e", value, JSON.stringify)).originalSize, "120018");
});

test("a policy cannot hide behind its own white space", () => {
  const policy = { Version: "2012-10-17", Statement: [{ Sid: 'a "quoted"  \\ text', Effect: "Allow", Action: "*" }] };
  const padded = JSON.stringify(policy).replace(/[{}[\]]/g, (bracket) => `${bracket}${" \n\t".repeat(10_000)}`);
  for (const value of [{ Policy: padded }, { List: [padded] }, { Deep: { Policy: padded } }]) {
    const shown = JSON.parse(limited("requestParameters", value, JSON.stringify), (_name, member) =>
      typeof member === "string" && member.startsWith("{") ? JSON.parse(member) : member,
    );
    assert.deepEqual([shown.Policy, shown.List?.[0], shown.Deep?.Policy].find(Boolean), policy);
  }
});

test("padding is taken from JSON alone, in time", () => {
  const started = performance.now();
  const value = { Policy: `{${'"\\"'.repeat(300_000)}` };
  assert.equal(JSON.parse(limited("e", value, JSON.stringify)).omitted, "true");
  assert.ok(performance.now() - started < 2000);
});
