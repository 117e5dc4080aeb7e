import type { ListMFADevicesRequest, ListMFADevicesResponse } from "@aws-sdk/client-iam";
import { entityArn } from "../authorize.ts";
import { authorizedOwner, devicesOf } from "../mfaDevice.ts";
import type { IamOperation } from "../operation.ts";
import { pageOfList } from "../page.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListMFADevices.html */
export const listMFADevices: IamOperation<ListMFADevicesRequest, ListMFADevicesResponse> = {
  name: "ListMFADevices",
  async run(call, input) {
    const owner = await authorizedOwner(call, "ListMFADevices", input.UserName);
    const { items, ...end } = pageOfList("ListMFADevices", await devicesOf(call, owner), input, ({ id }) => id);
    return {
      MFADevices: items.map((device) => ({
        UserName: owner?.name,
        SerialNumber: entityArn(device),
        EnableDate: new Date(device.enabledAt ?? 0),
      })),
      ...end,
    };
  },
};
