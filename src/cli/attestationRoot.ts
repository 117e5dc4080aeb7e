import { readFile } from "node:fs/promises";
import type { Attestation } from "../kms/attestation/attestation.ts";
import { certificatesIn } from "../server/tls/certificate.ts";
import type { ServiceOptions } from "./service.ts";

const REMEDY = "AWS publishes the one of Nitro as AWS_NitroEnclaves_Root-G1.zip.";

/** Whom attestation documents must come from: undefined when no file says. @throws Error for the operator, naming the file */
export async function attestationOf({ attestationRoot, log }: ServiceOptions): Promise<Attestation | undefined> {
  if (attestationRoot === undefined) return undefined;
  const text = await readFile(attestationRoot, "utf8").catch((error: Error) => {
    throw new Error(`the attestation root ${attestationRoot} cannot be read: ${error.message}`);
  });
  const roots = certificatesIn(attestationRoot, text, REMEDY);
  // Loaded only where there is a root: most servers verify no documents.
  const { Attestation } = await import("../kms/attestation/attestation.ts");
  const { flawOfRoot } = await import("../kms/attestation/certificates.ts");
  for (const root of roots) {
    const name = root.subject.replaceAll("\n", ", ");
    const flaw = flawOfRoot(root);
    if (flaw !== undefined) throw new Error(`${attestationRoot}: ${name} cannot be an attestation root: ${flaw}.`);
    if (root.validToDate.getTime() < Date.now()) {
      log.warn({ path: attestationRoot, subject: name }, "an attestation root has expired: its documents are refused");
    }
  }
  return new Attestation(roots);
}
