import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  type webcrypto,
  type X509Certificate,
} from "node:crypto";
import { isIP } from "node:net";
import { join, resolve } from "node:path";
import { domainToASCII } from "node:url";
import { createOnce, makeDirectory, replaceFile } from "./atomicFile.ts";
import {
  accepted,
  belongs,
  certificatesIn,
  DAY,
  day,
  exposedKey,
  HOUR,
  isSignedBy,
  notYetValid,
  RENEWAL,
  SERVER_AUTH,
  TlsError,
  type TlsMaterial,
  textIfThere,
  wholeSecond,
  within,
} from "./certificate.ts";

const CA_YEARS = 10;
/** Certificates that clients trust are to live 397 days at most (CA/Browser Forum Baseline Requirements, 6.3.2). */
const SERVER_LIFE = 397 * DAY;
/** Certificates are valid a little before they are made: clients' clocks run behind. */
const CLOCK_SKEW = HOUR;
const ALWAYS_NAMED = ["localhost", "127.0.0.1", "::1"];
/**
 * A server certificate for `hostnames` (DNS names or IP addresses; localhost is always among them), signed by a CA of
 * this installation. Both are kept in `directory` and used again. The server certificate is renewed, with the same key,
 * 30 days before it expires or when it lacks a name; the CA never. Several processes may call this at the same time.
 * Files that are damaged or do not fit together are left as they are: TlsError.
 */
export async function selfSigned(directory: string, hostnames: readonly string[], now: Date): Promise<TlsMaterial> {
  const names = subjectNames(hostnames);
  const files = filesIn(resolve(directory));
  await makeDirectory(files.directory);

  // Written in the order CA key, CA, server key, server certificate, and read in the opposite one: who finds a file
  // finds what it rests on, even while another process is still making them.
  let serverPem = await textIfThere(files.server);
  const serverKeyPem = await textIfThere(files.serverKey);
  const caPem = await textIfThere(files.ca);
  const caKeyPem = await textIfThere(files.caKey);
  if (serverPem !== undefined && caPem === undefined && caKeyPem === undefined) {
    throw new TlsError(
      `${files.ca} and ${files.caKey} are missing although ${files.server} exists. ${caRemedy(files)}`,
    );
  }
  if (serverPem !== undefined && serverKeyPem === undefined) {
    throw new TlsError(`${files.serverKey} is missing although ${files.server} exists. ${serverRemedy(files)}`);
  }

  const ca = await authority(files, caPem, caKeyPem, now);
  const keyPem = serverKeyPem ?? (await createOnce(files.serverKey, newKey(), 0o600));
  const key = ownKey(files.serverKey, keyPem, serverRemedy(files));
  const leaf = serverPem === undefined ? undefined : ownLeaf(files, serverPem, ca.cert, key);

  const warnings: string[] = [];
  const usable = leaf !== undefined && leaf.validToDate > now && names.every((name) => isNamed(leaf, name));
  const due = !usable || (within(leaf, RENEWAL, now) && leaf.validToDate < ca.cert.validToDate);
  if (due && ca.key !== undefined) {
    serverPem = await serverCertificate(ca.cert, ca.key, key, names, now);
    await replaceFile(files.server, serverPem, 0o644);
  } else if (due) {
    const reason = `${files.caKey} is missing, and without it no certificate for ${names.join(", ")} can be signed`;
    if (!usable) throw new TlsError(`${reason}. ${caRemedy(files)}`);
    warnings.push(`${reason}: ${files.server} expires on ${day(leaf.validToDate)}`);
  } else if (leaf.validFromDate > now) {
    warnings.push(notYetValid(files.server, leaf));
  }

  warnings.push(...(await exposedKey(files.caKey)), ...(await exposedKey(files.serverKey)));
  if (within(ca.cert, 365 * DAY, now)) {
    warnings.push(
      `the CA in ${files.ca} expires on ${day(ca.cert.validToDate)}. Before that, move ${files.directory} away and start again: that makes a new CA, which every client has to be told to trust`,
    );
  }
  return accepted({ cert: serverPem!, key: keyPem, caPath: files.ca, warnings }, files.server);
}

// The files of selfSigned.

export type Files = { directory: string; ca: string; caKey: string; server: string; serverKey: string };

function filesIn(directory: string): Files {
  return {
    directory,
    ca: join(directory, "ca.pem"),
    caKey: join(directory, "ca-key.pem"),
    server: join(directory, "server.pem"),
    serverKey: join(directory, "server-key.pem"),
  };
}

function caRemedy(files: Files): string {
  return `Restore it from your backup. If there is none, move ${files.directory} away and start again: that makes a new CA, which every client has to be told to trust.`;
}

function serverRemedy(files: Files): string {
  return `Move ${files.server} and ${files.serverKey} away and start again: the CA signs new ones, and clients notice nothing.`;
}

