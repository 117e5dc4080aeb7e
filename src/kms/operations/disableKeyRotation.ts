import type { DisableKeyRotationRequest } from "@aws-sdk/client-kms";
import { changeShared, keyOperation } from "../operation.ts";
import { requireAutomaticRotation, withRotation } from "../rotation.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKeyRotation.html */
export const disableKeyRotation = keyOperation<DisableKeyRotationRequest, void>({
  name: "DisableKeyRotation",
  async run(call, key) {
    requireAutomaticRotation(key.record);
    await changeShared(call, key.record, "DisableKeyRotation", (record, transaction) =>
      withRotation(transaction, record, { ...record.rotation, periodInDays: null, nextAt: null }),
    );
  },
});
