import type { GenerateDataKeyPairRequest, GenerateDataKeyPairResponse } from "@aws-sdk/client-kms";
import { dataKeyPairConditions, newDataKeyPair } from "../dataKeyPair.ts";
import { keyOperation } from "../operation.ts";
import { refuseRecipient } from "../requirements.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPair.html */
export const generateDataKeyPair = keyOperation<GenerateDataKeyPairRequest, GenerateDataKeyPairResponse>({
  name: "GenerateDataKeyPair",
  aliases: true,
  encryptionContext: (input) => input.EncryptionContext,
  conditions: dataKeyPairConditions,
  async run(call, key, input) {
    refuseRecipient(input.Recipient);
    const { publicKey, privateKey, blob } = await newDataKeyPair(call, key, "GenerateDataKeyPair", input);
    return {
      PrivateKeyCiphertextBlob: blob,
      PrivateKeyPlaintext: privateKey,
      PublicKey: publicKey,
      KeyId: key.arn,
      KeyPairSpec: input.KeyPairSpec,
      KeyMaterialId: key.current?.id,
    };
  },
});
