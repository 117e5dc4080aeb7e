import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { DeliveryWorld, HOUR, MINUTE, TEN, trailRecord } from "../../../test/cloudtrail/deliveryWorld.ts";
import { sha256, signedText } from "../delivery/digest.ts";
import { verifyJournal } from "../journalVerification.ts";
import { type DigestPublicKey, digestPublicKey } from "../publicKey.ts";
import { readPublicKeys } from "../publicKeyFiles.ts";
import { verifyDelivered } from "./verification.ts";

let world: DeliveryWorld;
let copies: string;
let keys: DigestPublicKey[];
/** of us-east-1, oldest first */
let digests: string[];
let logs: string[];

before(async () => {
  world = await DeliveryWorld.open();
  copies = mkdtempSync(join(tmpdir(), "strongroom-copies-"));
  await world.put(trailRecord());
  await world.pass(MINUTE);
  for (let hour = 0; hour < 4; hour++) {
    await world.event();
    await world.event({ awsRegion: "eu-west-1" });
    await world.pass(10 * MINUTE);
    await world.event();
    await world.pass(50 * MINUTE, 5 * MINUTE);
  }
  keys = (await readPublicKeys(world.publicKeys)).map(({ key }) => key);
  digests = world.digests().filter((key) => key.includes("/us-east-1/"));
  logs = world.logs().filter((key) => key.includes("/us-east-1/"));
  assert.deepEqual([digests.length, logs.length, keys.length], [4, 8, 2]);
});
after(async () => {
  rmSync(copies, { recursive: true });
  await world.close();
});

function copy(): string {
  const directory = mkdtempSync(join(copies, "copy-"));
  cpSync(world.delivered, directory, { recursive: true });
  return directory;
}

const rewrite = (path: string, change: (text: string) => string) =>
  writeFileSync(path, gzipSync(change(gunzipSync(readFileSync(path)).toString("utf8"))));

/** A digest as someone without the key would make it. */
function forge(directory: string, digest: string, change: (text: string) => string): void {
  const path = join(directory, "logs", digest);
  rewrite(path, change);
  const text = gunzipSync(readFileSync(path)).toString("utf8");
  const { digestEndTime, previousDigestSignature } = JSON.parse(text);
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const signed = signedText(digestEndTime, "logs", digest, sha256(text), previousDigestSignature);
  const signature = sign("sha256", Buffer.from(signed), privateKey).toString("hex");
  writeFileSync(`${path}.signature`, JSON.stringify({ signature, "signature-algorithm": "SHA256withRSA" }));
}

test("what was delivered is valid, and holds the journal's heads", async () => {
  const { chains, findings, unlisted } = await verifyDelivered(world.delivered, { keys });
  assert.deepEqual([findings, unlisted], [[], []]);
  assert.deepEqual(
    chains.map(({ trail, region, digests, logFiles, from, to, gaps }) => ({
      trail,
      region,
      digests,
      logFiles,
      from,
      to,
      gaps,
    })),
    [
      {
        trail: "arn:aws:cloudtrail:us-east-1:000000000000:trail/all",
        region: "eu-west-1",
        digests: { valid: 4, all: 4 },
        logFiles: { valid: 4, all: 4 },
        from: "2026-11-23T10:00:00Z",
        to: "2026-11-23T14:00:00Z",
        gaps: [],
      },
      {
        trail: "arn:aws:cloudtrail:us-east-1:000000000000:trail/all",
        region: "us-east-1",
        digests: { valid: 4, all: 4 },
        logFiles: { valid: 8, all: 8 },
        from: "2026-11-23T10:00:00Z",
        to: "2026-11-23T14:00:00Z",
        gaps: [],
      },
    ],
  );
  const anchors = chains.flatMap((chain) => chain.anchors);
  const [stream] = (await verifyJournal(join(world.directory, "audit"), anchors)).filter(({ entries }) => entries > 0);
  assert.deepEqual([stream?.divergence, stream?.anchorsHeld], [undefined, 8]);
});

