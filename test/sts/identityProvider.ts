import "reflect-metadata";
import { KeyObject, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SubjectAlternativeNameExtension, X509CertificateGenerator } from "@peculiar/x509";
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose";
import { selfSigned } from "../../src/server/tls/localCa.ts";

/** A key of an issuer: its public half is what the issuer publishes. */
export interface IssuerKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

export type Answering = (request: IncomingMessage, response: ServerResponse) => void;

/** One of the issuers of an {@link IdentityProvider}. */
export interface Issuer {
  readonly url: string;
  /** what it publishes; tests change it */
  keys: JWK[];
  /** what it answers in place of that, by `configuration` and `keys` */
  readonly instead: { configuration?: Answering; keys?: Answering };
  /** paths that were asked for */
  readonly asked: string[];
}

/** An HTTPS server that is an issuer for each first segment of a path, with a CA that nobody knows. */
export interface IdentityProvider {
  /** PEM */
  readonly ca: string;
  /** SHA-1 of the CA's certificate, as IAM has it */
  readonly thumbprint: string;
  issuer(name: string, keys: IssuerKey[]): Issuer;
  close(): Promise<void>;
}

/** @param given a certificate in place of one for localhost; it is its own CA */
export async function startIdentityProvider(given?: { cert: string; key: string }): Promise<IdentityProvider> {
  const directory = mkdtempSync(join(tmpdir(), "strongroom-idp-"));
  const { cert, key, caPath } = await selfSigned(directory, ["localhost"], new Date());
  const ca = given?.cert ?? readFileSync(caPath as string, "utf8");
  const issuers = new Map<string, Issuer>();
  const server = createServer(given ?? { cert: cert + ca, key }, (request, response) => {
    const [, name = "", ...rest] = (request.url ?? "").split("/");
    const issuer = issuers.get(name);
    const path = rest.join("/");
    issuer?.asked.push(path);
    const json = (body: unknown) => response.setHeader("content-type", "application/json").end(JSON.stringify(body));
    if (issuer !== undefined && path === ".well-known/openid-configuration") {
      if (issuer.instead.configuration) issuer.instead.configuration(request, response);
      else json({ issuer: issuer.url, jwks_uri: `${issuer.url}/keys` });
    } else if (issuer !== undefined && path === "keys") {
      if (issuer.instead.keys) issuer.instead.keys(request, response);
      else json({ keys: issuer.keys });
    } else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ca,
    thumbprint: new X509Certificate(ca).fingerprint.replaceAll(":", "").toLowerCase(),
    issuer(name, keys) {
      const url = `https://localhost:${port}/${name}`;
      const issuer: Issuer = { url, keys: keys.map(({ jwk }) => jwk), instead: {}, asked: [] };
      issuers.set(name, issuer);
      return issuer;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(directory, { recursive: true });
    },
  };
}

/** A certificate for a host, signed by itself. @param until when it expires */
export async function certificateFor(
  host: string,
  until = Date.now() + 86_400_000,
): Promise<{ cert: string; key: string }> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${host}`,
    notBefore: new Date(until - 7 * 86_400_000),
    notAfter: new Date(until),
    keys,
    signingAlgorithm: algorithm,
    extensions: [new SubjectAlternativeNameExtension([{ type: "dns", value: host }])],
  });
  const key = KeyObject.from(keys.privateKey).export({ type: "pkcs8", format: "pem" }).toString();
  return { cert: certificate.toString("pem"), key };
}

export async function issuerKey(kid: string, alg = "RS256"): Promise<IssuerKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: "sig" } };
}

/** An ID token as an issuer makes it. @param now seconds */
export function idToken(issuer: Issuer, key: IssuerKey, claims: JWTPayload = {}, now = Math.floor(Date.now() / 1000)) {
  const usual = { iss: issuer.url, sub: "system:app", aud: "sts.amazonaws.com", iat: now, exp: now + 600 };
  return new SignJWT({ ...usual, ...claims }).setProtectedHeader({ alg: key.alg, kid: key.kid }).sign(key.privateKey);
}
