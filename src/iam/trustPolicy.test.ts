import assert from "node:assert/strict";
import { test } from "node:test";
import { invalidPrincipal, parseTrustPolicy } from "./trustPolicy.ts";

const ACCOUNT = "111122223333";
const ROLE = `arn:aws:iam::${ACCOUNT}:role/app`;
const statement = { Effect: "Allow", Principal: { AWS: ACCOUNT }, Action: "sts:AssumeRole" };
const policy = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
const one = (members: object) => policy({ ...statement, ...members });
const trusting = (Principal: unknown, more: object = {}) => one({ Principal, ...more });

function fault(text: string): string | undefined {
  const parsed = parseTrustPolicy(text);
  return "fault" in parsed ? parsed.fault : undefined;
}

const JSON_TEXT = "This policy contains invalid Json";
const SYNTAX = "Syntax errors in policy.";
const RESOURCE = "Has prohibited field Resource";
const NOT_PRINCIPAL = "AssumeRole policy must not contain NotPrincipal field.";
const NO_PRINCIPAL = "Missing required field Principal";
const NO_ACTION = "Missing required field Action";
const NO_EFFECT = "Missing required field Effect";
const LEGACY = "The policy failed legacy parsing";
const ACTIONS = "AssumeRole policy may only specify STS AssumeRole actions.";
const PRINCIPAL = "AssumeRolepolicy contained an invalid principal";
const FEDERATED = "Federated principals must be valid domain names or SAML metadata ARNs";

/** reference/policy-language.md §1.1 "Trust policies", §1.2 */
const refused: readonly [text: string, fault: string][] = [
  ["", JSON_TEXT],
  ["{", JSON_TEXT],
  ["null", SYNTAX],
  ["[]", SYNTAX],
  ["{}", SYNTAX],
  [policy(), SYNTAX],
  [one({ Extra: 1 }), SYNTAX],
  [one({ Effect: "Perhaps" }), SYNTAX],
  [one({ Condition: { Unknown: { k: "v" } } }), SYNTAX],
  [trusting({ Nobody: "x" }), SYNTAX],
  [trusting(["x"]), SYNTAX],
  [one({ Resource: "*" }), RESOURCE],
  [one({ NotResource: "*" }), RESOURCE],
  [one({ Principal: undefined, NotPrincipal: { AWS: ACCOUNT } }), NOT_PRINCIPAL],
  [one({ Principal: undefined }), NO_PRINCIPAL],
  [trusting({}), NO_PRINCIPAL],
  [trusting({ AWS: [] }), NO_PRINCIPAL],
  [one({ Action: undefined }), NO_ACTION],
  [one({ Action: [] }), NO_ACTION],
  [one({ Effect: undefined }), NO_EFFECT],
  [one({ Effect: "allow" }), LEGACY],
  [one({ Condition: { DateLessThan: { k: "never" } } }), LEGACY],
  [one({ Sid: "a b" }), "Statement IDs (SID) must be alpha-numeric"],
  [policy({ ...statement, Sid: "a" }, { ...statement, Sid: "a" }), "The Statement Ids in the policy are not unique"],
  ...["*", "sts:GetCallerIdentity", "kms:Decrypt", "sts:Get*", "AssumeRole", "sts:AssumeRole:x", ""].map(
    (Action) => [one({ Action }), ACTIONS] as [string, string],
  ),
  [one({ Action: ["sts:AssumeRole", "s3:*"] }), ACTIONS],
  [one({ Action: undefined, NotAction: "sts:AssumeRole" }), ACTIONS],
  [trusting("*"), PRINCIPAL],
  [trusting(ROLE), PRINCIPAL],
  [trusting({ CanonicalUser: "x" }), PRINCIPAL],
  ...[
    "nobody",
    "11112222333",
    `arn:aws:iam::${ACCOUNT}:group/g`,
    `arn:aws:iam::${ACCOUNT}:user/*`,
    `arn:aws:iam::${ACCOUNT}:*`,
    "arn:aws:iam::1:root",
    "o-exampleorgid",
    `arn:aws:sts::${ACCOUNT}:assumed-role/app/*`,
  ].map((AWS) => [trusting({ AWS: [ACCOUNT, AWS] }), invalidPrincipal(AWS)] as [string, string]),
  [trusting({ Service: "x" }), 'Invalid principal in policy: "SERVICE":"x"'],
  [trusting({ Service: "*" }), 'Invalid principal in policy: "SERVICE":"*"'],
  [trusting({ Federated: "*" }), FEDERATED],
  [trusting({ Federated: "x" }), FEDERATED],
  [trusting({ Federated: ROLE }), FEDERATED],
  [
    trusting({ Federated: "cognito-identity.amazonaws.com" }, { Action: "sts:AssumeRoleWithWebIdentity" }),
    "A condition block must be present for the Cognito provider",
  ],
];

