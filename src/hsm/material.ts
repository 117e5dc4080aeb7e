/** What key material can be. Kinds and their parameters, as NIST and the RFCs call them; which a KMS key spec takes, KMS knows. */
export type MaterialType =
  /** 32 bytes */
  { readonly kind: "symmetric" } | { readonly kind: "mac"; readonly bytes: 28 | 32 | 48 | 64 } | KeyPairType;

export type KeyPairType =
  | { readonly kind: "rsa"; readonly modulusLength: 2048 | 3072 | 4096 }
  | { readonly kind: "ec"; readonly curve: EllipticCurve }
  | { readonly kind: "ed25519" }
  | { readonly kind: "ml-dsa"; readonly level: 44 | 65 | 87 }
  | { readonly kind: "ml-kem"; readonly level: 512 | 768 | 1024 }
  | { readonly kind: "sm2" };

export type EllipticCurve = "P-256" | "P-384" | "P-521" | "secp256k1";

export type SignatureHash = "sha256" | "sha384" | "sha512";

export type SignatureScheme =
  /** rsa-pss: MGF1 with the same hash, a salt as long as it. ecdsa: DER, s as it comes (not made low). */
  | { readonly scheme: "rsa-pss" | "rsa-pkcs1" | "ecdsa"; readonly hash: SignatureHash }
  /**
   * ed25519ph (RFC 8032 §5.1) hashes what it is given, raw or digest: KMS takes a digest and has it hashed once more.
   * ml-dsa: FIPS 204, hedged, with an empty context string.
   */
  | { readonly scheme: "ed25519" | "ed25519ph" | "ml-dsa" }
  /**
   * GB/T 32918.2, DER. A message is signed under the identity 1234567812345678; a digest is e, the SM3 of Z and the
   * message, where Z is of whichever identity the caller likes.
   */
  | { readonly scheme: "sm2" };

/** externalMu: µ of FIPS 204 algorithm 7, line 6, computed outside; 64 bytes. */
export type MessageForm = "raw" | "digest" | "externalMu";

/**
 * RSAES-OAEP (RFC 8017 §7.1) with the hash for label and MGF1, the label empty; SM2 (GB/T 32918.4), the ciphertext in the
 * DER of GM/T 0009-2012 §7.2.
 */
export type EncryptionScheme = "oaep-sha1" | "oaep-sha256" | "sm2-pke";

export type MacHash = "sha224" | "sha256" | "sha384" | "sha512";

/** The key of an HMAC (FIPS 198-1), opened. */
export interface MacMaterial {
  readonly kind: "mac";
  readonly materialId: string;
  mac(hash: MacHash, message: Uint8Array): Buffer;
}

/**
 * What a key pair can do; a pair can do what its kind can. Asked for anything else (an RSA key for a shared secret, an
 * EC key for rsa-pss, a digest for ed25519) it rejects with a TypeError: who asks has mistaken the key.
 * No private key operation runs on the thread that calls.
 */
export interface KeyPairOperations {
  /** @throws RangeError for a digest or µ of another length than its hash gives */
  sign(scheme: SignatureScheme, form: MessageForm, message: Uint8Array): Promise<Buffer>;
  /** false for whatever is no signature of this message, malformed ones and digests of a wrong length included */
  verify(scheme: SignatureScheme, form: MessageForm, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
  /** @throws RangeError when the plaintext is longer than the modulus has room for; for SM2, when it is empty */
  encrypt(scheme: EncryptionScheme, plaintext: Uint8Array): Promise<Buffer>;
  /** @throws InvalidMessage whatever is wrong with the ciphertext: the reason would be a padding oracle */
  decrypt(scheme: EncryptionScheme, ciphertext: Uint8Array): Promise<Buffer>;
  /**
   * ECDH: SP 800-56A §5.7.1.2, without a key derivation.
   * @param peerPublicKey SubjectPublicKeyInfo, DER
   * @returns the x coordinate, as wide as the field
   * @throws InvalidPublicKey when it is anything but a point of the same curve
   */
  deriveSharedSecret(peerPublicKey: Uint8Array): Promise<Buffer>;
  /** ML-KEM: FIPS 203. */
  encapsulate(): Promise<Encapsulation>;
  /**
   * Gives a secret nobody has for a ciphertext of the right length made under another key (implicit rejection).
   * @throws InvalidMessage when its length is wrong
   */
  decapsulate(ciphertext: Uint8Array): Promise<Buffer>;
}

export interface Encapsulation {
  /** 32 bytes */
  readonly sharedSecret: Buffer;
  readonly ciphertext: Buffer;
}

/** A key pair, opened. */
export interface KeyPairMaterial extends KeyPairOperations {
  readonly kind: "keyPair";
  readonly materialId: string;
  /** SubjectPublicKeyInfo, DER */
  readonly publicKey: Buffer;
}

/** A key pair that leaves the boundary, as a data key does. */
export interface PlaintextKeyPair {
  /** SubjectPublicKeyInfo, DER */
  readonly publicKey: Buffer;
  /** PKCS#8, DER; of ML-KEM and ML-DSA the seed form of RFC 9935 and RFC 9881 */
  readonly privateKey: Buffer;
}
