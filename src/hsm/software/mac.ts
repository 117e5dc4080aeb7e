import { createHmac, createSecretKey } from "node:crypto";
import type { MacMaterial } from "../material.ts";

/** HMAC (FIPS 198-1). @param bytes stay the caller's */
export function openMac(materialId: string, bytes: Uint8Array): MacMaterial {
  const key = createSecretKey(bytes);
  return { kind: "mac", materialId, mac: (hash, message) => createHmac(hash, key).update(message).digest() };
}
