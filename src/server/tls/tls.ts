import { X509Certificate } from "node:crypto";
import { resolve } from "node:path";
import {
  ANY_PURPOSE,
  accepted,
  belongs,
  certificateBlocks,
  certificatesIn,
  day,
  exposedKey,
  isSignedBy,
  notYetValid,
  privateKeyIn,
  quoted,
  RENEWAL,
  SERVER_AUTH,
  TlsError,
  type TlsMaterial,
  textOf,
  within,
} from "./certificate.ts";

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