/** The CA, made where there is none. `key` is undefined where its operator keeps it elsewhere. */
async function authority(
  files: Files,
  pem: string | undefined,
  keyPem: string | undefined,
  now: Date,
): Promise<{ cert: X509Certificate; key: KeyObject | undefined }> {
  const remedy = caRemedy(files);
  let key = keyPem === undefined ? undefined : ownKey(files.caKey, keyPem, remedy);
  if (pem === undefined) {
    key ??= ownKey(files.caKey, await createOnce(files.caKey, newKey(), 0o600), remedy);
    pem = await createOnce(files.ca, await caCertificate(key, now), 0o644);
  }
  const cert = certificatesIn(files.ca, pem, remedy)[0]!;
  if (!cert.ca || !isSignedBy(cert, cert)) {
    throw new TlsError(`${files.ca} is damaged: its certificate is not one of a CA that signed itself. ${remedy}`);
  }
  if (key !== undefined && !belongs(key, cert)) {
    throw new TlsError(
      `${files.caKey} does not belong to ${files.ca}: one of them is damaged or was exchanged. ${remedy}`,
    );
  }
  if (cert.validToDate <= now) {
    throw new TlsError(
      `the CA in ${files.ca} expired on ${day(cert.validToDate)} (the clock says ${day(now)}). If the clock is right, move ${files.directory} away and start again: that makes a new CA, which every client has to be told to trust.`,
    );
  }
  return { cert, key };
}

function ownLeaf(files: Files, pem: string, ca: X509Certificate, key: KeyObject): X509Certificate {
  const chain = certificatesIn(files.server, pem, serverRemedy(files));
  const leaf = chain[0]!;
  if (!chain.every((cert) => isSignedBy(cert, ca))) {
    throw new TlsError(`${files.server} is damaged or was not signed by ${files.ca}. ${serverRemedy(files)}`);
  }
  if (!belongs(key, leaf)) {
    throw new TlsError(`${files.serverKey} does not belong to ${files.server}. ${serverRemedy(files)}`);
  }
  return leaf;
}

function newKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

function ownKey(path: string, pem: string, remedy: string): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = createPrivateKey(pem);
  } catch {}
  if (key?.asymmetricKeyDetails?.namedCurve === "prime256v1") return key;
  throw new TlsError(`${path} is damaged: it holds no ECDSA P-256 private key in PEM. ${remedy}`);
}

// Certificates are encoded by @peculiar/x509 (RFC 5280), read and checked by OpenSSL.

async function caCertificate(key: KeyObject, now: Date): Promise<string> {
  const x509 = await loadX509();
  const notAfter = new Date(now);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + CA_YEARS);
  const publicKey = spki(key);
  const cert = await x509.X509CertificateGenerator.create({
    subject: "CN=Strongroom local CA",
    issuer: "CN=Strongroom local CA",
    notBefore: wholeSecond(now.getTime() - CLOCK_SKEW),
    notAfter: wholeSecond(notAfter.getTime()),
    publicKey,
    ...signing(key),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
    ],
  });
  return `${cert.toString("pem")}\n`;
}

/** The server's certificate followed by the CA's. */
async function serverCertificate(
  ca: X509Certificate,
  caKey: KeyObject,
  key: KeyObject,
  names: readonly string[],
  now: Date,
): Promise<string> {
  const x509 = await loadX509();
  const notBefore = wholeSecond(now.getTime() - CLOCK_SKEW);
  const publicKey = spki(key);
  const cert = await x509.X509CertificateGenerator.create({
    subject: "CN=Strongroom",
    issuer: new x509.X509Certificate(ca.raw).subjectName,
    notBefore,
    // Both ends belong to the validity.
    notAfter: new Date(Math.min(notBefore.getTime() + SERVER_LIFE - 1000, ca.validToDate.getTime())),
    publicKey,
    ...signing(caKey),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([SERVER_AUTH]),
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: isIP(value) ? "ip" : "dns", value }))),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(spki(caKey)),
    ],
  });
  return `${cert.toString("pem")}\n${ca.toString()}`;
}

function signing(key: KeyObject) {
  const ecdsa = { name: "ECDSA", namedCurve: "P-256" };
  return {
    signingKey: key.toCryptoKey(ecdsa, false, ["sign"]) as webcrypto.CryptoKey,
    signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
  };
}

function spki(key: KeyObject): Buffer<ArrayBuffer> {
  return Buffer.from(createPublicKey(key).export({ type: "spki", format: "der" }));
}

/** Loaded only when a certificate is to be made. It stands on tsyringe, which wants reflect-metadata to be there first. */
async function loadX509(): Promise<typeof import("@peculiar/x509")> {
  await import("reflect-metadata");
  return import("@peculiar/x509");
}

// Names.

/** The names in the form in which a certificate holds them: DNS in lower-case ASCII, IP addresses in canonical form. */
function subjectNames(hostnames: readonly string[]): string[] {
  return [...new Set([...hostnames, ...ALWAYS_NAMED].map(subjectName))];
}

function subjectName(given: string): string {
  const bare = given.trim().replace(/^\[(.*)\]$/, "$1");
  if (isIP(bare) === 4) return bare;
  if (isIP(bare) === 6 && !bare.includes("%")) return new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const name = domainToASCII(bare.replace(/\.$/, ""));
  const label = "[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?";
  if (name.length <= 253 && !isIP(name) && new RegExp(`^(\\*\\.)?${label}(\\.${label})*$`).test(name)) return name;
  throw new TlsError(`"${given}" is neither a host name nor an IP address. Give it without scheme, port and path.`);
}

function isNamed(cert: X509Certificate, name: string): boolean {
  return (isIP(name) ? cert.checkIP(name) : cert.checkHost(name, { subject: "never" })) !== undefined;
}
