import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import * as sdk from "@aws-sdk/client-kms";
import { operations } from "../../src/kms/operations/index.ts";
import { failure, startTestServer, type TestServer } from "../harness.ts";
import { importInto, wrapped } from "./importing.ts";

/*
 * Every operation on a key, on a key in each state that a key can get into here: reference/kms-semantics.md §1.2.
 * Each attempt has a key of its own, so that none depends on what another one did.
 */

type State = "Enabled" | "Disabled" | "PendingDeletion";
type Outcome = "ok" | "Dis" | "PD" | "PRD" | "nPD";
const states: readonly State[] = ["Enabled", "Disabled", "PendingDeletion"];

/** A key in the state of the attempt, what it encrypted while it was enabled, an alias of it; and another key, enabled. */
interface Subject {
  KeyId: string;
  arn: string;
  CiphertextBlob: Uint8Array;
  made: Uint8Array;
  AliasName: string;
  GrantId: string;
  GrantToken: string;
  /** of keys for imported material */
  parameters: { ImportToken?: Uint8Array; PublicKey?: Uint8Array };
  other: { KeyId: string; CiphertextBlob: Uint8Array; AliasName: string };
}

let server: TestServer;
let kms: sdk.KMSClient;
let made = 0;
before(async () => {
  server = await startTestServer();
  kms = server.client();
});
after(() => server.stop());

const Policy = JSON.stringify({ Statement: [{ Effect: "Allow", Principal: "*", Action: "kms:*", Resource: "*" }] });
const Plaintext = Buffer.from("text");
const GranteePrincipal = "arn:aws:iam::000000000000:root";

// biome-ignore lint/suspicious/noExplicitAny: each command has its own types of input and output
type Command = any;
type Attempt = [
  operation: string,
  what: string,
  outcomes: [Outcome, Outcome, Outcome],
  command: (on: Subject) => Command,
  key?: sdk.CreateKeyRequest,
];

