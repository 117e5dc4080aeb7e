import type { EnableKeyRequest } from "@aws-sdk/client-kms";
import { changeKey, keyOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKey.html */
export const enableKey = keyOperation<EnableKeyRequest, void>({
  name: "EnableKey",
  async run(call, key) {
    await changeKey(call, key.record, "EnableKey", (record) => ({ ...record, state: "Enabled" }));
  },
});
