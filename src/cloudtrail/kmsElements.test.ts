import assert from "node:assert/strict";
import { test } from "node:test";
import { ACCOUNT, AT, finishedRequest, KEY_ID, MATERIAL, REGION, touchedKey } from "../../test/finishedRequest.ts";
import { kmsElements } from "./kmsElements.ts";
import type { FinishedRequest } from "./request.ts";

const key = touchedKey();
const other = touchedKey(ACCOUNT, "0987dcba-09fe-87dc-65ba-ab0987654321");
const blob = Buffer.from("a secret");
const EncryptionContext = { __proto__: null, Project: "Alpha", AWSAccountId: "b" };
const CONTEXT = '{"Project":"Alpha","AWSAccountId":"b"}';
const KEY_ARN = JSON.stringify(key.arn);
const M = `"${MATERIAL}"`;

const elements = (operation: string, input: object, output?: object, more: Partial<FinishedRequest> = {}) =>
  kmsElements(finishedRequest({ operation, input, output, touched: { keys: [key] }, ...more }));

/** What each row shows of a request in which every member was sent. */
const golden: [
  operation: string,
  input: object,
  output: object,
  parameters: string,
  response: string,
  more?: string,
][] = [
  [
    "Encrypt",
    { KeyId: "alias/a", Plaintext: blob, EncryptionContext, GrantTokens: ["secret"] },
    { CiphertextBlob: blob, KeyId: key.arn, EncryptionAlgorithm: "SYMMETRIC_DEFAULT" },
    `{"encryptionContext":${CONTEXT},"keyId":"alias/a","encryptionAlgorithm":"SYMMETRIC_DEFAULT"}`,
    "null",
    `{"keyMaterialId":${M}}`,
  ],
  [
    "Encrypt",
    { KeyId: KEY_ID, Plaintext: blob, EncryptionAlgorithm: "RSAES_OAEP_SHA_256" },
    { EncryptionAlgorithm: "RSAES_OAEP_SHA_256" },
    `{"keyId":"${KEY_ID}","encryptionAlgorithm":"RSAES_OAEP_SHA_256"}`,
    "null",
  ],
  [
    "Decrypt",
    { CiphertextBlob: blob, EncryptionContext },
    { Plaintext: blob, KeyMaterialId: MATERIAL },
    `{"encryptionAlgorithm":"SYMMETRIC_DEFAULT","encryptionContext":${CONTEXT}}`,
    "null",
    `{"keyMaterialId":${M}}`,
  ],
  [
    "ReEncrypt",
    {
      CiphertextBlob: blob,
      SourceEncryptionContext: EncryptionContext,
      DestinationKeyId: "d",
      GrantTokens: ["secret"],
    },
    { CiphertextBlob: blob, SourceKeyMaterialId: "s", DestinationKeyMaterialId: "d" },
    `{"sourceEncryptionAlgorithm":"SYMMETRIC_DEFAULT","sourceEncryptionContext":${CONTEXT},"destinationKeyId":"d","destinationEncryptionAlgorithm":"SYMMETRIC_DEFAULT"}`,
    "null",
    '{"destinationKeyMaterialId":"d","sourceKeyMaterialId":"s"}',
  ],
  [
    "GenerateDataKey",
    { KeyId: "k", KeySpec: "AES_256", EncryptionContext, Recipient: { AttestationDocument: blob } },
    { Plaintext: blob, CiphertextBlob: blob, KeyMaterialId: MATERIAL },
    `{"keyId":"k","keySpec":"AES_256","encryptionContext":${CONTEXT}}`,
    "null",
    `{"keyMaterialId":${M}}`,
  ],
  [
    "GenerateDataKeyWithoutPlaintext",
    { KeyId: "k", NumberOfBytes: 64 },
    { CiphertextBlob: blob, KeyMaterialId: MATERIAL },
    '{"keyId":"k","numberOfBytes":64}',
    "null",
    `{"keyMaterialId":${M}}`,
  ],
  [
    "GenerateDataKeyPair",
    { KeyId: "k", KeyPairSpec: "RSA_2048", EncryptionContext },
    { PrivateKeyPlaintext: blob, PublicKey: blob, KeyMaterialId: MATERIAL },
    `{"keyPairSpec":"RSA_2048","keyId":"k","encryptionContext":${CONTEXT}}`,
    "null",
    `{"keyMaterialId":${M}}`,
  ],
  [
    "Sign",
    { KeyId: "k", Message: blob, SigningAlgorithm: "ECDSA_SHA_256", DryRun: true },
    {},
    '{"messageType":"RAW","keyId":"k","signingAlgorithm":"ECDSA_SHA_256","dryRun":true}',
    "null",
  ],
  [
    "Verify",
    { KeyId: "k", Message: blob, MessageType: "DIGEST", Signature: blob, SigningAlgorithm: "ECDSA_SHA_256" },
    {},
    '{"messageType":"DIGEST","keyId":"k","signingAlgorithm":"ECDSA_SHA_256"}',
    "null",
  ],
  [
    "VerifyMac",
    { KeyId: "k", Message: blob, Mac: blob, MacAlgorithm: "HMAC_SHA_256" },
    {},
    '{"macAlgorithm":"HMAC_SHA_256","keyId":"k"}',
    "null",
  ],
  [
    "Encapsulate",
    { KeyId: "k", EncapsulationAlgorithm: "ML_KEM" },
    { SharedSecret: blob },
    '{"keyId":"k","encapsulationAlgorithm":"ML_KEM"}',
    "null",
  ],
  [
    "DeriveSharedSecret",
    { KeyId: "k", KeyAgreementAlgorithm: "ECDH", PublicKey: blob },
    {},
    '{"keyId":"k","keyAgreementAlgorithm":"ECDH"}',
    "null",
  ],
  ["GenerateRandom", { NumberOfBytes: 32 }, { Plaintext: blob }, "null", "null"],
  ["ListAliases", { Limit: 5, Marker: "m" }, { Aliases: [] }, '{"limit":5,"marker":"m"}', "null"],
  ["ListKeys", {}, { Keys: [] }, "null", "null"],
  [
    "GetParametersForImport",
    { KeyId: "k", WrappingAlgorithm: "RSAES_OAEP_SHA_256", WrappingKeySpec: "RSA_4096" },
    { ImportToken: blob, PublicKey: blob },
    '{"keyId":"k","wrappingAlgorithm":"RSAES_OAEP_SHA_256","wrappingKeySpec":"RSA_4096"}',
    "null",
  ],
  ["DisableKey", { KeyId: KEY_ID }, {}, `{"keyId":"${KEY_ID}"}`, `{"keyId":${KEY_ARN}}`],
  ["RotateKeyOnDemand", { KeyId: KEY_ID }, { KeyId: key.arn }, `{"keyId":"${KEY_ID}"}`, `{"keyId":${KEY_ARN}}`],
  ["CancelKeyDeletion", { KeyId: KEY_ID }, { KeyId: key.arn }, `{"keyId":"${KEY_ID}"}`, `{"keyId":${KEY_ARN}}`],
  [
    "TagResource",
    { KeyId: "k", Tags: [{ TagKey: "Department", TagValue: "IT" }] },
    {},
    '{"keyId":"k","tags":[{"tagKey":"Department","tagValue":"IT"}]}',
    `{"keyId":${KEY_ARN}}`,
  ],
  [
    "UntagResource",
    { KeyId: "k", TagKeys: ["A", "B"] },
    {},
    '{"keyId":"k","tagKeys":["A","B"]}',
    `{"keyId":${KEY_ARN}}`,
  ],
  [
    "PutKeyPolicy",
    { KeyId: "k", Policy: '{"Version" : "2012-10-17"}' },
    {},
    '{"keyId":"k","policyName":"default","policy":"{\\"Version\\" : \\"2012-10-17\\"}","bypassPolicyLockoutSafetyCheck":false}',
    `{"keyId":${KEY_ARN}}`,
  ],
  [
    "CreateGrant",
    {
      KeyId: "k",
      GranteePrincipal: "arn:g",
      RetiringPrincipal: "arn:r",
      Operations: ["Encrypt", "RetireGrant"],
      Constraints: { EncryptionContextSubset: EncryptionContext },
      Name: "n",
      GrantTokens: ["secret"],
    },
    { GrantToken: "secret", GrantId: "g1" },
    `{"keyId":"k","constraints":{"encryptionContextSubset":${CONTEXT}},"operations":["Encrypt","RetireGrant"],"granteePrincipal":"arn:g","retiringPrincipal":"arn:r","name":"n"}`,
    `{"grantId":"g1","keyId":${KEY_ARN}}`,
  ],
  ["RetireGrant", { GrantToken: "secret" }, {}, "null", "null"],
  ["RetireGrant", { KeyId: "k", GrantId: "g1" }, {}, '{"keyId":"k","grantId":"g1"}', "null", '{"grantId":"g1"}'],
  ["RevokeGrant", { KeyId: "k", GrantId: "g1" }, {}, '{"keyId":"k","grantId":"g1"}', `{"keyId":${KEY_ARN}}`],
  [
    "ScheduleKeyDeletion",
    { KeyId: "k", PendingWindowInDays: 20 },
    { KeyId: key.arn, DeletionDate: new Date(AT), KeyState: "PendingDeletion", PendingWindowInDays: 20 },
    '{"keyId":"k","pendingWindowInDays":20}',
    `{"keyId":${KEY_ARN},"keyState":"PendingDeletion","deletionDate":"Nov 23, 2026, 10:15:00 AM","pendingWindowInDays":20}`,
  ],
  [
    "ImportKeyMaterial",
    {
      KeyId: "k",
      ImportToken: blob,
      EncryptedKeyMaterial: blob,
      ValidTo: new Date(AT),
      ImportType: "NEW_KEY_MATERIAL",
      KeyMaterialDescription: "d",
    },
    { KeyId: key.arn, KeyMaterialId: MATERIAL },
    '{"keyId":"k","validTo":"Nov 23, 2026, 10:15:00 AM","expirationModel":"KEY_MATERIAL_EXPIRES","importType":"NEW_KEY_MATERIAL","keyMaterialDescription":"d"}',
    `{"keyId":${KEY_ARN},"keyMaterialId":${M}}`,
  ],
  [
    "DeleteImportedKeyMaterial",
    { KeyId: "k", KeyMaterialId: MATERIAL },
    { KeyId: key.arn, KeyMaterialId: MATERIAL },
    `{"keyId":"k","keyMaterialId":${M}}`,
    `{"keyId":${KEY_ARN},"keyMaterialId":${M}}`,
  ],
];

