import type {
  EncryptionAlgorithmSpec,
  KeyMetadata,
  KeyUsageType,
  MacAlgorithmSpec,
  SigningAlgorithmSpec,
} from "@aws-sdk/client-kms";
import type { EncryptionScheme, MacHash, MaterialType, MessageForm, SignatureScheme } from "../hsm/material.ts";
import { partitionOf } from "./partition.ts";

/** What the service needs to know of a key spec; one row each: reference/kms-operations.md §4. */
export interface KeySpecRow {
  /** which of AWS's three broad types it is; an alias moves only within one */
  readonly family: "symmetric" | "asymmetric" | "hmac";
  /** of the key material, as the HSM makes it */
  readonly material: MaterialType;
  /** usages a key of this spec may have */
  readonly usages: readonly KeyUsageType[];
  readonly encryption: readonly EncryptionAlgorithmSpec[];
  readonly signing: readonly SigningAlgorithmSpec[];
  readonly mac: readonly MacAlgorithmSpec[];
  /** of ML-KEM, in bytes */
  readonly encapsulatedLength: number | undefined;
  /** whether a key pair of this spec can be a data key */
  readonly dataKeyPair: boolean;
  /** whether its material can be imported; AWS does not say so of ML-KEM, and says the contrary of ML-DSA */
  readonly importable: boolean;
  /** where AWS has it, and so do we, by the Region's name */
  readonly offered: "everywhere" | "in China" | "outside China";
}

const none = {
  encryption: [],
  signing: [],
  mac: [],
  encapsulatedLength: undefined,
  dataKeyPair: true,
  importable: true,
  offered: "everywhere",
} as const satisfies Partial<KeySpecRow>;

const rsa = (modulusLength: 2048 | 3072 | 4096) =>
  ({
    ...none,
    family: "asymmetric",
    material: { kind: "rsa", modulusLength },
    usages: ["ENCRYPT_DECRYPT", "SIGN_VERIFY"],
    encryption: ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"],
    signing: [
      "RSASSA_PKCS1_V1_5_SHA_256",
      "RSASSA_PKCS1_V1_5_SHA_384",
      "RSASSA_PKCS1_V1_5_SHA_512",
      "RSASSA_PSS_SHA_256",
      "RSASSA_PSS_SHA_384",
      "RSASSA_PSS_SHA_512",
    ],
  }) as const satisfies KeySpecRow;

const nist = (curve: "P-256" | "P-384" | "P-521", algorithm: SigningAlgorithmSpec) =>
  ({
    ...none,
    family: "asymmetric",
    material: { kind: "ec", curve },
    usages: ["SIGN_VERIFY", "KEY_AGREEMENT"],
    signing: [algorithm],
  }) as const satisfies KeySpecRow;

const hmac = (bytes: 28 | 32 | 48 | 64, algorithm: MacAlgorithmSpec) =>
  ({
    ...none,
    family: "hmac",
    material: { kind: "mac", bytes },
    usages: ["GENERATE_VERIFY_MAC"],
    mac: [algorithm],
    dataKeyPair: false,
  }) as const satisfies KeySpecRow;

const mlDsa = (level: 44 | 65 | 87) =>
  ({
    ...none,
    family: "asymmetric",
    material: { kind: "ml-dsa", level },
    usages: ["SIGN_VERIFY"],
    signing: ["ML_DSA_SHAKE_256"],
    dataKeyPair: false,
    importable: false,
  }) as const satisfies KeySpecRow;

const mlKem = (level: 512 | 768 | 1024, encapsulatedLength: number) =>
  ({
    ...none,
    family: "asymmetric",
    material: { kind: "ml-kem", level },
    usages: ["ENCAPSULATE_DECAPSULATE"],
    encapsulatedLength,
    importable: false,
    offered: "outside China",
  }) as const satisfies KeySpecRow;

export const keySpecs = {
  SYMMETRIC_DEFAULT: {
    ...none,
    family: "symmetric",
    material: { kind: "symmetric" },
    usages: ["ENCRYPT_DECRYPT"],
    encryption: ["SYMMETRIC_DEFAULT"],
    dataKeyPair: false,
  },
  RSA_2048: rsa(2048),
  RSA_3072: rsa(3072),
  RSA_4096: rsa(4096),
  ECC_NIST_P256: nist("P-256", "ECDSA_SHA_256"),
  ECC_NIST_P384: nist("P-384", "ECDSA_SHA_384"),
  ECC_NIST_P521: nist("P-521", "ECDSA_SHA_512"),
  ECC_NIST_EDWARDS25519: {
    ...none,
    family: "asymmetric",
    material: { kind: "ed25519" },
    usages: ["SIGN_VERIFY"],
    signing: ["ED25519_SHA_512", "ED25519_PH_SHA_512"],
  },
  ECC_SECG_P256K1: {
    ...none,
    family: "asymmetric",
    material: { kind: "ec", curve: "secp256k1" },
    usages: ["SIGN_VERIFY"],
    signing: ["ECDSA_SHA_256"],
  },
  HMAC_224: hmac(28, "HMAC_SHA_224"),
  HMAC_256: hmac(32, "HMAC_SHA_256"),
  HMAC_384: hmac(48, "HMAC_SHA_384"),
  HMAC_512: hmac(64, "HMAC_SHA_512"),
  ML_DSA_44: mlDsa(44),
  ML_DSA_65: mlDsa(65),
  ML_DSA_87: mlDsa(87),
  ML_KEM_512: mlKem(512, 768),
  ML_KEM_768: mlKem(768, 1088),
  ML_KEM_1024: mlKem(1024, 1568),
  SM2: {
    ...none,
    family: "asymmetric",
    material: { kind: "sm2" },
    usages: ["ENCRYPT_DECRYPT", "SIGN_VERIFY", "KEY_AGREEMENT"],
    encryption: ["SM2PKE"],
    signing: ["SM2DSA"],
    offered: "in China",
  },
} as const satisfies Record<string, KeySpecRow>;

