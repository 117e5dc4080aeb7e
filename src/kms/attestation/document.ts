import { type DecodeOptions, decode, encode, Tokenizer, Type } from "cborg";
import { AttestationRefused } from "./refusal.ts";

/** Who attests: a Nitro enclave, or an EC2 instance with a NitroTPM. Their documents differ in the name of the PCRs. */
export type Platform = "enclave" | "nitroTpm";

/** What an attestation document says. Nothing of it is proven by having been read. */
export interface AttestationDocument {
  readonly platform: Platform;
  readonly moduleId: string;
  /** milliseconds since the epoch */
  readonly timestamp: number;
  /** by index, 0 to 31; 32, 48 or 64 bytes each */
  readonly pcrs: ReadonlyMap<number, Uint8Array>;
  /** of the key that signed the document; X.509, DER */
  readonly certificate: Uint8Array;
  /** from the root on, each issuing the next, the last issuing `certificate`; X.509, DER */
  readonly cabundle: readonly Uint8Array[];
  /** SubjectPublicKeyInfo, DER */
  readonly publicKey: Uint8Array | undefined;
}

/** A document, with what was signed of it: RFC 9052 §4.4. */
export interface SignedDocument {
  readonly document: AttestationDocument;
  readonly toBeSigned: Uint8Array;
  /** r ‖ s, 96 bytes */
  readonly signature: Uint8Array;
}

/** Tag 18, COSE_Sign1 (RFC 9052 §2). AWS documents it; the documents that enclaves send have no tag. */
const COSE_SIGN1_TAG = 0xd2;
/** `{1: -35}`, alg ES384, the only header that there is: attestation_process.md §3.1. */
const PROTECTED = Buffer.from("a1013822", "hex");
const SIGNATURE_LENGTH = 96;
const MAX_PAYLOAD = 16_384;
/** Tag, array, headers, signature and the lengths of all are 109 bytes in the shortest encoding. */
const MAX_DOCUMENT = MAX_PAYLOAD + 128;
const MAX_MODULE_ID = 256;
/** AWS sends four */
const MAX_CABUNDLE = 8;
/** The largest payload that the rules below allow has 94. Nesting is bounded by it too: each level is an item. */
const MAX_ITEMS = 128;

/** Lengths in bytes, as AWS's validation rules have them: attestation_process.md §3.2.2.2, and EC2's page on NitroTPM. */
const MAX_CERTIFICATE = 1024;
const MAX_PUBLIC_KEY = 1024;
const MAX_USER_DATA: Readonly<Record<Platform, number>> = { enclave: 512, nitroTpm: 1024 };
const PCR_LENGTHS: readonly number[] = [32, 48, 64];
const PCR_COUNT = 32;

/** The list is closed: "Attestation Document Allowed Fields", attestation_process.md §3.2.2.1. */
const FIELDS: ReadonlySet<unknown> = new Set([
  "module_id",
  "digest",
  "timestamp",
  "pcrs",
  "nitrotpm_pcrs",
  "certificate",
  "cabundle",
  "public_key",
  "user_data",
  "nonce",
]);

/**
 * Reads a signed attestation document, by the syntactical rules of
 * https://github.com/aws/aws-nitro-enclaves-nsm-api/blob/main/docs/attestation_process.md (enclaves) and
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/nitrotpm-attestation-document-validate.html (NitroTPM).
 * @throws AttestationRefused when anything is not as they say. Nothing is verified yet.
 */
export function readDocument(bytes: Uint8Array): SignedDocument {
  must(bytes.length > 0 && bytes.length <= MAX_DOCUMENT);
  const sign1 = cbor(bytes[0] === COSE_SIGN1_TAG ? bytes.subarray(1) : bytes);
  must(Array.isArray(sign1) && sign1.length === 4);
  const [header, unprotected, payload, signature] = sign1 as unknown[];
  requireBytes(header, PROTECTED.length, PROTECTED.length);
  must(PROTECTED.equals(header));
  must(unprotected instanceof Map && unprotected.size === 0);
  requireBytes(payload, 1, MAX_PAYLOAD);
  requireBytes(signature, SIGNATURE_LENGTH, SIGNATURE_LENGTH);
  return {
    document: documentOf(cbor(payload)),
    toBeSigned: encode(["Signature1", header, new Uint8Array(), payload]),
    signature,
  };
}