for (const [operation, input, output, parameters, response, additional] of golden) {
  test(`the record of ${operation} shows ${parameters.slice(0, 60)}`, () => {
    const shown = elements(operation, input, output);
    assert.equal(shown.requestParameters, parameters);
    assert.equal(shown.responseElements, response);
    assert.equal(shown.additionalEventData, additional);
    assert.doesNotMatch(JSON.stringify(shown), /secret/);
  });
}

test("the record of CreateKey shows what was left out, and the key", () => {
  const KeyMetadata = {
    AWSAccountId: ACCOUNT,
    KeyId: KEY_ID,
    Arn: key.arn,
    CreationDate: new Date(AT),
    Enabled: true,
    EncryptionAlgorithms: ["SYMMETRIC_DEFAULT"],
    MultiRegion: true,
    MultiRegionConfiguration: { PrimaryKey: { Arn: key.arn, Region: REGION }, ReplicaKeys: [] },
  };
  const created = elements(
    "CreateKey",
    { Tags: [{ TagKey: "K", TagValue: "V" }] },
    { KeyMetadata },
    { touched: { keys: [] } },
  );
  assert.equal(
    created.requestParameters,
    '{"description":"","keyUsage":"ENCRYPT_DECRYPT","customerMasterKeySpec":"SYMMETRIC_DEFAULT","keySpec":"SYMMETRIC_DEFAULT","origin":"AWS_KMS","bypassPolicyLockoutSafetyCheck":false,"multiRegion":false,"tags":[{"tagKey":"K","tagValue":"V"}]}',
  );
  assert.equal(
    created.responseElements,
    `{"keyMetadata":{"aWSAccountId":"${ACCOUNT}","keyId":"${KEY_ID}","arn":${KEY_ARN},"creationDate":"Nov 23, 2026, 10:15:00 AM","enabled":true,"encryptionAlgorithms":["SYMMETRIC_DEFAULT"],"multiRegion":true,"multiRegionConfiguration":{"primaryKey":{"arn":${KEY_ARN},"region":"us-east-1"},"replicaKeys":[]}}}`,
  );
  assert.deepEqual(
    created.resources.map(({ json }) => JSON.parse(json).ARN),
    [key.arn],
  );
  const older = elements("CreateKey", { CustomerMasterKeySpec: "RSA_2048", Policy: "{}" });
  assert.match(older.requestParameters, /^\{"policy":"\{\}",.*"customerMasterKeySpec":"RSA_2048","keySpec":"RSA_2048"/);
});

test("a grant that was retired by its token is named if the service knows it", () => {
  const shown = elements("RetireGrant", { GrantToken: "secret" }, undefined, {
    touched: { keys: [key], grantId: "g1" },
  });
  assert.equal(shown.additionalEventData, '{"grantId":"g1"}');
});

test("nothing changed on failure", () => {
  const error = { code: "KMSInvalidStateException", message: "is pending deletion." };
  for (const [operation, input] of golden) {
    const shown = elements(operation, input, undefined, { error });
    assert.equal(shown.responseElements, "null", operation);
    assert.equal(shown.additionalEventData, undefined, operation);
  }
});

test("UpdateAlias changes where the alias leads from now on", () => {
  const shown = elements("UpdateAlias", { AliasName: "alias/a" }, undefined, { touched: { keys: [key, other] } });
  assert.equal(shown.responseElements, `{"keyId":${JSON.stringify(other.arn)}}`);
});

test("an operation that is not known shows nothing", () => {
  for (const operation of ["Unheard", "constructor", "__proto__"]) {
    const shown = elements(operation, { KeyId: "k", Secret: "s" }, { KeyId: "k" });
    assert.equal(shown.requestParameters, "null");
    assert.equal(shown.responseElements, "null");
    assert.equal(shown.readOnly, false);
  }
});

test("of a ciphertext that goes from one kind of key to another, the symmetric one's material is named", () => {
  const shown = elements(
    "ReEncrypt",
    { DestinationKeyId: "d" },
    { SourceKeyMaterialId: "s", DestinationKeyMaterialId: undefined },
  );
  assert.equal(shown.additionalEventData, '{"sourceKeyMaterialId":"s"}');
  assert.equal(elements("ReEncrypt", { DestinationKeyId: "d" }, {}).additionalEventData, undefined);
});
