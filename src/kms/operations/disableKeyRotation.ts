import type { DisableKeyRotationRequest } from "@aws-sdk/client-kms";
import { changeKey, keyOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKeyRotation.html */
export const disableKeyRotation = keyOperation<DisableKeyRotationRequest, void>({
  name: "DisableKeyRotation",
  async run(call, key) {
    await changeKey(call, key.record, "DisableKeyRotation", (record) => ({
      ...record,
      rotation: { ...record.rotation, periodInDays: null, nextAt: null },
    }));
  },
});
