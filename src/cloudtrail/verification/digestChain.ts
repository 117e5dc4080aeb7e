import { verify } from "node:crypto";
import { sha256, signedText } from "../delivery/digest.ts";
import type { Anchor, Snapshot } from "../journalVerification.ts";
import type { DigestPublicKey } from "../publicKey.ts";
import { type DigestFile, logFileHash, readDigest, readSignature } from "./deliveredFiles.ts";

/** Something that is not as it was delivered. */
export interface Finding {
  /** `BUCKET/KEY`, or a stream of the journal */
  readonly place: string;
  readonly detail: string;
}

/** What became of a trail's digests in one Region. */
export interface ChainVerification {
  readonly trail: string;
  readonly region: string;
  readonly digests: { readonly valid: number; readonly all: number };
  readonly logFiles: { readonly valid: number; readonly all: number };
  /** `2026-11-23T10:00:00Z`; of the digests that are valid */
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** in the order of time: the first divergence first */
  readonly findings: readonly Finding[];
  /** Times for which there are no digests because the trail was not logging, or not validated, as the digests say. */
  readonly gaps: readonly { readonly from: string; readonly to: string }[];
  /** where digests say that the journal had got to */
  readonly anchors: readonly Anchor[];
  /** which streams each digest knows */
  readonly snapshots: readonly Snapshot[];
  /** paths of the log files in them */
  readonly listed: readonly string[];
}

/** The members of a digest that are read here. */
interface Digest {
  readonly awsAccountId: string;
  readonly digestStartTime: string;
  readonly digestEndTime: string;
  readonly digestS3Bucket: string;
  readonly digestS3Object: string;
  readonly digestPublicKeyFingerprint: string;
  readonly previousDigestS3Bucket: string | null;
  readonly previousDigestS3Object: string | null;
  readonly previousDigestHashValue: string | null;
  readonly previousDigestSignature: string | null;
  readonly logFiles: readonly { readonly s3Bucket: string; readonly s3Object: string; readonly hashValue: string }[];
  readonly strongroomJournal?: readonly Anchor[];
}

interface ReadDigest {
  readonly file: DigestFile;
  readonly place: string;
  readonly hash: string;
  readonly digest: Digest;
  /** it is as it was signed */
  isSound?: boolean;
}

/**
 * Checks the digests of a trail in one Region, and every log file in them: CloudTrail user guide, "Custom implementations
 * of CloudTrail log file integrity validation". Needs the files and the public keys, and nothing else.
 * @param directory of buckets
 * @param files oldest first
 * @param since what ended before is passed over and need not be there any more; `20261123T110000Z`
 */
export async function verifyChain(
  directory: string,
  files: readonly DigestFile[],
  keys: ReadonlyMap<string, DigestPublicKey>,
  since = "",
): Promise<ChainVerification> {
  const { account, home, region, trail } = files[0] as DigestFile;
  const walk = new ChainWalk(directory, keys);
  const inRange = files.filter(({ end }) => end >= since);
  for (const [i, file] of inRange.entries()) await walk.read(file, inRange[i + 1], since !== "" && i === 0);
  return { trail: `arn:aws:cloudtrail:${home}:${account}:trail/${trail}`, region, ...walk.result() };
}

class ChainWalk {
  readonly #directory: string;
  readonly #keys: ReadonlyMap<string, DigestPublicKey>;
  readonly #findings: Finding[] = [];
  readonly #gaps: { from: string; to: string }[] = [];
  readonly #anchors: Anchor[] = [];
  readonly #snapshots: Snapshot[] = [];
  readonly #listed: string[] = [];
  readonly #digests = { valid: 0, all: 0 };
  readonly #logFiles = { valid: 0, all: 0 };
  #from: string | undefined;
  #to: string | undefined;
  /** undefined where the one before could not be read */
  #previous: ReadDigest | undefined;
  #first = true;

  constructor(directory: string, keys: ReadonlyMap<string, DigestPublicKey>) {
    this.#directory = directory;
    this.#keys = keys;
  }

  /** @param next where the signature stands again, if it is not beside the file */
  async read(file: DigestFile, next: DigestFile | undefined, mayFollowAbsent: boolean): Promise<void> {
    this.#digests.all++;
    const place = `${file.bucket}/${file.object}`;
    const found = await this.#parsed(file, place);
    if (found === undefined) this.#find(place, "digest file: invalid format");
    else if (this.#isSigned(found, await this.#signature(found, next))) {
      found.isSound = true;
      this.#digests.valid++;
      this.#follow(found, mayFollowAbsent);
      this.#from ??= found.digest.digestStartTime;
      this.#to = found.digest.digestEndTime;
      this.#anchor(found.digest);
      for (const logFile of found.digest.logFiles) await this.#readLogFile(logFile);
    }
    this.#previous = found;
    this.#first = false;
  }

  result() {
    return {
      digests: this.#digests,
      logFiles: this.#logFiles,
      from: this.#from,
      to: this.#to,
      findings: this.#findings,
      gaps: this.#gaps,
      anchors: this.#anchors,
      snapshots: this.#snapshots,
      listed: this.#listed,
    };
  }

