import { createHash, hash as hashOnce, randomBytes, timingSafeEqual } from "node:crypto";
import type { SignatureHash } from "../material.ts";
import { digestLengths } from "./digest.ts";

/** DER of DigestInfo up to the digest: https://www.rfc-editor.org/rfc/rfc8017#section-9.2, note 1 */
const digestInfoPrefixes: Readonly<Record<SignatureHash, string>> = {
  sha256: "3031300d060960864801650304020105000420",
  sha384: "3041300d060960864801650304020205000430",
  sha512: "3051300d060960864801650304020305000440",
};

/** What EMSA-PKCS1-v1_5 pads. */
export function digestInfo(hash: SignatureHash, digest: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(digestInfoPrefixes[hash], "hex"), digest]);
}

/**
 * EMSA-PSS over a digest, with a salt as long as it: https://www.rfc-editor.org/rfc/rfc8017#section-9.1.1, from step 3.
 * @param length of the encoded message, and of the modulus, in bytes; the modulus is 8 × length bits
 */
export function encodePss(hash: SignatureHash, digest: Uint8Array, length: number): Buffer {
  const salt = randomBytes(digestLengths[hash]);
  const h = saltedHash(hash, digest, salt);
  const block = Buffer.alloc(length - h.length - 1);
  block[block.length - salt.length - 1] = 1;
  block.set(salt, block.length - salt.length);
  const encoded = Buffer.concat([xor(block, mgf1(hash, h, block.length)), h, Buffer.of(0xbc)]);
  // 8 × length − 1 bits: the number must be below the modulus
  encoded[0] = (encoded[0] as number) & 0x7f;
  return encoded;
}

/** Whether an encoded message is one of this digest: https://www.rfc-editor.org/rfc/rfc8017#section-9.1.2 */
export function verifyPss(hash: SignatureHash, digest: Uint8Array, encoded: Uint8Array): boolean {
  const hLength = digestLengths[hash];
  const hAt = encoded.length - hLength - 1;
  if (encoded[encoded.length - 1] !== 0xbc || (encoded[0] as number) & 0x80) return false;
  const h = encoded.subarray(hAt, -1);
  const block = xor(encoded.subarray(0, hAt), mgf1(hash, h, hAt));
  block[0] = (block[0] as number) & 0x7f;
  const saltAt = block.length - hLength;
  if (block[saltAt - 1] !== 1 || block.subarray(0, saltAt - 1).some((byte) => byte !== 0)) return false;
  return timingSafeEqual(h, saltedHash(hash, digest, block.subarray(saltAt)));
}

/** Hash(eight zero bytes ‖ mHash ‖ salt) */
function saltedHash(hash: SignatureHash, digest: Uint8Array, salt: Uint8Array): Buffer {
  return createHash(hash).update(Buffer.alloc(8)).update(digest).update(salt).digest();
}

/** https://www.rfc-editor.org/rfc/rfc8017#appendix-B.2.1 */
function mgf1(hash: SignatureHash, seed: Uint8Array, length: number): Buffer {
  const blocks: Buffer[] = [];
  for (let counter = 0; counter * digestLengths[hash] < length; counter++) {
    const input = Buffer.alloc(seed.length + 4);
    input.set(seed);
    input.writeUInt32BE(counter, seed.length);
    blocks.push(hashOnce(hash, input, "buffer"));
  }
  return Buffer.concat(blocks, length);
}

function xor(a: Uint8Array, b: Uint8Array): Buffer {
  return Buffer.from(a.map((byte, i) => byte ^ (b[i] as number)));
}
