import { hash } from "node:crypto";
import { SEAL_OVERHEAD } from "../hsm/hsm.ts";

/*
 * The ciphertext blob, version 1; docs/ciphertext.md says it byte by byte:
 *
 *    0   4  "SRK" 01          what it is, and its version
 *    4   1  00 | 01           key id is a UUID | `mrk-` and 32 hex digits
 *    5  16  key id
 *   21   6  account           big-endian number
 *   27  32  key material id
 *   59   4  checksum          first bytes of SHA-256 over the 59 before
 *   63      nonce, IV, ciphertext, tag: made by the HSM, the 63 bytes above and the encryption context authenticated
 *
 * The checksum is no protection: it tells a damaged blob (InvalidCiphertext) from an intact one of a key that is not here.
 */
const MAGIC = Buffer.from([0x53, 0x52, 0x4b, 0x01]);
const CHECKSUM_AT = 59;
export const PREFIX_LENGTH = 63;
const MIN_LENGTH = PREFIX_LENGTH + SEAL_OVERHEAD + 1;

/** Which key and material a blob names. */
export interface CiphertextOrigin {
  readonly account: string;
  readonly keyId: string;
  readonly materialId: string;
}

/** What stands at the front of every blob that a material makes. */
export function ciphertextPrefix(origin: CiphertextOrigin): Buffer {
  const prefix = Buffer.alloc(PREFIX_LENGTH);
  MAGIC.copy(prefix);
  const multiRegion = origin.keyId.startsWith("mrk-");
  prefix[4] = multiRegion ? 1 : 0;
  prefix.write(multiRegion ? origin.keyId.slice(4) : origin.keyId.replaceAll("-", ""), 5, "hex");
  prefix.writeUIntBE(Number(origin.account), 21, 6);
  prefix.write(origin.materialId, 27, "hex");
  prefix.write(checksum(prefix), CHECKSUM_AT, "hex");
  return prefix;
}

/** Reads the front of a blob; undefined when it is not an intact one of ours. */
export function ciphertextOrigin(blob: Buffer): CiphertextOrigin | undefined {
  if (blob.length < MIN_LENGTH || MAGIC.compare(blob, 0, 4) !== 0) return undefined;
  const kind = blob[4] as number;
  if (kind > 1 || blob.toString("hex", CHECKSUM_AT, PREFIX_LENGTH) !== checksum(blob)) return undefined;
  const id = blob.toString("hex", 5, 21);
  return {
    account: String(blob.readUIntBE(21, 6)).padStart(12, "0"),
    keyId:
      kind === 1
        ? `mrk-${id}`
        : `${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20)}`,
    materialId: blob.toString("hex", 27, 59),
  };
}

function checksum(prefix: Buffer): string {
  return hash("sha256", prefix.subarray(0, CHECKSUM_AT), "hex").slice(0, 8);
}