  #anchor({ strongroomJournal: anchors, digestEndTime }: Digest): void {
    if (anchors === undefined) return;
    this.#anchors.push(...anchors);
    this.#snapshots.push({ at: Date.parse(digestEndTime), streams: anchors.map(({ stream }) => stream) });
  }

  #find(place: string, detail: string): false {
    this.#findings.push({ place, detail });
    return false;
  }

  async #parsed(file: DigestFile, place: string): Promise<ReadDigest | undefined> {
    try {
      const content = await readDigest(this.#directory, file);
      const digest = JSON.parse(content.toString("utf8"));
      return isDigest(digest) ? { file, place, hash: sha256(content), digest } : undefined;
    } catch {
      return undefined;
    }
  }

  async #signature({ file }: ReadDigest, next: DigestFile | undefined): Promise<string | undefined> {
    const beside = await readSignature(this.#directory, file);
    if (beside !== undefined || next === undefined) return beside;
    const following = await this.#parsed(next, "");
    return following?.digest.previousDigestSignature ?? undefined;
  }

  #isSigned({ place, digest, hash, file }: ReadDigest, signature: string | undefined): boolean {
    const stamp = digest.digestEndTime.replaceAll(/[-:]/g, "");
    if (`${digest.digestS3Bucket}/${digest.digestS3Object}` !== place || stamp !== file.end) {
      return this.#find(place, "digest file: has been moved from its original location");
    }
    const key = this.#keys.get(digest.digestPublicKeyFingerprint);
    if (key === undefined) {
      return this.#find(
        place,
        `digest file: no public key has its fingerprint ${JSON.stringify(digest.digestPublicKeyFingerprint)}`,
      );
    }
    if (signature === undefined) {
      return this.#find(place, "digest file: its signature is not there, neither beside it nor in the next digest");
    }
    const { digestEndTime, digestS3Bucket, digestS3Object, previousDigestSignature } = digest;
    const text = signedText(digestEndTime, digestS3Bucket, digestS3Object, hash, previousDigestSignature);
    if (!verify("sha256", Buffer.from(text, "utf8"), key.key, Buffer.from(signature, "hex"))) {
      return this.#find(place, "digest file: signature verification failed");
    }
    return true;
  }

  #follow({ place, digest }: ReadDigest, mayFollowAbsent: boolean): void {
    const previous = this.#previous;
    if (digest.previousDigestS3Object === null) {
      if (previous !== undefined) {
        this.#gaps.push({ from: previous.digest.digestEndTime, to: digest.digestStartTime });
      }
      return;
    }
    const before = `${digest.previousDigestS3Bucket}/${digest.previousDigestS3Object}`;
    if (previous === undefined ? this.#first && !mayFollowAbsent : previous.place !== before) {
      this.#find(before, "digest file: not found; a later one follows it");
    }
    // Of one that is there and is not sound it has been told.
    if (previous?.isSound !== true || previous.place !== before) return;
    if (previous.hash !== digest.previousDigestHashValue) {
      this.#find(before, "digest file: hash value doesn't match the one in the next digest");
    }
    if (previous.digest.digestEndTime !== digest.digestStartTime) {
      this.#find(place, `digest file: no digest is of ${previous.digest.digestEndTime} to ${digest.digestStartTime}`);
    }
  }

  async #readLogFile({ s3Bucket, s3Object, hashValue }: Digest["logFiles"][number]): Promise<void> {
    const place = `${s3Bucket}/${s3Object}`;
    this.#logFiles.all++;
    this.#listed.push(place);
    const hash = await logFileHash(this.#directory, s3Bucket, s3Object);
    if (hash === hashValue) this.#logFiles.valid++;
    else if (hash === "absent") this.#find(place, "log file: not found");
    else if (hash === "malformed") this.#find(place, "log file: invalid format");
    else this.#find(place, "log file: hash value doesn't match");
  }
}

const REQUIRED = [
  "awsAccountId",
  "digestStartTime",
  "digestEndTime",
  "digestS3Bucket",
  "digestS3Object",
  "digestPublicKeyFingerprint",
] as const;
const NULLABLE = [
  "previousDigestS3Bucket",
  "previousDigestS3Object",
  "previousDigestHashValue",
  "previousDigestSignature",
] as const;

function isDigest(value: unknown): value is Digest {
  if (typeof value !== "object" || value === null) return false;
  const digest = value as Record<string, unknown>;
  const { logFiles, strongroomJournal = [] } = digest;
  return (
    REQUIRED.every((member) => typeof digest[member] === "string") &&
    NULLABLE.every((member) => digest[member] === null || typeof digest[member] === "string") &&
    Array.isArray(logFiles) &&
    logFiles.every((file) =>
      ["s3Bucket", "s3Object", "hashValue"].every((member) => typeof file?.[member] === "string"),
    ) &&
    Array.isArray(strongroomJournal) &&
    strongroomJournal.every(isAnchor)
  );
}

function isAnchor(anchor: Partial<Anchor> | null): boolean {
  return typeof anchor?.stream === "string" && Number.isSafeInteger(anchor.sequence) && typeof anchor.hash === "string";
}
