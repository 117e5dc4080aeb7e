import type { DisableKeyRequest } from "@aws-sdk/client-kms";
import { changeKey, keyOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKey.html */
export const disableKey = keyOperation<DisableKeyRequest, void>({
  name: "DisableKey",
  async run(call, key) {
    await changeKey(call, key.record, "DisableKey", (record) => ({ ...record, state: "Disabled" }));
  },
});
