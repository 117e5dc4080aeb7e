import type { DeleteVirtualMFADeviceRequest } from "@aws-sdk/client-iam";
import { deleteConflict } from "../errors.ts";
import { noSuchDevice } from "../mfa.ts";
import { authorizedDevice } from "../mfaDevice.ts";
import type { IamOperation } from "../operation.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteVirtualMFADevice.html */
export const deleteVirtualMFADevice: IamOperation<DeleteVirtualMFADeviceRequest, void> = {
  name: "DeleteVirtualMFADevice",
  async run(call, input) {
    const serialNumber = input.SerialNumber as string;
    const { id } = await authorizedDevice(call, "DeleteVirtualMFADevice", serialNumber);
    await call.iam.store.transaction(async (transaction) => {
      const device = await transaction.entity(id);
      if (device?.kind !== "mfaDevice") throw noSuchDevice(serialNumber);
      if (device.owner !== null) throw deleteConflict("MFA VirtualDevice in use. Must deactivate first.");
      await transaction.deleteEntity(device);
    });
  },
};
