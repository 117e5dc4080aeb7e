export const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** RFC 4648 §6, without padding, as authenticators take it. */
export function base32(bytes: Uint8Array): string {
  let text = "";
  let pending = 0;
  let count = 0;
  for (const byte of bytes) {
    pending = (pending << 8) | byte;
    count += 8;
    while (count >= 5) {
      count -= 5;
      text += BASE32[(pending >> count) & 31];
    }
    pending &= (1 << count) - 1;
  }
  return count === 0 ? text : text + BASE32[(pending << (5 - count)) & 31];
}