/** What is done to a copy, and the findings that must follow: a part of the place, and of what is said. */
const attacks: readonly (readonly [
  title: string,
  attack: (directory: string) => void,
  findings: readonly [string, string][],
])[] = [
  [
    "a character of a record changed",
    (directory) => rewrite(join(directory, "logs", logs[2]!), (text) => text.replace("Encrypt", "Decrypt")),
    [["logs[2]", "log file: hash value doesn't match"]],
  ],
  [
    "a record taken out of a log file",
    (directory) => rewrite(join(directory, "logs", logs[0]!), () => '{"Records":[]}'),
    [["logs[0]", "log file: hash value doesn't match"]],
  ],
  [
    "a byte of a log file changed as it is compressed",
    (directory) => {
      const path = join(directory, "logs", logs[1]!);
      const body = readFileSync(path);
      body[body.length >> 1]! ^= 1;
      writeFileSync(path, body);
    },
    [["logs[1]", "log file: "]],
  ],
  [
    "a log file cut off",
    (directory) =>
      writeFileSync(join(directory, "logs", logs[1]!), readFileSync(join(directory, "logs", logs[1]!)).subarray(0, 60)),
    [["logs[1]", "log file: invalid format"]],
  ],
  [
    "bytes after a log file",
    (directory) =>
      writeFileSync(
        join(directory, "logs", logs[1]!),
        Buffer.concat([readFileSync(join(directory, "logs", logs[1]!)), Buffer.from("x")]),
      ),
    [["logs[1]", "log file: invalid format"]],
  ],
  [
    "a log file removed",
    (directory) => unlinkSync(join(directory, "logs", logs[3]!)),
    [["logs[3]", "log file: not found"]],
  ],
  [
    "two log files swapped",
    (directory) => {
      const [a, b] = [join(directory, "logs", logs[4]!), join(directory, "logs", logs[6]!)];
      renameSync(a, `${a}.x`);
      renameSync(b, a);
      renameSync(`${a}.x`, b);
    },
    [
      ["logs[4]", "hash value doesn't match"],
      ["logs[6]", "hash value doesn't match"],
    ],
  ],
  [
    "a log file struck from a digest",
    (directory) =>
      rewrite(join(directory, "logs", digests[1]!), (text) => text.replace(/"logFiles":\[.*?\]/, '"logFiles":[]')),
    [["digests[1]", "digest file: signature verification failed"]],
  ],
  [
    "a digest made by another key under the right one's fingerprint",
    (directory) => forge(directory, digests[2]!, (text) => text.replace(/"logFiles":\[.*?\]/, '"logFiles":[]')),
    [["digests[2]", "digest file: signature verification failed"]],
  ],
  [
    "a digest made by another key under its own fingerprint",
    (directory) =>
      forge(directory, digests[2]!, (text) =>
        text.replace(/"digestPublicKeyFingerprint":"[^"]*"/, `"digestPublicKeyFingerprint":"${"0".repeat(32)}"`),
      ),
    [["digests[2]", "no public key has its fingerprint"]],
  ],
  [
    "a digest removed from the middle",
    (directory) => unlinkSync(join(directory, "logs", digests[1]!)),
    [["digests[1]", "digest file: not found; a later one follows it"]],
  ],
  [
    "the first digest removed",
    (directory) => unlinkSync(join(directory, "logs", digests[0]!)),
    [["digests[0]", "digest file: not found; a later one follows it"]],
  ],
  [
    "a digest that is no gzip file",
    (directory) => writeFileSync(join(directory, "logs", digests[1]!), "x"),
    [["digests[1]", "digest file: invalid format"]],
  ],
  [
    "a digest that is JSON of another kind",
    (directory) => writeFileSync(join(directory, "logs", digests[1]!), gzipSync('{"digestEndTime":5}')),
    [["digests[1]", "digest file: invalid format"]],
  ],
  [
    "a digest moved to another hour",
    (directory) =>
      writeFileSync(join(directory, "logs", digests[2]!), readFileSync(join(directory, "logs", digests[1]!))),
    [["digests[2]", "digest file: has been moved from its original location"]],
  ],
  [
    "a digest's signature replaced by another digest's",
    (directory) =>
      writeFileSync(
        join(directory, "logs", `${digests[2]}.signature`),
        readFileSync(join(directory, "logs", `${digests[1]}.signature`)),
      ),
    [["digests[2]", "digest file: signature verification failed"]],
  ],
  [
    "the last digest's signature removed",
    (directory) => unlinkSync(join(directory, "logs", `${digests[3]}.signature`)),
    [["digests[3]", "digest file: its signature is not there"]],
  ],
];

