import type { EnableMFADeviceRequest } from "@aws-sdk/client-iam";
import { link } from "../entities.ts";
import type { MfaDeviceRecord } from "../entity.ts";
import { entityAlreadyExists } from "../errors.ts";
import { assignDevice, mfaDevice, noSuchDevice } from "../mfa.ts";
import { authorizedOwner, ownerId } from "../mfaDevice.ts";
import { currentEntity } from "../named.ts";
import type { IamOperation } from "../operation.ts";
import { requireQuota } from "../quota.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_EnableMFADevice.html */
export const enableMFADevice: IamOperation<EnableMFADeviceRequest, void> = {
  name: "EnableMFADevice",
  async run(call, input) {
    const owner = await authorizedOwner(call, "EnableMFADevice", input.UserName);
    const serialNumber = input.SerialNumber as string;
    const device = await mfaDevice(call.iam.store, call.principal.account, serialNumber);
    if (device === undefined) throw noSuchDevice(serialNumber);
    requireUnassigned(device);
    const codes: [string, string] = [input.AuthenticationCode1 as string, input.AuthenticationCode2 as string];
    const id = ownerId(call, owner);
    await assignDevice(call, device, id, codes, async (transaction, current) => {
      if (owner !== null) await currentEntity(transaction, owner);
      requireUnassigned(current);
      requireQuota("MfaDevicesPerUser", await transaction.countLinked(link.mfa(id)));
    });
  },
};

function requireUnassigned({ owner }: MfaDeviceRecord): void {
  if (owner !== null) throw entityAlreadyExists("MFA Device is already in use.");
}
