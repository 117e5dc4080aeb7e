import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { loadModel } from "./model.ts";
import { queryCodec, queryError } from "./query.ts";
import { NAMESPACES } from "./queryXml.ts";

const ID = "7a62c49f-347e-4fc4-9331-6e8e00000000";
const METADATA = `<ResponseMetadata><RequestId>${ID}</RequestId></ResponseMetadata>`;
const models = {
  iam: loadModel(new URL("../../../models/iam.json", import.meta.url)),
  sts: loadModel(new URL("../../../models/sts.json", import.meta.url)),
};
const answer = (operation: string, output?: object, service: "iam" | "sts" = "iam") =>
  queryCodec(models[service], operation).encodeOutput(output, ID);

/** What stands in the result. */
function result(operation: string, output: object, service: "iam" | "sts" = "iam"): string {
  const text = answer(operation, output, service);
  const [, content] = new RegExp(`<${operation}Result>(.*)</${operation}Result>`, "s").exec(text) ?? [];
  assert(content !== undefined, text);
  return content;
}

test("namespaces and versions are the models'", () => {
  for (const [service, model] of Object.entries(models)) {
    const id = `com.amazonaws.${service}#${model.targetPrefix}`;
    const namespace = NAMESPACES[service as keyof typeof NAMESPACES];
    assert.deepEqual(model.shape(id).traits?.["smithy.api#xmlNamespace"], { uri: namespace });
    assert(namespace.endsWith(`/${model.version}/`));
  }
});

suite("answers", () => {
  test("of operations with an output, without one, and with an empty one", () => {
    assert.equal(
      answer("GetCallerIdentity", { Account: "111122223333" }, "sts"),
      `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Account>111122223333</Account></GetCallerIdentityResult>${METADATA}</GetCallerIdentityResponse>`,
    );
    assert.equal(
      answer("DeleteUser"),
      `<DeleteUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">${METADATA}</DeleteUserResponse>`,
    );
    assert.equal(answer("DeleteUser", { Unknown: 1 }), answer("DeleteUser"));
    for (const output of [undefined, {}]) {
      assert.equal(
        answer("UpdateRole", output),
        `<UpdateRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><UpdateRoleResult/>${METADATA}</UpdateRoleResponse>`,
      );
    }
  });

  test("lists, and empty ones", () => {
    assert.equal(result("ListUsers", { Users: [], IsTruncated: false }), "<Users/><IsTruncated>false</IsTruncated>");
    assert.equal(
      result("ListAccountAliases", { AccountAliases: ["a", "b"] }),
      "<AccountAliases><member>a</member><member>b</member></AccountAliases>",
    );
    assert.equal(
      result("ListUserTags", { Tags: [{ Key: "a", Value: "" }], Marker: undefined, IsTruncated: null }),
      "<Tags><member><Key>a</Key><Value/></member></Tags>",
    );
  });

  test("maps: names escaped, absent values left out", () => {
    assert.equal(
      result("GetAccountSummary", { SummaryMap: { Users: 3, "a<b": 0, gone: undefined, ["__proto__"]: 1 } }),
      "<SummaryMap><entry><key>Users</key><value>3</value></entry><entry><key>a&lt;b</key><value>0</value></entry><entry><key>__proto__</key><value>1</value></entry></SummaryMap>",
    );
    assert.equal(result("GetAccountSummary", { SummaryMap: {} }), "<SummaryMap/>");
  });

  test("structures in the model's order, empty ones too, without what the model does not have", () => {
    assert.equal(
      result("GetRole", { Role: { RoleLastUsed: {}, Secret: "x", Path: "/", MaxSessionDuration: 3600 } }),
      "<Role><Path>/</Path><MaxSessionDuration>3600</MaxSessionDuration><RoleLastUsed/></Role>",
    );
  });

  test("timestamps in whole seconds, blobs in Base64", () => {
    const User = { CreateDate: new Date("2026-11-23T10:15:00.999Z") };
    assert.equal(result("GetUser", { User }), "<User><CreateDate>2026-11-23T10:15:00Z</CreateDate></User>");
    const report = Buffer.from("user,arn\n");
    const content = "<Content>dXNlcixhcm4K</Content>";
    assert.equal(result("GetCredentialReport", { Content: report }), content);
    assert.equal(result("GetCredentialReport", { Content: new Uint8Array(report) }), content);
  });

  test("text that XML would take for its own, or for another", () => {
    const said = (text: string) => result("ListAccountAliases", { AccountAliases: [text] }).slice(24, -26);
    assert.equal(said(`<a b="c">&amp;']]>`), "&lt;a b=&quot;c&quot;&gt;&amp;amp;&apos;]]&gt;");
    assert.equal(said("a\tb\nc\r\nd\re"), "a\tb\nc&#xD;\nd&#xD;e");
    assert.equal(said(" é 😀 \u0085\u2028 "), " é 😀 \u0085\u2028 ");
  });

  test("text that XML cannot hold", () => {
    const said = (text: string) => result("ListAccountAliases", { AccountAliases: [text] }).slice(24, -26);
    for (const bad of ["\u0000", "\u0008", "\u000b", "\u000c", "\u001f", "\ufffe", "\uffff", "\ud800", "\udc00"]) {
      assert.equal(said(`a${bad}b`), "a\ufffdb");
    }
  });

  test("what is of another type is a bug, said without the value", () => {
    const secret = "TOPSECRET";
    const wrong: [operation: string, output: unknown][] = [
      ["GetUser", { User: secret }],
      ["GetUser", { User: [secret] }],
      ["GetUser", { User: { UserName: 1 } }],
      ["GetUser", { User: { CreateDate: secret } }],
      ["GetUser", { User: { CreateDate: new Date(Number.NaN) } }],
      ["GetUser", { User: { Tags: { secret } } }],
      ["GetUser", { User: { Tags: [undefined] } }],
      ["GetRole", { Role: { MaxSessionDuration: 0.5 } }],
      ["ListUsers", { IsTruncated: secret }],
      ["GetCredentialReport", { Content: secret }],
      ["GetAccountSummary", { SummaryMap: [secret] }],
    ];
    for (const [operation, output] of wrong) {
      assert.throws(
        () => answer(operation, output as object),
        (error) => error instanceof TypeError && !error.message.includes("SECRET"),
      );
    }
  });
});

test("errors", () => {
  const error = { code: "NoSuchEntity", message: "The user with name <b> cannot be found.", requestId: ID };
  assert.equal(
    queryError({ service: "iam", ...error, status: 404 }),
    `<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>The user with name &lt;b&gt; cannot be found.</Message></Error><RequestId>${ID}</RequestId></ErrorResponse>`,
  );
  assert.equal(
    queryError({ service: "sts", code: "InternalFailure", status: 500, requestId: ID }),
    `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Receiver</Type><Code>InternalFailure</Code></Error><RequestId>${ID}</RequestId></ErrorResponse>`,
  );
});