export type KeySpecName = keyof typeof keySpecs;

export function isKeySpec(name: string): name is KeySpecName {
  return Object.hasOwn(keySpecs, name);
}

/** Whether keys of a spec can be made in a Region. */
export function isOffered(name: string, region: string): name is KeySpecName {
  if (!isKeySpec(name)) return false;
  const { offered } = keySpecRow(name);
  return offered === "everywhere" || offered === (partitionOf(region) === "aws-cn" ? "in China" : "outside China");
}

export function keySpecRow(name: KeySpecName): KeySpecRow {
  return keySpecs[name];
}

/** The algorithm members of KeyMetadata and of GetPublicKey: those of the key's usage. */
export function algorithmsOf(
  spec: KeySpecName,
  usage: KeyUsageType,
): Pick<
  KeyMetadata,
  "EncryptionAlgorithms" | "SigningAlgorithms" | "MacAlgorithms" | "KeyAgreementAlgorithms" | "EncapsulationAlgorithms"
> {
  const { encryption, signing, mac } = keySpecRow(spec);
  const byUsage: Record<KeyUsageType, ReturnType<typeof algorithmsOf>> = {
    ENCRYPT_DECRYPT: { EncryptionAlgorithms: [...encryption] },
    SIGN_VERIFY: { SigningAlgorithms: [...signing] },
    GENERATE_VERIFY_MAC: { MacAlgorithms: [...mac] },
    KEY_AGREEMENT: { KeyAgreementAlgorithms: ["ECDH"] },
    ENCAPSULATE_DECAPSULATE: { EncapsulationAlgorithms: ["ML_KEM"] },
  };
  return byUsage[usage];
}

/** A signing algorithm: what the HSM does for it, and which messages it takes. */
export interface SigningAlgorithm {
  readonly scheme: SignatureScheme;
  /** the message types, and how many bytes a message of each must have; undefined: any */
  readonly forms: Readonly<Partial<Record<MessageForm, number | undefined>>>;
}

const hashed = (scheme: "rsa-pss" | "rsa-pkcs1" | "ecdsa", hash: "sha256" | "sha384" | "sha512"): SigningAlgorithm => ({
  scheme: { scheme, hash },
  forms: { raw: undefined, digest: { sha256: 32, sha384: 48, sha512: 64 }[hash] },
});

/** reference/kms-operations.md §4, rules 3 to 7. */
export const signingAlgorithms: Readonly<Partial<Record<SigningAlgorithmSpec, SigningAlgorithm>>> = {
  RSASSA_PSS_SHA_256: hashed("rsa-pss", "sha256"),
  RSASSA_PSS_SHA_384: hashed("rsa-pss", "sha384"),
  RSASSA_PSS_SHA_512: hashed("rsa-pss", "sha512"),
  RSASSA_PKCS1_V1_5_SHA_256: hashed("rsa-pkcs1", "sha256"),
  RSASSA_PKCS1_V1_5_SHA_384: hashed("rsa-pkcs1", "sha384"),
  RSASSA_PKCS1_V1_5_SHA_512: hashed("rsa-pkcs1", "sha512"),
  ECDSA_SHA_256: hashed("ecdsa", "sha256"),
  ECDSA_SHA_384: hashed("ecdsa", "sha384"),
  ECDSA_SHA_512: hashed("ecdsa", "sha512"),
  ED25519_SHA_512: { scheme: { scheme: "ed25519" }, forms: { raw: undefined } },
  ED25519_PH_SHA_512: { scheme: { scheme: "ed25519ph" }, forms: { digest: 64 } },
  SM2DSA: { scheme: { scheme: "sm2" }, forms: { raw: undefined, digest: 32 } },
  ML_DSA_SHAKE_256: { scheme: { scheme: "ml-dsa" }, forms: { raw: undefined, externalMu: 64 } },
};

/** An asymmetric encryption algorithm: what the HSM does for it, and how long a plaintext of it may be, in bytes. */
export interface EncryptionAlgorithm {
  readonly scheme: EncryptionScheme;
  longestPlaintext(material: MaterialType): number;
}

/** RFC 8017 §7.1.1: at most k - 2h - 2 bytes. */
const oaep = (scheme: "oaep-sha1" | "oaep-sha256", hashLength: number): EncryptionAlgorithm => ({
  scheme,
  longestPlaintext: (material) => (material.kind === "rsa" ? material.modulusLength / 8 - 2 * hashLength - 2 : 0),
});

/** That of SM2PKE is AWS's own, as its page of Encrypt says. */
export const encryptionAlgorithms: Readonly<Partial<Record<EncryptionAlgorithmSpec, EncryptionAlgorithm>>> = {
  RSAES_OAEP_SHA_1: oaep("oaep-sha1", 20),
  RSAES_OAEP_SHA_256: oaep("oaep-sha256", 32),
  SM2PKE: { scheme: "sm2-pke", longestPlaintext: () => 1024 },
};

export const macAlgorithms: Readonly<Record<MacAlgorithmSpec, MacHash>> = {
  HMAC_SHA_224: "sha224",
  HMAC_SHA_256: "sha256",
  HMAC_SHA_384: "sha384",
  HMAC_SHA_512: "sha512",
};