const signing: sdk.CreateKeyRequest = { KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" };
const mac: sdk.CreateKeyRequest = { KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC" };
const kem: sdk.CreateKeyRequest = { KeySpec: "ML_KEM_512", KeyUsage: "ENCAPSULATE_DECAPSULATE" };
const agreement: sdk.CreateKeyRequest = { KeySpec: "ECC_NIST_P256", KeyUsage: "KEY_AGREEMENT" };
const rsa: sdk.CreateKeyRequest = { KeySpec: "RSA_2048", KeyUsage: "ENCRYPT_DECRYPT" };
const external: sdk.CreateKeyRequest = { Origin: "EXTERNAL" };
const multiRegion: sdk.CreateKeyRequest = { MultiRegion: true };
/** the same, with a replica in eu-central-1 */
const replicated: sdk.CreateKeyRequest = { MultiRegion: true };
const material = randomBytes(32);
const WrappingAlgorithm = "RSAES_OAEP_SHA_256";
const Message = Buffer.from("message");
const SigningAlgorithm = "ECDSA_SHA_256";
const MacAlgorithm = "HMAC_SHA_256";
const EncapsulationAlgorithm = "ML_KEM";
const EncryptionAlgorithm = "RSAES_OAEP_SHA_256";
const PublicKey = generateKeyPairSync("ec", { namedCurve: "prime256v1" }).publicKey.export({
  format: "der",
  type: "spki",
});

// biome-ignore format: a table reads best as one
const attempts: readonly Attempt[] = [
  ["Encrypt", "by id", ["ok", "Dis", "PD"], ({ KeyId }) => new sdk.EncryptCommand({ KeyId, Plaintext })],
  ["Encrypt", "by alias", ["ok", "Dis", "PD"], ({ AliasName }) => new sdk.EncryptCommand({ KeyId: AliasName, Plaintext })],
  ["Decrypt", "without KeyId", ["ok", "Dis", "PD"], ({ CiphertextBlob }) => new sdk.DecryptCommand({ CiphertextBlob })],
  ["Decrypt", "with KeyId", ["ok", "Dis", "PD"], ({ CiphertextBlob, KeyId }) => new sdk.DecryptCommand({ CiphertextBlob, KeyId })],
  ["ReEncrypt", "from it", ["ok", "Dis", "PD"], ({ CiphertextBlob, other }) => new sdk.ReEncryptCommand({ CiphertextBlob, DestinationKeyId: other.KeyId })],
  ["ReEncrypt", "to it", ["ok", "Dis", "PD"], ({ KeyId, other }) => new sdk.ReEncryptCommand({ CiphertextBlob: other.CiphertextBlob, DestinationKeyId: KeyId })],
  ["ReEncrypt", "from it to itself", ["ok", "Dis", "PD"], ({ CiphertextBlob, KeyId }) => new sdk.ReEncryptCommand({ CiphertextBlob, DestinationKeyId: KeyId })],
  ["GenerateDataKey", "", ["ok", "Dis", "PD"], ({ KeyId }) => new sdk.GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256" })],
  ["GenerateDataKeyWithoutPlaintext", "", ["ok", "Dis", "PD"], ({ KeyId }) => new sdk.GenerateDataKeyWithoutPlaintextCommand({ KeyId, NumberOfBytes: 7 })],
  ["Encrypt", "with RSA", ["ok", "Dis", "PD"], ({ KeyId }) => new sdk.EncryptCommand({ KeyId, Plaintext, EncryptionAlgorithm }), rsa],
  ["Decrypt", "with RSA", ["ok", "Dis", "PD"], ({ KeyId, made }) => new sdk.DecryptCommand({ KeyId, CiphertextBlob: made, EncryptionAlgorithm }), rsa],
  ["GenerateDataKeyPair", "", ["ok", "Dis", "PD"], ({ KeyId }) => new sdk.GenerateDataKeyPairCommand({ KeyId, KeyPairSpec: "ECC_NIST_P256" })],
  ["GenerateDataKeyPairWithoutPlaintext", "", ["ok", "Dis", "PD"], ({ KeyId }) => new sdk.GenerateDataKeyPairWithoutPlaintextCommand({ KeyId, KeyPairSpec: "ECC_NIST_P256" })],
  ["Sign", "", ["ok", "Dis", "PD"], ({ KeyId }) => new sdk.SignCommand({ KeyId, Message, SigningAlgorithm }), signing],
  ["Verify", "", ["ok", "Dis", "PD"], ({ KeyId, made }) => new sdk.VerifyCommand({ KeyId, Message, Signature: made, SigningAlgorithm }), signing],
  ["GenerateMac", "", ["ok", "Dis", "PD"], ({ KeyId }) => new sdk.GenerateMacCommand({ KeyId, Message, MacAlgorithm }), mac],
  ["VerifyMac", "", ["ok", "Dis", "PD"], ({ KeyId, made }) => new sdk.VerifyMacCommand({ KeyId, Message, Mac: made, MacAlgorithm }), mac],
  ["DeriveSharedSecret", "", ["ok", "Dis", "PD"], ({ KeyId }) => new sdk.DeriveSharedSecretCommand({ KeyId, KeyAgreementAlgorithm: "ECDH", PublicKey }), agreement],
  ["Encapsulate", "", ["ok", "Dis", "PD"], ({ KeyId }) => new sdk.EncapsulateCommand({ KeyId, EncapsulationAlgorithm }), kem],
  ["Decapsulate", "", ["ok", "Dis", "PD"], ({ KeyId, made }) => new sdk.DecapsulateCommand({ KeyId, SharedSecretCiphertextBlob: made, EncapsulationAlgorithm }), kem],
  ["GetPublicKey", "", ["ok", "ok", "PD"], ({ KeyId }) => new sdk.GetPublicKeyCommand({ KeyId }), signing],
  ["GetKeyLastUsage", "", ["ok", "ok", "ok"], ({ KeyId }) => new sdk.GetKeyLastUsageCommand({ KeyId })],
  ["CreateGrant", "", ["ok", "Dis", "PD"], ({ KeyId }) => new sdk.CreateGrantCommand({ KeyId, GranteePrincipal, Operations: ["Encrypt"] })],
  ["ListGrants", "", ["ok", "ok", "ok"], ({ KeyId }) => new sdk.ListGrantsCommand({ KeyId })],
  ["RetireGrant", "by id", ["ok", "ok", "ok"], ({ arn, GrantId }) => new sdk.RetireGrantCommand({ KeyId: arn, GrantId })],
  ["RetireGrant", "by token", ["ok", "ok", "ok"], ({ GrantToken }) => new sdk.RetireGrantCommand({ GrantToken })],
  ["RevokeGrant", "", ["ok", "ok", "ok"], ({ KeyId, GrantId }) => new sdk.RevokeGrantCommand({ KeyId, GrantId })],
  ["DescribeKey", "by id", ["ok", "ok", "ok"], ({ KeyId }) => new sdk.DescribeKeyCommand({ KeyId })],
  ["DescribeKey", "by alias", ["ok", "ok", "ok"], ({ AliasName }) => new sdk.DescribeKeyCommand({ KeyId: AliasName })],
  ["GetKeyPolicy", "", ["ok", "ok", "ok"], ({ KeyId }) => new sdk.GetKeyPolicyCommand({ KeyId })],
  ["PutKeyPolicy", "", ["ok", "ok", "ok"], ({ KeyId }) => new sdk.PutKeyPolicyCommand({ KeyId, Policy })],
  ["ListKeyPolicies", "", ["ok", "ok", "ok"], ({ KeyId }) => new sdk.ListKeyPoliciesCommand({ KeyId })],
  ["ListResourceTags", "", ["ok", "ok", "ok"], ({ KeyId }) => new sdk.ListResourceTagsCommand({ KeyId })],
  ["ListAliases", "of it", ["ok", "ok", "ok"], ({ KeyId }) => new sdk.ListAliasesCommand({ KeyId })],
  ["CreateAlias", "", ["ok", "ok", "PD"], ({ KeyId, AliasName }) => new sdk.CreateAliasCommand({ AliasName: `${AliasName}-new`, TargetKeyId: KeyId })],
  ["UpdateAlias", "from it", ["ok", "ok", "ok"], ({ AliasName, other }) => new sdk.UpdateAliasCommand({ AliasName, TargetKeyId: other.KeyId })],
  ["UpdateAlias", "to it", ["ok", "ok", "PD"], ({ KeyId, other }) => new sdk.UpdateAliasCommand({ AliasName: other.AliasName, TargetKeyId: KeyId })],
  ["UpdateAlias", "from it to itself", ["ok", "ok", "PD"], ({ KeyId, AliasName }) => new sdk.UpdateAliasCommand({ AliasName, TargetKeyId: KeyId })],
  ["DeleteAlias", "", ["ok", "ok", "ok"], ({ AliasName }) => new sdk.DeleteAliasCommand({ AliasName })],
  ["EnableKey", "", ["ok", "ok", "PD"], ({ KeyId }) => new sdk.EnableKeyCommand({ KeyId })],
  ["DisableKey", "", ["ok", "ok", "PD"], ({ KeyId }) => new sdk.DisableKeyCommand({ KeyId })],
  ["ScheduleKeyDeletion", "", ["ok", "ok", "PD"], ({ KeyId }) => new sdk.ScheduleKeyDeletionCommand({ KeyId })],
  ["CancelKeyDeletion", "", ["nPD", "nPD", "ok"], ({ KeyId }) => new sdk.CancelKeyDeletionCommand({ KeyId })],
  ["TagResource", "", ["ok", "ok", "PD"], ({ KeyId }) => new sdk.TagResourceCommand({ KeyId, Tags: [{ TagKey: "b", TagValue: "" }] })],
  ["UntagResource", "", ["ok", "ok", "PD"], ({ KeyId }) => new sdk.UntagResourceCommand({ KeyId, TagKeys: ["a"] })],
  ["UpdateKeyDescription", "", ["ok", "ok", "PD"], ({ KeyId }) => new sdk.UpdateKeyDescriptionCommand({ KeyId, Description: "new" })],
  ["EnableKeyRotation", "", ["ok", "Dis", "PD"], ({ KeyId }) => new sdk.EnableKeyRotationCommand({ KeyId })],
  ["DisableKeyRotation", "", ["ok", "Dis", "PD"], ({ KeyId }) => new sdk.DisableKeyRotationCommand({ KeyId })],
  ["GetKeyRotationStatus", "", ["ok", "ok", "ok"], ({ KeyId }) => new sdk.GetKeyRotationStatusCommand({ KeyId })],
  ["ListKeyRotations", "", ["ok", "ok", "ok"], ({ KeyId }) => new sdk.ListKeyRotationsCommand({ KeyId })],
  ["GetParametersForImport", "", ["ok", "ok", "PD"], ({ KeyId }) => new sdk.GetParametersForImportCommand({ KeyId, WrappingAlgorithm, WrappingKeySpec: "RSA_2048" }), external],
  ["ImportKeyMaterial", "again", ["ok", "ok", "PD"], ({ KeyId, parameters }) => new sdk.ImportKeyMaterialCommand({ KeyId, ImportToken: parameters.ImportToken, EncryptedKeyMaterial: wrapped(material, parameters.PublicKey!, WrappingAlgorithm), ExpirationModel: "KEY_MATERIAL_DOES_NOT_EXPIRE" }), external],
  ["DeleteImportedKeyMaterial", "", ["ok", "ok", "ok"], ({ KeyId }) => new sdk.DeleteImportedKeyMaterialCommand({ KeyId }), external],
  ["ReplicateKey", "", ["ok", "Dis", "PD"], ({ KeyId }) => new sdk.ReplicateKeyCommand({ KeyId, ReplicaRegion: "eu-west-1" }), multiRegion],
  ["UpdatePrimaryRegion", "", ["ok", "Dis", "PRD"], ({ KeyId }) => new sdk.UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: "eu-central-1" }), replicated],
  ["RotateKeyOnDemand", "", ["ok", "Dis", "PD"], ({ KeyId }) => new sdk.RotateKeyOnDemandCommand({ KeyId })],
];

/** What an operation on the key takes back later: a ciphertext, a signature, a MAC. */
async function madeBy(KeyId: string, { KeyUsage }: sdk.CreateKeyRequest): Promise<Uint8Array | undefined> {
  switch (KeyUsage) {
    case "SIGN_VERIFY":
      return (await kms.send(new sdk.SignCommand({ KeyId, Message, SigningAlgorithm }))).Signature;
    case "GENERATE_VERIFY_MAC":
      return (await kms.send(new sdk.GenerateMacCommand({ KeyId, Message, MacAlgorithm }))).Mac;
    case "ENCAPSULATE_DECAPSULATE":
      return (await kms.send(new sdk.EncapsulateCommand({ KeyId, EncapsulationAlgorithm }))).SharedSecretCiphertextBlob;
    case "ENCRYPT_DECRYPT":
      return (await kms.send(new sdk.EncryptCommand({ KeyId, Plaintext, EncryptionAlgorithm }))).CiphertextBlob;
    default:
      return undefined;
  }
}

async function newKey(of: sdk.CreateKeyRequest = {}) {
  const Tags = [{ TagKey: "a", TagValue: "1" }];
  const { KeyMetadata } = await kms.send(new sdk.CreateKeyCommand({ ...of, Tags, Description: "old" }));
  const KeyId = KeyMetadata!.KeyId!;
  const AliasName = `alias/state${made++}`;
  if (of === external) await importInto(kms, KeyId, material);
  if (of === replicated) await kms.send(new sdk.ReplicateKeyCommand({ KeyId, ReplicaRegion: "eu-central-1" }));
  await kms.send(new sdk.CreateAliasCommand({ AliasName, TargetKeyId: KeyId }));
  const result =
    of.KeySpec === undefined
      ? (await kms.send(new sdk.EncryptCommand({ KeyId, Plaintext }))).CiphertextBlob
      : await madeBy(KeyId, of);
  const { GrantId, GrantToken } = await kms.send(
    new sdk.CreateGrantCommand({ KeyId, GranteePrincipal, Operations: ["DescribeKey"] }),
  );
  return {
    KeyId,
    arn: KeyMetadata!.Arn!,
    CiphertextBlob: result as Uint8Array,
    made: result as Uint8Array,
    AliasName,
    GrantId: GrantId!,
    GrantToken: GrantToken!,
    parameters:
      of === external
        ? await kms.send(
            new sdk.GetParametersForImportCommand({ KeyId, WrappingAlgorithm, WrappingKeySpec: "RSA_2048" }),
          )
        : {},
  };
}

async function subjectIn(state: State, of?: sdk.CreateKeyRequest): Promise<Subject> {
  const subject = { ...(await newKey(of)), other: await newKey() };
  const { KeyId } = subject;
  if (state === "Disabled") await kms.send(new sdk.DisableKeyCommand({ KeyId }));
  if (state === "PendingDeletion") await kms.send(new sdk.ScheduleKeyDeletionCommand({ KeyId }));
  return subject;
}

/** All there is to see of a key. */
async function everything({ KeyId }: Subject): Promise<unknown> {
  const [described, tags, policy, status, rotations, aliases, grants] = await Promise.all([
    kms.send(new sdk.DescribeKeyCommand({ KeyId })),
    kms.send(new sdk.ListResourceTagsCommand({ KeyId })),
    kms.send(new sdk.GetKeyPolicyCommand({ KeyId })),
    kms.send(new sdk.GetKeyRotationStatusCommand({ KeyId })),
    kms.send(new sdk.ListKeyRotationsCommand({ KeyId })),
    kms.send(new sdk.ListAliasesCommand({ KeyId })),
    kms.send(new sdk.ListGrantsCommand({ KeyId })),
  ]);
  return [
    described.KeyMetadata,
    tags.Tags,
    policy.Policy,
    { ...status, $metadata: 0 },
    rotations.Rotations,
    aliases.Aliases,
    grants.Grants,
  ];
}

const refusals = {
  Dis: (arn: string) => ({ name: "DisabledException", message: `${arn} is disabled.`, status: 400 }),
  PD: (arn: string) => ({ name: "KMSInvalidStateException", message: `${arn} is pending deletion.`, status: 400 }),
  PRD: (arn: string) => ({
    name: "KMSInvalidStateException",
    message: `${arn} is pending replica deletion.`,
    status: 400,
  }),
  nPD: (arn: string) => ({ name: "KMSInvalidStateException", message: `${arn} is not pending deletion.`, status: 400 }),
};

for (const [operation, what, outcomes, command, key] of attempts) {
  test(`${operation}${what && ` ${what}`}: ${states.map((state, i) => `${state} ${outcomes[i]}`).join(", ")}`, async () => {
    for (const [i, state] of states.entries()) {
      const subject = await subjectIn(state, key);
      const outcome = outcomes[i]!;
      if (outcome === "ok") {
        const { $metadata } = await kms.send(command(subject));
        assert.equal($metadata.httpStatusCode, 200);
        continue;
      }
      const before = await everything(subject);
      assert.deepEqual(await failure(kms.send(command(subject))), refusals[outcome](subject.arn), state);
      assert.deepEqual(await everything(subject), before, "what is refused changes nothing");
    }
  });
}

test("the table has every operation on a key", () => {
  const onNoKey = ["CreateKey", "GenerateRandom", "ListKeys", "ListRetirableGrants"];
  const tried = new Set(attempts.map(([operation]) => operation));
  assert.deepEqual([...tried, ...onNoKey].sort(), operations.map(({ name }) => name).sort());
});

test("ReEncrypt between two keys that are both not enabled names one of them", async () => {
  for (const [source, destination] of [
    ["Disabled", "PendingDeletion"],
    ["PendingDeletion", "Disabled"],
  ] as const) {
    const [from, to] = [await subjectIn(source), await subjectIn(destination)];
    const { CiphertextBlob } = from;
    const refused = await failure(kms.send(new sdk.ReEncryptCommand({ CiphertextBlob, DestinationKeyId: to.KeyId })));
    // Which of the two is checked first is AWS's own (§6: tests accept either).
    const either = [from, to].map(({ arn }) =>
      refusals[(arn === from.arn) === (source === "Disabled") ? "Dis" : "PD"](arn),
    );
    assert.ok(
      either.some((one) => one.name === refused.name && one.message === refused.message),
      refused.message,
    );
  }
});

test("what a state refuses, DryRun refuses in the same words", async () => {
  for (const state of ["Disabled", "PendingDeletion"] as const) {
    const on = await subjectIn(state);
    const { KeyId, CiphertextBlob, other, arn } = on;
    const DryRun = true;
    for (const dry of [
      new sdk.EncryptCommand({ KeyId, Plaintext, DryRun }),
      new sdk.DecryptCommand({ CiphertextBlob, DryRun }),
      new sdk.ReEncryptCommand({ CiphertextBlob, DestinationKeyId: other.KeyId, DryRun }),
      new sdk.GenerateDataKeyCommand({ KeyId, KeySpec: "AES_128", DryRun }),
      new sdk.GenerateDataKeyWithoutPlaintextCommand({ KeyId, KeySpec: "AES_128", DryRun }),
      new sdk.DecryptCommand({ KeyId, DryRun, DryRunModifiers: ["IGNORE_CIPHERTEXT"] }),
      new sdk.CreateGrantCommand({ KeyId, GranteePrincipal, Operations: ["Encrypt"], DryRun }),
    ] as Command[]) {
      const refusal = state === "Disabled" ? refusals.Dis(arn) : refusals.PD(arn);
      assert.deepEqual(await failure(kms.send(dry)), refusal, dry.constructor.name);
    }
  }
});
