import { createPublicKey, hash, type KeyObject } from "node:crypto";

/** A public key of digest files, as auditors have it. */
export interface DigestPublicKey {
  /** 32 hex digits: what a digest names it by */
  readonly fingerprint: string;
  /** RSAPublicKey, DER: RFC 8017 §A.1.1. ListPublicKeys gives keys in this form. */
  readonly pkcs1: Buffer;
  readonly key: KeyObject;
}

/**
 * AWS does not say how it computes fingerprints, and clients only compare them; they have the length of an MD5. These
 * are the first half of SHA-256 over the PKCS #1 DER.
 */
function fingerprintOf(pkcs1: Uint8Array): string {
  return hash("sha256", pkcs1).slice(0, 32);
}

/** @param spki SubjectPublicKeyInfo, DER */
export function digestPublicKey(spki: Uint8Array): DigestPublicKey {
  return ofKeyObject(createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" }));
}

const PEM = /-----BEGIN [A-Z ]+-----[A-Za-z0-9+/=\s]+-----END [A-Z ]+-----/g;

/**
 * The keys in a file: PEM, of which there may be several with text between them, or one as DER or as the base 64 that
 * `aws cloudtrail list-public-keys` prints; SubjectPublicKeyInfo or PKCS #1.
 * @throws Error when there is none, or one that is not RSA
 */
export function parsePublicKeys(file: Buffer): DigestPublicKey[] {
  const text = file.toString("latin1");
  const blocks = text.match(PEM);
  if (blocks !== null) return blocks.map((block) => firstKey([() => createPublicKey(block)]));
  const key = /^[A-Za-z0-9+/=\s]+$/.test(text) ? Buffer.from(text, "base64") : file;
  const forms = (["spki", "pkcs1"] as const).map((type) => () => createPublicKey({ key, format: "der", type }));
  return [firstKey(forms)];
}

function firstKey(attempts: readonly (() => KeyObject)[]): DigestPublicKey {
  for (const attempt of attempts) {
    try {
      const key = attempt();
      if (key.type === "public" && key.asymmetricKeyType === "rsa") return ofKeyObject(key);
    } catch {
      // the next form, or none
    }
  }
  throw new Error("there is no RSA public key in it");
}

export function publicKeyPem({ key }: DigestPublicKey): string {
  return key.export({ format: "pem", type: "spki" }) as string;
}

function ofKeyObject(key: KeyObject): DigestPublicKey {
  const pkcs1 = key.export({ format: "der", type: "pkcs1" });
  return { fingerprint: fingerprintOf(pkcs1), pkcs1, key };
}
