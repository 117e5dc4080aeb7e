/** What can be wrong with an attestation document, as its sender is told. All of it is public: nothing here helps to forge one. */
export type AttestationFlaw =
  | "it is not a COSE_Sign1 attestation document of AWS Nitro."
  | "its issuer is not trusted here."
  | "its certificates are not valid."
  | "its signature is not valid."
  | "it was not made within the last five minutes."
  | "its public key is not an RSA key of 2048 to 4096 bits.";

/** An attestation document that proves nothing. The message is the flaw. */
export class AttestationRefused extends Error {
  override readonly name = "AttestationRefused";

  constructor(flaw: AttestationFlaw, options?: ErrorOptions) {
    super(flaw, options);
  }
}
