import assert from "node:assert/strict";
import { constants, createDecipheriv, type KeyObject, privateDecrypt } from "node:crypto";

/** A value in BER (ITU-T X.690), read without knowing what it is. Tags below 31 only. */
export interface Value {
  readonly tag: number;
  readonly indefinite: boolean;
  /** of a primitive value; empty for a constructed one */
  readonly content: Buffer;
  /** of a constructed value */
  readonly children: readonly Value[];
}

/** The one value that the bytes are. */
export function readBer(bytes: Buffer): Value {
  const { value, end } = valueAt(bytes, 0);
  assert.equal(end, bytes.length, "something stands behind the value");
  return value;
}

function valueAt(bytes: Buffer, at: number): { value: Value; end: number } {
  const tag = bytes.readUInt8(at);
  const first = bytes.readUInt8(at + 1);
  const constructed = (tag & 0x20) !== 0;
  if (first === 0x80) {
    assert.ok(constructed, "only constructed values have indefinite lengths");
    const children: Value[] = [];
    let next = at + 2;
    while (bytes.readUInt16BE(next) !== 0) {
      const child = valueAt(bytes, next);
      children.push(child.value);
      next = child.end;
    }
    return { value: { tag, indefinite: true, content: Buffer.alloc(0), children }, end: next + 2 };
  }
  const octets = first < 0x80 ? 0 : first - 0x80;
  const length = octets === 0 ? first : bytes.readUIntBE(at + 2, octets);
  const start = at + 2 + octets;
  const end = start + length;
  assert.ok(end <= bytes.length, "a value ends behind the end");
  const children: Value[] = [];
  for (let next = start; constructed && next < end; ) {
    const child = valueAt(bytes, next);
    children.push(child.value);
    next = child.end;
  }
  const content = constructed ? Buffer.alloc(0) : bytes.subarray(start, end);
  return { value: { tag, indefinite: false, content, children }, end };
}

/** A value as one line: `30*` has an indefinite length; a primitive value is its content in hexadecimal, or its length. */
export function outline({ tag, indefinite, content, children }: Value): string {
  const name = `${tag.toString(16).padStart(2, "0")}${indefinite ? "*" : ""}`;
  if ((tag & 0x20) !== 0) return `${name}{ ${children.map(outline).join(" ")} }`;
  return content.length > 15 ? `${name}[${content.length}]` : `${name}:${content.toString("hex")}`;
}

/** What a recipient does with `CiphertextForRecipient`: RFC 5652 §6, for what AWS KMS sends. */
export function openEnvelope(envelope: Uint8Array, privateKey: KeyObject): Buffer {
  const [, explicit] = readBer(Buffer.from(envelope)).children;
  const [, recipientInfos, encryptedContentInfo] = explicit!.children[0]!.children;
  const encryptedKey = recipientInfos!.children[0]!.children[3]!.content;
  const [, algorithm, encryptedContent] = encryptedContentInfo!.children;
  const contentKey = privateDecrypt(
    { key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" },
    encryptedKey,
  );
  const decipher = createDecipheriv("aes-256-cbc", contentKey, algorithm!.children[1]!.content);
  return Buffer.concat([
    ...encryptedContent!.children.map((chunk) => decipher.update(chunk.content)),
    decipher.final(),
  ]);
}
