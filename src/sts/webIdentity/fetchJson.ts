import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { type RequestOptions, request } from "node:https";
import { connect, type DetailedPeerCertificate, type TLSSocket } from "node:tls";

/** Discovery documents and key sets are some kilobytes. */
const MAX_BYTES = 1 << 18;
const TIMEOUT_MS = 5_000;

/** The host cannot be reached, or does not answer in time. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** Nobody that is trusted vouches for the host's certificate, or it is another host's. */
export class Untrusted extends Error {
  override readonly name = "Untrusted";
}

/** The host answers something else than was asked for. */
export class Unusable extends Error {
  override readonly name = "Unusable";
}

/**
 * Gets a JSON document. Follows no redirect, sends nothing but the request, and reads no more than a bound.
 * @param url with the scheme https
 * @param thumbprints SHA-1 of certificates in hexadecimal: one of these that the host presents is trusted as
 *   an authority where the usual ones do not know the host, as IAM does
 * @throws Unreachable, Untrusted, Unusable
 */
export async function fetchJson(url: URL, thumbprints: readonly string[]): Promise<unknown> {
  if (url.protocol !== "https:") throw new Unusable(`${url.protocol} is not https:`);
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    return JSON.parse(await getText(url, signal));
  } catch (error) {
    if (!(error instanceof Untrusted) || thumbprints.length === 0) throw asUnusable(error);
  }
  const authority = await presentedAuthority(url, thumbprints, signal);
  try {
    return JSON.parse(await getText(url, signal, { ca: authority, allowPartialTrustChain: true }));
  } catch (error) {
    throw asUnusable(error);
  }
}

function asUnusable(error: unknown): unknown {
  return error instanceof SyntaxError ? new Unusable("what it answers is not JSON") : error;
}

async function getText(url: URL, signal: AbortSignal, trust: RequestOptions = {}): Promise<string> {
  const asked = request(url, { ...trust, agent: false, signal, headers: { accept: "application/json" } });
  asked.on("error", () => {}); // also one that comes when nobody waits any more
  try {
    asked.end();
    const [response] = await once(asked, "response");
    if (response.statusCode !== 200) throw new Unusable(`it answers with status ${response.statusCode}`);
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of response) {
      length += chunk.length;
      if (length > MAX_BYTES) throw new Unusable("it answers too much");
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString("utf8");
  } catch (error) {
    throw named(error);
  } finally {
    asked.destroy();
  }
}

/** A certificate that the host presents and whose thumbprint is known. What it signs is verified by whoever trusts it. */
async function presentedAuthority(url: URL, thumbprints: readonly string[], signal: AbortSignal): Promise<string> {
  const known = new Set(thumbprints.map((thumbprint) => thumbprint.toLowerCase()));
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const servername = /^[\d.]+$|:/.test(host) ? "" : host;
  const socket = connect({ host, port: Number(url.port || 443), servername, rejectUnauthorized: false });
  socket.on("error", () => {}); // also one that comes when nobody waits any more
  try {
    await once(socket, "secureConnect", { signal });
    for (const raw of presentedCertificates(socket)) {
      const certificate = new X509Certificate(raw);
      if (known.has(certificate.fingerprint.replaceAll(":", "").toLowerCase())) return certificate.toString();
    }
  } catch (error) {
    throw named(error);
  } finally {
    socket.destroy();
  }
  throw new Untrusted("none of its certificates has a known thumbprint");
}

function* presentedCertificates(socket: TLSSocket): Generator<Buffer> {
  const seen = new Set<string>();
  let certificate: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (certificate?.raw !== undefined && !seen.has(certificate.fingerprint256)) {
    seen.add(certificate.fingerprint256);
    yield certificate.raw;
    certificate = certificate.issuerCertificate;
  }
}

/** Codes by which OpenSSL, and Node.js for the host's name, refuse a certificate. */
const CERTIFICATE = /CERT|UNABLE_TO_|_SIGNATURE|^INVALID_CA$|^HOSTNAME_MISMATCH$|^CRL_/;

function named(error: unknown): Error {
  if (error instanceof Unusable) return error;
  const { code = "", message } = error as NodeJS.ErrnoException;
  return CERTIFICATE.test(code) ? new Untrusted(message) : new Unreachable(message);
}
