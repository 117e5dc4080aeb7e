import { constants, createCipheriv, createPublicKey, publicEncrypt, randomBytes } from "node:crypto";
import * as sdk from "@aws-sdk/client-kms";

/** Wraps key material as an owner of keys does it, by OpenSSL. @param publicKey as GetParametersForImport returns it */
export function wrapped(material: Uint8Array, publicKey: Uint8Array, algorithm: sdk.AlgorithmSpec): Buffer {
  const key = createPublicKey({ key: Buffer.from(publicKey), format: "der", type: "spki" });
  const oaep = (bytes: Uint8Array) =>
    publicEncrypt(
      {
        key,
        padding: constants.RSA_PKCS1_OAEP_PADDING,
        oaepHash: algorithm.endsWith("256") ? "sha256" : "sha1",
      },
      bytes,
    );
  if (!algorithm.startsWith("RSA_AES")) return oaep(material);
  const aesKey = randomBytes(32);
  const cipher = createCipheriv("id-aes256-wrap-pad", aesKey, Buffer.from("a65959a6", "hex"));
  return Buffer.concat([oaep(aesKey), cipher.update(material), cipher.final()]);
}

export interface Importing extends Partial<sdk.ImportKeyMaterialRequest> {
  readonly algorithm?: sdk.AlgorithmSpec;
  readonly wrappingKeySpec?: sdk.WrappingKeySpec;
  /** what becomes of the wrapped material and the token on their way */
  readonly alter?: (way: { EncryptedKeyMaterial: Buffer; ImportToken: Buffer }) => void;
}

/** Imports material, never to expire unless the request says so. */
export async function importInto(
  kms: sdk.KMSClient,
  KeyId: string,
  material: Uint8Array,
  importing: Importing = {},
): Promise<sdk.ImportKeyMaterialResponse> {
  const { algorithm = "RSAES_OAEP_SHA_256", wrappingKeySpec = "RSA_2048", alter, ...request } = importing;
  const parameters = await kms.send(
    new sdk.GetParametersForImportCommand({
      KeyId,
      WrappingAlgorithm: algorithm,
      WrappingKeySpec: wrappingKeySpec,
    }),
  );
  const way = {
    EncryptedKeyMaterial: wrapped(material, parameters.PublicKey as Uint8Array, algorithm),
    ImportToken: Buffer.from(parameters.ImportToken as Uint8Array),
  };
  alter?.(way);
  const { $metadata: _, ...result } = await kms.send(
    new sdk.ImportKeyMaterialCommand({
      KeyId,
      ...way,
      ...(request.ValidTo === undefined && { ExpirationModel: "KEY_MATERIAL_DOES_NOT_EXPIRE" }),
      ...request,
    }),
  );
  return result;
}
