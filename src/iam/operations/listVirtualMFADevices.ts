import type {
  ListVirtualMFADevicesRequest,
  ListVirtualMFADevicesResponse,
  VirtualMFADevice,
} from "@aws-sdk/client-iam";
import type { AccountRecord } from "../accessKey.ts";
import { authorize, entityArn } from "../authorize.ts";
import type { MfaDeviceRecord } from "../entity.ts";
import { listResource } from "../named.ts";
import type { IamCall, IamOperation } from "../operation.ts";
import { pageOfEntities } from "../page.ts";
import { listedUser, rootUser } from "../user.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListVirtualMFADevices.html */
export const listVirtualMFADevices: IamOperation<ListVirtualMFADevicesRequest, ListVirtualMFADevicesResponse> = {
  name: "ListVirtualMFADevices",
  async run(call, input) {
    authorize(call, "ListVirtualMFADevices", listResource(call, "mfaDevice"));
    const { AssignmentStatus: status = "Any" } = input;
    const of = { account: call.principal.account, kind: "mfaDevice" } as const;
    const { items, ...end } = await pageOfEntities(
      call.iam.store,
      "ListVirtualMFADevices",
      of,
      input,
      ({ owner }) => status === "Any" || (status === "Assigned") === (owner !== null),
    );
    const devices: VirtualMFADevice[] = [];
    for (const device of items) devices.push(await listedDevice(call, device));
    return { VirtualMFADevices: devices, ...end };
  },
};

/** Without the seed, and without tags; clients read the user of each device that is assigned: reference/iam-sts.md §5.2. */
async function listedDevice({ iam }: IamCall, device: MfaDeviceRecord): Promise<VirtualMFADevice> {
  const { owner, enabledAt } = device;
  if (owner === null || enabledAt === null) return { SerialNumber: entityArn(device) };
  const user = await iam.store.entity(owner);
  return {
    SerialNumber: entityArn(device),
    EnableDate: new Date(enabledAt),
    User:
      user?.kind === "user" ? listedUser(user) : rootUser((await iam.store.account(device.account)) as AccountRecord),
  };
}
