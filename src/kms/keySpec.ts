import type { EncryptionAlgorithmSpec, KeyMetadata, KeyUsageType } from "@aws-sdk/client-kms";

/** What the service needs to know of a key spec; one row each. */
interface KeySpecRow {
  /** usages a key of this spec may have, the default first */
  readonly usages: readonly KeyUsageType[];
  readonly encryptionAlgorithms: readonly EncryptionAlgorithmSpec[];
  /** the algorithm members of KeyMetadata */
  readonly algorithms: Pick<KeyMetadata, "EncryptionAlgorithms">;
}

export const keySpecs = {
  SYMMETRIC_DEFAULT: {
    usages: ["ENCRYPT_DECRYPT"],
    encryptionAlgorithms: ["SYMMETRIC_DEFAULT"],
    algorithms: { EncryptionAlgorithms: ["SYMMETRIC_DEFAULT"] },
  },
} as const satisfies Record<string, KeySpecRow>;

export type KeySpecName = keyof typeof keySpecs;

export function isKeySpec(name: string): name is KeySpecName {
  return Object.hasOwn(keySpecs, name);
}
