import type { DeriveSharedSecretRequest, DeriveSharedSecretResponse } from "@aws-sdk/client-kms";
import { InvalidPublicKey } from "../../hsm/hsm.ts";
import { aliasConditions, conditionValues, parameterCondition } from "../conditionValues.ts";
import { DryRunOperationException, ValidationException } from "../errors.ts";
import { requireGrantTokens } from "../grantToken.ts";
import { requireState } from "../keyState.ts";
import { used } from "../operation.ts";
import { attestedKeyOperation } from "../recipient.ts";
import { keyPairOf, requireUsage } from "../requirements.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_DeriveSharedSecret.html */
export const deriveSharedSecret = attestedKeyOperation<DeriveSharedSecretRequest, DeriveSharedSecretResponse>({
  name: "DeriveSharedSecret",
  aliases: true,
  conditions: (input) =>
    conditionValues(
      aliasConditions(input.KeyId),
      parameterCondition("kms:keyagreementalgorithm", input.KeyAgreementAlgorithm),
    ),
  async run(call, key, input, recipient) {
    if (input.GrantTokens !== undefined) await requireGrantTokens(call, input.GrantTokens);
    requireUsage(key, "KEY_AGREEMENT", "DeriveSharedSecret");
    requireState(key.record, "DeriveSharedSecret");
    const secret = await sharedSecret(() => keyPairOf(key).deriveSharedSecret(input.PublicKey as Uint8Array));
    if (input.DryRun) throw new DryRunOperationException();
    used(call, key, "DeriveSharedSecret");
    return {
      KeyId: key.arn,
      ...(recipient === undefined ? { SharedSecret: secret } : { CiphertextForRecipient: recipient.seal(secret) }),
      KeyAgreementAlgorithm: input.KeyAgreementAlgorithm,
      KeyOrigin: key.record.origin,
    };
  },
});

/** @throws ValidationException without a message, as AWS has it, for what is no public key on the same curve */
async function sharedSecret(derive: () => Promise<Buffer>): Promise<Buffer> {
  try {
    return await derive();
  } catch (error) {
    if (error instanceof InvalidPublicKey) throw new ValidationException();
    throw error;
  }
}
