import type { GenerateDataKeyRequest, GenerateDataKeyResponse } from "@aws-sdk/client-kms";
import { encryptionConditions } from "../conditionValues.ts";
import { newDataKey } from "../dataKey.ts";
import { attestedKeyOperation } from "../recipient.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html */
export const generateDataKey = attestedKeyOperation<GenerateDataKeyRequest, GenerateDataKeyResponse>({
  name: "GenerateDataKey",
  aliases: true,
  encryptionContext: (input) => input.EncryptionContext,
  conditions: (input) => encryptionConditions(input.KeyId, input.EncryptionContext),
  async run(call, key, input, recipient) {
    const { plaintext, blob } = await newDataKey(call, key, "GenerateDataKey", input);
    if (recipient !== undefined) {
      return { CiphertextBlob: blob, KeyId: key.arn, CiphertextForRecipient: recipient.seal(plaintext) };
    }
    return { CiphertextBlob: blob, Plaintext: plaintext, KeyId: key.arn, KeyMaterialId: key.current?.id };
  },
});