function documentOf(fields: unknown): AttestationDocument {
  must(fields instanceof Map && fields.keys().every((name) => FIELDS.has(name)));
  const platform = fields.has("nitrotpm_pcrs") ? "nitroTpm" : "enclave";
  must(!(fields.has("nitrotpm_pcrs") && fields.has("pcrs")));
  const moduleId: unknown = fields.get("module_id");
  must(typeof moduleId === "string" && moduleId.length > 0 && moduleId.length <= MAX_MODULE_ID);
  must(fields.get("digest") === "SHA384");
  const timestamp: unknown = fields.get("timestamp");
  must(Number.isSafeInteger(timestamp) && (timestamp as number) > 0);
  const pcrs: unknown = fields.get(platform === "enclave" ? "pcrs" : "nitrotpm_pcrs");
  requirePcrs(pcrs);
  const certificate: unknown = fields.get("certificate");
  requireBytes(certificate, 1, MAX_CERTIFICATE);
  const cabundle: unknown = fields.get("cabundle");
  must(Array.isArray(cabundle) && cabundle.length > 0 && cabundle.length <= MAX_CABUNDLE);
  for (const issuer of cabundle as unknown[]) requireBytes(issuer, 1, MAX_CERTIFICATE);
  const publicKey = optional(fields.get("public_key"), 1, MAX_PUBLIC_KEY);
  for (const name of ["user_data", "nonce"]) optional(fields.get(name), 0, MAX_USER_DATA[platform]);
  return {
    platform,
    moduleId: moduleId as string,
    timestamp: timestamp as number,
    pcrs,
    certificate,
    cabundle: cabundle as Uint8Array[],
    publicKey,
  };
}

function requirePcrs(value: unknown): asserts value is Map<number, Uint8Array> {
  must(value instanceof Map && value.size > 0 && value.size <= PCR_COUNT);
  for (const [index, pcr] of value as Map<unknown, unknown>) {
    must(Number.isInteger(index) && (index as number) >= 0 && (index as number) < PCR_COUNT);
    must(pcr instanceof Uint8Array && PCR_LENGTHS.includes(pcr.length));
  }
}

/** AWS's rules have no null; its enclaves write one for each optional field that was not given. */
function optional(value: unknown, least: number, most: number): Uint8Array | undefined {
  if (value === undefined || value === null) return undefined;
  requireBytes(value, least, most);
  return value;
}

function requireBytes(value: unknown, least: number, most: number): asserts value is Uint8Array {
  must(value instanceof Uint8Array && value.length >= least && value.length <= most);
}

function must(condition: boolean): asserts condition {
  if (!condition) throw new AttestationRefused("it is not a COSE_Sign1 attestation document of AWS Nitro.");
}

/** Maps may be of indefinite length: some enclaves write their payload so. */
const OPTIONS: DecodeOptions = {
  allowIndefinite: true,
  allowUndefined: false,
  allowBigInt: false,
  useMaps: true,
  rejectDuplicateMapKeys: true,
};

/** Stops at a number of items, and at floats: 1.0 is not the integer that it would be taken for. */
class BoundedTokenizer extends Tokenizer {
  #left = MAX_ITEMS;

  override next() {
    const token = super.next();
    must(this.#left-- > 0 && !Type.equals(token.type, Type.float));
    return token;
  }
}

/** The one item that the bytes are; tags are refused. */
function cbor(bytes: Uint8Array): unknown {
  try {
    return decode(bytes, { ...OPTIONS, tokenizer: new BoundedTokenizer(bytes, OPTIONS) });
  } catch (cause) {
    throw new AttestationRefused("it is not a COSE_Sign1 attestation document of AWS Nitro.", { cause });
  }
}
