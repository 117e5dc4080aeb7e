import type { GenerateDataKeyPairRequest, ReEncryptRequest } from "@aws-sdk/client-kms";
import { LRUCache } from "lru-cache";

/** How many requests a second an account may make in a Region; some quotas are shared by several operations. */
interface Quota {
  /** its place in a list of buckets */
  readonly index: number;
  rate(region: string): number;
}

let quotaCount = 0;
const quota = (rate: Quota["rate"]): Quota => ({ index: quotaCount++, rate });
const perSecond = (rate: number) => quota(() => rate);

const SYMMETRIC_RATES: ReadonlyMap<string, number> = new Map([
  ...["us-east-1", "us-west-2", "eu-west-1"].map((region) => [region, 100_000] as const),
  ...["us-east-2", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "eu-central-1", "eu-west-2"].map(
    (region) => [region, 20_000] as const,
  ),
]);

// reference/kms-semantics.md §9.1
const symmetric = [quota((region) => SYMMETRIC_RATES.get(region) ?? 10_000)];
const rsa = [perSecond(1000)];
const ecc = [perSecond(1000)];
const mlDsa = [perSecond(1000)];
const NONE: readonly Quota[] = [];

/** By KeyPairSpec. Those of ML-KEM are not published. */
const keyPairs: Readonly<Record<string, readonly Quota[]>> = {
  ECC_NIST_P256: [perSecond(100)],
  ECC_NIST_P384: [perSecond(100)],
  ECC_NIST_P521: [perSecond(100)],
  ECC_SECG_P256K1: [perSecond(100)],
  ECC_NIST_EDWARDS25519: [perSecond(100)],
  RSA_2048: [perSecond(20)],
  RSA_3072: [perSecond(4)],
  RSA_4096: [perSecond(1)],
  SM2: [perSecond(25)],
};

/** IAM User Guide, "IAM and AWS STS quotas": shared by what callers sign. */
const sts = [perSecond(600)];

/** The quotas that a request counts in. */
type Counted<Input> = (input: Input) => readonly Quota[];

const own = (rate: number): Counted<unknown> => {
  const quotas = [perSecond(rate)];
  return () => quotas;
};
const shared =
  (quotas: readonly Quota[]): Counted<unknown> =>
  () =>
    quotas;
const byAlgorithm = (algorithm: string | undefined): readonly Quota[] => {
  if (algorithm === undefined || algorithm === "SYMMETRIC_DEFAULT") return symmetric;
  if (algorithm.startsWith("RSA")) return rsa;
  return algorithm.startsWith("ML_DSA") ? mlDsa : ecc;
};
const byEncryption: Counted<{ EncryptionAlgorithm?: string }> = (input) => byAlgorithm(input.EncryptionAlgorithm);
const bySigning: Counted<{ SigningAlgorithm?: string }> = (input) => byAlgorithm(input.SigningAlgorithm);
const byKeyPair: Counted<GenerateDataKeyPairRequest> = ({ KeyPairSpec = "" }) => keyPairs[KeyPairSpec] ?? NONE;
/** Both keys' quotas, if they are two. */
const bySides: Counted<ReEncryptRequest> = (input) => {
  const from = byAlgorithm(input.SourceEncryptionAlgorithm);
  const to = byAlgorithm(input.DestinationEncryptionAlgorithm);
  return from === to ? from : [...from, ...to];
};

/**
 * One row an operation; KMS: reference/kms-operations.md §2.1, column "Default rate". What is not here has no quota: those
 * of IAM, and of Encapsulate and Decapsulate, are not published.
 */
