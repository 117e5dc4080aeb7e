import type {
  GenerateDataKeyPairWithoutPlaintextRequest,
  GenerateDataKeyPairWithoutPlaintextResponse,
} from "@aws-sdk/client-kms";
import { dataKeyPairConditions, newDataKeyPair } from "../dataKeyPair.ts";
import { keyOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPairWithoutPlaintext.html */
export const generateDataKeyPairWithoutPlaintext = keyOperation<
  GenerateDataKeyPairWithoutPlaintextRequest,
  GenerateDataKeyPairWithoutPlaintextResponse
>({
  name: "GenerateDataKeyPairWithoutPlaintext",
  aliases: true,
  encryptionContext: (input) => input.EncryptionContext,
  conditions: dataKeyPairConditions,
  async run(call, key, input) {
    const pair = await newDataKeyPair(call, key, "GenerateDataKeyPairWithoutPlaintext", input);
    pair.privateKey.fill(0);
    return {
      PrivateKeyCiphertextBlob: pair.blob,
      PublicKey: pair.publicKey,
      KeyId: key.arn,
      KeyPairSpec: input.KeyPairSpec,
      KeyMaterialId: key.current?.id,
    };
  },
});
