import assert from "node:assert/strict";
import { test } from "node:test";
import { type DigestContent, digestText, signedText } from "./digest.ts";

const OBJECT =
  "AWSLogs/111122223333/CloudTrail-Digest/us-east-2/2015/08/17/111122223333_CloudTrail-Digest_us-east-2_your-trail-name_us-east-2_20150817T150131Z.json.gz";
const PREVIOUS = OBJECT.replace("150131", "140131");
const LOG_FILE =
  "AWSLogs/111122223333/CloudTrail/us-east-2/2015/08/17/111122223333_CloudTrail_us-east-2_20150817T1445Z_9nYN7gp2eWAJHIfT.json.gz";

const digest: DigestContent = {
  account: "111122223333",
  start: Date.UTC(2015, 7, 17, 14, 1, 31),
  end: Date.UTC(2015, 7, 17, 15, 1, 31),
  bucket: "b",
  object: OBJECT,
  fingerprint: "31e8b5433410dfb61a9dc45cc65b22ff",
  previous: { bucket: "b", object: PREVIOUS, hash: "97fb", signature: "5088" },
  logFiles: [
    {
      bucket: "b",
      object: LOG_FILE,
      hash: "9bb6",
      newestEventTime: "2015-08-17T14:36:09Z",
      oldestEventTime: "2015-08-17T14:36:08Z",
    },
    {
      bucket: "b",
      object: `${LOG_FILE}2`,
      hash: "f9e8",
      newestEventTime: "2015-08-17T14:52:27Z",
      oldestEventTime: "2015-08-17T14:42:27Z",
    },
  ],
  journal: [{ stream: "00", sequence: 7, hash: "abcd" }],
};

test("members and their order are those of CloudTrail's digests, with one more behind them", () => {
  assert.equal(
    digestText(digest),
    `{"awsAccountId":"111122223333","digestStartTime":"2015-08-17T14:01:31Z","digestEndTime":"2015-08-17T15:01:31Z",` +
      `"digestS3Bucket":"b","digestS3Object":"${OBJECT}","digestPublicKeyFingerprint":"31e8b5433410dfb61a9dc45cc65b22ff",` +
      `"digestSignatureAlgorithm":"SHA256withRSA","newestEventTime":"2015-08-17T14:52:27Z","oldestEventTime":"2015-08-17T14:36:08Z",` +
      `"previousDigestS3Bucket":"b","previousDigestS3Object":"${PREVIOUS}","previousDigestHashValue":"97fb",` +
      `"previousDigestHashAlgorithm":"SHA-256","previousDigestSignature":"5088","logFiles":[` +
      `{"s3Bucket":"b","s3Object":"${LOG_FILE}","hashValue":"9bb6","hashAlgorithm":"SHA-256","newestEventTime":"2015-08-17T14:36:09Z","oldestEventTime":"2015-08-17T14:36:08Z"},` +
      `{"s3Bucket":"b","s3Object":"${LOG_FILE}2","hashValue":"f9e8","hashAlgorithm":"SHA-256","newestEventTime":"2015-08-17T14:52:27Z","oldestEventTime":"2015-08-17T14:42:27Z"}],` +
      `"strongroomJournal":[{"stream":"00","sequence":7,"hash":"abcd"}]}`,
  );
});

test("a starting digest has all members, and null in those of the one before; an empty one no times of events", () => {
  const json = JSON.parse(digestText({ ...digest, previous: null, logFiles: [] }));
  const nulls = Object.keys(json).filter((member) => json[member] === null);
  assert.deepEqual(nulls, [
    "newestEventTime",
    "oldestEventTime",
    "previousDigestS3Bucket",
    "previousDigestS3Object",
    "previousDigestHashValue",
    "previousDigestHashAlgorithm",
    "previousDigestSignature",
  ]);
});

test("what is signed: four lines without an end", () => {
  assert.equal(
    signedText("2015-08-17T15:01:31Z", "b", OBJECT, "ab12", "5088"),
    `2015-08-17T15:01:31Z\nb/${OBJECT}\nab12\n5088`,
  );
  assert.match(signedText("t", "b", "o", "h", null), /\nnull$/);
});
