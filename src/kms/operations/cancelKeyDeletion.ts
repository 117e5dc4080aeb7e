import type { CancelKeyDeletionRequest, CancelKeyDeletionResponse } from "@aws-sdk/client-kms";
import { changeKey, keyOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_CancelKeyDeletion.html: the key comes back Disabled. */
export const cancelKeyDeletion = keyOperation<CancelKeyDeletionRequest, CancelKeyDeletionResponse>({
  name: "CancelKeyDeletion",
  async run(call, key) {
    await changeKey(call, key.record, "CancelKeyDeletion", (record) => ({
      ...record,
      state: "Disabled",
      deletionAt: null,
    }));
    return { KeyId: key.arn };
  },
});
