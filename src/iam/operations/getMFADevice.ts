import type { GetMFADeviceRequest, GetMFADeviceResponse } from "@aws-sdk/client-iam";
import { authorizedOwner, deviceOf } from "../mfaDevice.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetMFADevice.html */
export const getMFADevice: IamOperation<GetMFADeviceRequest, GetMFADeviceResponse> = {
  name: "GetMFADevice",
  async run(call, input) {
    const owner = await authorizedOwner(call, "GetMFADevice", input.UserName);
    const { enabledAt } = await deviceOf(call, owner, input.SerialNumber as string);
    return {
      ...(owner !== null && { UserName: owner.name }),
      SerialNumber: input.SerialNumber,
      EnableDate: new Date(enabledAt ?? 0),
    };
  },
};
