import type { DisableKeyRequest } from "@aws-sdk/client-kms";
import { unusedDaysCondition } from "../keyLastUsage.ts";
import { changeKey, keyOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKey.html */
export const disableKey = keyOperation<DisableKeyRequest, void>({
  name: "DisableKey",
  conditions: (_input, key, call) => unusedDaysCondition(key, call),
  async run(call, key) {
    await changeKey(call, key.record, "DisableKey", (record) => ({ ...record, state: "Disabled" }));
  },
});
