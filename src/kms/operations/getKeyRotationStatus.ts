import type { GetKeyRotationStatusRequest, GetKeyRotationStatusResponse } from "@aws-sdk/client-kms";
import { keyOperation } from "../operation.ts";
import { requireOrigin } from "../origin.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html: off while the key waits for its deletion. */
export const getKeyRotationStatus = keyOperation<GetKeyRotationStatusRequest, GetKeyRotationStatusResponse>({
  name: "GetKeyRotationStatus",
  run(_call, key) {
    const { id, state, rotation } = key.record;
    if (state === "PendingImport") requireOrigin(key.record, "AWS_KMS");
    const { periodInDays, nextAt } = rotation;
    if (periodInDays === null || nextAt === null || state === "PendingDeletion" || state === "PendingReplicaDeletion") {
      return { KeyRotationEnabled: false, KeyId: id };
    }
    return {
      KeyRotationEnabled: true,
      KeyId: id,
      RotationPeriodInDays: periodInDays,
      NextRotationDate: new Date(nextAt),
    };
  },
});
