import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import {
  CloudTrailClient,
  CreateTrailCommand,
  GetTrailStatusCommand,
  StartLoggingCommand,
} from "@aws-sdk/client-cloudtrail";
import { CreateKeyCommand, EncryptCommand } from "@aws-sdk/client-kms";
import { S3Destination } from "../../src/cloudtrail/delivery/s3.ts";
import { startTestServer, type TestServer } from "../harness.ts";
import { awsEnvironment, type Outcome, runCommand, whyNoAwsCli } from "./awsCli.ts";
import { S3Server } from "./s3Server.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ARN = "arn:aws:cloudtrail:us-east-1:000000000000:trail/audit";
const directory = mkdtempSync(join(tmpdir(), "strongroom-validate-logs-"));
let s3: S3Server;
let server: TestServer;
let client: CloudTrailClient;

before(async () => {
  s3 = await S3Server.start("logs");
  const credentials = { accessKeyId: "AKIA", secretAccessKey: "s3" };
  const destination = new S3Destination({ endpoint: s3.endpoint, credentials });
  const delivery = { destination, place: { url: s3.endpoint }, interval: 5 * MINUTE, digestInterval: HOUR };
  server = await startTestServer({ delivery });
  client = new CloudTrailClient({
    endpoint: server.endpoint,
    region: "us-east-1",
    credentials: server.credentials,
    maxAttempts: 1,
  });
});
after(async () => {
  client.destroy();
  await server.stop();
  await s3.stop();
  rmSync(directory, { recursive: true });
});

const bucket = () => s3.buckets.get("logs")!;
const keys = (pattern: RegExp) => [...bucket().keys()].filter((key) => pattern.test(key)).sort();
const logFiles = () => keys(/\/CloudTrail\/us-east-1\/.*\.json\.gz$/);
const digests = () => keys(/\/CloudTrail-Digest\/us-east-1\/.*\.json\.gz$/);

async function pass(minutes: number): Promise<void> {
  for (let i = 0; i < minutes; i++) {
    server.moveClock(MINUTE);
    await server.jobs!.runAll();
  }
}

describe("delivery to a server that speaks S3", () => {
  test("a bucket that is not there, and one that may not be written", async () => {
    const create = (S3BucketName: string) =>
      client.send(new CreateTrailCommand({ Name: "refused", S3BucketName })).catch((error) => error.name);
    assert.equal(await create("not-there"), "S3BucketDoesNotExistException");
    s3.refusing = { status: 403, code: "AccessDenied" };
    assert.equal(await create("logs"), "InsufficientS3BucketPolicyException");
    s3.refusing = undefined;
  });

  test("log files and digests, though the bucket is not to be had for a while", async () => {
    server.moveClock(HOUR - (Date.now() % HOUR)); // so that the last hour, too, ends with a digest
    await client.send(
      new CreateTrailCommand({
        Name: "audit",
        S3BucketName: "logs",
        S3KeyPrefix: "kms",
        IsMultiRegionTrail: true,
        EnableLogFileValidation: true,
      }),
    );
    await client.send(new StartLoggingCommand({ Name: "audit" }));
    await server.jobs!.runAll();
    const kms = server.client();
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: "a \u{1f511} key\n" }));
    const encrypt = () => kms.send(new EncryptCommand({ KeyId: KeyMetadata!.KeyId!, Plaintext: Buffer.from("x") }));
    for (let hour = 0; hour < 4; hour++) {
      if (hour === 1) s3.refusing = { status: 503, code: "SlowDown" };
      await encrypt();
      await pass(10);
      if (hour === 1) {
        const status = await client.send(new GetTrailStatusCommand({ Name: "audit" }));
        assert.equal(status.LatestDeliveryError, "SlowDown");
        s3.refusing = undefined;
      }
      await encrypt();
      await pass(50);
    }
    assert.equal(digests().length, 4);
    assert.ok(logFiles().length >= 8, logFiles().join("\n"));
    const status = await client.send(new GetTrailStatusCommand({ Name: "audit" }));
    assert.deepEqual([status.LatestDeliveryError, status.LatestDigestDeliveryError], [undefined, undefined]);
    assert.match(bucket().get(digests()[0]!)!.headers["x-amz-meta-signature"]!, /^[0-9a-f]{512}$/);
  });
});

