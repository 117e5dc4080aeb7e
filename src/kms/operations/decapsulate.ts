import type { DecapsulateRequest, DecapsulateResponse } from "@aws-sdk/client-kms";
import { aliasConditions } from "../conditionValues.ts";
import { DryRunOperationException, InvalidCiphertextException } from "../errors.ts";
import { requireGrantTokens } from "../grantToken.ts";
import { keySpecRow } from "../keySpec.ts";
import { requireState } from "../keyState.ts";
import { keyOperation, used } from "../operation.ts";
import { keyPairOf, requireUsage } from "../requirements.ts";

/**
 * https://docs.aws.amazon.com/kms/latest/APIReference/API_Decapsulate.html: a ciphertext of the right length always gives
 * a secret, if nobody's (FIPS 203, implicit rejection).
 */
export const decapsulate = keyOperation<DecapsulateRequest, DecapsulateResponse>({
  name: "Decapsulate",
  aliases: true,
  conditions: (input) => aliasConditions(input.KeyId),
  async run(call, key, input) {
    if (input.GrantTokens !== undefined) await requireGrantTokens(call, input.GrantTokens);
    requireUsage(key, "ENCAPSULATE_DECAPSULATE", "Decapsulate");
    requireState(key.record, "Decapsulate");
    const ciphertext = input.SharedSecretCiphertextBlob as Uint8Array;
    if (ciphertext.length !== keySpecRow(key.record.spec).encapsulatedLength) throw new InvalidCiphertextException();
    if (input.DryRun) throw new DryRunOperationException();
    const sharedSecret = await keyPairOf(key).decapsulate(ciphertext);
    used(call, key, "Decapsulate");
    return {
      KeyId: key.arn,
      SharedSecret: sharedSecret,
      EncapsulationAlgorithm: input.EncapsulationAlgorithm,
    };
  },
});
