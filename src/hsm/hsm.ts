import type { KeyObject } from "node:crypto";
import type {
  EncryptionScheme,
  KeyPairMaterial,
  KeyPairType,
  MacMaterial,
  MaterialType,
  PlaintextKeyPair,
} from "./material.ts";

/** A value the HSM sealed under one of its domain keys. Worthless without the HSM; safe to store. */
export interface Wrapped {
  /** which domain key sealed it */
  readonly domainKey: number;
  readonly bytes: Uint8Array;
}

/** A domain key sealed under the root key, as the store keeps it. */
export interface DomainKeyRecord {
  readonly id: number;
  readonly bytes: Uint8Array;
  /** milliseconds since the epoch */
  readonly createdAt: number;
}

/** To which KMS key a material belongs. Both go into the wrapping's associated data: a row moved to another key does not open. */
export interface MaterialOwner {
  readonly keyArn: string;
  readonly keyId: string;
}

export interface NewMaterial {
  /** 64 hex digits, a function of key id and material: the same bytes in the same key give the same id */
  readonly materialId: string;
  readonly wrapped: Wrapped;
}

export interface NewKeyMaterial extends NewMaterial {
  /** SubjectPublicKeyInfo, DER; of key pairs */
  readonly publicKey?: Buffer;
}

/** How key material comes wrapped. */
export interface Unwrapping {
  readonly scheme: EncryptionScheme;
  /** the scheme encrypts an AES-256 key; behind it stands the material, under that key: RFC 5649 */
  readonly aesKeyWrap: boolean;
}

/** What opened material of a type is. */
export type OpenedMaterial<T extends MaterialType> = T extends { kind: "symmetric" }
  ? SymmetricMaterial
  : T extends { kind: "mac" }
    ? MacMaterial
    : KeyPairMaterial;

/**
 * One version of a symmetric KMS key's material, opened. The bytes stay behind these two primitives.
 * A message is sealed under a key derived for it alone, so that no limit on messages per material applies.
 */
export interface SymmetricMaterial {
  readonly materialId: string;
  /**
   * @param prefix bytes put in front of the result as they are, authenticated
   * @param context further associated data, not part of the result
   * @returns prefix ‖ 16-byte nonce ‖ 12-byte IV ‖ ciphertext ‖ 16-byte tag
   */
  seal(prefix: Uint8Array, context: Uint8Array, plaintext: Uint8Array): Buffer | Promise<Buffer>;
  /**
   * Opens what {@link seal} returned with a prefix of `prefixLength` bytes.
   * @throws InvalidMessage when any byte of it, or of `context`, is not what was sealed
   */
  open(sealed: Uint8Array, prefixLength: number, context: Uint8Array): Buffer | Promise<Buffer>;
}

/** What {@link SymmetricMaterial.seal} adds to prefix and plaintext, in bytes. */
export const SEAL_OVERHEAD = 16 + 12 + 16;

/** The boundary that alone sees plaintext key material. */
export interface Hsm {
  randomBytes(length: number): Buffer;
  generateMaterial(owner: MaterialOwner): NewMaterial;
  /** Takes 32 chosen bytes as material. */
  importMaterial(owner: MaterialOwner, material: Uint8Array): NewMaterial;
  /** @throws DamagedKeyMaterial when it was sealed for another key, or was altered */
  openMaterial(owner: MaterialOwner, materialId: string, wrapped: Wrapped): SymmetricMaterial;

  /** Like {@link generateMaterial}, for every type. */
  generateKeyMaterial(owner: MaterialOwner, type: MaterialType): Promise<NewKeyMaterial>;
  /**
   * Takes chosen material: the bytes of a symmetric or MAC key, a pair's private key as PKCS#8 DER. A private key is kept
   * in one form, whatever its encoding: the same key gives the same id.
   * @throws InvalidKeyMaterial when it is malformed, of another type, inconsistent, or weak
   */
  importKeyMaterial(owner: MaterialOwner, type: MaterialType, material: Uint8Array): Promise<NewKeyMaterial>;
  /**
   * Makes a key pair under whose public key material is wrapped on its way here, and a token to bring back with it: the
   * private key and the claims, sealed for this purpose. Nothing is kept.
   */
  newWrappingKey(
    purpose: string,
    type: KeyPairType,
    claims: Uint8Array,
  ): Promise<{ readonly publicKey: Buffer; readonly token: Buffer }>;
  /** The claims that {@link newWrappingKey} sealed; undefined when the token was altered, or is for another purpose. */
  wrappingKeyClaims(purpose: string, token: Uint8Array): Buffer | undefined;
  /**
   * Like {@link importKeyMaterial}, for material wrapped under the wrapping key of a token.
   * @throws InvalidMessage when it does not unwrap; InvalidKeyMaterial
   */
  importWrapped(
    owner: MaterialOwner,
    type: MaterialType,
    wrappingKey: { readonly purpose: string; readonly token: Uint8Array; readonly type: KeyPairType },
    unwrapping: Unwrapping,
    encrypted: Uint8Array,
  ): Promise<NewKeyMaterial>;
  /** @throws DamagedKeyMaterial when it was sealed for another key, was altered, or cannot be of this type */
  openKeyMaterial<T extends MaterialType>(
    owner: MaterialOwner,
    type: T,
    materialId: string,
    wrapped: Wrapped,
  ): OpenedMaterial<T>;
  /** Makes a key pair for use outside; nothing of it stays. */
  generateKeyPair(type: KeyPairType): Promise<PlaintextKeyPair>;

