import type { EncryptRequest, EncryptResponse } from "@aws-sdk/client-kms";
import { encryptionConditions } from "../conditionValues.ts";
import { canonicalEncryptionContext } from "../encryptionContext.ts";
import { DryRunOperationException } from "../errors.ts";
import { requireGrantTokens } from "../grantToken.ts";
import { requireState } from "../keyState.ts";
import { keyOperation } from "../operation.ts";
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
    if (input.DryRun) throw new DryRunOperationException();
    const { material, prefix } = key.current;
    const context = canonicalEncryptionContext(input.EncryptionContext);
    return {
      CiphertextBlob: await material.seal(prefix, context, input.Plaintext as Uint8Array),
      KeyId: key.arn,
      EncryptionAlgorithm: algorithm,
    };
  },
});
