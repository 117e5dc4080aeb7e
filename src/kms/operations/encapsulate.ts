import type { EncapsulateRequest, EncapsulateResponse } from "@aws-sdk/client-kms";
import { aliasConditions } from "../conditionValues.ts";
import { DryRunOperationException } from "../errors.ts";
import { requireGrantTokens } from "../grantToken.ts";
import { requireState } from "../keyState.ts";
import { keyOperation, used } from "../operation.ts";
import { keyPairOf, requireUsage } from "../requirements.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Encapsulate.html */
export const encapsulate = keyOperation<EncapsulateRequest, EncapsulateResponse>({
  name: "Encapsulate",
  aliases: true,
  conditions: (input) => aliasConditions(input.KeyId),
  async run(call, key, input) {
    if (input.GrantTokens !== undefined) await requireGrantTokens(call, input.GrantTokens);
    requireUsage(key, "ENCAPSULATE_DECAPSULATE", "Encapsulate");
    requireState(key.record, "Encapsulate");
    if (input.DryRun) throw new DryRunOperationException();
    const { sharedSecret, ciphertext } = await keyPairOf(key).encapsulate();
    used(call, key, "Encapsulate");
    return {
      KeyId: key.arn,
      SharedSecret: sharedSecret,
      SharedSecretCiphertextBlob: ciphertext,
      EncapsulationAlgorithm: input.EncapsulationAlgorithm,
    };
  },
});
