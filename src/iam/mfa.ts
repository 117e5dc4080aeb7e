import { timingSafeEqual } from "node:crypto";
import { addDomainKeys } from "../hsm/domainKeys.ts";
import type { Reader, Transaction } from "../store/store.ts";
import { Attempts } from "./attempts.ts";
import { nameKey, putEntity } from "./entities.ts";
import type { MfaDeviceRecord } from "./entity.ts";
import { noSuchEntity, QueryException } from "./errors.ts";
import type { IamCall } from "./operation.ts";

/** https://www.rfc-editor.org/rfc/rfc6238#section-5.2: each code is good for half a minute; in milliseconds */
const STEP = 30_000;
/** How many codes earlier or later than now are taken. */
const WINDOW = 1;
/** Of two codes in a row, the second may be this much earlier or later. */
const PAIR_WINDOW = 2;
/** How far a device's clock may have gone astray for ResyncMFADevice to find it: ten minutes. */
const RESYNC_WINDOW = 20;

const attempts = new Attempts();

/** What became of a code: when it was given, in milliseconds since the epoch, or why it was not accepted. */
export type MfaVerification =
  | { readonly valid: true; readonly at: number }
  /** `device`: there is none of this serial number, or it is not the owner's; `code`: wrong, used before, or tried too often */
  | { readonly valid: false; readonly reason: "device" | "code" };

/**
 * Is this the code that the owner's device shows? Each code is good once, also when two requests bring it at a time.
 * @param owner a user's id; the account for its root
 */
export async function verifyMfa(
  call: IamCall,
  owner: string,
  serialNumber: string,
  tokenCode: string,
): Promise<MfaVerification> {
  const device = await mfaDevice(call.iam.store, call.principal.account, serialNumber);
  if (device === undefined || device.owner !== owner) return { valid: false, reason: "device" };
  const at = call.iam.clock();
  const counter = await guarded(call, device, (now) =>
    counterOf(call, device, [tokenCode], now + device.drift - WINDOW, now + device.drift + WINDOW),
  );
  const used =
    counter !== undefined && (await useCodes(call, device, (current) => ({ ...current, lastCounter: counter })));
  return used ? { valid: true, at } : { valid: false, reason: "code" };
}

/**
 * Gives a device that nobody has to a user, or to an account's root.
 * @param inTransaction what else must hold
 * @throws InvalidAuthenticationCode: the codes are not two in a row that the device shows about now
 */
export async function assignDevice(
  call: IamCall,
  device: MfaDeviceRecord,
  owner: string,
  codes: [string, string],
  inTransaction: (transaction: Transaction, current: MfaDeviceRecord) => Promise<void>,
): Promise<void> {
  const counter = await guarded(call, device, (now) =>
    counterOf(call, device, codes, now - PAIR_WINDOW, now + PAIR_WINDOW),
  );
  if (counter === undefined) throw invalidCode();
  const assigned = { owner, enabledAt: call.iam.clock(), lastCounter: counter, drift: 0 };
  if (!(await useCodes(call, device, (current) => ({ ...current, ...assigned }), inTransaction))) throw invalidCode();
}

/** Finds out by two codes in a row how far a device's clock has gone astray. @throws InvalidAuthenticationCode */
export async function resyncDevice(call: IamCall, device: MfaDeviceRecord, codes: [string, string]): Promise<void> {
  let drift = 0;
  const counter = await guarded(call, device, (now) => {
    const found = counterOf(call, device, codes, now - RESYNC_WINDOW, now + RESYNC_WINDOW);
    drift = found === undefined || Math.abs(found - now) <= PAIR_WINDOW ? 0 : found - now;
    return found;
  });
  if (counter === undefined) throw invalidCode();
  const synced = (current: MfaDeviceRecord) => ({ ...current, lastCounter: counter, drift });
  if (!(await useCodes(call, device, synced))) throw invalidCode();
}

/** A device by its serial number, which is its ARN; undefined when the account has none such. */
export async function mfaDevice(
  reader: Reader,
  account: string,
  serialNumber: string,
): Promise<MfaDeviceRecord | undefined> {
  const [, owner, path = "", name = ""] = /^arn:aws:iam::(\d{12}):mfa(\/(?:.*\/)?)([^/]+)$/.exec(serialNumber) ?? [];
  return owner === account ? reader.entityNamed(account, "mfaDevice", nameKey("mfaDevice", name, path)) : undefined;
}

export const noSuchDevice = (serialNumber: string) =>
  noSuchEntity(`MFA Device with serial number ${serialNumber} does not exist.`);

/** Finds a counter where not too many codes were wrong before. */
async function guarded(
  call: IamCall,
  device: MfaDeviceRecord,
  find: (now: number) => number | undefined,
): Promise<number | undefined> {
  const { clock, hsm, store } = call.iam;
  if (!hsm.hasDomainKey(device.seed.domainKey)) await addDomainKeys(store, hsm);
  const now = clock();
  if (attempts.locked(device.id, now)) return undefined;
  const counter = find(Math.floor(now / STEP));
  if (counter === undefined) attempts.wrong(device.id, now);
  else attempts.right(device.id);
  return counter;
}

/**
 * The counter of the last of codes in a row, if that lies between `first` and `last` and none has been used. All are
 * computed and compared, so that time does not tell which.
 */
function counterOf(
  call: IamCall,
  device: MfaDeviceRecord,
  codes: readonly string[],
  first: number,
  last: number,
): number | undefined {
  let found: number | undefined;
  const start = first - codes.length + 1;
  const shown: string[] = [];
  for (let counter = start; counter <= last; counter++) shown.push(call.iam.hsm.hotp(device.id, device.seed, counter));
  for (let counter = first; counter <= last; counter++) {
    const expected = shown.slice(counter - first, counter - first + codes.length).join("");
    if (sameText(codes.join(""), expected) && counter - codes.length + 1 > device.lastCounter) found ??= counter;
  }
  return found;
}

function sameText(given: string, expected: string): boolean {
  const bytes = Buffer.from(given);
  return bytes.length === expected.length && timingSafeEqual(bytes, Buffer.from(expected));
}

/** Writes down that codes were used; false when they, or later ones, were used meanwhile, or the device changed hands. */
function useCodes(
  call: IamCall,
  found: MfaDeviceRecord,
  change: (current: MfaDeviceRecord) => MfaDeviceRecord,
  inTransaction?: (transaction: Transaction, current: MfaDeviceRecord) => Promise<void>,
): Promise<boolean> {
  return call.iam.store.transaction(async (transaction) => {
    const current = await transaction.entity(found.id);
    if (current?.kind !== "mfaDevice") return false;
    await inTransaction?.(transaction, current);
    if (current.owner !== found.owner || current.lastCounter !== found.lastCounter) return false;
    await putEntity(transaction, change(current));
    return true;
  });
}

const invalidCode = () =>
  new QueryException("InvalidAuthenticationCode", 403, "Authentication code for device is not valid.");