const operations: Readonly<Record<string, Counted<never>>> = {
  CancelKeyDeletion: own(5),
  CreateAlias: own(5),
  CreateGrant: own(50),
  CreateKey: own(5),
  Decrypt: byEncryption,
  DeleteAlias: own(15),
  DeleteImportedKeyMaterial: own(15),
  DeriveSharedSecret: shared(ecc),
  DescribeKey: own(2000),
  DisableKey: own(5),
  DisableKeyRotation: own(5),
  EnableKey: own(5),
  EnableKeyRotation: own(15),
  Encrypt: byEncryption,
  GenerateDataKey: shared(symmetric),
  GenerateDataKeyPair: byKeyPair,
  GenerateDataKeyPairWithoutPlaintext: byKeyPair,
  GenerateDataKeyWithoutPlaintext: shared(symmetric),
  GenerateMac: shared(symmetric),
  GenerateRandom: shared(symmetric),
  GetKeyLastUsage: own(5),
  GetKeyPolicy: own(1000),
  GetKeyRotationStatus: own(1000),
  GetParametersForImport: own(1),
  GetPublicKey: own(2000),
  ImportKeyMaterial: own(15),
  ListAliases: own(500),
  ListGrants: own(100),
  ListKeyPolicies: own(100),
  ListKeyRotations: own(100),
  ListKeys: own(500),
  ListResourceTags: own(2000),
  ListRetirableGrants: own(100),
  PutKeyPolicy: own(15),
  ReEncrypt: bySides,
  ReplicateKey: own(5), // AWS counts two CreateKey in the replica's Region besides
  RetireGrant: own(50),
  RevokeGrant: own(50),
  RotateKeyOnDemand: own(5),
  ScheduleKeyDeletion: own(15),
  Sign: bySigning,
  TagResource: own(10),
  UntagResource: own(5),
  UpdateAlias: own(5),
  UpdateKeyDescription: own(5),
  UpdatePrimaryRegion: own(5),
  Verify: bySigning,
  VerifyMac: shared(symmetric),

  // reference/cloudtrail.md §6
  LookupEvents: own(2),

  AssumeRole: shared(sts),
  DecodeAuthorizationMessage: shared(sts),
  GetAccessKeyInfo: shared(sts),
  GetCallerIdentity: shared(sts),
  GetFederationToken: shared(sts),
  GetSessionToken: shared(sts),
};

const byOperation: ReadonlyMap<string, Counted<never>> = new Map(Object.entries(operations));

/** Accounts and Regions that are counted at a time, half a KB each. Who is forgotten starts with a full second's worth. */
const COUNTED = 20_000;
/** What sums of fractions may be off by; milliseconds. */
const SLACK = 0.001;

export interface QuotasOptions {
  /** processes that share the work: each allows its part of every quota */
  readonly workers?: number;
  /** milliseconds, of a clock that nobody sets */
  readonly now?: () => number;
}

/**
 * AWS's request quotas: a bucket for each account, Region and quota, which holds one second's requests and empties
 * steadily. A bucket is kept as one number, the moment at which it will be empty.
 */
export class Quotas {
  readonly #workers: number;
  readonly #now: () => number;
  readonly #buckets = new LRUCache<string, Float64Array>({ maxSize: COUNTED, sizeCalculation: () => 1 });

  constructor({ workers = 1, now = () => performance.now() }: QuotasOptions = {}) {
    this.#workers = workers;
    this.#now = now;
  }

  /** The operations that have a quota. */
  static get operations(): readonly string[] {
    return Object.keys(operations);
  }

  /**
   * Counts one more request of an account in a Region; false when it is one too many.
   * @param input as the operation gets it: of some it decides which quota they count in
   */
  take(operation: string, input: unknown, account: string, region: string): boolean {
    const quotas = byOperation.get(operation)?.(input as never) ?? NONE;
    if (quotas.length === 0) return true;
    const buckets = this.#bucketsOf(`${account}/${region}`);
    const now = this.#now();
    for (const { index, rate } of quotas) {
      const part = rate(region) / this.#workers;
      const each = 1000 / part;
      const emptyAt = Math.max(buckets[index] as number, now) + each;
      // Rounded up: all workers together hold at least one second's requests, and each at least one.
      if (emptyAt - now > Math.ceil(part) * each + SLACK) return false;
      buckets[index] = emptyAt;
    }
    return true;
  }

  #bucketsOf(name: string): Float64Array {
    let buckets = this.#buckets.get(name);
    if (buckets === undefined) {
      buckets = new Float64Array(quotaCount);
      this.#buckets.set(name, buckets);
    }
    return buckets;
  }
}
