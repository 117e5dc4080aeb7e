import type { EncryptRequest, EncryptResponse } from "@aws-sdk/client-kms";
import { requireRoom } from "../asymmetricEncryption.ts";
import { encryptionConditions } from "../conditionValues.ts";
import { encryptWith } from "../encryption.ts";
import { DryRunOperationException } from "../errors.ts";
import { requireGrantTokens } from "../grantToken.ts";
import { requireState } from "../keyState.ts";
import { keyOperation, used } from "../operation.ts";
import { requireAlgorithm, requireUsage } from "../requirements.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html */
export const encrypt = keyOperation<EncryptRequest, EncryptResponse>({
  name: "Encrypt",
  aliases: true,
  encryptionContext: (input) => input.EncryptionContext,
  conditions: (input) => encryptionConditions(input.KeyId, input.EncryptionContext, input.EncryptionAlgorithm),
  async run(call, key, input) {
    if (input.GrantTokens !== undefined) await requireGrantTokens(call, input.GrantTokens);
    requireUsage(key, "ENCRYPT_DECRYPT", "Encrypt");
    const algorithm = requireAlgorithm(key, input.EncryptionAlgorithm);
    requireState(key.record, "Encrypt");
    if (input.DryRun) {
      if (algorithm !== "SYMMETRIC_DEFAULT") requireRoom(key, algorithm, input.Plaintext as Uint8Array);
      throw new DryRunOperationException();
    }
    const blob = await encryptWith(key, algorithm, input.Plaintext as Uint8Array, input.EncryptionContext);
    used(call, key, "Encrypt");
    return {
      CiphertextBlob: blob,
      KeyId: key.arn,
      EncryptionAlgorithm: algorithm,
    };
  },
});
