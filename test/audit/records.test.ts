import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import * as iam from "@aws-sdk/client-iam";
import * as kms from "@aws-sdk/client-kms";
import * as sts from "@aws-sdk/client-sts";
import { A, B, makeWorld, newUser, policy, REGION, type World } from "../authorization/world.ts";
import { failure } from "../harness.ts";
import { importInto } from "../sdk/importing.ts";
import { type Record, recordsIn } from "./journal.ts";

/** What is on disk once an answer is there. */

let world: World;
let root: kms.KMSClient;
before(async () => {
  world = await makeWorld();
  root = world.kms(world.rootOf.A);
});
after(() => world.stop());

/** The records of one answer. */
const recordsOf = (requestId: string | undefined): Record[] =>
  recordsIn(world.server.data).filter(({ requestID }) => requestID === requestId);

function only(requestId: string | undefined): Record {
  const records = recordsOf(requestId);
  assert.equal(records.length, 1, JSON.stringify(records));
  return records[0];
}

/** The request id of a refusal. */
async function refusedId(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    return (error as kms.KMSServiceException).$metadata.requestId as string;
  }
  throw new Error("it was not refused");
}

async function newKey(of: kms.CreateKeyRequest = {}) {
  const { KeyMetadata } = await root.send(new kms.CreateKeyCommand(of));
  return { id: KeyMetadata?.KeyId as string, arn: KeyMetadata?.Arn as string };
}

test("a cryptographic operation: who, with which key and context, and nothing that is secret", async () => {
  const key = await newKey();
  const secret = randomBytes(24);
  const EncryptionContext = { purpose: "test", "line\n": '"end' };
  const encrypted = await root.send(new kms.EncryptCommand({ KeyId: key.id, Plaintext: secret, EncryptionContext }));
  const record = only(encrypted.$metadata.requestId);
  assert.equal(record.eventSource, "kms.amazonaws.com");
  assert.equal(record.eventName, "Encrypt");
  assert.equal(record.awsRegion, REGION);
  assert.equal(record.readOnly, true);
  assert.equal(record.responseElements, null);
  assert.equal(record.recipientAccountId, A);
  assert.deepEqual(record.userIdentity, {
    type: "Root",
    principalId: A,
    arn: `arn:aws:iam::${A}:root`,
    accountId: A,
    accessKeyId: world.rootOf.A.accessKeyId,
  });
  assert.deepEqual(record.requestParameters, {
    encryptionContext: EncryptionContext,
    keyId: key.id,
    encryptionAlgorithm: "SYMMETRIC_DEFAULT",
  });
  assert.deepEqual(record.resources, [{ accountId: A, type: "AWS::KMS::Key", ARN: key.arn }]);
  assert.match(record.userAgent, /aws-sdk-js/);
  assert.equal(record.sourceIPAddress, "127.0.0.1");
  const blob = encrypted.CiphertextBlob as Uint8Array;
  const decrypted = await root.send(new kms.DecryptCommand({ CiphertextBlob: blob, EncryptionContext }));
  assert.equal(only(decrypted.$metadata.requestId).additionalEventData.keyMaterialId, decrypted.KeyMaterialId);
  const everything = JSON.stringify(recordsIn(world.server.data));
  for (const bytes of [secret, blob]) {
    for (const encoding of ["base64", "hex", "base64url"] as const) {
      assert.ok(!everything.includes(Buffer.from(bytes).toString(encoding)));
    }
  }
});

test("what was refused: denied, not valid, not there, in no state for it", async () => {
  const key = await newKey();
  const user = await newUser(world, world.rootOf.A, "refused");
  const Plaintext = Buffer.from("x");
  const denied = only(await refusedId(world.kms(user.keys).send(new kms.EncryptCommand({ KeyId: key.id, Plaintext }))));
  assert.equal(denied.errorCode, "AccessDenied");
  assert.match(denied.errorMessage, /is not authorized to perform: kms:Encrypt/);
  assert.equal(denied.userIdentity.type, "IAMUser");
  assert.equal(denied.userIdentity.userName, "refused");
  const absent = only(await refusedId(root.send(new kms.DescribeKeyCommand({ KeyId: "alias/none" }))));
  assert.equal(absent.errorCode, "NotFoundException");
  assert.deepEqual(absent.requestParameters, { keyId: "alias/none" });
  const invalid = only(await refusedId(root.send(new kms.GenerateRandomCommand({ NumberOfBytes: 5000 }))));
  assert.equal(invalid.errorCode, "ValidationException");
  await root.send(new kms.DisableKeyCommand({ KeyId: key.id }));
  const disabled = only(await refusedId(root.send(new kms.EncryptCommand({ KeyId: key.id, Plaintext }))));
  assert.equal(disabled.errorCode, "DisabledException");
  // Nobody is known to have asked.
  const stranger = world.kms({ accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "x".repeat(40) });
  assert.deepEqual(recordsOf(await refusedId(stranger.send(new kms.ListKeysCommand({})))), []);
});

