import type { UpdateKeyDescriptionRequest } from "@aws-sdk/client-kms";
import { changeKey, keyOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateKeyDescription.html */
export const updateKeyDescription = keyOperation<UpdateKeyDescriptionRequest, void>({
  name: "UpdateKeyDescription",
  async run(call, key, input) {
    await changeKey(call, key.record, "UpdateKeyDescription", (record) => ({
      ...record,
      description: input.Description as string,
    }));
  },
});