describe("aws cloudtrail validate-logs", { skip: whyNoAwsCli() }, () => {
  const validate = (region = "us-east-1"): Promise<Outcome> => {
    const start = new Date(Date.now() - HOUR).toISOString();
    const end = new Date(Date.now() + 6 * HOUR).toISOString();
    const args = ["--trail-arn", ARN, "--start-time", start, "--end-time", end, "--verbose", "--region", region];
    return runCommand("aws", ["cloudtrail", "validate-logs", ...args], {
      cwd: directory,
      env: { ...awsEnvironment(server), AWS_ENDPOINT_URL_S3: s3.endpoint },
    });
  };

  /** With an object changed, or gone, for the while. */
  async function changed(key: string, change: (body: Buffer) => Buffer | undefined): Promise<Outcome> {
    const object = bucket().get(key)!;
    const body = change(object.body);
    if (body === undefined) bucket().delete(key);
    else bucket().set(key, { ...object, body });
    try {
      return await validate();
    } finally {
      bucket().set(key, object);
    }
  }

  /** One bit of what is compressed. */
  const bit = (body: Buffer) => {
    const text = gunzipSync(body);
    text[text.length >> 1]! ^= 1;
    return gzipSync(text);
  };

  test("after the trail was looked at with other commands", async () => {
    const aws = async (...args: string[]) => {
      const { code, stdout, stderr } = await runCommand("aws", ["cloudtrail", ...args], {
        cwd: directory,
        env: awsEnvironment(server),
      });
      assert.equal(code, 0, stderr);
      return JSON.parse(stdout);
    };
    assert.equal((await aws("describe-trails")).trailList[0].TrailARN, ARN);
    assert.equal((await aws("get-trail-status", "--name", "audit")).IsLogging, true);
    const { PublicKeyList } = await aws("list-public-keys");
    assert.match(PublicKeyList[0].Value, /^MIIBCgKCAQEA/, "PKCS #1 of 2048 bits");
  });

  test("says valid of each file", async () => {
    const { code, stdout, stderr } = await validate();
    assert.equal(code, 0, stdout + stderr);
    for (const key of logFiles()) assert.ok(stdout.includes(`Log file\ts3://logs/${key}\tvalid`), key);
    for (const key of digests()) assert.ok(stdout.includes(`Digest file\ts3://logs/${key}\tvalid`), key);
    assert.match(stdout, /4\/4 digest files valid/);
    assert.match(stdout, new RegExp(`${logFiles().length}/${logFiles().length} log files valid`));
  });

  test("finds one bit changed in a log file", async () => {
    const key = logFiles()[1]!;
    const { code, stderr } = await changed(key, bit);
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`Log file\ts3://logs/${key}\tINVALID: hash value doesn't match`));
  });

  test("finds one byte changed in a log file as it is compressed", async () => {
    const key = logFiles()[0]!;
    const { code, stderr } = await changed(key, (body) => {
      const copy = Buffer.from(body);
      copy[copy.length >> 1]! ^= 1;
      return copy;
    });
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`Log file\ts3://logs/${key}\tINVALID`));
  });

  test("finds a log file that is gone", async () => {
    const { code, stderr } = await changed(logFiles()[2]!, () => undefined);
    assert.equal(code, 1);
    assert.match(stderr, /Log file\t.*\tINVALID: not found/);
  });

  test("finds one bit changed in a digest", async () => {
    const key = digests()[1]!;
    const { code, stderr } = await changed(key, (body) => {
      const text = gunzipSync(body).toString("utf8");
      return gzipSync(text.replace(/"hashValue":"(.)/, (_, digit) => `"hashValue":"${digit === "0" ? "1" : "0"}`));
    });
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`Digest file\ts3://logs/${key}\tINVALID: signature verification failed`));
  });

  test("finds a digest that is gone", async () => {
    const key = digests()[2]!;
    const { code, stderr } = await changed(key, () => undefined);
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`Digest file\ts3://logs/${key}\tINVALID: not found`));
  });
});
