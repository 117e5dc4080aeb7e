import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import { failure, startTestServer, type TestServer } from "../harness.ts";
import { iamClient } from "./client.ts";

let server: TestServer;
let root: iam.IAMClient;

before(async () => {
  server = await startTestServer();
  root = iamClient(server);
});

after(async () => {
  root.destroy();
  await server.stop();
});

const document = (Action = "kms:Decrypt") =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource: "*" }] });
const createPolicy = (PolicyName: string, rest: Partial<iam.CreatePolicyCommandInput> = {}) =>
  root.send(new iam.CreatePolicyCommand({ PolicyName, PolicyDocument: document(), ...rest }));

test("a managed policy's size, without white space", async () => {
  const sized = (characters: number, space = "") => {
    const short = document("kms:X");
    return short.replace("kms:X", `kms:X${"x".repeat(characters - short.length)}`).replace("{", `{${space}`);
  };
  await createPolicy("largest", { PolicyDocument: sized(6144, " \n".repeat(9000)) });
  assert.deepEqual(await failure(createPolicy("too-large", { PolicyDocument: sized(6145) })), {
    name: "LimitExceededException",
    message: "Cannot exceed quota for PolicySize: 6144",
    status: 409,
  });
});

test("documents that CreatePolicy refuses, family by family", async () => {
  const statement = { Effect: "Allow", Action: "kms:Decrypt", Resource: "*" };
  const policy = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
  const one = (members: object) => policy({ ...statement, ...members });
  const syntax = "Syntax errors in policy.";
  const legacy = "The policy failed legacy parsing";
  const actions = "Policy statement must contain actions.";
  const resources = "Policy statement must contain resources.";
  for (const [bad, expected] of [
    ["{", syntax],
    ["[]", syntax],
    [JSON.stringify({ Version: "2012-10-18", Statement: [statement] }), syntax],
    [JSON.stringify({ Version: "2012-10-17" }), syntax],
    [policy(), syntax],
    [JSON.stringify({ Version: "2012-10-17", Statement: ["x"] }), syntax],
    [JSON.stringify({ Version: "2012-10-17", Statement: [statement], Extra: 1 }), syntax],
    [JSON.stringify({ Version: "2012-10-17", Id: 1, Statement: [statement] }), syntax],
    [one({ Extra: 1 }), syntax],
    [one({ Sid: 1 }), syntax],
    [policy({ Action: "*", Resource: "*" }), syntax],
    [one({ Effect: "Perhaps" }), syntax],
    [one({ Action: [1] }), syntax],
    [one({ Resource: {} }), syntax],
    [one({ NotAction: [] }), syntax],
    [one({ NotResource: "*" }), syntax],
    [one({ Condition: "x" }), syntax],
    [one({ Condition: { StringEquals: "x" } }), syntax],
    [one({ Condition: { Unknown: { "aws:x": "y" } } }), syntax],
    [one({ Condition: { "ForAnyValue::StringEquals": { "aws:x": "y" } } }), syntax],
    [JSON.stringify({ Statement: [statement] }), "Policy document must be version 2012-10-17 or greater."],
    [
      JSON.stringify({ Version: "2008-10-17", Statement: [statement] }),
      "Policy document must be version 2012-10-17 or greater.",
    ],
    [one({ Effect: "allow" }), legacy],
    [one({ Resource: "arn:aws:s3::x" }), legacy],
    [one({ Resource: "arn:aws::::x" }), legacy],
    [one({ Condition: { DateGreaterThan: { "aws:CurrentTime": "sdfdsf" } } }), legacy],
    [
      policy({ ...statement, Sid: "a" }, { ...statement, Sid: "a" }),
      "Statement IDs (SID) in a single policy must be unique.",
    ],
    [policy({ Effect: "Allow", Resource: "*" }), actions],
    [one({ Action: [] }), actions],
    [policy({ Effect: "Allow", Action: "kms:x" }), resources],
    [one({ Resource: [], Action: "nocolon" }), resources],
    [one({ Resource: "x" }), 'Resource x must be in ARN format or "*".'],
    [one({ Resource: "" }), 'Resource  must be in ARN format or "*".'],
    [one({ Resource: "a:b:c" }), 'Partition "b" is not valid for resource "arn:b:c:*:*:*".'],
    [one({ Resource: "arn:aws" }), "Resource vendor must be fully qualified and cannot contain regexes."],
    [
      one({ Resource: "arn:aws:iam:us-east-1:1:user/x" }),
      "IAM resource arn:aws:iam:us-east-1:1:user/x cannot contain region information.",
    ],
    [
      one({ Resource: "arn:aws:iam:::x" }),
      'IAM resource path must either be "*", root, or start with user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.',
    ],
    [one({ Action: "nocolon" }), "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."],
    [one({ Action: "a a:b" }), "Vendor a a is not valid"],
    [one({ Action: "a:b:c" }), "Actions/Condition can contain only one colon."],
    [one({ Principal: "*" }), "Policy document should not specify a principal."],
  ] as const) {
    assert.deepEqual(
      await failure(createPolicy("bad", { PolicyDocument: bad })),
      { name: "MalformedPolicyDocumentException", message: expected, status: 400 },
      bad,
    );
  }
  const odd = [
    one({ Condition: {} }),
    one({ Condition: { StringEquals: {} } }),
    one({ Condition: { Unknown: {} } }),
    one({ Condition: { StringEquals: { "any:key": [] } } }),
    one({ Sid: "" }),
    one({ Action: "unknown:Thing", Resource: "arn:aws:unknown" }),
    one({ Condition: { DateGreaterThan: { "aws:CurrentTime": "2026" } } }),
    JSON.stringify({ Version: "2012-10-17", Id: "x", Statement: statement }),
  ];
  for (const [i, good] of odd.entries()) await createPolicy(`odd-${i}`, { PolicyDocument: good });
});
