import type { ListMFADeviceTagsRequest, ListMFADeviceTagsResponse } from "@aws-sdk/client-iam";
import { authorizedDevice } from "../mfaDevice.ts";
import type { IamOperation } from "../operation.ts";
import { tagPage } from "../tag.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListMFADeviceTags.html */
export const listMFADeviceTags: IamOperation<ListMFADeviceTagsRequest, ListMFADeviceTagsResponse> = {
  name: "ListMFADeviceTags",
  async run(call, input) {
    const device = await authorizedDevice(call, "ListMFADeviceTags", input.SerialNumber as string);
    return tagPage("ListMFADeviceTags", device, input);
  },
};
