import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { spki } from "../../../test/sdk/attesting.ts";
import { openEnvelope, outline, readBer } from "../../../test/sdk/envelopedData.ts";
import { envelope } from "./envelope.ts";

const skip = spawnSync("openssl", ["version"]).error ? "no openssl command here" : false;
const folder = mkdtempSync(join(tmpdir(), "strongroom-envelope-"));
after(() => rmSync(folder, { recursive: true }));

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const seal = (plaintext: Uint8Array) => envelope(publicKey, plaintext, randomBytes);
/** Around the boundaries of a cipher block, of a length's octets and of a chunk; up to what Decrypt and GenerateRandom give. */
const LENGTHS = [0, 1, 15, 16, 32, 111, 112, 127, 128, 255, 256, 983, 984, 999, 1000, 1001, 1024, 2375, 4096];

test("its parts are those of AWS's, with indefinite lengths where AWS has them", () => {
  assert.equal(
    outline(readBer(seal(randomBytes(32)))),
    [
      "30*{ 06:2a864886f70d010703", // ContentInfo: id-envelopedData
      "a0*{ 30*{ 02:02", // EnvelopedData, version 2
      "31{ 30{ 02:02 80[32]", // one KeyTransRecipientInfo, version 2, named by a subjectKeyIdentifier
      "30{ 06:2a864886f70d010107", // id-RSAES-OAEP
      "30{ a0{ 30{ 06:608648016503040201 05: } }", // its hash, SHA-256 with NULL
      "a1{ 30{ 06:2a864886f70d010108 30{ 06:608648016503040201 05: } } } } }", // MGF1 with the same
      "04[256] } }", // the encrypted content key
      "30*{ 06:2a864886f70d010701", // EncryptedContentInfo: id-data
      "30{ 06:60864801650304012a 04[16] }", // AES-256-CBC and its IV
      "a0*{ 04[48] } } } } }", // the content, padded
    ].join(" "),
  );
});

test("every byte of one, for given random ones", () => {
  const given = [Buffer.alloc(32, 0xc0), Buffer.alloc(16, 0x1f)];
  const sealed = envelope(publicKey, Buffer.alloc(32, 0x50), () => Buffer.from(given.shift()!));
  const start = "308006092a864886f70d010703a0803080020102318201" + "6b30820167020102" + "8020";
  const algorithm =
    "303c06092a864886f70d010107302fa00f300d06096086480165030402010500" +
    "a11c301a06092a864886f70d010108300d06096086480165030402010500";
  const content = "308006092a864886f70d010701301d060960864801650304012a0410";
  const hex = sealed.toString("hex");
  const keyAt = start.length + 64 + algorithm.length;
  assert.equal(hex.slice(0, start.length), start);
  assert.equal(hex.slice(start.length, start.length + 64), createHash("sha256").update(spki(publicKey)).digest("hex"));
  assert.equal(hex.slice(start.length + 64, keyAt), algorithm);
  assert.equal(hex.slice(keyAt, keyAt + 8), "04820100");
  const behindKey = hex.slice(keyAt + 8 + 512);
  assert.equal(behindKey.slice(0, content.length + 32), content + "1f".repeat(16));
  assert.match(behindKey.slice(content.length + 32), /^a0800430[0-9a-f]{96}00000000000000000000$/);
  assert.equal(sealed.length, 493);
});

test("the recipient opens it, whatever its length; chunks have 1,000 bytes", () => {
  for (const length of LENGTHS) {
    const plaintext = randomBytes(length);
    const sealed = seal(plaintext);
    assert.ok(openEnvelope(sealed, privateKey).equals(plaintext), `${length} bytes`);
    const chunks = readBer(sealed).children[1]!.children[0]!.children[2]!.children[2]!.children;
    for (const chunk of chunks.slice(0, -1)) assert.equal(chunk.content.length, 1000);
    assert.ok(chunks.at(-1)!.content.length <= 1000);
  }
});

test("no two are alike", () => {
  const sealed = Array.from({ length: 20 }, () => seal(Buffer.alloc(32)));
  assert.equal(new Set(sealed.map((one) => one.subarray(-58).toString("hex"))).size, 20);
  assert.equal(new Set(sealed.map((one) => one.subarray(131, 387).toString("hex"))).size, 20);
});

test("openssl cms opens it", { skip }, () => {
  const key = join(folder, "key.pem");
  writeFileSync(key, privateKey.export({ format: "pem", type: "pkcs8" }));
  for (const length of [1, 32, 1001, 4096]) {
    const plaintext = randomBytes(length);
    const decrypt = ["cms", "-decrypt", "-binary", "-inform", "DER", "-inkey", key];
    assert.ok(execFileSync("openssl", decrypt, { input: seal(plaintext), stdio: "pipe" }).equals(plaintext));
  }
});

test("keys of 3072 and 4096 bits", () => {
  for (const modulusLength of [3072, 4096]) {
    const pair = generateKeyPairSync("rsa", { modulusLength });
    const plaintext = randomBytes(32);
    assert.ok(openEnvelope(envelope(pair.publicKey, plaintext, randomBytes), pair.privateKey).equals(plaintext));
  }
});