  /** Makes a secret access key: 40 characters of base 64. It leaves the boundary once, for whom it is made. */
  newAccessKeySecret(accessKeyId: string): { readonly secret: string; readonly wrapped: Wrapped };
  /** Seals a chosen secret access key. */
  wrapAccessKeySecret(accessKeyId: string, secret: string): Wrapped;
  /** kSigning of Signature Version 4 for a sealed secret access key; the secret itself stays here. */
  deriveSigningKey(accessKeyId: string, secret: Wrapped, date: string, region: string, service: string): KeyObject;

  /**
   * Makes the secret of a temporary access key, and the token that its holder brings back with each request: secret and
   * claims, sealed for this access key id. Nothing is kept.
   */
  newSession(accessKeyId: string, claims: Uint8Array): { readonly secret: string; readonly token: Buffer };
  /** What {@link newSession} sealed; undefined when it was altered, or is another access key's, or no token of this service. */
  openSession(accessKeyId: string, token: Uint8Array): OpenedSession | undefined;
  /** Seals what its holder is to bring back unaltered. @param purpose a token made for one opens for no other */
  sealToken(purpose: string, claims: Uint8Array): Buffer;
  openToken(purpose: string, token: Uint8Array): Buffer | undefined;
  /** Which domain key a token says it was sealed under; undefined when it is none. */
  tokenDomainKey(token: Uint8Array): number | undefined;

  /** Makes the seed of a virtual MFA device, which leaves the boundary once. @param deviceId binds it */
  newTotpSeed(deviceId: string): { readonly seed: Buffer; readonly wrapped: Wrapped };
  /** The six digits of RFC 4226 for a counter, which for RFC 6238 counts half minutes since 1970. */
  hotp(deviceId: string, seed: Wrapped, counter: number): string;
  rewrapTotpSeed(deviceId: string, seed: Wrapped): Wrapped;

  /** Makes a domain key and returns it sealed; it is used only once {@link addDomainKey} has been told of it. */
  generateDomainKey(id: number, createdAt: number): Promise<DomainKeyRecord>;
  /** Opens a domain key; the highest id seals from then on. */
  addDomainKey(record: DomainKeyRecord): Promise<void>;
  hasDomainKey(id: number): boolean;
  /** the domain key that seals now */
  readonly activeDomainKey: number;
  /**
   * The same material under the active domain key.
   * @param to the key that it is sealed for, if another: one of the same id, so that the material keeps its own
   */
  rewrapMaterial(owner: MaterialOwner, materialId: string, wrapped: Wrapped, to?: MaterialOwner): Wrapped;
  rewrapAccessKeySecret(accessKeyId: string, secret: Wrapped): Wrapped;
}

/** A temporary access key, as its token has it. */
export interface OpenedSession {
  readonly claims: Buffer;
  /** kSigning of Signature Version 4; the secret itself stays behind it */
  deriveSigningKey(date: string, region: string, service: string): KeyObject;
}

/** A sealed message that does not authenticate. Says nothing about why. */
export class InvalidMessage extends Error {
  override readonly name = "InvalidMessage";
}

/** Stored key material that does not open: altered, or another key's. */
export class DamagedKeyMaterial extends Error {
  override readonly name = "DamagedKeyMaterial";
}

/** Bytes that are no key material of the type asked for. The message is for who chose them, and tells nothing of them. */
export class InvalidKeyMaterial extends Error {
  override readonly name = "InvalidKeyMaterial";
}

/** Bytes that are no public key of the same curve. */
export class InvalidPublicKey extends Error {
  override readonly name = "InvalidPublicKey";
}

/** The root key does not open this store's domain keys, or cannot be had. The message is for the operator. */
export class RootKeyError extends Error {
  override readonly name = "RootKeyError";
}

/** Who holds the root key. It seals domain keys and nothing else, so it may be slow or far away. */
export interface RootKeyProvider {
  /** for log lines and errors: what it is and where */
  readonly description: string;
  seal(domainKey: Uint8Array, associatedData: Uint8Array): Promise<Buffer>;
  /** @throws RootKeyError when this root key did not seal it */
  unseal(sealed: Uint8Array, associatedData: Uint8Array): Promise<Buffer>;
}