test("a key of another account: both sides have it, the owner without the caller's name", async () => {
  const open = policy(
    { Effect: "Allow", Principal: { AWS: A }, Action: "kms:*", Resource: "*" },
    { Effect: "Allow", Principal: { AWS: B }, Action: "kms:Encrypt", Resource: "*" },
  );
  const { arn } = await newKey({ Policy: open });
  const theirs = world.kms(world.rootOf.B);
  const { $metadata } = await theirs.send(new kms.EncryptCommand({ KeyId: arn, Plaintext: Buffer.from("x") }));
  const records = recordsOf($metadata.requestId);
  assert.deepEqual(
    records.map(({ recipientAccountId }) => recipientAccountId),
    [B, A],
  );
  const [caller, owner] = records;
  assert.equal(caller.userIdentity.type, "Root");
  assert.deepEqual(owner.userIdentity, { type: "AWSAccount", principalId: B, accountId: B });
  assert.equal(caller.sharedEventID, owner.sharedEventID);
  assert.notEqual(caller.eventID, owner.eventID);
});

test("IAM and STS, without passwords, secrets and tokens", async () => {
  const admin = world.iam(world.rootOf.A);
  const created = await admin.send(new iam.CreateUserCommand({ UserName: "recorded" }));
  const record = only(created.$metadata.requestId);
  assert.deepEqual([record.eventSource, record.eventName, record.readOnly], ["iam.amazonaws.com", "CreateUser", false]);
  assert.equal(record.responseElements.user.userName, "recorded");
  const Password = "correct horse Battery 1!";
  await admin.send(new iam.CreateLoginProfileCommand({ UserName: "recorded", Password }));
  const { AccessKey } = await admin.send(new iam.CreateAccessKeyCommand({ UserName: "recorded" }));
  const { Credentials } = await world
    .sts({ accessKeyId: AccessKey?.AccessKeyId as string, secretAccessKey: AccessKey?.SecretAccessKey as string })
    .send(new sts.GetSessionTokenCommand({}));
  const everything = JSON.stringify(recordsIn(world.server.data));
  for (const secret of [
    Password,
    AccessKey?.SecretAccessKey,
    Credentials?.SecretAccessKey,
    Credentials?.SessionToken,
  ]) {
    assert.ok(secret && !everything.includes(secret));
  }
  assert.ok(everything.includes(Credentials?.AccessKeyId as string), "the new access key's id is told");
});

test("what happens by itself", async () => {
  const rotating = await newKey();
  await root.send(new kms.EnableKeyRotationCommand({ KeyId: rotating.id, RotationPeriodInDays: 90 }));
  const doomed = await newKey();
  await root.send(new kms.ScheduleKeyDeletionCommand({ KeyId: doomed.id, PendingWindowInDays: 7 }));
  const expiring = await newKey({ Origin: "EXTERNAL" });
  const { KeyMaterialId } = await importInto(root, expiring.id, randomBytes(32), {
    ValidTo: new Date(Date.now() + 3_600_000),
  });
  world.server.moveClock(91 * 86_400_000);
  try {
    await world.server.jobs?.runAll();
  } finally {
    world.server.moveClock(-91 * 86_400_000);
  }
  await delay(0);
  const byItself = recordsIn(world.server.data).filter(({ eventType }) => eventType === "AwsServiceEvent");
  const about = (arn: string) => byItself.find(({ resources }) => resources[0].ARN === arn);
  const rotated = about(rotating.arn);
  assert.equal(rotated.eventName, "RotateKey");
  assert.equal(rotated.userIdentity.invokedBy, "AWS Internal");
  assert.equal(rotated.serviceEventDetails.rotationType, "AUTOMATIC");
  assert.match(rotated.serviceEventDetails.currentKeyMaterialId, /^[0-9a-f]{64}$/);
  assert.equal(about(doomed.arn).eventName, "DeleteKey");
  assert.equal(about(expiring.arn).eventName, "DeleteExpiredKeyMaterial");
  assert.equal(about(expiring.arn).serviceEventDetails.keyMaterialId, KeyMaterialId);
});

test("each answer has its record, however many at a time", async () => {
  const key = await newKey();
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, n) =>
      n % 5 === 0
        ? failure(root.send(new kms.EncryptCommand({ KeyId: "alias/none", Plaintext: Buffer.of(1) }))).then(
            () => undefined,
          )
        : root.send(new kms.GenerateDataKeyCommand({ KeyId: key.id, KeySpec: "AES_256" })),
    ),
  );
  const recorded = new Set(recordsIn(world.server.data).map(({ requestID }) => requestID));
  for (const answer of answers) if (answer !== undefined) assert.ok(recorded.has(answer.$metadata.requestId));
});
