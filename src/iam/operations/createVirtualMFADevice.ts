import { randomUUID } from "node:crypto";
import type { CreateVirtualMFADeviceRequest, CreateVirtualMFADeviceResponse } from "@aws-sdk/client-iam";
import { authorize, tagConditions } from "../authorize.ts";
import { base32 } from "../base32.ts";
import { nameKey, putEntity } from "../entities.ts";
import type { MfaDeviceRecord } from "../entity.ts";
import { entityAlreadyExists, validationError } from "../errors.ts";
import { newResource } from "../named.ts";
import type { IamOperation } from "../operation.ts";
import { requirePath } from "../path.ts";
import { qrCodePng } from "../qrCode.ts";
import { newTags } from "../tag.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateVirtualMFADevice.html */
export const createVirtualMFADevice: IamOperation<CreateVirtualMFADeviceRequest, CreateVirtualMFADeviceResponse> = {
  name: "CreateVirtualMFADevice",
  async run(call, input) {
    const { account } = call.principal;
    const name = input.VirtualMFADeviceName as string;
    const path = requirePath(input.Path);
    const resource = newResource(call, "mfaDevice", path, name);
    const tagged = tagConditions(input.Tags);
    authorize(call, "CreateVirtualMFADevice", resource, tagged);
    if (input.Tags?.length) authorize(call, "TagMFADevice", resource, tagged);
    requireSerialNumber(resource.arn);
    const id = randomUUID();
    const { seed, wrapped } = call.iam.hsm.newTotpSeed(id);
    const device: MfaDeviceRecord = {
      kind: "mfaDevice",
      id,
      account,
      name,
      path,
      createdAt: call.iam.clock(),
      seed: wrapped,
      owner: null,
      enabledAt: null,
      lastCounter: -1,
      drift: 0,
      tags: newTags("mfaDevice", input.Tags),
    };
    const alias = await call.iam.store.transaction(async (transaction) => {
      if (await transaction.entityNamed(account, "mfaDevice", nameKey("mfaDevice", name, path))) {
        throw entityAlreadyExists("MFA device already exists.");
      }
      await putEntity(transaction, device);
      return (await transaction.account(account))?.alias;
    });
    const secret = base32(seed);
    seed.fill(0);
    return {
      VirtualMFADevice: {
        SerialNumber: resource.arn,
        Base32StringSeed: Buffer.from(secret),
        QRCodePNG: qrCodePng(`otpauth://totp/${encodeURIComponent(name)}@${alias ?? account}?secret=${secret}`),
        ...(device.tags.length > 0 && { Tags: [...device.tags] }),
      },
    };
  },
};

/** Other operations take a device by its ARN, which the model limits there. @throws ValidationError */
function requireSerialNumber(arn: string): void {
  if (arn.length <= 256 && /^[\w+=/:,.@-]+$/.test(arn)) return;
  throw validationError("The specified value for path is invalid: the serial number of the device cannot be formed.");
}
