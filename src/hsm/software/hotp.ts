import { createHmac } from "node:crypto";

/** HOTP with six digits: https://www.rfc-editor.org/rfc/rfc4226#section-5.3 */
export function hotp(seed: Uint8Array, counter: number): string {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(counter));
  const mac = createHmac("sha1", seed).update(message).digest();
  const offset = (mac[mac.length - 1] as number) & 0xf;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}