for (const [text, expected] of refused) {
  test(`${expected} ${text}`, () => assert.equal(fault(text), expected));
}

test("one check after the other, each over the whole document", () => {
  const inOrder: [members: object, fault: string][] = [
    [{ Extra: 1 }, SYNTAX],
    [{ Resource: "*" }, RESOURCE],
    [{ Principal: undefined, NotPrincipal: { AWS: ACCOUNT } }, NOT_PRINCIPAL],
    [{ Principal: undefined }, NO_PRINCIPAL],
    [{ Action: undefined }, NO_ACTION],
    [{ Effect: undefined }, NO_EFFECT],
    [{ Effect: "allow" }, LEGACY],
    [{ Action: "kms:Decrypt" }, ACTIONS],
    [{ Principal: "*" }, PRINCIPAL],
  ];
  for (const [i, [first, expected]] of inOrder.entries()) {
    for (const [later] of inOrder.slice(i + 1)) {
      const list = [
        { ...statement, ...later },
        { ...statement, ...first },
      ];
      assert.equal(fault(policy(...list)), expected, JSON.stringify(list));
    }
  }
});

test("what may be trusted", () => {
  const named = `arn:aws:iam::${ACCOUNT}:user/a/b`;
  const session = `arn:aws:sts::${ACCOUNT}:assumed-role/app/s@1`;
  const text = policy(
    { ...statement, Principal: { AWS: ["*", ACCOUNT, `arn:aws:iam::${ACCOUNT}:root`] } },
    { ...statement, Principal: { AWS: [ROLE, named, session], Service: "ec2.amazonaws.com" } },
    { ...statement, Effect: "Deny", Principal: { AWS: ["AIDAIOSFODNN7EXAMPLE2", ROLE] } },
    {
      Effect: "Allow",
      Principal: {
        Federated: [
          "accounts.google.com",
          `arn:aws:iam::${ACCOUNT}:oidc-provider/a.example/b`,
          `arn:aws:iam::${ACCOUNT}:saml-provider/x`,
        ],
      },
      Action: ["sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"],
    },
    {
      ...statement,
      Principal: { Federated: "cognito-identity.amazonaws.com" },
      Condition: { StringEquals: { "cognito-identity.amazonaws.com:aud": "x" } },
    },
    { ...statement, Action: ["sts:*", "sts:Assume*", "STS:assumerole", "sts:?agSession", "sts:SetSourceIdentity"] },
    { ...statement, Action: "sts:SetContext", Sid: "" },
  );
  const parsed = parseTrustPolicy(text);
  assert.ok("policy" in parsed, JSON.stringify(parsed));
  assert.deepEqual(parsed.principals, [
    "*",
    ACCOUNT,
    `arn:aws:iam::${ACCOUNT}:root`,
    ROLE,
    named,
    session,
    "AIDAIOSFODNN7EXAMPLE2",
  ]);
  assert.equal(parsed.policy.statements.length, 7);
  assert.equal(fault(JSON.stringify({ Statement: statement })), undefined);
});
