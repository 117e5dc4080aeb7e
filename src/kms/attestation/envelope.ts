import { constants, createCipheriv, createHash, type KeyObject, publicEncrypt } from "node:crypto";
import { context, definite, INTEGER, indefinite, OCTET_STRING, SEQUENCE, SET } from "./ber.ts";

const CONTENT_KEY_LENGTH = 32;
const IV_LENGTH = 16;
/** Bytes of one OCTET STRING of the content. A guess, where AWS's answers begin a second one: docs/decisions/0011-attestation.md. */
const CHUNK_LENGTH = 1_000;

const VERSION_2 = definite(INTEGER, Buffer.from([2]));
/** id-envelopedData, 1.2.840.113549.1.7.3 */
const ENVELOPED_DATA = Buffer.from("06092a864886f70d010703", "hex");
/** id-data, 1.2.840.113549.1.7.1 */
const DATA = Buffer.from("06092a864886f70d010701", "hex");
/** aes256-CBC, 2.16.840.1.101.3.4.1.42 */
const AES_256_CBC = Buffer.from("060960864801650304012a", "hex");
/** id-RSAES-OAEP, 1.2.840.113549.1.1.7 */
const RSAES_OAEP = Buffer.from("06092a864886f70d010107", "hex");
/** id-mgf1, 1.2.840.113549.1.1.8 */
const MGF1 = Buffer.from("06092a864886f70d010108", "hex");
/** AlgorithmIdentifier of id-sha256, 2.16.840.1.101.3.4.2.1, with NULL parameters */
const SHA_256 = Buffer.from("300d06096086480165030402010500", "hex");
/** RSAES-OAEP with SHA-256 and MGF1 with SHA-256: RFC 4055 §4.1. */
const OAEP_SHA_256 = definite(
  SEQUENCE,
  RSAES_OAEP,
  definite(
    SEQUENCE,
    definite(context(0, "constructed"), SHA_256),
    definite(context(1, "constructed"), definite(SEQUENCE, MGF1, SHA_256)),
  ),
);

/**
 * `CiphertextForRecipient`: a CMS EnvelopedData (RFC 5652 §6) in BER as AWS KMS sends it, with lengths indefinite where
 * its are. The content is encrypted with AES-256-CBC under a key of its own, and that with RSAES-OAEP and SHA-256.
 * @param publicKey RSA; the recipient is named by the SHA-256 of its SubjectPublicKeyInfo
 */
export function envelope(publicKey: KeyObject, plaintext: Uint8Array, randomBytes: (length: number) => Buffer): Buffer {
  const contentKey = randomBytes(CONTENT_KEY_LENGTH);
  const iv = randomBytes(IV_LENGTH);
  const cipher = createCipheriv("aes-256-cbc", contentKey, iv);
  const content = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const encryptedKey = publicEncrypt(
    { key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" },
    contentKey,
  );
  contentKey.fill(0);
  const subjectKeyIdentifier = createHash("sha256")
    .update(publicKey.export({ format: "der", type: "spki" }))
    .digest();
  const keyTransRecipientInfo = definite(
    SEQUENCE,
    VERSION_2,
    definite(context(0, "primitive"), subjectKeyIdentifier),
    OAEP_SHA_256,
    definite(OCTET_STRING, encryptedKey),
  );
  const encryptedContentInfo = indefinite(
    SEQUENCE,
    DATA,
    definite(SEQUENCE, AES_256_CBC, definite(OCTET_STRING, iv)),
    indefinite(context(0, "constructed"), ...chunks(content)),
  );
  return indefinite(
    SEQUENCE,
    ENVELOPED_DATA,
    indefinite(
      context(0, "constructed"),
      indefinite(SEQUENCE, VERSION_2, definite(SET, keyTransRecipientInfo), encryptedContentInfo),
    ),
  );
}

function chunks(content: Buffer): Buffer[] {
  const count = Math.ceil(content.length / CHUNK_LENGTH);
  return Array.from({ length: count }, (_, i) =>
    definite(OCTET_STRING, content.subarray(i * CHUNK_LENGTH, (i + 1) * CHUNK_LENGTH)),
  );
}
