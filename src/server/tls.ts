import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  constants as ssl,
  verify,
  type webcrypto,
  X509Certificate,
} from "node:crypto";
import { link, mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import type { ServerOptions } from "node:https";
import { isIP } from "node:net";
import { dirname, join, resolve } from "node:path";
import { createSecureContext } from "node:tls";
import { domainToASCII } from "node:url";

/** What an HTTPS server needs. `cert` is a PEM chain, leaf first; `caPath` the file clients can trust, where we know one. */
export type TlsMaterial = { cert: string; key: string; caPath?: string; warnings: string[] };

/** The certificate or its key cannot be used. The message names the file and says what to do about it. */
export class TlsError extends Error {
  override name = "TlsError";
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const CA_YEARS = 10;
/** Certificates that clients trust are to live 397 days at most (CA/Browser Forum Baseline Requirements, 6.3.2). */
const SERVER_LIFE = 397 * DAY;
const RENEWAL = 30 * DAY;
/** Certificates are valid a little before they are made: clients' clocks run behind. */
const CLOCK_SKEW = HOUR;
const ALWAYS_NAMED = ["localhost", "127.0.0.1", "::1"];
const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
const ANY_PURPOSE = "2.5.29.37.0";

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

/**
 * The certificate (a PEM chain, leaf first) and private key an operator provides. TlsError when they cannot work; what
 * works but will trouble clients, such as an expired certificate, is a warning: a server that restarts should come up.
 */
export async function tlsFromFiles(certPath: string, keyPath: string, now = new Date()): Promise<TlsMaterial> {
  const certText = await textOf(certPath, "certificate");
  const keyText = await textOf(keyPath, "private key");
  if (!certText.includes("-----BEGIN CERTIFICATE-----") && certText.includes("PRIVATE KEY-----")) {
    throw new TlsError(`${certPath} holds a private key and no certificate. Are certificate and key swapped?`);
  }
  const chain = certificatesIn(
    certPath,
    certText,
    "Give the server's certificate in PEM, followed by its intermediates",
  );
  const key = privateKeyIn(keyPath, keyText);
  const fitting = chain.findIndex((cert) => belongs(key, cert));
  if (fitting < 0) throw new TlsError(`the private key ${keyPath} does not belong to the certificate in ${certPath}`);
  if (fitting > 0) {
    throw new TlsError(
      `${certPath} is in the wrong order: the server's own certificate, now number ${fitting + 1}, comes first`,
    );
  }
  const leaf = chain[0]!;

  const warnings = await exposedKey(keyPath);
  if (leaf.validToDate <= now) {
    warnings.push(`the certificate in ${certPath} expired on ${day(leaf.validToDate)}: clients refuse it`);
  } else if (within(leaf, RENEWAL, now)) {
    warnings.push(`the certificate in ${certPath} expires on ${day(leaf.validToDate)}`);
  }
  if (leaf.validFromDate > now) warnings.push(notYetValid(certPath, leaf));
  if (leaf.subjectAltName === undefined) {
    warnings.push(`the certificate in ${certPath} has no subject alternative name: clients refuse it`);
  }
  // Node calls the extended key usage keyUsage.
  const purposes = leaf.keyUsage as string[] | undefined;
  if (purposes !== undefined && !purposes.includes(SERVER_AUTH) && !purposes.includes(ANY_PURPOSE)) {
    warnings.push(`the certificate in ${certPath} is not meant for servers (no serverAuth): clients refuse it`);
  }
  chain.forEach((cert, index) => {
    const next = chain[index + 1];
    if (next === undefined || isSignedBy(cert, next)) return;
    warnings.push(
      `${certPath}: certificate ${index + 2} did not sign certificate ${index + 1}: some clients refuse such a chain`,
    );
  });

  const cert = chain.map((each) => each.toString()).join("");
  const caPath = isSignedBy(leaf, leaf) ? resolve(certPath) : undefined;
  return accepted({ cert, key: key.export({ type: "pkcs8", format: "pem" }).toString(), caPath, warnings }, certPath);
}

/** TLS 1.2 and 1.3, forward secrecy and authenticated encryption only, with the hybrid post-quantum key exchange first. */
export function tlsServerOptions(material: TlsMaterial): ServerOptions {
  return {
    cert: material.cert,
    key: material.key,
    minVersion: "TLSv1.2",
    // The slash (OpenSSL 3.5) asks a client that can do the hybrid exchange for it even if it came with a share for
    // X25519 only. With a colon, its first guess would win.
    ecdhCurve: "X25519MLKEM768/X25519:prime256v1:secp384r1",
    // 256-bit keys travel here: AES-256 first.
    ciphers: [
      "TLS_AES_256_GCM_SHA384",
      "TLS_CHACHA20_POLY1305_SHA256",
      "TLS_AES_128_GCM_SHA256",
      "ECDHE-ECDSA-AES256-GCM-SHA384",
      "ECDHE-RSA-AES256-GCM-SHA384",
      "ECDHE-ECDSA-CHACHA20-POLY1305",
      "ECDHE-RSA-CHACHA20-POLY1305",
      "ECDHE-ECDSA-AES128-GCM-SHA256",
      "ECDHE-RSA-AES128-GCM-SHA256",
    ].join(":"),
    honorCipherOrder: true,
    secureOptions: ssl.SSL_OP_NO_RENEGOTIATION,
  };
}

/** Lines, to be shown as they are, that say how the usual clients are told to trust the server at `endpoint`. */
export function trustInstructions(material: TlsMaterial, endpoint: string): string[] {
  if (material.caPath === undefined) {
    const { issuer } = new X509Certificate(certificateBlocks(material.cert).at(-1) ?? material.cert);
    return [
      `# Clients reach ${endpoint} if they trust the CA that signed its certificate (${issuer.split("\n").join(", ")}).`,
      "# A public CA they trust already. For a CA of your own, give them the file with its certificate:",
      ...instructions("/path/to/ca.pem", endpoint),
    ];
  }
  return instructions(quoted(material.caPath), endpoint);
}

function instructions(ca: string, endpoint: string): string[] {
  return [
    "# aws command line, boto3, AWS SDK for Go, Terraform (instead of the CAs they trust otherwise)",
    `export AWS_CA_BUNDLE=${ca}`,
    `aws kms list-keys --endpoint-url ${endpoint}`,
    "# AWS SDK for JavaScript, and all of Node.js",
    `export NODE_EXTRA_CA_CERTS=${ca}`,
    "# curl",
    `curl --cacert ${ca} ${endpoint}`,
    "# other Go programs, on Linux (instead of the system's CAs)",
    `export SSL_CERT_FILE=${ca}`,
    "# Java (instead of the CAs it trusts otherwise)",
    `keytool -importcert -noprompt -alias strongroom -file ${ca} -keystore strongroom.p12 -storetype PKCS12 -storepass changeit`,
    'export JAVA_TOOL_OPTIONS="-Djavax.net.ssl.trustStore=$PWD/strongroom.p12 -Djavax.net.ssl.trustStorePassword=changeit"',
  ];
}

function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

// The files of selfSigned.

type Files = { directory: string; ca: string; caKey: string; server: string; serverKey: string };

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

/**
 * @peculiar/x509 stands on tsyringe, which refuses to load without a Reflect polyfill, to read metadata that x509's
 * classes do not have. One that knows no metadata, for the time of the load, is enough.
 */
async function loadX509(): Promise<typeof import("@peculiar/x509")> {
  if ("getMetadata" in Reflect) return import("@peculiar/x509");
  const polyfill = { getMetadata: () => undefined, getOwnMetadata: () => undefined };
  Object.assign(Reflect, polyfill);
  try {
    return await import("@peculiar/x509");
  } finally {
    for (const [name, stub] of Object.entries(polyfill)) {
      if (Reflect.get(Reflect, name) === stub) Reflect.deleteProperty(Reflect, name);
    }
  }
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

// PEM.

function certificateBlocks(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}

/** At least one certificate, or TlsError. */
function certificatesIn(path: string, text: string, remedy: string): X509Certificate[] {
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

function privateKeyIn(path: string, text: string): KeyObject {
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

function isSignedBy(cert: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return cert.checkIssued(issuer) && cert.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

/** A signature is tried, because checkPrivateKey looks only at the public half that a key file repeats. */
function belongs(key: KeyObject, cert: X509Certificate): boolean {
  try {
    const probe = randomBytes(32);
    return cert.checkPrivateKey(key) && verify(null, probe, cert.publicKey, sign(null, probe, key));
  } catch {
    return false;
  }
}

/** The material as given, if OpenSSL takes it: it refuses, for example, RSA keys that are too short. */
function accepted(material: TlsMaterial, path: string): TlsMaterial {
  try {
    createSecureContext(tlsServerOptions(material));
    return material;
  } catch (error) {
    throw new TlsError(`TLS cannot use the certificate in ${path}: ${(error as Error).message}`, { cause: error });
  }
}

// Files.

async function textIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new TlsError(`${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

async function textOf(path: string, what: string): Promise<string> {
  const text = await textIfThere(path);
  if (text === undefined) throw new TlsError(`the ${what} file ${path} does not exist`);
  return text;
}

async function exposedKey(path: string): Promise<string[]> {
  const mode = await stat(path).then(
    (stats) => stats.mode & 0o777,
    () => 0,
  );
  if (process.platform === "win32" || (mode & 0o007) === 0) return [];
  return [
    `every user of this machine can open the private key ${path} (mode ${mode.toString(8)}): run chmod 600 ${quoted(path)}`,
  ];
}

async function makeDirectory(path: string): Promise<void> {
  try {
    const made = await mkdir(path, { recursive: true });
    if (made !== undefined) await syncDirectory(dirname(made));
  } catch (error) {
    throw new TlsError(`the directory ${path} cannot be made: ${(error as Error).message}`, { cause: error });
  }
}

/** Puts `text` at `path` unless a file is there, also if another process does the same. Returns what is there then. */
async function createOnce(path: string, text: string, mode: number): Promise<string> {
  await withTemporary(path, text, mode, async (temporary) => {
    try {
      await link(temporary, path);
    } catch (error) {
      // A file system without hard links (FAT, some network mounts) cannot tell who was first.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") await rename(temporary, path);
    }
  });
  return (await textIfThere(path)) ?? "";
}

async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  await withTemporary(path, text, mode, (temporary) => rename(temporary, path));
}

/** Writes `text` to disk beside `path` and has `publish` put it in place, so that no one ever sees half a file. */
async function withTemporary(
  path: string,
  text: string,
  mode: number,
  publish: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.new`;
  try {
    const file = await open(temporary, "wx", mode);
    try {
      await file.chmod(mode); // the umask may have taken bits
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await publish(temporary);
  } catch (error) {
    throw new TlsError(`${path} cannot be written: ${(error as Error).message}`, { cause: error });
  } finally {
    await rm(temporary, { force: true });
  }
  await syncDirectory(dirname(path));
}

async function syncDirectory(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const directory = await open(path, "r");
  await directory.sync().finally(() => directory.close());
}

// Time.

function within(cert: X509Certificate, span: number, now: Date): boolean {
  return cert.validToDate.getTime() - now.getTime() < span;
}

function notYetValid(path: string, cert: X509Certificate): string {
  return `the certificate in ${path} is valid from ${day(cert.validFromDate)} on: is the clock right?`;
}

function wholeSecond(milliseconds: number): Date {
  return new Date(Math.floor(milliseconds / 1000) * 1000);
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
