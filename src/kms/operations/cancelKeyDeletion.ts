import type { CancelKeyDeletionRequest, CancelKeyDeletionResponse } from "@aws-sdk/client-kms";
import type { KeyRecord } from "../key.ts";
import { withImportState } from "../keyMaterial.ts";
import { changeKey, keyOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_CancelKeyDeletion.html: the key comes back Disabled, or PendingImport. */
export const cancelKeyDeletion = keyOperation<CancelKeyDeletionRequest, CancelKeyDeletionResponse>({
  name: "CancelKeyDeletion",
  async run(call, key) {
    await changeKey(call, key.record, "CancelKeyDeletion", async (record, transaction) => {
      const kept: KeyRecord = { ...record, state: "Disabled", deletionAt: null, pendingWindowInDays: null };
      return record.origin === "EXTERNAL" ? withImportState(kept, await transaction.materials(record)) : kept;
    });
    return { KeyId: key.arn };
  },
});
