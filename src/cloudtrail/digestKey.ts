import { randomUUID } from "node:crypto";
import type { Hsm, MaterialOwner, Wrapped } from "../hsm/hsm.ts";
import type { Reader, Store } from "../store/store.ts";
import { digestPublicKey } from "./publicKey.ts";

const DAY = 86_400_000;
/** AWS says no numbers. A key signs for a quarter of a year; a month before its end the next one takes over. */
const VALIDITY = 120 * DAY;
const OVERLAP = 30 * DAY;
/** Clocks differ; a digest may be signed by a key made for it a moment ago. */
const ALLOWANCE = DAY;

const RSA = { kind: "rsa", modulusLength: 2048 } as const;

/** A key pair that signs the digest files of a Region, whatever their account, as AWS has it. */
export interface DigestKeyRecord {
  readonly id: string;
  readonly region: string;
  /** milliseconds since the epoch, as `validTo` */
  readonly validFrom: number;
  readonly validTo: number;
  readonly fingerprint: string;
  /** SubjectPublicKeyInfo, DER */
  readonly publicKey: Uint8Array;
  readonly materialId: string;
  /** null once its time is over: what it signed can then be signed by nobody */
  readonly wrapped: Wrapped | null;
}

/** What a key's material is bound to. */
export function digestKeyOwner({ id, region }: Pick<DigestKeyRecord, "id" | "region">): MaterialOwner {
  return { keyArn: `arn:aws:cloudtrail:${region}::digest-key/${id}`, keyId: id };
}

/** The newest key that can sign for a Region at a time. */
export async function signingKeyAt(reader: Reader, region: string, at: number): Promise<DigestKeyRecord | undefined> {
  const keys = await reader.digestKeys(region, at, at);
  return keys.filter(({ wrapped }) => wrapped !== null).at(-1);
}

/**
 * The key that signs a Region's digests which end at a time; makes one where there is none, or where the one there is
 * comes to its end. @param made hears of a new public key before anything is signed by it
 */
export async function digestKeyAt(
  { store, hsm }: { readonly store: Store; readonly hsm: Hsm },
  region: string,
  at: number,
  made: (key: DigestKeyRecord) => Promise<void>,
): Promise<DigestKeyRecord> {
  const current = await signingKeyAt(store, region, at);
  if (current !== undefined && current.validTo - at > OVERLAP) return current;
  const id = randomUUID();
  const material = await hsm.generateKeyMaterial(digestKeyOwner({ id, region }), RSA);
  const publicKey = material.publicKey as Buffer;
  const key: DigestKeyRecord = {
    id,
    region,
    validFrom: at - ALLOWANCE,
    validTo: at + VALIDITY,
    fingerprint: digestPublicKey(publicKey).fingerprint,
    publicKey,
    materialId: material.materialId,
    wrapped: material.wrapped,
  };
  await made(key);
  return store.transaction(async (transaction) => {
    const meanwhile = await signingKeyAt(transaction, region, at);
    if (meanwhile !== undefined && meanwhile.id !== current?.id) return meanwhile;
    for (const former of await transaction.digestKeys(region, 0, at)) {
      if (former.validTo < at) await transaction.putDigestKey({ ...former, wrapped: null });
    }
    await transaction.putDigestKey(key);
    return key;
  });
}

/** RSASSA-PKCS1-v1_5 with SHA-256, in hex. @throws DamagedKeyMaterial */
export async function signDigest(hsm: Hsm, key: DigestKeyRecord, text: string): Promise<string> {
  const material = hsm.openKeyMaterial(digestKeyOwner(key), RSA, key.materialId, key.wrapped as Wrapped);
  const signature = await material.sign({ scheme: "rsa-pkcs1", hash: "sha256" }, "raw", Buffer.from(text, "utf8"));
  return signature.toString("hex");
}
