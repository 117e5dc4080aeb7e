import type { KeyObject } from "node:crypto";
import { openKey, sealKey } from "./gcm.ts";

const VERSION = 1;
const HEADER = 5;

/** version ‖ number of the domain key (4 bytes, big-endian) ‖ sealed under it; the header is authenticated too. */
export function sealToken(domainKey: number, key: KeyObject, purpose: string, plaintext: Uint8Array): Buffer {
  const header = Buffer.alloc(HEADER);
  header[0] = VERSION;
  header.writeUInt32BE(domainKey, 1);
  return Buffer.concat([header, sealKey(key, plaintext, label(header, purpose))]);
}

export function openToken(key: KeyObject, purpose: string, token: Uint8Array): Buffer | undefined {
  return openKey(key, token.subarray(HEADER), label(token.subarray(0, HEADER), purpose));
}

export function domainKeyOf(token: Uint8Array): number | undefined {
  if (token.length <= HEADER || token[0] !== VERSION) return undefined;
  return Buffer.from(token.buffer, token.byteOffset, token.length).readUInt32BE(1);
}

function label(header: Uint8Array, purpose: string): Buffer {
  return Buffer.concat([Buffer.from("token ", "utf8"), header, Buffer.from(purpose, "utf8")]);
}
