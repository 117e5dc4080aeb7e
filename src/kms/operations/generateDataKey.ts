import type { GenerateDataKeyRequest, GenerateDataKeyResponse } from "@aws-sdk/client-kms";
import { encryptionConditions } from "../conditionValues.ts";
import { newDataKey } from "../dataKey.ts";
import { keyOperation } from "../operation.ts";
import { refuseRecipient } from "../requirements.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html */
export const generateDataKey = keyOperation<GenerateDataKeyRequest, GenerateDataKeyResponse>({
  name: "GenerateDataKey",
  aliases: true,
  encryptionContext: (input) => input.EncryptionContext,
  conditions: (input) => encryptionConditions(input.KeyId, input.EncryptionContext),
  async run(call, key, input) {
    refuseRecipient(input.Recipient);
    const { plaintext, blob } = await newDataKey(call, key, "GenerateDataKey", input);
    return { CiphertextBlob: blob, Plaintext: plaintext, KeyId: key.arn, KeyMaterialId: key.current?.id };
  },
});
