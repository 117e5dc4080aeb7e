import { connect } from "node:tls";
import { QueryException } from "./errors.ts";

/** How long a provider has to answer, in milliseconds. */
const TIMEOUT = 5000;

/**
 * The thumbprint of an OIDC provider: SHA-1 in lower-case hexadecimal of the last certificate of the chain that its host
 * sends, which is what IAM takes when a request names none (IAM User Guide, "Obtain the thumbprint for an OpenID Connect
 * Identity Provider"). Nothing is verified: it is taken down to be compared with later.
 * @param url `https://host[:port][/path]`
 * @throws OpenIdIdpCommunicationError
 */
export function fetchedThumbprint(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  return new Promise((resolve, reject) => {
    // Without certificates of our own the chain ends with the last one that was sent, not with a root that we know.
    const socket = connect({
      host,
      port: Number(port) || 443,
      servername: serverName(host),
      ca: [],
      rejectUnauthorized: false,
    });
    const fail = () => {
      socket.destroy();
      reject(new QueryException("OpenIdIdpCommunicationError", 400, `Could not connect to ${url}`));
    };
    socket.once("error", fail);
    const deadline = setTimeout(fail, TIMEOUT);
    socket.once("close", () => {
      clearTimeout(deadline);
      fail();
    });
    socket.once("secureConnect", () => {
      let last = socket.getPeerX509Certificate();
      while (last?.issuerCertificate && last.issuerCertificate.fingerprint !== last.fingerprint)
        last = last.issuerCertificate;
      if (last !== undefined) resolve(last.fingerprint.replaceAll(":", "").toLowerCase());
      socket.destroy();
    });
  });
}

/** Addresses are no server names. */
function serverName(host: string): string {
  return /^[\d.]+$|:/.test(host) ? "" : host;
}
