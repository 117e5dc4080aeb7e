import type { ReEncryptRequest, ReEncryptResponse } from "@aws-sdk/client-kms";
import { authorize } from "../authorize.ts";
import { encryptionConditions, parameterCondition } from "../conditionValues.ts";
import { checkCiphertext, openCiphertext } from "../decryption.ts";
import { encryptWith } from "../encryption.ts";
import { DryRunOperationException } from "../errors.ts";
import { requireGrantTokens } from "../grantToken.ts";
import { resolveKey } from "../keyReference.ts";
import { requireState } from "../keyState.ts";
import { type Operation, used } from "../operation.ts";
import { refuseEncryptionContext, requireAlgorithm, requireUsage } from "../requirements.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html; the plaintext never leaves this function. */
export const reEncrypt: Operation<ReEncryptRequest, ReEncryptResponse> = {
  name: "ReEncrypt",
  async run(call, input) {
    const to = await resolveKey(call, input.DestinationKeyId as string, { name: "ReEncryptTo", aliases: true }).catch(
      (refusal: Error) => refusal,
    );
    const source = await checkCiphertext(call, "ReEncryptFrom", {
      blob: input.CiphertextBlob,
      keyId: input.SourceKeyId,
      dryRun: input.DryRun,
      dryRunModifiers: input.DryRunModifiers,
      names: { blob: "ciphertextBlob", keyId: "sourceKeyId" },
    });
    const onSameKey = parameterCondition("kms:reencryptonsamekey", !(to instanceof Error) && source.key.arn === to.arn);
    const sourceConditions = encryptionConditions(
      input.SourceKeyId,
      input.SourceEncryptionContext,
      input.SourceEncryptionAlgorithm,
    );
    const destinationConditions = encryptionConditions(
      input.DestinationKeyId,
      input.DestinationEncryptionContext,
      input.DestinationEncryptionAlgorithm,
    );
    await authorize(call, "ReEncryptFrom", source.key, (name) => onSameKey(name) ?? sourceConditions(name), {
      encryptionContext: input.SourceEncryptionContext,
      reference: input.SourceKeyId,
      byCiphertext: input.SourceKeyId === undefined,
    });
    // After the source: a destination of another account that is not there must not be told from one that is closed.
    if (to instanceof Error) throw to;
    const destination = to;
    await authorize(call, "ReEncryptTo", destination, (name) => onSameKey(name) ?? destinationConditions(name), {
      encryptionContext: input.DestinationEncryptionContext,
      reference: input.DestinationKeyId,
    });
    if (input.GrantTokens !== undefined) await requireGrantTokens(call, input.GrantTokens);
    requireUsage(source.key, "ENCRYPT_DECRYPT", "ReEncrypt");
    requireUsage(destination, "ENCRYPT_DECRYPT", "ReEncrypt");
    const sourceAlgorithm = requireAlgorithm(source.key, input.SourceEncryptionAlgorithm);
    const destinationAlgorithm = requireAlgorithm(destination, input.DestinationEncryptionAlgorithm);
    if (sourceAlgorithm !== "SYMMETRIC_DEFAULT")
      refuseEncryptionContext(input.SourceEncryptionContext, sourceAlgorithm);
    requireState(source.key.record, "ReEncrypt");
    requireState(destination.record, "ReEncrypt");
    const opened = await openCiphertext(source, sourceAlgorithm, input.SourceEncryptionContext);
    if (input.DryRun || opened === undefined) throw new DryRunOperationException();
    const blob = await encryptWith(
      destination,
      destinationAlgorithm,
      opened.plaintext,
      input.DestinationEncryptionContext,
    );
    opened.plaintext.fill(0);
    used(call, source.key, "ReEncrypt");
    used(call, destination, "ReEncrypt");
    return {
      CiphertextBlob: blob,
      SourceKeyId: source.key.arn,
      KeyId: destination.arn,
      SourceEncryptionAlgorithm: sourceAlgorithm,
      DestinationEncryptionAlgorithm: destinationAlgorithm,
      SourceKeyMaterialId: opened.materialId,
      DestinationKeyMaterialId: destinationAlgorithm === "SYMMETRIC_DEFAULT" ? destination.current?.id : undefined,
    };
  },
};
