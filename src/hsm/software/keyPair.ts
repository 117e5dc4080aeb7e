import { createPrivateKey, type KeyObject } from "node:crypto";
import { DamagedKeyMaterial, InvalidKeyMaterial } from "../hsm.ts";
import type { KeyPairMaterial, KeyPairOperations, KeyPairType, PlaintextKeyPair } from "../material.ts";
import { ec } from "./ec.ts";
import { ed25519 } from "./ed25519.ts";
import { type KeyFamily, type KeyFamilyOf, pairOf, unfit } from "./keyFamily.ts";
import { mlDsa } from "./mlDsa.ts";
import { mlKem } from "./mlKem.ts";
import { rsa } from "./rsa.ts";
import { sm2 } from "./sm2.ts";

const families: { readonly [Kind in KeyPairType["kind"]]: KeyFamilyOf<Kind> } = {
  rsa,
  ec,
  ed25519,
  "ml-dsa": mlDsa,
  "ml-kem": mlKem,
  sm2,
};

/** What no family has is refused. */
const refusals: KeyPairOperations = {
  sign: async () => Promise.reject(unfit("sign")),
  verify: async () => Promise.reject(unfit("verify")),
  encrypt: async () => Promise.reject(unfit("encrypt")),
  decrypt: async () => Promise.reject(unfit("decrypt")),
  deriveSharedSecret: async () => Promise.reject(unfit("derive shared secrets")),
  encapsulate: async () => Promise.reject(unfit("encapsulate")),
  decapsulate: async () => Promise.reject(unfit("decapsulate")),
};

export async function generateKeyPair(type: KeyPairType): Promise<PlaintextKeyPair> {
  return exported(await familyOf(type).generate(type));
}

/** @throws InvalidKeyMaterial @returns the pair in the forms in which it is kept, whatever form it had */
export async function importKeyPair(type: KeyPairType, pkcs8: Uint8Array): Promise<PlaintextKeyPair> {
  const family = familyOf(type);
  const key = parse(pkcs8);
  if (key === undefined || !isOneElement(pkcs8)) {
    throw new InvalidKeyMaterial("the key material is not a private key in PKCS#8 DER");
  }
  if (!family.matches(type, key)) throw new InvalidKeyMaterial("the key material is a key of another type");
  const flaw = await family.flaw(type, key, pkcs8);
  if (flaw !== undefined) throw new InvalidKeyMaterial(`the key material is unfit: ${flaw}`);
  return exported(family.normal(type, key));
}

/** @param pkcs8 stays the caller's @throws DamagedKeyMaterial when it is of another type */
export function openKeyPair(type: KeyPairType, materialId: string, pkcs8: Uint8Array): KeyPairMaterial {
  const family = familyOf(type);
  const privateKey = parse(pkcs8);
  if (privateKey === undefined || !family.matches(type, privateKey)) {
    throw new DamagedKeyMaterial(`key material ${materialId} is not of type ${type.kind}`);
  }
  const pair = pairOf(privateKey);
  const publicKey = pair.publicKey.export({ type: "spki", format: "der" });
  return { kind: "keyPair", materialId, publicKey, ...refusals, ...family.operations(type, pair) };
}

function familyOf(type: KeyPairType): KeyFamily<KeyPairType> {
  return families[type.kind] as KeyFamily<KeyPairType>;
}

function exported(privateKey: KeyObject): PlaintextKeyPair {
  return {
    publicKey: pairOf(privateKey).publicKey.export({ type: "spki", format: "der" }),
    privateKey: privateKey.export({ type: "pkcs8", format: "der" }),
  };
}

function parse(pkcs8: Uint8Array): KeyObject | undefined {
  try {
    return createPrivateKey({
      key: Buffer.from(pkcs8.buffer, pkcs8.byteOffset, pkcs8.length),
      format: "der",
      type: "pkcs8",
    });
  } catch {
    return undefined;
  }
}

/** Whether DER is one SEQUENCE and nothing behind it, which OpenSSL passes over. */
function isOneElement(der: Uint8Array): boolean {
  const first = der[1] as number;
  if (first < 0x80) return der.length === 2 + first;
  const lengthBytes = first & 0x7f;
  const length = der.subarray(2, 2 + lengthBytes).reduce((total, byte) => total * 256 + byte, 0);
  return der.length === 2 + lengthBytes + length;
}
