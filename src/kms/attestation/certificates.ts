import "reflect-metadata"; // what @peculiar/x509 stands on wants it first
import { createHash, type KeyObject, X509Certificate } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { LRUCache } from "lru-cache";
import { AttestationRefused } from "./refusal.ts";

/** A key that a chain of certificates vouches for, and when it does. */
export interface CertifiedKey {
  readonly publicKey: KeyObject;
  /** milliseconds since the epoch; the time when every certificate of the chain is valid, both ends included */
  readonly validFrom: number;
  readonly validTo: number;
}

/** Nitro's attestation PKI is P-384 with SHA-384 throughout. Nothing weaker, and nothing else, is let in. */
const CURVE = "secp384r1";
const ECDSA_WITH_SHA384 = "1.2.840.10045.4.3.3";
/** What is critical and not understood makes a certificate invalid: RFC 5280 §4.2. */
const UNDERSTOOD: ReadonlySet<string> = new Set(["2.5.29.19" /* basicConstraints */, "2.5.29.15" /* keyUsage */]);
/** A Region's and a zone's CA serve for days, an enclave's key for three hours: chains have nearly all in common. */
const REMEMBERED = 1_000;

/** A certificate that a root vouches for. */
interface Certified extends CertifiedKey {
  /** of the chain from the root to here */
  readonly id: string;
  readonly certificate: X509Certificate;
  readonly constraints: Constraints;
}

interface Constraints {
  readonly basicConstraints: x509.BasicConstraintsExtension | undefined;
  readonly keyUsages: x509.KeyUsagesExtension | undefined;
}

/**
 * Verifies the chains of documents, by attestation_process.md §3.2.3 and RFC 5280 §6.1. A link that was found good is
 * remembered, so that a chain that is not costs the verification of one signature, wherever it goes wrong.
 */
export class CertificateChains {
  readonly #roots: ReadonlyMap<string, Certified>;
  readonly #issued = new LRUCache<string, Certified>({ max: REMEMBERED });

  /** @param roots fit to be some: {@link flawOfRoot} */
  constructor(roots: readonly X509Certificate[]) {
    this.#roots = new Map(
      roots.map((root) => {
        const id = chainId("", root.raw);
        return [id, certified(id, root)];
      }),
    );
  }

  /**
   * The key of a certificate, if the CA bundle leads from one of the roots to it. Whether the time is right is for the
   * caller to see.
   * @param cabundle DER, the root first; not empty
   * @throws AttestationRefused
   */
  certifiedKey(certificate: Uint8Array, cabundle: readonly Uint8Array[]): CertifiedKey {
    const [root, ...issued] = [...cabundle, certificate];
    let issuer = this.#roots.get(chainId("", root as Uint8Array));
    if (issuer === undefined) throw new AttestationRefused("its issuer is not trusted here.");
    for (const [index, der] of issued.entries()) {
      if (!mayIssue(issuer, issued.length - 1 - index)) throw invalid();
      issuer = this.#issuedBy(issuer, der);
    }
    if (!maySignDocuments(issuer)) throw invalid();
    return issuer;
  }

  #issuedBy(issuer: Certified, der: Uint8Array): Certified {
    const id = chainId(issuer.id, der);
    let subject = this.#issued.get(id);
    if (subject === undefined) {
      const certificate = parsed(der);
      if (!isIssued(certificate, issuer.certificate)) throw invalid();
      subject = certified(id, certificate, issuer);
      this.#issued.set(id, subject);
    }
    return subject;
  }
}

/** Why a certificate cannot be trusted as a root; undefined when it can. Its time is not looked at. */
export function flawOfRoot(root: X509Certificate): string | undefined {
  if (!isP384(root)) return "its key is not an elliptic-curve key on P-384";
  if (!isIssued(root, root)) return "it is not signed by itself, with ECDSA and SHA-384";
  try {
    return mayIssue(certified("", root), 0) ? undefined : "its key is not for signing certificates";
  } catch {
    return "it has extensions that are critical and not understood, or damaged";
  }
}

/** SHA-256 over each certificate and the id of the chain before it. */
function chainId(issuer: string, der: Uint8Array): string {
  return createHash("sha256").update(issuer).update(der).digest("hex");
}

function certified(id: string, certificate: X509Certificate, issuer?: CertifiedKey): Certified {
  return {
    id,
    certificate,
    publicKey: certificate.publicKey,
    validFrom: Math.max(certificate.validFromDate.getTime(), issuer?.validFrom ?? Number.NEGATIVE_INFINITY),
    validTo: Math.min(certificate.validToDate.getTime(), issuer?.validTo ?? Number.POSITIVE_INFINITY),
    constraints: constraintsOf(certificate),
  };
}

function parsed(der: Uint8Array): X509Certificate {
  try {
    const certificate = new X509Certificate(der);
    // Something may stand behind it, or it is PEM; and OpenSSL reads a key only when it is asked for it.
    if (certificate.raw.equals(der) && certificate.publicKey.type === "public") return certificate;
  } catch (cause) {
    throw invalid({ cause });
  }
  throw invalid();
}

function isIssued(subject: X509Certificate, issuer: X509Certificate): boolean {
  return (
    isP384(issuer) &&
    isP384(subject) &&
    subject.signatureAlgorithmOid === ECDSA_WITH_SHA384 &&
    subject.checkIssued(issuer) &&
    subject.verify(issuer.publicKey)
  );
}

function isP384({ publicKey }: X509Certificate): boolean {
  return publicKey.asymmetricKeyType === "ec" && publicKey.asymmetricKeyDetails?.namedCurve === CURVE;
}

/** @param following how many CA certificates come after this one: RFC 5280 §4.2.1.9 */
function mayIssue({ certificate, constraints: { basicConstraints, keyUsages } }: Certified, following: number) {
  return (
    certificate.ca &&
    basicConstraints?.critical === true &&
    basicConstraints.ca &&
    (basicConstraints.pathLength ?? following) >= following &&
    keyUsages !== undefined &&
    (keyUsages.usages & x509.KeyUsageFlags.keyCertSign) !== 0
  );
}

function maySignDocuments({ certificate, constraints: { basicConstraints, keyUsages } }: Certified): boolean {
  return (
    !certificate.ca &&
    basicConstraints?.ca !== true &&
    basicConstraints?.pathLength === undefined &&
    keyUsages !== undefined &&
    (keyUsages.usages & x509.KeyUsageFlags.digitalSignature) !== 0
  );
}

/** Node.js reads certificates, but tells neither path length nor key usage. @throws AttestationRefused */
function constraintsOf({ raw }: X509Certificate): Constraints {
  let extensions: x509.Extension[];
  try {
    ({ extensions } = new x509.X509Certificate(new Uint8Array(raw)));
  } catch (cause) {
    throw invalid({ cause });
  }
  const types = new Set(extensions.map(({ type }) => type));
  const understood = extensions.every(({ critical, type }) => !critical || UNDERSTOOD.has(type));
  if (types.size !== extensions.length || !understood) throw invalid();
  return {
    basicConstraints: extensions.find((extension) => extension instanceof x509.BasicConstraintsExtension),
    keyUsages: extensions.find((extension) => extension instanceof x509.KeyUsagesExtension),
  };
}

function invalid(options?: ErrorOptions): AttestationRefused {
  return new AttestationRefused("its certificates are not valid.", options);
}
