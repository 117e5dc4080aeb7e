import type {
  GenerateDataKeyWithoutPlaintextRequest,
  GenerateDataKeyWithoutPlaintextResponse,
} from "@aws-sdk/client-kms";
import { encryptionConditions } from "../conditionValues.ts";
import { newDataKey } from "../dataKey.ts";
import { keyOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyWithoutPlaintext.html */
export const generateDataKeyWithoutPlaintext = keyOperation<
  GenerateDataKeyWithoutPlaintextRequest,
  GenerateDataKeyWithoutPlaintextResponse
>({
  name: "GenerateDataKeyWithoutPlaintext",
  aliases: true,
  encryptionContext: (input) => input.EncryptionContext,
  conditions: (input) => encryptionConditions(input.KeyId, input.EncryptionContext),
  async run(call, key, input) {
    const { plaintext, blob } = await newDataKey(call, key, "GenerateDataKeyWithoutPlaintext", input);
    plaintext.fill(0);
    return { CiphertextBlob: blob, KeyId: key.arn, KeyMaterialId: key.current?.id };
  },
});