for (const [title, attack, expected] of attacks) {
  test(`found: ${title}`, async () => {
    const directory = copy();
    attack(directory);
    const { findings } = await verifyDelivered(directory, { keys });
    const place = (name: string) => {
      const [, list, index] = /^(\w+)\[(\d)\]$/.exec(name)!;
      return `logs/${(list === "logs" ? logs : digests)[Number(index)]}`;
    };
    assert.deepEqual(
      findings.map((finding) => finding.place),
      expected.map(([name]) => place(name)),
    );
    for (const [i, [, detail]] of expected.entries())
      assert.ok(findings[i]!.detail.includes(detail), findings[i]!.detail);
  });
}

test("found with the help of the store: the last digest removed", async () => {
  const directory = copy();
  unlinkSync(join(directory, "logs", digests[3]!));
  const last = { bucket: "logs", object: digests[3]! };
  assert.deepEqual((await verifyDelivered(directory, { keys })).findings, [], "the files alone cannot show it");
  const { findings, elsewhere } = await verifyDelivered(directory, {
    keys,
    expected: [last, { bucket: "s3", object: "x" }],
  });
  assert.deepEqual(
    findings.map(({ place }) => place),
    [`logs/${digests[3]}`],
  );
  assert.deepEqual(elsewhere, ["s3"]);
});

test("found through the digests: the journal cut off before them, though it is sound in itself", async () => {
  const { chains } = await verifyDelivered(world.delivered, { keys });
  const anchors = chains
    .flatMap((chain) => chain.anchors)
    .map((anchor) => ({ ...anchor, sequence: anchor.sequence + 1000 }));
  const [stream] = (await verifyJournal(join(world.directory, "audit"), anchors)).filter(({ entries }) => entries > 0);
  assert.equal(stream?.divergence?.kind, "cutOff");
});

test("copies without what lies beside them: the next digest has the signature", async () => {
  const directory = copy();
  for (const digest of digests) {
    const path = join(directory, "logs", `${digest}.signature`);
    const { signature } = JSON.parse(readFileSync(path, "utf8"));
    if (digest === digests[3])
      writeFileSync(path, JSON.stringify({ Metadata: { signature, "signature-algorithm": "SHA256withRSA" } }));
    else unlinkSync(path);
  }
  assert.deepEqual((await verifyDelivered(directory, { keys })).findings, []);
});

test("old files that are gone, where only later ones are asked for", async () => {
  const directory = copy();
  unlinkSync(join(directory, "logs", digests[0]!));
  unlinkSync(join(directory, "logs", logs[0]!));
  const { findings, chains } = await verifyDelivered(directory, { keys, since: TEN + 2 * HOUR });
  assert.deepEqual(findings, []);
  assert.deepEqual(
    chains.map((chain) => chain.digests.all),
    [3, 3],
  );
});

test("log files that no digest lists", async () => {
  const directory = copy();
  const stray = logs[0]!.replace(/_[A-Za-z0-9]{16}\.json/, `_${"0".repeat(16)}.json`);
  writeFileSync(join(directory, "logs", stray), "");
  assert.deepEqual((await verifyDelivered(directory, { keys })).unlisted, [`logs/${stray}`]);
});

test("without the right key nothing is valid", async () => {
  const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const other = digestPublicKey(publicKey.export({ format: "der", type: "spki" }));
  const { chains } = await verifyDelivered(world.delivered, { keys: [other] });
  assert.deepEqual(
    chains.map((chain) => chain.digests.valid),
    [0, 0],
  );
});
