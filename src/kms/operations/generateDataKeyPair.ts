import type { GenerateDataKeyPairRequest, GenerateDataKeyPairResponse } from "@aws-sdk/client-kms";
import { dataKeyPairConditions, newDataKeyPair } from "../dataKeyPair.ts";
import { attestedKeyOperation } from "../recipient.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPair.html */
export const generateDataKeyPair = attestedKeyOperation<GenerateDataKeyPairRequest, GenerateDataKeyPairResponse>({
  name: "GenerateDataKeyPair",
  aliases: true,
  encryptionContext: (input) => input.EncryptionContext,
  conditions: dataKeyPairConditions,
  async run(call, key, input, recipient) {
    const { publicKey, privateKey, blob } = await newDataKeyPair(call, key, "GenerateDataKeyPair", input);
    const answer = {
      PrivateKeyCiphertextBlob: blob,
      PublicKey: publicKey,
      KeyId: key.arn,
      KeyPairSpec: input.KeyPairSpec,
    };
    return recipient === undefined
      ? { ...answer, PrivateKeyPlaintext: privateKey, KeyMaterialId: key.current?.id }
      : { ...answer, CiphertextForRecipient: recipient.seal(privateKey) };
  },
});
