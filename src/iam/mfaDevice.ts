import { authorize, type IamConditions } from "./authorize.ts";
import { link, putEntity } from "./entities.ts";
import type { MfaDeviceRecord, UserRecord } from "./entity.ts";
import { noSuchEntity, noSuchHolder } from "./errors.ts";
import { mfaDevice, noSuchDevice } from "./mfa.ts";
import { authorizedUserOrRoot, authorizeNamed } from "./named.ts";
import type { IamCall } from "./operation.ts";

/**
 * Whose devices an operation is about: a user's, or with null the root's. Root has no name, but some operations require
 * one: there root itself calls itself `root`, unless a user does.
 * @throws AccessDenied; NoSuchEntity; ValidationError: neither a name nor a user
 */
export async function authorizedOwner(
  call: IamCall,
  action: string,
  userName: string | undefined,
): Promise<UserRecord | null> {
  if (userName === undefined) return authorizedUserOrRoot(call, action, undefined);
  const user = await authorizeNamed(call, action, "user", userName);
  if (user !== undefined) return user;
  if (call.principal.type === "root" && userName === "root") return null;
  throw noSuchHolder("user", userName);
}

/** As `MfaDeviceRecord.owner` has it. */
export function ownerId(call: IamCall, owner: UserRecord | null): string {
  return owner?.id ?? call.principal.account;
}

/** The devices of a user or, with null, of the account's root; by serial number. */
export async function devicesOf(call: IamCall, owner: UserRecord | null): Promise<MfaDeviceRecord[]> {
  const found = await call.iam.store.entitiesLinked(link.mfa(ownerId(call, owner)), { after: undefined, limit: 100 });
  const devices = found.filter((entity) => entity.kind === "mfaDevice");
  return devices.sort((a, b) => (a.path + a.name < b.path + b.name ? -1 : 1));
}

/** A device of this owner. @throws NoSuchEntity: there is none, or it is not this owner's */
export async function deviceOf(
  call: IamCall,
  owner: UserRecord | null,
  serialNumber: string,
): Promise<MfaDeviceRecord> {
  const device = await mfaDevice(call.iam.store, call.principal.account, serialNumber);
  if (device === undefined) throw noSuchDevice(serialNumber);
  if (device.owner !== ownerId(call, owner)) throw notTheirs();
  return device;
}

/** The device of a serial number, once the caller may call the operation on it. @throws AccessDenied; NoSuchEntity */
export async function authorizedDevice(
  call: IamCall,
  action: string,
  serialNumber: string,
  conditions?: IamConditions,
): Promise<MfaDeviceRecord> {
  const device = await mfaDevice(call.iam.store, call.principal.account, serialNumber);
  authorize(call, action, { arn: serialNumber, ...(device && { tags: device.tags }) }, conditions);
  if (device === undefined) throw noSuchDevice(serialNumber);
  return device;
}

/** Changes a device in a transaction. @throws NoSuchEntity: it is gone meanwhile */
export async function changeDevice(
  call: IamCall,
  { id, serialNumber }: { id: string; serialNumber: string },
  change: (device: MfaDeviceRecord) => MfaDeviceRecord,
): Promise<void> {
  await call.iam.store.transaction(async (transaction) => {
    const device = await transaction.entity(id);
    if (device?.kind !== "mfaDevice") throw noSuchDevice(serialNumber);
    await putEntity(transaction, change(device));
  });
}

/** A device that is not, or no longer, the one's whose it is said to be. */
export const notTheirs = () => noSuchEntity("MFA Device invalid for user.");
