import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ACCOUNT, countedIds, finishedRequest, principals, touchedKey } from "../../test/finishedRequest.ts";
import { recordsOf } from "./event.ts";

/** Whoever reads lines may take any of these for an end of one, or be shown another text than there is. */
const UNFIT = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/u;

const attacks = [
  "\n",
  "\r\n",
  '"}\n{"eventVersion":"1.11"',
  '","errorCode":"',
  "\\",
  '\\"',
  "\u2028",
  "\u0085",
  "\u202e",
  "\0",
  "</script>",
  "\ud800",
  "__proto__",
  "é🔑",
];
const hostile = fc
  .array(fc.oneof(fc.constantFrom(...attacks), fc.string({ unit: "binary" }), fc.string({ maxLength: 40 })), {
    maxLength: 8,
  })
  .map((pieces) => pieces.join(""));
const huge = fc.oneof(
  hostile,
  hostile.map((text) => `${text}🔑`.repeat(Math.ceil(8192 / (text.length + 2)))),
);

/** As the record has a text: whole, or as many characters of its front as 1 KB has room for. */
function assertText(actual: string, given: string): void {
  if (Buffer.byteLength(given) <= 1024) {
    assert.equal(actual, given);
    return;
  }
  assert.ok(given.startsWith(actual));
  const size = Buffer.byteLength(actual);
  assert.ok(size <= 1024 && size > 1020, String(size));
}

const FIELDS = [
  "eventVersion",
  "userIdentity",
  "eventTime",
  "eventSource",
  "eventName",
  "awsRegion",
  "sourceIPAddress",
  "userAgent",
  "errorCode",
  "errorMessage",
  "requestParameters",
  "responseElements",
  "requestID",
  "eventID",
  "readOnly",
  "resources",
  "eventType",
  "managementEvent",
  "recipientAccountId",
  "eventCategory",
  "tlsDetails",
];

test("hostile strings neither end a line nor forge a field, and come back as they were", () => {
  fc.assert(
    fc.property(
      fc.record({
        sourceIp: hostile,
        userAgent: huge,
        host: huge,
        version: hostile,
        code: hostile,
        message: huge,
        id: hostile,
      }),
      fc.record({ AliasName: hostile, TargetKeyId: hostile }),
      (given, input) => {
        const { sourceIp, userAgent, host, version, code, message, id } = given;
        fc.pre(message !== "" && code !== "AccessDeniedException");
        const [record, ...more] = recordsOf(
          finishedRequest({
            operation: "CreateAlias",
            requestId: id,
            connection: { sourceIp, userAgent, host, tls: { version, cipherSuite: version, keyExchange: version } },
            error: { code, message },
            input,
            touched: { keys: [touchedKey()] },
          }),
          countedIds(),
        );
        const json = record ?? "";
        assert.deepEqual(more, []);
        assert.doesNotMatch(json, UNFIT);
        const event = JSON.parse(json);
        assert.deepEqual(Object.keys(event), FIELDS);
        assert.deepEqual(event.requestParameters, {
          aliasName: input.AliasName,
          targetKeyId: input.TargetKeyId,
        });
        assert.equal(event.resources[1].ARN, `arn:aws:kms:us-east-1:${ACCOUNT}:${input.AliasName}`);
        assertText(event.sourceIPAddress, sourceIp);
        assertText(event.userAgent, userAgent);
        assertText(event.errorCode, code);
        assertText(event.errorMessage, message);
        assertText(event.requestID, id);
        assertText(event.tlsDetails.clientProvidedHostHeader, host);
        assertText(event.tlsDetails.keyExchange, version);
      },
    ),
    { numRuns: 500 },
  );
});

test("hostile encryption contexts come back name by name", () => {
  fc.assert(
    fc.property(fc.dictionary(hostile, hostile, { maxKeys: 5, noNullPrototype: false }), (pairs) => {
      const EncryptionContext = Object.assign(Object.create(null), pairs);
      const [record] = recordsOf(finishedRequest({ operation: "Encrypt", input: { KeyId: "k", EncryptionContext } }));
      assert.doesNotMatch(record ?? "", UNFIT);
      const { encryptionContext } = JSON.parse(record ?? "").requestParameters;
      assert.deepEqual(Object.entries(encryptionContext).sort(), Object.entries(EncryptionContext).sort());
    }),
    { numRuns: 300 },
  );
});

test("hostile names of sessions and of what IAM is asked", () => {
  fc.assert(
    fc.property(hostile, hostile, (name, value) => {
      const session = {
        ...(principals.role.session as NonNullable<typeof principals.role.session>),
        sourceIdentity: name,
      };
      const principal = { ...principals.role, userId: `AROA:${name}`, session };
      const input = { UserName: value, Tags: [{ Key: name, Value: value }] };
      const [record] = recordsOf(finishedRequest({ service: "iam", operation: "CreateUser", principal, input }));
      assert.doesNotMatch(record ?? "", UNFIT);
      const event = JSON.parse(record ?? "");
      assert.equal(event.userIdentity.principalId, `AROA:${name}`);
      assert.equal(event.userIdentity.sessionContext.sourceIdentity, name);
      assert.deepEqual(event.requestParameters, { userName: value, tags: [{ key: name, value }] });
    }),
    { numRuns: 300 },
  );
});

test("whatever size an input has, its record stays JSON of one line, and small", () => {
  for (const service of ["kms", "iam"] as const) {
    const document = '"\n\u2028'.repeat(100_000);
    const input = { KeyId: "k", Policy: document, UserName: "bob", PolicyDocument: document };
    const [record] = recordsOf(
      finishedRequest({ service, operation: service === "kms" ? "PutKeyPolicy" : "PutUserPolicy", input }),
    );
    const json = record ?? "";
    assert.doesNotMatch(json, UNFIT);
    assert.equal(JSON.parse(json).requestParameters.omitted, "true");
    assert.ok(json.length < 4096);
  }
});
