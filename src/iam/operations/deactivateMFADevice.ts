import type { DeactivateMFADeviceRequest } from "@aws-sdk/client-iam";
import { authorizedOwner, changeDevice, deviceOf, notTheirs } from "../mfaDevice.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeactivateMFADevice.html */
export const deactivateMFADevice: IamOperation<DeactivateMFADeviceRequest, void> = {
  name: "DeactivateMFADevice",
  async run(call, input) {
    const owner = await authorizedOwner(call, "DeactivateMFADevice", input.UserName);
    const serialNumber = input.SerialNumber as string;
    const found = await deviceOf(call, owner, serialNumber);
    await changeDevice(call, { id: found.id, serialNumber }, (device) => {
      if (device.owner !== found.owner) throw notTheirs();
      return { ...device, owner: null, enabledAt: null };
    });
  },
};
