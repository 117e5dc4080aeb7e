import type { DecryptRequest, DecryptResponse } from "@aws-sdk/client-kms";
import { authorize } from "../authorize.ts";
import { encryptionConditions } from "../conditionValues.ts";
import { checkCiphertext, openCiphertext } from "../decryption.ts";
import { DryRunOperationException } from "../errors.ts";
import { requireGrantTokens } from "../grantToken.ts";
import { requireState } from "../keyState.ts";
import { type Operation, used } from "../operation.ts";
import { Recipient, withRecipient } from "../recipient.ts";
import { refuseEncryptionContext, requireAlgorithm, requireUsage } from "../requirements.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html */
export const decrypt: Operation<DecryptRequest, DecryptResponse> = {
  name: "Decrypt",
  async run(call, input) {
    const source = await checkCiphertext(call, "Decrypt", {
      blob: input.CiphertextBlob,
      keyId: input.KeyId,
      dryRun: input.DryRun,
      dryRunModifiers: input.DryRunModifiers,
      names: { blob: "ciphertextBlob", keyId: "keyId" },
    });
    const { key } = source;
    const { KeyId, EncryptionContext, EncryptionAlgorithm } = input;
    const recipient = input.Recipient && new Recipient(call, input.Recipient);
    const conditions = withRecipient(encryptionConditions(KeyId, EncryptionContext, EncryptionAlgorithm), recipient);
    const authorizing = authorize(call, "Decrypt", key, conditions, {
      encryptionContext: EncryptionContext,
      reference: KeyId,
      byCiphertext: KeyId === undefined,
    });
    if (authorizing !== undefined) await authorizing;
    if (input.GrantTokens !== undefined) await requireGrantTokens(call, input.GrantTokens);
    const attested = recipient?.requireAttested();
    requireUsage(key, "ENCRYPT_DECRYPT", "Decrypt");
    const algorithm = requireAlgorithm(key, input.EncryptionAlgorithm);
    if (algorithm !== "SYMMETRIC_DEFAULT") refuseEncryptionContext(EncryptionContext, algorithm);
    requireState(key.record, "Decrypt");
    const opened = await openCiphertext(source, algorithm, EncryptionContext);
    if (input.DryRun || opened === undefined) throw new DryRunOperationException();
    used(call, key, "Decrypt");
    if (attested !== undefined) {
      return {
        KeyId: key.arn,
        EncryptionAlgorithm: algorithm,
        CiphertextForRecipient: attested.seal(opened.plaintext),
      };
    }
    return {
      KeyId: key.arn,
      Plaintext: opened.plaintext,
      EncryptionAlgorithm: algorithm,
      KeyMaterialId: opened.materialId,
    };
  },
};
