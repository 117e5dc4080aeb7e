import type { ResyncMFADeviceRequest } from "@aws-sdk/client-iam";
import { resyncDevice } from "../mfa.ts";
import { authorizedOwner, deviceOf } from "../mfaDevice.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ResyncMFADevice.html */
export const resyncMFADevice: IamOperation<ResyncMFADeviceRequest, void> = {
  name: "ResyncMFADevice",
  async run(call, input) {
    const owner = await authorizedOwner(call, "ResyncMFADevice", input.UserName);
    const device = await deviceOf(call, owner, input.SerialNumber as string);
    await resyncDevice(call, device, [input.AuthenticationCode1 as string, input.AuthenticationCode2 as string]);
  },
};
