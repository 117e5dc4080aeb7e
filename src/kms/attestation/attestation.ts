import { createPublicKey, type KeyObject, verify, type X509Certificate } from "node:crypto";
import { CertificateChains } from "./certificates.ts";
import { type Platform, readDocument } from "./document.ts";
import { AttestationRefused } from "./refusal.ts";

/** What a verified attestation document proves. */
export interface Attested {
  readonly platform: Platform;
  readonly moduleId: string;
  /** by index; 32, 48 or 64 bytes each */
  readonly pcrs: ReadonlyMap<number, Uint8Array>;
  /** RSA; answers are encrypted to it */
  readonly publicKey: KeyObject;
}

/** Milliseconds. A document older, or further in the future, is refused; as wide as Signature Version 4's window. */
const FRESHNESS_MS = 300_000;

/** The sizes of key that AWS's enclave SDK makes; the exponent at least 65537, as FIPS 186-5 §5.4 asks. */
const MIN_MODULUS = 2048;
const MAX_MODULUS = 4096;
const MIN_EXPONENT = 65_537n;
const MAX_EXPONENT = 1n << 32n;

/** Whom attestation documents must come from: certificates that are trusted as roots. */
export class Attestation {
  readonly #chains: CertificateChains;

  /** @param roots certificates that `flawOfRoot` finds fit */
  constructor(roots: readonly X509Certificate[]) {
    this.#chains = new CertificateChains(roots);
  }

  /**
   * Verifies a document: form, certificates, signature, time, public key, in this order.
   * @param now milliseconds since the epoch
   * @throws AttestationRefused
   */
  verify(bytes: Uint8Array, now: number): Attested {
    const { document, toBeSigned, signature } = readDocument(bytes);
    const signer = this.#chains.certifiedKey(document.certificate, document.cabundle);
    const inTime = now >= signer.validFrom && now <= signer.validTo; // false for a time that cannot be read
    if (!inTime) throw new AttestationRefused("its certificates are not valid.");
    if (!verify("sha384", toBeSigned, { key: signer.publicKey, dsaEncoding: "ieee-p1363" }, signature)) {
      throw new AttestationRefused("its signature is not valid.");
    }
    if (Math.abs(now - document.timestamp) > FRESHNESS_MS) {
      throw new AttestationRefused("it was not made within the last five minutes.");
    }
    const publicKey = document.publicKey && rsaKey(Buffer.from(document.publicKey));
    if (publicKey === undefined) {
      throw new AttestationRefused("its public key is not an RSA key of 2048 to 4096 bits.");
    }
    const { platform, moduleId, pcrs } = document;
    return { platform, moduleId, pcrs, publicKey };
  }
}

/** @param der SubjectPublicKeyInfo, and nothing behind it */
function rsaKey(der: Buffer): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: der, format: "der", type: "spki" });
    const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
    const fits =
      key.asymmetricKeyType === "rsa" &&
      modulusLength >= MIN_MODULUS &&
      modulusLength <= MAX_MODULUS &&
      publicExponent >= MIN_EXPONENT &&
      publicExponent < MAX_EXPONENT &&
      publicExponent % 2n === 1n &&
      hasOddModulus(key) &&
      key.export({ format: "der", type: "spki" }).equals(der);
    return fits ? key : undefined;
  } catch {
    return undefined;
  }
}

/** With an even modulus OpenSSL fails only once it encrypts. */
function hasOddModulus(key: KeyObject): boolean {
  const modulus = Buffer.from(key.export({ format: "jwk" }).n ?? "", "base64url");
  return ((modulus.at(-1) ?? 0) & 1) === 1;
}
