import "reflect-metadata";
import { KeyObject, sign, type webcrypto, X509Certificate } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { encode } from "cborg";
import { Attestation } from "../../src/kms/attestation/attestation.ts";
import { AttestationRefused } from "../../src/kms/attestation/refusal.ts";

/** A certificate and its key. */
export interface Issuer {
  readonly certificate: Buffer;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly subject: string;
}

const HOUR = 3_600_000;
const { keyCertSign, digitalSignature } = x509.KeyUsageFlags;

export interface CertificateOptions {
  readonly subject?: string;
  /** itself when absent */
  readonly issuer?: Issuer;
  readonly ca?: boolean;
  readonly pathLength?: number;
  readonly usages?: x509.KeyUsageFlags;
  readonly from?: number;
  readonly to?: number;
  readonly namedCurve?: "P-256" | "P-384";
  readonly hash?: "SHA-256" | "SHA-384";
  /** in place of basic constraints and key usage */
  readonly extensions?: x509.Extension[];
}

/** Makes a certificate like those of Nitro's PKI, but for what the options say. Valid from an hour ago, for three hours. */
export async function certificate(options: CertificateOptions = {}): Promise<Issuer> {
  const { ca = false, namedCurve = "P-384", hash = "SHA-384", issuer } = options;
  const { subject = `CN=${ca ? "ca" : "leaf"}-${crypto.randomUUID()}`, usages = ca ? keyCertSign : digitalSignature } =
    options;
  const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve }, true, ["sign", "verify"]);
  const issued = await x509.X509CertificateGenerator.create({
    subject,
    issuer: issuer?.subject ?? subject,
    notBefore: new Date(options.from ?? Date.now() - HOUR),
    notAfter: new Date(options.to ?? Date.now() + 2 * HOUR),
    publicKey: keys.publicKey,
    signingKey: (issuer?.keys ?? keys).privateKey,
    signingAlgorithm: { name: "ECDSA", hash },
    extensions: options.extensions ?? [
      new x509.BasicConstraintsExtension(ca, options.pathLength, true),
      new x509.KeyUsagesExtension(usages, true),
    ],
  });
  return { certificate: Buffer.from(issued.rawData), keys, subject };
}

/** What stands in for AWS's PKI and a hypervisor: root, a Region's CA, and the key that signs documents. */
export interface Hypervisor {
  readonly root: Issuer;
  readonly intermediate: Issuer;
  readonly leaf: Issuer;
}

export async function hypervisor(): Promise<Hypervisor> {
  const root = await certificate({ subject: "CN=test.nitro-enclaves", ca: true });
  const intermediate = await certificate({ ca: true, pathLength: 0, issuer: root });
  return { root, intermediate, leaf: await certificate({ issuer: intermediate }) };
}

export type Fields = Map<string, unknown>;

/** PCRs of SHA-384, each of one repeated byte. */
export function pcrs(bytes: Readonly<Record<number, number>>): Map<number, Buffer> {
  return new Map(Object.entries(bytes).map(([index, byte]) => [Number(index), Buffer.alloc(48, byte)]));
}

/** The fields of an enclave's document. */
export function enclaveFields({ root, intermediate, leaf }: Hypervisor, publicKey: KeyObject, at = Date.now()): Fields {
  return new Map<string, unknown>([
    ["module_id", "i-0123456789abcdef0-enc0123456789abcdef"],
    ["digest", "SHA384"],
    ["timestamp", at],
    ["pcrs", pcrs({ 0: 0xa0, 1: 0xa1, 2: 0xa2, 3: 0, 4: 0xa4, 8: 0xa8 })],
    ["certificate", leaf.certificate],
    ["cabundle", [root.certificate, intermediate.certificate]],
    ["public_key", spki(publicKey)],
    ["user_data", null],
    ["nonce", null],
  ]);
}

/** The fields of an instance's document, which has a NitroTPM. */
export function nitroTpmFields(signer: Hypervisor, publicKey: KeyObject): Fields {
  const fields = enclaveFields(signer, publicKey);
  fields.delete("pcrs");
  return fields.set("nitrotpm_pcrs", pcrs({ 4: 0xb4, 7: 0xb7, 12: 0xbc }));
}

export interface Sign1Options {
  readonly header?: Uint8Array;
  readonly unprotected?: unknown;
  /** the CBOR of the document, in place of that of `fields` */
  readonly payload?: Uint8Array;
  readonly alterSignature?: (signature: Buffer) => Uint8Array;
}

/** Signs a document: a COSE_Sign1 (RFC 9052 §4.2, §4.4) without a tag, as enclaves send it. */
export function signed(fields: Fields, signer: Issuer, options: Sign1Options = {}): Buffer {
  const header = options.header ?? encode(new Map([[1, -35]]));
  const payload = options.payload ?? encode(fields);
  const signature = sign("sha384", encode(["Signature1", header, Buffer.alloc(0), payload]), {
    key: KeyObject.from(signer.keys.privateKey),
    dsaEncoding: "ieee-p1363",
  });
  return Buffer.from(
    encode([header, options.unprotected ?? new Map(), payload, options.alterSignature?.(signature) ?? signature]),
  );
}

export function spki(publicKey: KeyObject): Buffer {
  return publicKey.export({ format: "der", type: "spki" });
}

export function trusting(...roots: readonly Issuer[]): Attestation {
  return new Attestation(roots.map((root) => new X509Certificate(root.certificate)));
}

/** What senders are told. */
export const flaws = {
  form: "it is not a COSE_Sign1 attestation document of AWS Nitro.",
  issuer: "its issuer is not trusted here.",
  certificates: "its certificates are not valid.",
  signature: "its signature is not valid.",
  time: "it was not made within the last five minutes.",
  publicKey: "its public key is not an RSA key of 2048 to 4096 bits.",
} as const;

/** Why a document is refused; empty when it is not. Whatever else is thrown fails the test. */
export function flawOf(verify: () => unknown): string {
  try {
    verify();
  } catch (error) {
    if (error instanceof AttestationRefused) return error.message;
    throw error;
  }
  return "";
}
