import { createPrivateKey, type KeyObject, randomBytes, sign, verify, X509Certificate } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import { tlsServerOptions } from "./serverOptions.ts";

/** What an HTTPS server needs. `cert` is a PEM chain, leaf first; `caPath` the file clients can trust, where we know one. */
export type TlsMaterial = { cert: string; key: string; caPath?: string; warnings: string[] };

/** The certificate or its key cannot be used. The message names the file and says what to do about it. */
export class TlsError extends Error {
  override name = "TlsError";
}

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const RENEWAL = 30 * DAY;
export const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
export const ANY_PURPOSE = "2.5.29.37.0";

// PEM.

export function certificateBlocks(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}

/** At least one certificate, or TlsError. */
export function certificatesIn(path: string, text: string, remedy: string): X509Certificate[] {
  const blocks = certificateBlocks(text);
  const marks = text.match(/(BEGIN|END) CERTIFICATE/g) ?? [];
  if (blocks.length === 0 || marks.length !== 2 * blocks.length) {
    throw new TlsError(`${path} holds no certificate in PEM, or is damaged. ${remedy}`);
  }
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch (error) {
      throw new TlsError(`${path} is damaged: its certificate ${index + 1} cannot be read. ${remedy}`, {
        cause: error,
      });
    }
  });
}

export function privateKeyIn(path: string, text: string): KeyObject {
  if (/BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(text)) {
    throw new TlsError(
      `the private key in ${path} has a passphrase. Decrypt it: openssl pkey -in ${quoted(path)} -out key.pem`,
    );
  }
  if (!text.includes("PRIVATE KEY-----")) {
    throw new TlsError(
      `${path} holds no private key in PEM. Convert it: openssl pkey -in ${quoted(path)} -out key.pem`,
    );
  }
  try {
    return createPrivateKey(text);
  } catch (error) {
    throw new TlsError(`the private key in ${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

export function isSignedBy(cert: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return cert.checkIssued(issuer) && cert.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

/** A signature is tried, because checkPrivateKey looks only at the public half that a key file repeats. */
export function belongs(key: KeyObject, cert: X509Certificate): boolean {
  try {
    const probe = randomBytes(32);
    return cert.checkPrivateKey(key) && verify(null, probe, cert.publicKey, sign(null, probe, key));
  } catch {
    return false;
  }
}

/** The material as given, if OpenSSL takes it: it refuses, for example, RSA keys that are too short. */
export function accepted(material: TlsMaterial, path: string): TlsMaterial {
  try {
    createSecureContext(tlsServerOptions(material));
    return material;
  } catch (error) {
    throw new TlsError(`TLS cannot use the certificate in ${path}: ${(error as Error).message}`, { cause: error });
  }
}

// Files.

export async function textIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new TlsError(`${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

export async function textOf(path: string, what: string): Promise<string> {
  const text = await textIfThere(path);
  if (text === undefined) throw new TlsError(`the ${what} file ${path} does not exist`);
  return text;
}

export async function exposedKey(path: string): Promise<string[]> {
  const mode = await stat(path).then(
    (stats) => stats.mode & 0o777,
    () => 0,
  );
  if (process.platform === "win32" || (mode & 0o007) === 0) return [];
  return [
    `every user of this machine can open the private key ${path} (mode ${mode.toString(8)}): run chmod 600 ${quoted(path)}`,
  ];
}

// Time.

export function within(cert: X509Certificate, span: number, now: Date): boolean {
  return cert.validToDate.getTime() - now.getTime() < span;
}

export function notYetValid(path: string, cert: X509Certificate): string {
  return `the certificate in ${path} is valid from ${day(cert.validFromDate)} on: is the clock right?`;
}

export function wholeSecond(milliseconds: number): Date {
  return new Date(Math.floor(milliseconds / 1000) * 1000);
}

export function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}

export function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
