import type { TagMFADeviceRequest } from "@aws-sdk/client-iam";
import { tagConditions } from "../authorize.ts";
import { authorizedDevice, changeDevice } from "../mfaDevice.ts";
import type { IamOperation } from "../operation.ts";
import { withTags } from "../tag.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagMFADevice.html */
export const tagMFADevice: IamOperation<TagMFADeviceRequest, void> = {
  name: "TagMFADevice",
  async run(call, { SerialNumber = "", Tags = [] }) {
    const { id } = await authorizedDevice(call, "TagMFADevice", SerialNumber, tagConditions(Tags));
    await changeDevice(call, { id, serialNumber: SerialNumber }, (device) => ({
      ...device,
      tags: withTags("mfaDevice", device.tags, Tags),
    }));
  },
};
