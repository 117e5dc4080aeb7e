import type { UntagMFADeviceRequest } from "@aws-sdk/client-iam";
import { tagConditions } from "../authorize.ts";
import { authorizedDevice, changeDevice } from "../mfaDevice.ts";
import type { IamOperation } from "../operation.ts";
import { withoutTags } from "../tag.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagMFADevice.html */
export const untagMFADevice: IamOperation<UntagMFADeviceRequest, void> = {
  name: "UntagMFADevice",
  async run(call, { SerialNumber = "", TagKeys = [] }) {
    const conditions = tagConditions(TagKeys.map((Key) => ({ Key })));
    const { id } = await authorizedDevice(call, "UntagMFADevice", SerialNumber, conditions);
    await changeDevice(call, { id, serialNumber: SerialNumber }, (device) => ({
      ...device,
      tags: withoutTags("mfaDevice", device.tags, TagKeys),
    }));
  },
};
